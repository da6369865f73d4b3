"""Models by hand: the total that is stored, and shapes that follow from the operators' definitions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lstm_shapes as ls
from lstm_shapes.analysis.report import Report

from .onnx_cases import CASES
from .onnx_writer import FLOAT, INT8, graph, model, node, recurrent, tensor, value


@pytest.fixture
def inspect(tmp_path: Path) -> Any:
    def report(raw: bytes, **more: Any) -> Report:
        path = tmp_path / "model.onnx"
        path.write_bytes(raw)
        return ls.inspect(path, **more)

    return report


@pytest.mark.parametrize("name", CASES)
def test_a_model_by_hand_is_read_with_the_total_that_it_stores(name: str, inspect: Any) -> None:
    case = CASES[name]
    report = inspect(case.raw, dims=case.sizes)
    assert [finding.message for finding in report.findings if finding.severity == "error"] == []
    assert report.totals.params == case.params
    assert all(output.shape is not None for layer in report.layers for output in layer.outputs)


def test_both_branches_are_nested_models_and_each_is_counted(inspect: Any) -> None:
    report = inspect(CASES["a condition that is not known"].raw)
    assert [layer.params for layer in report.layers if layer.type == "model"] == [12, 12]


def test_a_branch_that_is_decided_stands_in_its_place(inspect: Any) -> None:
    report = inspect(CASES["a condition that follows from a shape"].raw)
    assert [layer.type for layer in report.layers] == ["dense"]


def test_what_a_loop_collects_has_an_axis_of_rounds(inspect: Any) -> None:
    report = inspect(CASES["a loop"].raw, dims={"B": 2})
    assert [output.shape for output in report.outputs] == [(2, 4), (3, 2, 4)]


W, R, B, P = (1, 16, 3), (1, 16, 4), (1, 32), (1, 12)
WRONG = {
    "W of another width": ((1, 16, 5), R, B, P, "W has the shape (1, 16, 5)"),
    "W of other units": ((1, 20, 3), R, B, P, "W has the shape (1, 20, 3)"),
    "R": (W, (1, 16, 5), B, P, "R has the shape (1, 16, 5)"),
    "B": (W, R, (1, 16), P, "B has the shape (1, 16)"),
    "P": (W, R, B, (1, 16), "P has the shape (1, 16)"),
    "two directions": ((2, 16, 3), R, B, P, "W has the shape (2, 16, 3)"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_stored_tensor_that_does_not_fit_is_named(name: str, inspect: Any) -> None:
    *shapes, message = WRONG[name]
    stored = [tensor(key, shape) for key, shape in zip("WRBP", shapes, strict=True)]
    made = node("LSTM", "X W R B - - - P", "Y", "cell", hidden_size=4)
    report = inspect(model(graph([made], [value("X", ["T", "B", 3])], [value("Y", None)], stored)))
    messages = [finding.message for finding in report.findings if finding.id == "LS203"]
    assert any(message in each and each.startswith("cell: ") for each in messages), messages


def test_lengths_that_an_lstm_reads_are_no_input_that_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(CASES["lstm with peepholes and lengths"].raw)
    assert not ls.check([path])


def test_tensors_that_fit_are_no_finding(inspect: Any) -> None:
    assert not inspect(recurrent()).findings


@pytest.mark.parametrize(
    ("op", "domain", "dtype"),
    [("DynamicQuantizeLSTM", "com.microsoft", INT8), ("MyAttention", "own", FLOAT), ("NewOp", "", FLOAT)],
)
def test_a_foreign_operator_is_unknown_and_named(op: str, domain: str, dtype: int, inspect: Any) -> None:
    made = [node(op, "x W", "p", "foreign", domain), node("Relu", "p", "y")]
    values = [1] * 12 if dtype == INT8 else None
    stored = [tensor("W", (3, 4), dtype, values)]
    report = inspect(model(graph(made, [value("x", ["B", "T", 3])], [value("y", None)], stored), domains=[domain]))
    unknown = report["foreign"]
    assert (unknown.type, report.complete, report.totals.params) == ("unknown", False, None)
    assert any(note.startswith("foreign: ") and op in note for note in report.notes)


def test_external_data_are_not_opened_and_their_shapes_are_believed(inspect: Any) -> None:
    from .onnx_writer import field

    place = field(14, 1) + field(13, field(1, "location") + field(2, "../../etc/passwd"))
    stored = [tensor("K", (3, 4), values=[], more=place)]
    report = inspect(model(graph([node("MatMul", "x K", "y")], [value("x", ["B", 3])], [value("y", None)], stored)))
    assert report.totals.params == 12
    assert any("not opened" in note for note in report.notes)


def test_a_kernel_for_other_features_than_arrive_is_a_finding(inspect: Any) -> None:
    stored = [tensor("K", (5, 4))]
    raw = model(graph([node("MatMul", "x K", "y", "fc")], [value("x", ["B", 3])], [value("y", None)], stored))
    (finding,) = inspect(raw).findings
    assert (finding.id, finding.message) == ("LS204", "fc declares input_dim 5, but its input has 3 features: (B, 3)")
