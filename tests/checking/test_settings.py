"""The project's settings: where they are found, what they may hold, what is said of what they may not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lstm_shapes.checking import settings
from lstm_shapes.checking.settings import BadSettings, Settings, find, load

from ..command import completed

GOOD = """
select = ["LS2", "expectation"]
ignore = ["LS503"]
exclude = ["old"]
framework = "torch"
targets = ["onnxruntime"]
output-format = "concise"
dims = { H = 64, W = "2*H" }
budget = { params = 20000 }
[per-file-ignores]
"legacy/*" = ["LS101"]
"""


def written(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return str(path)


def test_every_setting_is_read(tmp_path: Path) -> None:
    found = load(written(tmp_path, "lstm-shapes.toml", GOOD))
    assert found.select == ("LS2", "expectation")
    assert found.per_file_ignores == {"legacy/*": ("LS101",)}
    assert (found.framework, found.output_format, found.targets) == ("torch", "concise", ("onnxruntime",))
    assert (found.dims["H"], str(found.dims["W"]), found.budget) == (64, "2*H", {"params": 20000})
    assert found.root == str(tmp_path)


def test_the_table_of_pyproject_is_the_same(tmp_path: Path) -> None:
    own = load(written(tmp_path, "lstm-shapes.toml", GOOD))
    table = "[tool.lstm-shapes]" + GOOD.replace("[per-file", "[tool.lstm-shapes.per-file")
    shared = load(written(tmp_path, "pyproject.toml", table))
    assert shared._replace(origins={}) == own._replace(origins={})
    assert set(shared.origins) == set(own.origins)


def test_the_nearest_file_counts_and_a_pyproject_without_the_table_is_passed_by(tmp_path: Path) -> None:
    outer = written(tmp_path, "pyproject.toml", "[tool.lstm-shapes]\n")
    written(tmp_path, "a/pyproject.toml", "[tool.other]\n")
    inner = written(tmp_path, "a/b/lstm-shapes.toml", "")
    (tmp_path / "a" / "b" / "c").mkdir()
    assert find(str(tmp_path / "a")) == outer
    assert find(str(tmp_path / "a" / "b" / "c")) == inner


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('selct = ["LS2"]', ["unknown key 'selct'", "did you mean select?"]),
        ("select = 3", ["select", "expected a list of strings", '["LS2"]']),
        ('ignore = ["LS2002"]', ["ignore", "unknown rule 'LS2002'", "write LS202"]),
        ('framework = "theano"', ["framework", "keras, torch"]),
        ('output-format = "xml"', ["output-format", "sarif"]),
        ('targets = ["onnx"]', ["targets", "onnxruntime"]),
        ("dims = { H = 0 }", ["dims", "got 0"]),
        ('dims = { "2H" = 1 }', ["dims", "expected a symbol"]),
        ("budget = { parms = 3 }", ["budget", "'parms'", "params"]),
        ("budget = { params = -1 }", ["budget", "-1"]),
        ('assume = ["Attention"]', ["assume", "expected CLASS=output:[...],params:N", "MyAttention=output"]),
        ("assume = { Attention = {} }", ["assume", "Attention: expected output, params or macs"]),
        ("assume.Attention.outputs = [1]", ["assume", "unknown key", "write output"]),
        ("assume.Attention.params = -1", ["assume", "Attention: params", "got -1"]),
        ("assume.Attention.macs = 1", ["assume", "macs without an output"]),
        ('per-file-ignores = ["a"]', ["per-file-ignores", "expected a table"]),
        ("select = [", ["not TOML"]),
        ("a" * 100_000 + "= 1", ["unknown key"]),
    ],
)
def test_a_mistake_is_told_with_file_key_and_what_to_write(text: str, words: list[str], tmp_path: Path) -> None:
    path = written(tmp_path, "lstm-shapes.toml", text)
    with pytest.raises(BadSettings) as told:
        load(path)
    assert str(told.value).startswith(f"{path}: ")
    assert all(word in str(told.value) for word in words), str(told.value)
    assert len(str(told.value)) < 500 + len(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="no such file"):
        load(str(tmp_path / "gone.toml"))


def test_every_key_is_a_field_of_the_settings() -> None:
    own = {"root", "origins", "force_exclude", *(name for name in Settings._fields if name.startswith("override_"))}
    assert {key.replace("-", "_") for key in settings._KEYS} == set(Settings._fields) - own


def test_a_rule_is_chosen_by_id_by_name_and_by_the_beginning_of_an_id() -> None:
    chosen = ("LS202", "ls202", "last-step-only", "LS2", "LS", "ls20")
    assert all(settings.matches(text, "last-step-only") for text in chosen)
    assert not any(settings.matches(text, "last-step-only") for text in ("LS203", "LS3", "last-step", "", "2"))


@pytest.mark.parametrize("option", ["--config", "--baseline"])
def test_settings_and_baselines_that_are_no_files_or_hold_endless_numbers_are_refused_in_a_line(
    option: str, tmp_path: Path
) -> None:
    (tmp_path / "model.yaml").write_text("input_dim: 8\nlayers: [{type: lstm, units: 4}]\n", "utf-8")
    digits = "9" * 5_000
    written(tmp_path, "long.toml", f"budget = {{params = {digits}}}")
    written(tmp_path, "long.json", f'{{"version": 1, "files": {{"a": {{"LS202": {digits}}}}}}}')
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for path in ("long.toml", "long.json", "pipe", "/dev/zero", ".", "loop"):
        done = completed("check", "model.yaml", option, path, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
        assert done.stderr.startswith(f"error: {path}: ")
        assert len(done.stderr) < 300


def test_a_large_settings_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="larger than 1 MiB"):
        load(written(tmp_path, "lstm-shapes.toml", "#" * (2**20 + 1)))
