"""The attributes of ONNX' recurrent nodes: shapes as onnx/defs/rnn/defs.cc states them, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from lstm_shapes import api
from lstm_shapes.symbolic.size import shown

LSTM = {"type": "lstm", "name": "node", "units": 4}


def inspect(*layers: Any, framework: str = "onnx", **model: Any) -> Any:
    return api.inspect(
        {"framework": framework, "batch": 5, "timesteps": 7, "input_dim": 8, **model, "layers": [*layers]}
    )


def shapes(**settings: Any) -> list[str]:
    report = inspect({**LSTM, **settings})
    assert not report.findings
    return [shown(output.shape) for output in report["node"].outputs]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["(5, 7, 1, 4)", "(5, 1, 4)", "(5, 1, 4)"]),
        ({"layout": 0}, ["(7, 1, 5, 4)", "(1, 5, 4)", "(1, 5, 4)"]),
        ({"direction": "reverse"}, ["(5, 7, 1, 4)", "(5, 1, 4)", "(5, 1, 4)"]),
        ({"direction": "bidirectional", "layout": 1}, ["(5, 7, 2, 4)", "(5, 2, 4)", "(5, 2, 4)"]),
        ({"bidirectional": True, "layout": 0}, ["(7, 2, 5, 4)", "(2, 5, 4)", "(2, 5, 4)"]),
        ({"type": "gru", "direction": "bidirectional"}, ["(5, 7, 2, 4)", "(5, 2, 4)"]),
    ],
)
def test_y_has_an_axis_of_directions(settings: dict[str, Any], expected: list[str]) -> None:
    assert shapes(**settings) == expected


def test_the_directions_of_a_node_share_its_tensors() -> None:
    weights = inspect({**LSTM, "direction": "bidirectional", "peephole": True})["node"].weights
    expected = {"W": (2, 16, 8), "R": (2, 16, 4), "B": (2, 32), "P": (2, 12)}
    assert {tensor.name: tensor.shape for tensor in weights} == expected


def test_unequal_directions_are_two_nodes() -> None:
    wrapper = {"type": "bidirectional", "layer": LSTM, "backward_layer": {**LSTM, "units": 3, "go_backwards": True}}
    del wrapper["layer"]["name"], wrapper["backward_layer"]["name"]
    weights = inspect(wrapper).layers[0].weights
    names = {tensor.name: tensor.shape for tensor in weights}
    assert (names["forward/W"], names["reverse/W"]) == ((1, 16, 8), (1, 12, 8))


@pytest.mark.parametrize(
    ("settings", "said", "hint"),
    [
        ({"layout": 2}, "layout: expected 0 (time first) or 1 (batch first), got 2", "write 0 or 1"),
        ({"direction": "backward"}, "direction: expected one of forward, reverse, bidirectional", ""),
        ({"num_layers": 2}, "num_layers: in ONNX a node is one layer", "write 2 layers"),
        ({"bidirectional": True, "merge": "sum"}, "the directions", "remove it"),
        ({"direction": "reverse", "bidirectional": True}, "bidirectional and direction are both set", "keep one"),
        ({"layout": 1, "batch_first": True}, "batch_first and layout are both set", "keep one"),
    ],
)
def test_what_a_node_does_not_take_is_an_error_at_its_key(settings: dict[str, Any], said: str, hint: str) -> None:
    (finding,) = inspect({**LSTM, **settings}).findings
    assert (finding.severity, said in finding.message, hint in (finding.hint or "")) == ("error", True, True)


def test_a_node_behind_a_node_is_told_to_squeeze_the_axis_of_directions() -> None:
    (finding,) = inspect(LSTM, {"type": "lstm", "units": 4}).findings
    assert finding.hint == "put `{type: squeeze, axis: 2}` before it"
    report = inspect(LSTM, {"type": "squeeze", "axis": 2}, {"type": "lstm", "units": 4})
    assert not report.findings


def test_a_node_behind_both_directions_is_told_to_put_them_side_by_side() -> None:
    both = {**LSTM, "direction": "bidirectional"}
    (finding,) = inspect(both, {"type": "lstm", "units": 4}).findings
    assert finding.hint == "put `{type: reshape, target_shape: [7, 8]}` before it"
    report = inspect(both, {"type": "reshape", "target_shape": [7, 8]}, {"type": "lstm", "units": 4})
    assert not report.findings


@pytest.mark.parametrize(
    ("framework", "settings", "hint"),
    [
        ("keras", {"direction": "reverse"}, "write `go_backwards: true`"),
        ("torch", {"direction": "bidirectional"}, "write `bidirectional: true`"),
        ("torch", {"layout": 0}, "write `batch_first: false`"),
        ("flax-linen", {"layout": 1}, "remove it"),
    ],
)
def test_elsewhere_the_attributes_are_refused(framework: str, settings: dict[str, Any], hint: str) -> None:
    (finding,) = inspect({**LSTM, **settings}, framework=framework).findings
    assert (finding.severity, finding.hint) == ("error", hint)


@pytest.mark.parametrize(
    "settings", [{}, {"layout": 0}, {"direction": "reverse"}, {"bidirectional": True, "layout": 0}]
)
@pytest.mark.parametrize("type_", ["lstm", "gru", "rnn"])
def test_a_node_is_confirmed_by_its_run(type_: str, settings: dict[str, Any]) -> None:
    model = {"framework": "onnx", "input_dim": 3, "layers": [{"type": type_, "units": 4, **settings}]}
    assert api.verify(model).verdict == "confirmed"
