"""The command ``solve``: what it prints, in every form, and how it ends."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from ..hostile.child import run

SPEC = """input_dim: 8
batch: 1
timesteps: 10
layers:
  - {type: lstm, units: H, return_sequences: true}
  - {type: gru, units: 2*H}
  - {type: dense, units: 3}
"""
LAYER = ["solve", "--params", "50000", "--input-dim", "8"]
BOTH = ["solve", "model.yaml", "--for", "H", "--max-params", "100000", "--max-macs", "1e6"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.yaml").write_text(SPEC)
    (tmp_path / "other.yaml").write_text("input_dim: 8\nlayers: [{type: lstm, units: 32}]\n")
    (tmp_path / "free.yaml").write_text("input_dim: 8\nlayers: [{type: lstm, units: H}]\n")
    (tmp_path / "wrong.yaml").write_text("input_dim: 8\nlayers: [{type: lstm, unit: H}]\n")
    return tmp_path


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (LAYER, 0, "units = 107 is the largest with params <= 50,000; params would be over at 108"),
        ([*LAYER, "--multiple-of", "8"], 0, "units = 104 is the largest multiple of 8 with params <= 50,000"),
        ([*LAYER, "--cell", "gru", "--num-layers", "2", "--bidirectional", "--framework", "torch"], 0, "units = 44 is"),
        (BOTH, 0, "H = 66 is the largest with params <= 100,000, macs <= 1,000,000; params and macs would be over"),
        (["solve", "--match", "other.yaml", "--input-dim", "8"], 0, "units = 32 has params = 5,248"),
        (
            ["solve", "--match", "other.yaml", "--input-dim", "8", "--cell", "gru"],
            0,
            "37 has 31 fewer, 38 has 224 more",
        ),
        (["solve", "--match", "other.yaml", "model.yaml", "--for", "H"], 0, "14 has 177 fewer, 15 has 515 more"),
        (["solve", "--match", "free.yaml", "--set", "H=32", "--input-dim", "8"], 0, "units = 32 has params = 5,248"),
        (["solve", "free.yaml", "--for", "H", "--max-macs", "1e6", "--set", "B=1", "--set", "T=9"], 0, "H = 162 is"),
        (
            ["solve", "free.yaml", "--for", "T", "--params", "100000", "--set", "H=9"],
            0,
            "unbounded: every T has params",
        ),
        (
            ["solve", "--params", "39", "--input-dim", "8"],
            1,
            "no solution: no units has params <= 39; units = 1 has 40",
        ),
    ],
    ids=str,
)
def test_the_answer_stands_in_the_first_line(args: list[str], code: int, said: str, folder: Path):
    done = run(*args, cwd=folder)
    assert done.code == code, done.said
    assert said in done.text.splitlines()[2]


def test_every_form_has_the_same_numbers(folder: Path):
    data = json.loads(run(*BOTH, "--output-format", "json", cwd=folder).text)
    rows = list(csv.DictReader(io.StringIO(run(*BOTH, "--output-format", "csv", cwd=folder).text)))
    page = run(*BOTH, "--output-format", "markdown", cwd=folder).text
    assert data["best"] == {"value": 66, "params": 99_399, "macs": 979_836}
    assert data["above"] == {"value": 67, "params": 102_379, "macs": 1_009_422}
    assert data["left"] == {"params": 601, "macs": 20_164}
    assert data["binding"] == ["params", "macs"]
    assert [(row["value"], row["bound"], row["limit"], row["figure"]) for row in rows] == [
        ("66", "params", "100000", "99399"),
        ("66", "macs", "1000000", "979836"),
    ]
    assert "99,399" in page
    assert "| 601 |" in page


def test_no_solution_is_null_and_exit_1_in_every_form(folder: Path):
    for form in ("text", "json", "csv", "markdown"):
        assert run("solve", "--params", "39", "--input-dim", "8", "--output-format", form, cwd=folder).code == 1
    data = json.loads(run("solve", "--params", "39", "--input-dim", "8", "--output-format", "json", cwd=folder).text)
    assert (data["verdict"], data["best"], data["left"]) == ("none", None, None)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--input-dim", "8"], "got neither"),
        (["--input-dim", "8", "--params", "5", "--match", "other.yaml"], "got both"),
        (["--params", "5"], "--input-dim: expected"),
        (["--params", "5", "--for", "H"], "--for: needs a FILE"),
        (["model.yaml", "--params", "5"], "--for: expected"),
        (["model.yaml", "--params", "5", "--for", "K"], "--for K: no size of model.yaml has this symbol"),
        (["model.yaml", "--params", "5", "--for", "H", "--set", "H=3"], "--set H: is the symbol to solve for"),
        (
            ["model.yaml", "--params", "5", "--for", "H", "--input-dim", "8"],
            "--input-dim: is for a layer without a file",
        ),
        (["model.yaml", "--params", "1.5", "--for", "H"], "--params: expected a whole number"),
        (["model.yaml", "--params", "-5", "--for", "H"], "-5"),
        (["missing.yaml", "--params", "5", "--for", "H"], "missing.yaml"),
        (["free.yaml", "--max-macs", "5", "--for", "H"], "give B, T a number"),
        (["--input-dim", "8", "--max-macs", "5"], "--batch and --timesteps"),
        (["--input-dim", "0", "--params", "5"], "--input-dim: expected"),
        (["--input-dim", "8", "--params", "5", "--multiple-of", "0"], "multiple-of"),
    ],
    ids=str,
)
def test_wrong_usage_says_what_to_write(args: list[str], words: str, folder: Path):
    done = run("solve", *args, cwd=folder)
    assert done.code == 2, done.text
    assert words in done.said
    assert not done.out


def test_a_file_that_is_no_model_is_a_finding(folder: Path):
    done = run("solve", "wrong.yaml", "--for", "H", "--params", "5", cwd=folder)
    assert done.code == 1
    assert "wrong.yaml:2:" in done.said
