"""Layers that read what is not known: counted by their own settings, shapes left open, branches each counted once."""

from __future__ import annotations

from typing import Any

import pytest

from lstm_shapes import api

from ..rules.judging import judged

TORCH: dict[str, Any] = {"framework": "torch", "inputs": "unknown"}


def report(*layers: dict[str, Any], **more: Any) -> Any:
    return api.inspect({**TORCH, **more, "layers": list(layers)})


@pytest.mark.parametrize(
    ("layer", "width"),
    [
        ({"type": "lstm", "units": 32}, 16),
        ({"type": "lstm", "units": 32, "num_layers": 3, "bidirectional": True}, 16),
        ({"type": "gru", "units": "H"}, "D"),
        ({"type": "dense", "units": 5}, 64),
    ],
)
def test_a_layer_is_counted_by_the_features_that_it_declares(layer: dict[str, Any], width: int | str) -> None:
    """The same count as with an input of that width."""
    alone = report({**layer, "input_dim": width, "inputs": "unknown"})
    fed = api.inspect({"framework": "torch", "input_dim": width, "layers": [layer]})
    (row,), (expected,) = alone.layers, fed.layers
    assert (row.params, row.formula) == (expected.params, expected.formula)
    assert [(tensor.name, tensor.shape) for tensor in row.weights] == [
        (tensor.name, tensor.shape) for tensor in expected.weights
    ]
    assert (alone.totals.params, alone.complete, alone.shapes_complete) == (fed.totals.params, True, False)
    assert (row.macs, row.outputs, alone.findings) == (None, (), ())


def test_a_layer_without_them_is_not_counted() -> None:
    dense = {"type": "dense", "units": 5}
    answer = report({**dense, "input_dim": 3, "inputs": "unknown"}, {**dense, "inputs": "unknown"}, dense)
    assert [row.params for row in answer.layers] == [20, None, None]
    assert (answer.totals.params, answer.totals.params_at_least, answer.complete) == (None, 20, False)


def test_what_stands_after_an_unknown_layer_is_counted_by_the_features_that_it_declares() -> None:
    layers = [{"type": "unknown", "class": "MyAttention"}, {"type": "dense", "units": 5, "input_dim": 64}]
    answer = api.inspect({"input_dim": 8, "layers": layers})
    assert [(row.name, row.params) for row in answer.layers] == [("MyAttention", None), ("dense", 325)]


def test_the_name_of_a_layer_comes_before_the_word() -> None:
    layers = [{"type": "dense", "units": 4, "name": "unknown"}, {"type": "dense", "units": 5, "inputs": "unknown"}]
    assert api.inspect({"input_dim": 8, "layers": layers}).layers[1].params == 25


def test_a_model_of_which_nothing_arrives_is_not_run() -> None:
    answer = api.verify({**TORCH, "layers": [{"type": "dense", "units": 5, "input_dim": 3}]})
    assert (answer.verdict, answer.reason) == ("not confirmed", "what reaches it is not known")


def test_nothing_is_said_of_outputs_that_a_layer_of_unknown_inputs_may_read() -> None:
    text = "input_dim: 8\nlayers:\n  - {type: dense, units: 3, name: a}\n  - {type: dense, units: 3, inputs: %s}\n"
    assert [finding.kind for finding in judged(text % "unknown")] == []
    assert [finding.kind for finding in judged(text % "input")] == ["unused-output"]


def test_branches_are_counted_once_each() -> None:
    then, other = ({"type": "model", "branch": name, "layers": [{"type": "dense", "units": 3}]} for name in ("a", "b"))
    layers = [{**then, "inputs": "input"}, {**other, "inputs": "input"}, {"type": "dense", "units": 1}]
    model = {"input_dim": 8, "layers": layers}
    assert api.inspect(model).totals.params == 2 * 27 + 4
    assert api.verify(model).verdict == "confirmed"
