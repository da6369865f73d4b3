"""The recurrent cases of ONNX' own generator of backend tests: its inputs, its weights, the outputs it expects."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from lstm_shapes.layers import family
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.recurrent import Recurrent

from .comparison import Array, assert_same_numbers

onnx = pytest.importorskip("onnx")
pytestmark = pytest.mark.oracle

ORDER = {
    "LSTM": ("input", "output", "forget", "candidate"),
    "GRU": ("update", "reset", "candidate"),
    "RNN": ("candidate",),
}
"""The gates in the order in which ONNX stacks them (operators LSTM-22, GRU-22, RNN-22)."""


@cache
def cases() -> tuple[Any, ...]:
    """The cases as their modules make them when they are imported; those of other operators take seconds."""
    import onnx.backend.test.case.node as generator

    with warnings.catch_warnings(action="ignore"):
        for type_ in ORDER:
            importlib.import_module(f"{generator.__name__}.{type_.lower()}")
    made = {case.name: case for case in generator._NodeTestCases}
    return tuple(case for case in made.values() if case.model.graph.node[0].op_type in ORDER)


def attributes(node: Any) -> dict[str, Any]:
    from onnx.helper import get_attribute_value

    return {attribute.name: get_attribute_value(attribute) for attribute in node.attribute}


def cell(type_: str, given: dict[str, Any], inputs: dict[str, Array], backwards: bool) -> Recurrent:
    """Our layer with the settings of a node."""
    settings: dict[str, Any] = {"units": given["hidden_size"], "go_backwards": backwards}
    if type_ == "GRU":
        settings["reset_after"] = bool(given.get("linear_before_reset", 0))
    if type_ == "LSTM":
        settings["peephole"] = "P" in inputs
    layer = family(type_.lower())(return_sequences=True, return_state=True, bias="B" in inputs, **settings)
    assert isinstance(layer, Recurrent)
    return layer


def weights(type_: str, layer: Recurrent, inputs: dict[str, Array], way: int) -> Weights:
    """The arrays of one direction, their gates in our order."""
    units, order = int(layer.units), ORDER[type_]  # type: ignore[call-overload]
    gates = [order.index(name) for name in layer.gate_names] if len(order) > 1 else [0]

    def stacked(array: Array) -> Array:
        return array.reshape(len(order), units, *array.shape[1:])[gates]

    arrays = {"kernel": stacked(inputs["W"][way]), "recurrent": stacked(inputs["R"][way])}
    if "B" in inputs:
        input_side, recurrent_side = np.split(inputs["B"][way], 2)
        if "recurrent_bias" in layer.weight_axes():
            arrays |= {"bias": stacked(input_side), "recurrent_bias": stacked(recurrent_side)}
        else:
            arrays["bias"] = stacked(input_side + recurrent_side)
    if "P" in inputs:
        i, o, f = inputs["P"][way].reshape(3, units)
        arrays["peephole"] = np.stack([i, f, o])
    axes = {"gate": 0, "unit": 1}
    for role, words in layer.weight_axes().items():
        if role != "peephole":
            array, names = arrays[role], words.split()
            source = [name for name in ("gate", "unit") if name in names] + [n for n in names if n not in axes]
            array = array if "gate" in names else array[0]
            arrays[role] = array.transpose([source.index(name) for name in names])
    return Weights(arrays)


def run(type_: str, given: dict[str, Any], inputs: dict[str, Array]) -> dict[str, Array]:
    """Y, Y_h and Y_c as ONNX lays them out, of our layers."""
    first = given.get("layout", 0)
    x = inputs["X"] if first else inputs["X"].swapaxes(0, 1)
    direction = given.get("direction", b"forward").decode()
    ways = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}[direction]
    ys, ends = [], []
    for number, backwards in enumerate(ways):
        layer = cell(type_, given, inputs, backwards)
        start = [inputs[name][number] for name in ("initial_h", "initial_c") if name in inputs]
        y, *state = layer.run(weights(type_, layer, inputs, number), x, *start)
        ys.append(y[:, ::-1] if backwards else y)
        ends.append(state)
    y = np.stack(ys, axis=2 if first else 0)  # (batch, time, way, unit), or (way, batch, time, unit)
    states = [np.stack(one, axis=1 if first else 0) for one in zip(*ends, strict=True)]
    return dict(zip(("Y", "Y_h", "Y_c"), [y if first else y.transpose(2, 0, 1, 3), *states], strict=False))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_recurrent_case_of_onnx_gives_its_outputs(case: Any, compared: Callable[[str], None]) -> None:
    (node,) = case.model.graph.node
    ((arrays, expected),) = case.data_sets
    inputs = dict(zip(filter(None, node.input), arrays, strict=True))
    lengths = inputs.pop("sequence_lens", None)
    assert lengths is None or set(lengths.tolist()) == {len(inputs["X"])}
    ours = run(node.op_type, attributes(node), inputs)
    named = dict(zip(filter(None, node.output), expected, strict=True))
    assert_same_numbers([ours[name] for name in named], list(named.values()))
    compared("onnx")


def test_there_are_eighteen_cases_in_all_directions_and_layouts() -> None:
    found = cases()
    assert len(found) >= 18
    given = [attributes(case.model.graph.node[0]) for case in found]
    assert {one.get("direction", b"forward") for one in given} == {b"forward", b"reverse", b"bidirectional"}
    assert {one.get("layout", 0) for one in given} == {0, 1}


@pytest.mark.parametrize("role", ["W", "R", "B"])
def test_another_weight_would_be_noticed(role: str) -> None:
    (case,) = (case for case in cases() if case.name == "test_lstm_with_initial_bias")
    (node,) = case.model.graph.node
    ((arrays, (expected,)),) = case.data_sets
    inputs = dict(zip(filter(None, node.input), (np.array(array) for array in arrays), strict=True))
    inputs[role] = inputs[role] + 0.01
    if role == "R":
        inputs["initial_h"] = inputs["initial_c"] = np.ones((1, 3, 4), np.float32)
    ours = run("LSTM", attributes(node), inputs)["Y_h"]
    assert not np.allclose(ours, expected, rtol=1e-5, atol=1e-5)
