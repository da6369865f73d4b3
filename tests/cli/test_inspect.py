"""``inspect``: what a layer reads where that is not the layer above, bytes in units, files without any known figure."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from ..command import completed

BRANCHES = """inputs: {left: [B, T, 8], right: [B, T, 8]}
layers:
  - {type: lstm, name: encoder, units: 4, return_state: true, inputs: left}
  - {type: lstm, name: decoder, units: 4, inputs: right, initial_state: [encoder.h, encoder.c], return_sequences: true}
  - {use: decoder, name: again, inputs: left}
  - {type: add, inputs: [decoder, again], name: sum}
  - {type: dense, name: head, units: 2}
"""
CHAIN = """input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 4, return_sequences: true}
  - {type: model, name: block, layers: [{type: dense, units: 4}, {type: dropout, rate: 0.5}]}
  - {type: dense, name: head, units: 2, inputs: block}
"""


def inspected(tmp_path: Path, text: str, *options: str, command: str = "inspect") -> str:
    (tmp_path / "model.yaml").write_text(text)
    done = completed(command, "model.yaml", *options, cwd=tmp_path)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def reads(text: str) -> dict[str, str]:
    """The column of a Markdown page, by the name of the row."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return {row[0].split(" (")[0]: row[rows[0].index("reads")].replace("\\", "") for row in rows[2:]}


def test_the_reads_column_has_the_names_of_the_file_where_the_graph_is_no_chain(tmp_path: Path):
    column = reads(inspected(tmp_path, BRANCHES, "--output-format", "markdown"))
    assert column == {
        "encoder": "left",
        "decoder": "right, encoder.h, encoder.c; left",
        "sum": "decoder, again",
        "head": "sum",
    }


@pytest.mark.parametrize("change", [("", ""), ("units: 4,", "unit: 4,"), ("inputs: block", "expect: {params: 10}")])
def test_a_chain_has_no_reads_column(tmp_path: Path, change: tuple[str, str]):
    assert "reads" not in inspected(tmp_path, CHAIN.replace(*change))


@pytest.mark.parametrize(
    ("change", "row", "names"),
    [
        (("inputs: block", "inputs: encoder"), "head", "encoder"),
        (("input_dim: 8", "inputs: {one: [B, T, 8], two: [B]}"), "encoder", "one"),
        (("rate: 0.5}", "rate: 0.5, inputs: input}"), "dropout", "input"),
    ],
)
def test_one_layer_that_reads_another_brings_the_column(tmp_path: Path, change: tuple[str, str], row: str, names: str):
    text = CHAIN.replace(*change)
    if "two" in text:
        text = text.replace("name: encoder,", "name: encoder, inputs: one,")
    assert reads(inspected(tmp_path, text, "--output-format", "markdown"))[row] == names


def test_json_and_csv_have_the_shapes_that_arrive_and_no_further_key(tmp_path: Path):
    rows = json.loads(inspected(tmp_path, BRANCHES, "--output-format", "json"))["layers"]
    assert rows[0]["inputs"] == [["B", "T", 8]]
    assert all("reads" not in row for row in rows)
    header = next(csv.reader(io.StringIO(inspected(tmp_path, BRANCHES, "--output-format", "csv"))))
    assert "reads" not in header


def test_bytes_are_also_printed_in_binary_units_but_not_in_json(tmp_path: Path):
    """4*512*(8 + 512 + 1) = 1,067,008 params of four bytes are 4,268,032 bytes, 4.07 times 1,048,576."""
    text = "input_dim: 8\nlayers: [{type: lstm, units: 512}]\n"
    assert "4,268,032 bytes (4.1 MiB) as float32" in inspected(tmp_path, text)
    totals = json.loads(inspected(tmp_path, text, "--output-format", "json"))["totals"]
    assert totals["param_bytes"] == 4_268_032
    assert "iB)" not in inspected(tmp_path, text.replace("512", "H"))
    assert "iB)" not in inspected(tmp_path, text.replace("512", "2"))  # 352 bytes


@pytest.mark.parametrize("option", ["", "--weights", "--cost"])
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "input_dim: 8\nlayers: [{type: lstm, unit: 4}]",
            "output shapes, params and macs of lstm could not be computed: it has 1 error",
        ),
        (
            "input_dim: 8\nlayers: [{type: lstm, unit: 4}, {type: dense, unit: 4}]",
            "output shapes, params and macs of the 2 layers could not be computed: it has 2 errors",
        ),
        ("input_dim: 8\nlayers: []", "no layer could be read: it has 1 error"),
    ],
)
def test_a_file_without_any_known_figure_has_a_sentence_in_place_of_a_table(
    tmp_path: Path, text: str, sentence: str, option: str
):
    printed = inspected(tmp_path, text, *filter(None, [option]))
    assert printed.splitlines()[2:] == [sentence]


def test_a_file_with_a_known_figure_keeps_its_table(tmp_path: Path):
    """The count of a layer that names its own width is known, whatever is wrong with the one above."""
    text = "layers: [{type: lstm, unit: 4}, {type: lstm, units: 4, input_dim: 3}, {type: dropout, rate: 0.1}]"
    printed = inspected(tmp_path, text)
    assert "unknown" in printed
    assert "could not be computed" not in printed


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (
            "input_dim: 8\nlayers: [{type: custom, name: mine, output: [B, 7], params: 3}]",
            "declared: mine, declared in the file and not run (seed 0, B=3, T=5; B=11, T=7)",
        ),
        ("input_dim: 8\nlayers: [{type: lstm, unit: 4}]", "not confirmed: the spec has mistakes"),
        (
            "input_dim: 8\nlayers: [{type: lstm, units: 4000}]",
            "not confirmed: a run holds 64,156,000 numbers",
        ),
    ],
)
def test_verify_and_inspect_say_in_the_same_words_that_a_layer_was_not_run(tmp_path: Path, text: str, verdict: str):
    printed = [inspected(tmp_path, text, command="verify"), inspected(tmp_path, text, "--verify")]
    last = [page.splitlines()[-1] for page in printed]
    assert last[0] == last[1]
    assert last[0].startswith(verdict)


def test_a_model_around_a_declared_layer_is_not_called_declared_by_its_author(tmp_path: Path):
    inside = "[{type: custom, output: [B, 7], params: 3}, {type: dense, units: 2}]"
    text = f"input_dim: 8\nlayers: [{{type: model, layers: {inside}}}]"
    assert "a layer inside is declared by its author" in inspected(tmp_path, text, command="verify")
