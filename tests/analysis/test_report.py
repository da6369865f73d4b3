"""The report: the figures of the contract, and every kind of finding at its place, with the words that it should have.

``cases/`` holds broken specs: NAME.yaml, what must be said of it in NAME.expected (``line:column ID message | hint``),
and NAME.fixed.yaml, of which nothing must be said.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

import lstm_shapes as ls
from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.kinds import KINDS
from lstm_shapes.render import plain
from lstm_shapes.render.json import written
from lstm_shapes.symbolic.size import symbol, total
from lstm_shapes.views.inspect import data, page

CASES = sorted(Path(__file__).parents[1].joinpath("cases").glob("*.expected"))
SOURCES = sorted(Path(ls.__file__).parent.rglob("*.py"))
SENTIMENT = """\
name: sentiment
framework: keras
batch: B
timesteps: T
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32, return_sequences: true}
  - {type: dropout, rate: 0.2}
  - type: lstm
    units: 16
    expect: {output: [B, 16], params: 3136}
  - {type: dense, units: 1, activation: sigmoid}
expect: {output: [B, 1], params: 8401}
budget: {params: 20000, bytes: 80000}
"""
"""The example of the interface's first section."""


def line(finding: Finding) -> str:
    assert finding.place is not None
    return f"{finding.place.line}:{finding.place.column} {finding.id} {finding.message} | {finding.hint}"


def lines(path: Path) -> list[str]:
    return [line(finding) for finding in ls.inspect(path).findings]


@pytest.mark.parametrize("expected", CASES, ids=lambda path: path.stem)
def test_a_broken_spec_is_told_what_is_wrong_where_and_what_to_write(expected: Path) -> None:
    assert lines(expected.with_suffix(".yaml")) == expected.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("expected", CASES, ids=lambda path: path.stem)
def test_a_corrected_spec_has_no_findings(expected: Path) -> None:
    assert lines(expected.with_name(f"{expected.stem}.fixed.yaml")) == []


@pytest.mark.parametrize("expected", CASES, ids=lambda path: path.stem)
def test_a_message_keeps_the_style_of_the_house(expected: Path) -> None:
    for finding in ls.inspect(expected.with_suffix(".yaml")).findings:
        for text in (finding.message, finding.hint):
            assert not text.endswith((".", "!", " "))
            assert "please" not in text.lower()
            assert "invalid" not in text.lower()


def written_kinds(source: str) -> set[str]:
    """The kinds of finding that a source file names."""
    return {
        node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant) and node.value in KINDS
    }


def test_every_kind_of_finding_that_the_code_can_produce_has_a_case() -> None:
    apart = {"checking", "catalog.py", "stored_arrays.py", "checkpoint.py"}  # the last two: of files that are no text
    files = [path for path in SOURCES if path.name != "kinds.py" and not apart & set(path.parts)]
    producible = {kind for file in files for kind in written_kinds(file.read_text(encoding="utf-8"))} | {
        "size-mismatch"
    }
    produced = {finding.kind for path in CASES for finding in ls.inspect(path.with_suffix(".yaml")).findings}
    assert produced == producible
    assert written_kinds('raise Mismatch("x", kind="cycle")') == {"cycle"}


def test_every_case_has_its_three_files() -> None:
    found = {path.name for path in CASES[0].parent.iterdir()}
    assert found == {f"{path.stem}{end}" for path in CASES for end in (".yaml", ".expected", ".fixed.yaml")}


@pytest.fixture(scope="module")
def sentiment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("spec") / "model.yaml"
    path.write_text(SENTIMENT, encoding="utf-8")
    found: dict[str, Any] = json.loads(written(data(ls.inspect(path))))
    return found


def test_the_example_of_the_interface_has_the_fields_of_the_contract(sentiment: dict[str, Any]) -> None:
    top = "format_version source name framework complete shapes_complete inputs layers outputs totals findings"
    row = "name type path inputs outputs params trainable_params formula macs dtype weights"
    assert sentiment.keys() >= set(top.split())
    for layer in sentiment["layers"]:
        assert layer.keys() >= set(row.split())
        for weight in layer["weights"]:
            assert weight.keys() >= {"name", "shape", "params", "trainable"}
    sums = "params trainable_params non_trainable_params param_bytes macs"
    assert sentiment["totals"].keys() >= set(sums.split())


def test_the_example_of_the_interface_has_the_figures_of_the_contract(sentiment: dict[str, Any]) -> None:
    assert (sentiment["name"], sentiment["framework"], sentiment["complete"]) == ("sentiment", "keras", True)
    assert sentiment["findings"] == []
    assert sentiment["inputs"] == [{"name": "input", "shape": ["B", "T", 8]}]
    assert sentiment["outputs"] == [{"name": "dense", "shape": ["B", 1]}]
    assert [row["params"] for row in sentiment["layers"]] == [5248, 0, 3136, 17]
    encoder = sentiment["layers"][0]
    assert (encoder["path"], encoder["formula"]) == ("layers[0]", "4*units*(input_dim + units + 1)")
    assert (encoder["macs"], encoder["dtype"]) == ("5120*B*T", "float32")
    assert encoder["inputs"] == [["B", "T", 8]]
    assert encoder["outputs"] == [{"name": "output", "shape": ["B", "T", 32]}]
    weights = [
        (weight["name"], weight["shape"], weight["params"], weight["trainable"]) for weight in encoder["weights"]
    ]
    assert weights == [
        ("kernel", [8, 128], 1024, True),
        ("recurrent_kernel", [32, 128], 4096, True),
        ("bias", [128], 128, True),
    ]
    totals = sentiment["totals"]
    assert (totals["params"], totals["trainable_params"], totals["non_trainable_params"]) == (8401, 8401, 0)
    assert totals["param_bytes"] == 33604


def test_a_finding_as_json_has_the_fields_of_the_contract() -> None:
    report = ls.inspect(CASES[0].with_name("last_step_inside_a_model.yaml"))
    found = data(report)["findings"][0]
    named = "id name severity message hint source line column end_line end_column layer related fix"
    assert found.keys() == set(named.split())
    assert (found["id"], found["name"], found["severity"], found["layer"]) == (
        "LS202",
        "last-step-only",
        "error",
        "high",
    )
    assert (found["line"], found["column"], found["end_line"], found["end_column"]) == (7, 9, 7, 43)
    assert found["related"] == [{"message": "low keeps only its last step", "line": 6, "column": 9}]


def model(*layers: dict[str, Any], **top: Any) -> ls.Report:
    return ls.inspect({"input_dim": 8, "layers": list(layers), **top})


LSTM = {"type": "lstm", "units": 32, "return_sequences": True}
DENSE = {"type": "dense", "units": 4}


def test_totals_are_the_sums_of_the_rows() -> None:
    report = model(LSTM, {**DENSE, "trainable": False}, {"type": "gru", "units": "H"}, dtype="float16")
    for figure in ("params", "trainable_params", "macs"):
        assert getattr(report.totals, figure) == total(getattr(row, figure) for row in report.layers)
    assert report.totals.params == report.totals.trainable_params + report.totals.non_trainable_params
    assert report.totals.param_bytes == report.totals.params * 2
    for row in report.layers:
        assert row.params == total(weight.params for weight in row.weights)


def test_a_frozen_layer_counts_among_the_parameters_and_not_among_the_trainable_ones() -> None:
    report = model({**LSTM, "trainable": False}, DENSE)
    assert (report["lstm"].params, report["lstm"].trainable_params) == (5248, 0)
    assert not any(weight.trainable for weight in report["lstm"].weights)
    assert (report.totals.trainable_params, report.totals.non_trainable_params) == (4 * 33, 5248)
    assert "trainable params: 132, non-trainable: 5,248" in plain.render(page(report))


def test_a_shared_layer_has_one_row_with_the_inputs_of_every_call_and_is_counted_once() -> None:
    first = {**LSTM, "name": "encoder", "inputs": "x"}
    again = {"use": "encoder", "inputs": "y", "name": "again"}
    report = ls.inspect({"inputs": {"x": ["B", "T", 8], "y": ["B", "S", 8]}, "layers": [first, again]})
    b, t, s = symbol("B"), symbol("T"), symbol("S")
    assert [row.name for row in report.layers] == ["encoder"]
    assert report["encoder"].inputs == ((b, t, 8), (b, s, 8))
    assert [output.shape for output in report["encoder"].outputs] == [(b, t, 32), (b, s, 32)]
    assert report.totals.params == 5248
    assert report.totals.macs == 5120 * b * t + 5120 * b * s


def test_a_nested_model_has_rows_of_its_own_that_add_up_to_its_row() -> None:
    report = model({"type": "model", "name": "tower", "layers": [LSTM, {**DENSE, "name": "head"}]}, DENSE)
    tower = report["tower"]
    assert [(row.name, row.path) for row in tower.layers] == [
        ("lstm", "layers[0].layers[0]"),
        ("head", "layers[0].layers[1]"),
    ]
    assert tower.params == total(row.params or 0 for row in tower.layers) == 5248 + 132
    assert report.totals.params == 5248 + 132 + 20


def test_what_is_not_known_is_null_and_never_zero() -> None:
    report = model(LSTM, {"type": "custom", "output": ["B", 7]}, DENSE)
    assert not report.complete
    assert (report["custom"].params, report["custom"].macs) == (None, None)
    assert (report.totals.params, report.totals.params_at_least, report.totals.unknown) == (None, 5248 + 32, 1)
    text = plain.render(page(report))
    assert "total params: at least 5,280" in text
    assert "(1 layer unknown)" in text
    assert data(report)["layers"][1]["params"] is None
    assert "?" not in text


def test_totals_are_exact_where_every_count_is_known_whatever_is_known_of_shapes() -> None:
    """The layers behind one that is at fault have no weights, or weights that no arriving shape decides."""
    wide = {"type": "dense", "units": 3, "name": "wide", "inputs": "input"}
    broken = {"type": "add", "name": "sum", "inputs": ["lstm", "wide"]}
    table = {"type": "embedding", "vocab": 10, "units": 4, "name": "table"}
    report = model({**LSTM, "return_sequences": True}, wide, broken, {"type": "flatten"}, table)
    assert [finding.kind for finding in report.findings] == ["merge-mismatch"]
    assert (report.complete, report.shapes_complete) == (True, False)
    assert report.totals.params == 5248 + 27 + 40
    assert (report["table"].params, report["table"].formula, report["table"].outputs) == (40, "vocab*units", ())
    assert data(report)["totals"]["params"] == data(report)["totals"]["params_at_least"] == 5248 + 27 + 40


def test_a_total_that_leaves_something_out_is_null_in_json_and_none_in_python() -> None:
    report = model(LSTM, {"type": "custom", "output": ["B", 7], "params": 5})
    sums = data(report)["totals"]
    assert (report.complete, report.shapes_complete) == (True, True)
    assert (sums["params"], sums["macs"], sums["macs_at_least"]) == (5253, None, "5120*B*T")
    assert (report.totals.macs, report.totals.unknown_macs) == (None, 1)
    left_out = model(LSTM, {"type": "custom", "output": ["B", 7]})
    assert (left_out.complete, left_out.shapes_complete) == (False, True)
    for name in ("params", "trainable_params", "non_trainable_params", "param_bytes", "macs"):
        assert data(left_out)["totals"][name] is getattr(left_out.totals, name) is None
    assert data(left_out)["totals"]["params_at_least"] == 5248


def test_the_count_of_a_layer_that_depends_on_what_arrives_is_unknown_where_that_is() -> None:
    inside = {"type": "model", "name": "tower", "layers": [{"type": "flatten"}, {"type": "dense", "units": 2}]}
    first = {**LSTM, "return_sequences": False}
    report = model(first, {"type": "lstm", "units": 3, "name": "second"}, DENSE, inside)
    assert [report[name].params for name in ("second", "dense", "tower")] == [None, None, None]
    assert (report.totals.params, report.totals.params_at_least) == (None, 5248)


def test_a_custom_layer_with_params_is_counted_as_declared() -> None:
    report = model(LSTM, {"type": "custom", "output": ["B", 7], "params": 123}, DENSE)
    assert report.totals.params == 5248 + 123 + 32
    assert report["custom"].declared
    text = plain.render(page(report))
    assert "123 (declared)" in text
    assert "macs (matmul, whole batch, all timesteps): at least" in text


@pytest.mark.parametrize("broken", [{"type": "lstm", "unit": 3}, {"type": "nothing"}, {"type": "lstm", "units": 0}])
def test_a_layer_that_cannot_be_read_leaves_the_totals_incomplete(broken: dict[str, Any]) -> None:
    report = model(LSTM, broken, DENSE)
    assert not report.complete
    assert report.totals.unknown >= 1
    text = plain.render(page(report))
    assert "at least" in text or "total" not in text


def test_what_a_faulty_layer_feeds_is_unknown_and_is_not_blamed() -> None:
    report = model({"type": "lstm", "units": 3}, {"type": "lstm", "units": 4, "name": "second"}, DENSE)
    assert [finding.kind for finding in report.findings] == ["last-step-only"]
    assert (report["dense"].params, report["dense"].outputs) == (None, ())
    assert "unknown" in plain.render(page(report))


def test_expectations_and_budgets_that_hold_say_nothing() -> None:
    layer = {
        **LSTM,
        "expect": {"output": ["B", "T", 32], "params": 5248, "macs": "5120*B*T"},
        "budget": {"bytes": 20992},
    }
    assert model(layer, expect={"params": 5248}, budget={"macs": "5120*B*T", "trainable_params": 5248}).findings == ()


def test_symbols_that_make_an_expectation_hold_for_all_of_their_values() -> None:
    kept = model({"type": "lstm", "units": "H"}, budget={"params": "4*H*(H + 10)"})
    assert kept.findings == ()
    broken = model({"type": "lstm", "units": "H"}, budget={"params": "4*H*(H + 8)"})
    assert [finding.kind for finding in broken.findings] == ["budget"]
