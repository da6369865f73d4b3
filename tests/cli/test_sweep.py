"""The command ``sweep``: the same numbers in every form, a drawing that stands alone, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ..command import completed
from ..hostile.child import decent, run
from ..profiles import rounds

SPEC = """name: <b>&"stack
input_dim: 8
batch: 1
layers:
  - {type: lstm, units: H, return_sequences: true}
  - {type: gru, units: 2*H}
"""
SWEEP = ["sweep", "model.yaml", "--set", "H=16,32", "--set", "T=10..30:10"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.yaml").write_text(SPEC)
    (tmp_path / "wrong.yaml").write_text("input_dim: 8\nlayers: [{type: lstm, unit: H}]\n")
    (tmp_path / "half.yaml").write_text("input_dim: 8\nlayers: [{type: lstm, units: H//2}]\n")
    return tmp_path


def test_every_form_has_the_same_numbers(folder: Path):
    rows = list(csv.reader(io.StringIO(run(*SWEEP, "--output-format", "csv", cwd=folder).text)))
    data = json.loads(run(*SWEEP, "--output-format", "json", cwd=folder).text)
    text = run(*SWEEP, cwd=folder).text
    page = run(*SWEEP, "--output-format", "markdown", cwd=folder).text
    assert rows[0] == data["columns"] == ["H", "T", "params", "macs", "bytes"]
    assert [list(map(int, row)) for row in rows[1:]] == data["rows"]
    assert [row[:2] for row in data["rows"]] == [[h, t] for h in (16, 32) for t in (10, 20, 30)]
    for row in data["rows"]:
        assert re.search(r" +".join(f"{number:,}" for number in row), text)
        assert f"| {' | '.join(f'{number:,}' for number in row)} ({row[-1] / 1024:.1f} KiB) |" in page


def test_one_point_has_the_figures_of_inspect(folder: Path):
    data = json.loads(run(*SWEEP, "--output-format", "json", cwd=folder).text)
    inspected = ["inspect", "model.yaml", "--set", "H=32", "--set", "T=20", "--output-format", "json"]
    sums = json.loads(run(*inspected, cwd=folder).text)["totals"]
    assert data["rows"][4] == [32, 20, sums["params"], sums["macs"], sums["param_bytes"]]


def test_a_drawing_loads_nothing_and_can_be_read_aloud(folder: Path):
    text = run(*SWEEP, "--output-format", "svg", cwd=folder).text
    root = ElementTree.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    assert root.attrib["role"] == "img"
    named = root.attrib["aria-labelledby"].split()
    titles = {
        element.attrib["id"]: element.text for element in root if element.tag in (f"{space}title", f"{space}desc")
    }
    assert list(titles) == named
    assert titles["title"] == 'model.yaml: <b>&"stack (Keras 3)'
    assert "params over T from 10 to 30" in str(titles["description"])
    assert "prefers-color-scheme:dark" in text
    assert not re.search(r"href|url\(|@import|<script|https?://(?!www\.w3\.org/2000/svg)", text)
    assert len(root.findall(f".//{space}polyline")) == 4


def test_a_plot_in_the_terminal_names_its_corners_and_curves(folder: Path):
    done = run(*SWEEP, "--plot", cwd=folder)
    assert done.code == 0
    assert "params over T" in done.text
    assert "* H = 16" in done.text
    assert "o H = 32" in done.text
    assert max(map(len, done.text.splitlines())) <= 80


def test_sizes_that_make_no_model_are_no_numbers_and_exit_1(folder: Path):
    args = ["sweep", "half.yaml", "--set", "H=1..3"]
    assert run(*args, cwd=folder).code == 1
    assert "no model" in run(*args, cwd=folder).text
    assert json.loads(run(*args, "--output-format", "json", cwd=folder).text)["rows"][0] == [1, None, None, None]
    for more in (["--plot"], ["--output-format", "svg"]):
        assert run(*args, *more, cwd=folder).code == 1
        assert "no point makes a model" in run("sweep", "half.yaml", "--set", "H=1,1", *more, cwd=folder).text


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--set", "H=16"], "at least one symbol with several values"),
        (["--set", "H=16,"], "got nothing"),
        (["--set", "H=16,x"], "got x"),
        (["--set", "H=0..3"], "got 0..3"),
        (["--set", "H=9..3"], "got 9..3"),
        (["--set", "H=1..3:0"], "got 1..3:0"),
        (["--set", "H=1..3:"], "got 1..3:"),
        (["--set", "H=1.5,3"], "got 1.5"),
        (["--set", "H=1k..2q"], "got 1k..2q"),
        (["--set", "H=1..1M:1,5..10M"], "more than 10,000,000 values"),
        (["--set", "H=1..99999999999"], "more than 10,000,000 values"),
        (["--set", "H=1..9999", "--set", "T=1..9999"], "at most 10,000,000"),
        (["--set", "H=1,2", "--set", "H=3,4"], "appears twice"),
        (["--set", "H=1,2", "--set", "H=3"], "appears twice"),
        (["--set", "K=1,2"], "--set K: no size of model.yaml has this symbol"),
        (["--set", "2H=1,2"], "expected NAME=SIZE"),
        (["--set", "H=1,2", "--plot", "--output-format", "csv"], "--plot"),
    ],
    ids=str,
)
def test_wrong_usage_says_what_to_write(args: list[str], words: str, folder: Path):
    done = run("sweep", "model.yaml", *args, cwd=folder)
    assert done.code == 2, done.text
    assert words in done.said
    assert not done.out


def test_sizes_are_typed_as_everywhere(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("input_dim: 8\nlayers: [{type: lstm, units: H}]\n")
    typed = {
        "1k,1.5k,2e3,1_000": [1000, 1500, 2000, 1000],
        "1k..4k:1k": [1000, 2000, 3000, 4000],
        "1_000 .. 2k : 0.5k": [1000, 1500, 2000],
    }
    for sizes, values in typed.items():
        done = completed("sweep", "m.yaml", "--set", f"H={sizes}", "--output-format", "json", cwd=tmp_path)
        assert [row[0] for row in json.loads(done.stdout)["rows"]] == values
    assert "use `lstm-shapes sweep`" in completed("inspect", "m.yaml", "--set", "H=1k..4k", cwd=tmp_path).stderr


def test_a_file_that_is_no_model_is_a_finding(folder: Path):
    done = run("sweep", "wrong.yaml", "--set", "H=1,2", cwd=folder)
    assert done.code == 1
    assert "wrong.yaml:2:" in done.said


def test_a_million_points_take_little_memory(folder: Path):
    """Where the command has a process of its own, as in CI, ``decent`` bounds it."""
    last = rounds(1_000)
    args = ["--set", f"H=1..{last}", "--set", f"T=1..{last}", "--output-format", "csv", "-o", "out.csv"]
    decent(run("sweep", "model.yaml", *args, cwd=folder), codes=(0,))
    with open(folder / "out.csv", newline="") as file:
        assert sum(1 for _ in file) == last**2 + 1


def test_a_table_of_more_than_a_thousand_rows_is_refused_in_a_line_and_written_as_csv(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("input_dim: 8\nlayers: [{type: lstm, units: H}]\n", "utf-8")
    for form in ("text", "markdown"):
        done = completed("sweep", "m.yaml", "--set", "H=1..1001", "--output-format", form, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "error: a table of 1,001 rows, at most 1,000 are printed; use --output-format csv -o FILE\n"
        )
        assert completed("sweep", "m.yaml", "--set", "H=1..1000", "--output-format", form, cwd=tmp_path).returncode == 0
    written = completed(
        "sweep", "m.yaml", "--set", "H=1..1001", "--output-format", "csv", "-o", "out.csv", cwd=tmp_path
    )
    assert (written.returncode, len((tmp_path / "out.csv").read_text().splitlines())) == (0, 1002)
    assert completed("sweep", "m.yaml", "--set", "H=1..1001", "--plot", cwd=tmp_path).returncode == 0
