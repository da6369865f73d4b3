"""A layer inside a wrapper: each of its keys has the effect that it has in Keras, or is an error that names it."""

from __future__ import annotations

from typing import Any

import pytest

from lstm_shapes import api
from lstm_shapes.analysis.explain.model import explain
from lstm_shapes.analysis.report import Report

SEQUENCES = {"x": ["B", "T", 5, 8]}
LSTM = {"type": "lstm", "units": 4}


def timed(inner: dict[str, Any], **model: Any) -> dict[str, Any]:
    return {"inputs": SEQUENCES, "layers": [{"type": "time_distributed", "layer": inner}], **model}


def kinds(report: Report) -> list[str]:
    return [finding.kind for finding in report.findings]


def test_a_bidirectional_layer_in_short_form_inside_time_distributed_counts_both_directions() -> None:
    """Keras: TimeDistributed(Bidirectional(LSTM(4))) on 8 features has 2 * 4*4*(8 + 4 + 1) = 416 parameters."""
    short = api.inspect(timed({**LSTM, "bidirectional": True}))
    long = api.inspect(timed({"type": "bidirectional", "layer": LSTM}))
    assert short.totals == long.totals
    assert short.totals.params == 416
    assert [str(size) for size in short.outputs[0].shape or ()] == ["B", "T", "8"]


@pytest.mark.parametrize(("merge", "width"), [("concat", 8), ("sum", 4), ("mul", 4), ("ave", 4)])
def test_merge_has_its_effect_inside_time_distributed(merge: str, width: int) -> None:
    report = api.inspect(timed({**LSTM, "bidirectional": True, "merge": merge}))
    assert report.outputs[0].shape and report.outputs[0].shape[-1] == width


def test_a_module_of_several_layers_inside_time_distributed_counts_them_all() -> None:
    """torch.nn.LSTM(8, 4, num_layers=3): 4*4*(8 + 4 + 2) = 224, then twice 4*4*(4 + 4 + 2) = 160."""
    report = api.inspect(timed({**LSTM, "num_layers": 3}, framework="torch"))
    assert (report.findings, report.totals.params) == ((), 224 + 2 * 160)
    assert api.verify(timed({**LSTM, "num_layers": 3}, framework="torch")).verdict == "confirmed"


@pytest.mark.parametrize("inner", [{**LSTM, "bidirectional": True}, {**LSTM, "return_sequences": True}])
def test_a_layer_inside_time_distributed_can_be_explained(inner: dict[str, Any]) -> None:
    assert explain(api.read(timed(inner)))


def test_two_outputs_cannot_leave_time_distributed() -> None:
    """Keras 3.15: "Cannot convert '5' to a shape", for states and for merge_mode None."""
    for inner in ({**LSTM, "return_state": True}, {**LSTM, "bidirectional": True, "merge": "none"}):
        assert kinds(api.inspect(timed(inner))) == ["wrong-setting"]


@pytest.mark.parametrize("key", ["name", "inputs", "initial_state", "expect", "budget", "repeat"])
@pytest.mark.parametrize("wrapper", ["time_distributed", "bidirectional"])
def test_a_key_of_the_graph_inside_a_wrapper_is_an_error_at_its_place(key: str, wrapper: str) -> None:
    value = {"expect": {"params": 1}, "budget": {"params": 1}, "repeat": 2}.get(key, "x")
    model = {"inputs": SEQUENCES, "layers": [{"type": wrapper, "layer": {**LSTM, key: value}}]}
    (finding,) = api.inspect(model).findings
    assert finding.kind == "wrong-setting"
    assert key in finding.message


@pytest.mark.parametrize("key", ["bidirectional", "merge", "num_layers"])
def test_a_direction_inside_bidirectional_is_an_error(key: str) -> None:
    value = {"bidirectional": True, "merge": "sum", "num_layers": 2}[key]
    findings = api.inspect(
        {"input_dim": 8, "layers": [{"type": "bidirectional", "layer": {**LSTM, key: value}}]}
    ).findings
    assert [finding.kind for finding in findings] == ["wrong-setting"]
    assert key in findings[0].message


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_input_dim_inside_a_wrapper_is_the_models_on_the_first_layer_and_an_assertion_on_a_later_one(
    framework: str,
) -> None:
    for wrapper in ("time_distributed", "bidirectional"):
        inner = {"type": "dense", "units": 3} if wrapper == "time_distributed" else LSTM
        first = {"type": wrapper, "layer": {**inner, "input_dim": 7}}
        model = {"framework": framework, "layers": [first]}
        report = api.inspect(model)
        assert (kinds(report), report.inputs[0].shape and report.inputs[0].shape[-1]) == ([], 7)
        assert kinds(api.inspect({**model, "input_dim": 6})) == ["input-dim"]


def test_trainable_false_inside_a_wrapper_freezes_that_layer_as_in_keras() -> None:
    """Keras 3.15: Bidirectional copies the setting to a backward layer of its own making, not to one that is given."""
    frozen, dense = {**LSTM, "trainable": False}, {"type": "dense", "units": 4, "trainable": False}
    other = {"type": "lstm", "units": 5, "go_backwards": True}
    for layer, trainable in (
        ({"type": "bidirectional", "layer": frozen}, 0),
        ({"type": "bidirectional", "layer": frozen, "backward_layer": other}, 4 * 5 * (8 + 5 + 1)),
        ({"type": "time_distributed", "layer": dense}, 0),
        ({"type": "time_distributed", "layer": {"type": "time_distributed", "layer": dense}}, 0),
    ):
        inputs = {"x": ["B", "T", 5, 8]} if layer["type"] == "time_distributed" else {"x": ["B", "T", 8]}
        report = api.inspect({"inputs": inputs, "layers": [layer]})
        assert kinds(report) == []
        assert report.totals.trainable_params == trainable
        tensors = [tensor.params for row in report.layers for tensor in row.weights if tensor.trainable]
        assert sum(tensors) == trainable
