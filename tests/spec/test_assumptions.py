"""--assume: an unknown layer of a declared class is the custom layer that a person would have written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lstm_shapes as ls
from lstm_shapes.checking.settings import load
from lstm_shapes.spec.assumptions import assumption
from lstm_shapes.views.inspect import data

from ..command import completed

TEXT = """\
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32, return_sequences: true}
  - {type: unknown, class: Attention}
  - {type: Unknown, class_name: "mylib>Attention", inputs: Attention}
  - {type: dense, name: out, units: 3}
"""
DECLARED = """\
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32, return_sequences: true}
  - {type: custom, name: Attention, output: [B, T, 16], params: 5}
  - {type: custom, name: "mylib>Attention", inputs: Attention, output: [B, T, 16], params: 5}
  - {type: dense, name: out, units: 3}
"""
OPTION = "Attention=output:[B, T, 16],params:5"
SETTINGS = {"Attention": {"output": ["B", "T", 16], "params": 5}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "unknown.yaml").write_text(TEXT, "utf-8")
    (tmp_path / "declared.yaml").write_text(DECLARED, "utf-8")
    return tmp_path


def figures(report: Any) -> dict[str, Any]:
    return {key: value for key, value in data(report).items() if key != "source"}


def test_a_declared_class_is_the_custom_layer_that_a_person_would_write(folder: Path) -> None:
    declared = figures(ls.inspect(folder / "declared.yaml"))
    assert declared["totals"]["params"] == 5248 + 5 + 5 + 51
    assert figures(ls.inspect(folder / "unknown.yaml", assume=SETTINGS)) == declared
    assert figures(ls.inspect(folder / "unknown.yaml")) != declared


COMMANDS = (
    "inspect",
    "verify",
    "explain",
    "convert --to yaml",
    "convert --to dot",
    "sweep --set T=1,2",
    "solve --for T --max-macs 100k",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_on_files_takes_it(command: str, folder: Path) -> None:
    name, *options = command.split()
    assumed = completed(name, "unknown.yaml", *options, "--assume", OPTION, cwd=folder)
    declared = completed(name, "declared.yaml", *options, cwd=folder)
    assert assumed.stdout.replace("unknown.yaml", "declared.yaml") == declared.stdout
    assert assumed.returncode == declared.returncode


def test_parameters_alone_leave_the_shape_unknown(folder: Path) -> None:
    report = ls.inspect(folder / "unknown.yaml", assume={"Attention": {"params": 5}})
    assert (report["Attention"].params, report["Attention"].outputs) == (5, ())


def test_names_are_those_that_the_layers_have_by_default() -> None:
    layers = [{"type": "unknown", "class": "A"}, {"type": "unknown", "class": "A"}]
    model = {"input_dim": 3, "layers": layers}
    names = [row.name for row in ls.inspect(model).layers]
    report = ls.inspect(model, assume={"A": {"output": ["B", 3], "params": 0}})
    assert [row.name for row in report.layers] == names == ["A", "A_1"]
    wrapped = {"type": "time_distributed", "layer": {"type": "unknown", "class": "A"}}
    report = ls.inspect({"input_dim": 3, "layers": [wrapped]}, assume={"A": {"output": ["B*T", 3], "params": 7}})
    assert report.totals.params == 7


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Atention=params:5", "no unknown layer of the model is of this class; did you mean Attention?"),
        ("lstm=params:5", "those are Attention, mylib>Attention"),
        ("Attention", "expected CLASS=output:[...],params:N, got \"Attention\"; write it as MyAttention=output:"),
        ("Attention=output:[B, 3", "expected CLASS=output:[...],params:N"),
        ("Attention=params:5 macs:6", "expected CLASS=output"),
        ("=params:5", "expected output, params or macs"),
        ("Attention=outputs:[B]", 'unknown key "outputs"; write output'),
        ("Attention=params:1,params:2", "expected each of output, params, macs once"),
        ("Attention=output:[B, -3]", "Attention: output: expected a size"),
        ("Attention=params:-1", "Attention: params: expected a number of at least 0"),
        ("Attention=macs:1", "Attention: macs without an output; add output:[...]"),
    ],
)  # fmt: skip
def test_a_mistake_is_wrong_usage(text: str, words: str, folder: Path) -> None:
    done = completed("inspect", "unknown.yaml", "--assume", text, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_without_a_file_there_is_no_class(tmp_path: Path) -> None:
    done = completed("solve", "--input-dim", "8", "--params", "50k", "--assume", "A=params:3", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "error: --assume: needs a FILE with a layer of this class\n")


def test_sizes_are_typed_as_everywhere() -> None:
    assert assumption(" a.B = output : [B, 2*H, 1_000] , params : 4*H + 1 ").settings == {
        "output": ["B", "2*H", 1000],
        "params": "4*H + 1",
    }


def test_check_takes_it_from_the_command_line_and_from_settings(folder: Path) -> None:
    (folder / "unknown.yaml").write_text(TEXT + "expect: {params: 5309}\n", "utf-8")
    assert "0 findings" not in completed("check", "unknown.yaml", cwd=folder).stdout
    done = completed("check", "unknown.yaml", "--assume", OPTION, "--fail-on", "note", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    for settings in (f'assume = ["{OPTION}"]', 'assume.Attention = { output = ["B", "T", 16], params = 5 }'):
        (folder / "lstm-shapes.toml").write_text(settings, "utf-8")
        assert load(str(folder / "lstm-shapes.toml")).assume == SETTINGS
        assert completed("check", "unknown.yaml", "--fail-on", "note", cwd=folder).returncode == 0
    shown = completed("check", ".", "--show-settings", "--assume", "B=params:3", cwd=folder).stdout
    assert '{Attention = {output = ["B", "T", 16], params = 5}}' in shown
    assert "--assume" in shown


def test_check_says_which_class_no_model_has(folder: Path) -> None:
    note = "note: no unknown layer of the models is a B, which assume declares\n"
    done = completed("check", "unknown.yaml", "--assume", "B=params:3", cwd=folder)
    assert (done.returncode, done.stderr) == (0, note)
    (folder / "lstm-shapes.toml").write_text("assume.B.params = 3", "utf-8")
    assert completed("check", ".", cwd=folder).stderr == note
    assert completed("check", "unknown.yaml", cwd=folder).stderr == "", "a hook names the files that changed"


def test_a_difference_is_that_of_the_declared_layers(folder: Path) -> None:
    done = completed("check", "unknown.yaml", "--diff", "./declared.yaml", "--assume", OPTION, cwd=folder)
    assert "0 models changed" in done.stdout or "no models changed" in done.stdout, done.stdout
