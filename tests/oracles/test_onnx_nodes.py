"""Random nodes of ONNX, run by ONNX Runtime with our weights: shapes of W, R, B and P, and of Y, Y_h and Y_c, numbers.

ONNX Runtime refuses layout 1 of the recurrent operators, so that every node here has layout 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

import pytest

from lstm_shapes.layers import family
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.directions_apart import DIRECTIONS, DirectionsApart, apart

from .comparison import Array, Shape, assert_same_numbers, carried, floats, named, random_for, sample, weighed

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.oracle

ACTIVATIONS: dict[str, tuple[str, tuple[float, ...]]] = {
    "tanh": ("Tanh", ()),
    "sigmoid": ("Sigmoid", ()),
    "relu": ("Relu", ()),
    "softsign": ("Softsign", ()),
    "softplus": ("Softplus", ()),
    "linear": ("Affine", (1.0, 0.0)),
    "hard_sigmoid": ("HardSigmoid", (1 / 6, 0.5)),
    "hard_sigmoid_keras2": ("HardSigmoid", (0.2, 0.5)),
    "leaky_relu": ("LeakyRelu", (0.2,)),
    "elu": ("Elu", (1.0,)),
}
"""Ours -> the operator's name, its alpha and its beta."""
OPERATORS = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}
INPUTS = {"W": 1, "R": 2, "B": 3, "initial_h": 5, "initial_c": 6, "P": 7}
"""Where each input of a recurrent operator stands; X is the first, sequence_lens the fifth."""


class Node(NamedTuple):
    """A recurrent node: our layer, the sequence with time first, and whether the initial states are given."""

    layer: DirectionsApart
    shape: Shape
    start: bool

    def __str__(self) -> str:
        return f"{self.layer.direction} {named(self.layer.first)} {named(self.shape)} {'from states' * self.start}"


def recurrent(draw: Random) -> Node:
    type_ = draw.choice([*OPERATORS])
    settings: dict[str, Any] = {"units": draw.randint(1, 9), "bias": draw.random() < 0.7, "recurrent_bias": True}
    if draw.random() < 0.5:
        settings["activation"] = draw.choice([*ACTIVATIONS])
    if type_ != "rnn" and draw.random() < 0.5:
        settings["recurrent_activation"] = draw.choice(["sigmoid", "hard_sigmoid", "hard_sigmoid_keras2", "softsign"])
    if type_ == "gru":
        settings["reset_after"] = draw.random() < 0.5
    if type_ == "lstm":
        settings["peephole"] = draw.random() < 0.5
    cell = family(type_)(return_sequences=True, return_state=True, **settings)
    layer = replace(apart(cell, draw.choice(DIRECTIONS)), batch_first=False)  # type: ignore[arg-type]
    shape = tuple(draw.sample(range(1, 9), 3))
    return Node(layer, shape, draw.random() < 0.4)


def attributes(layer: DirectionsApart) -> dict[str, Any]:
    """What the node is given besides its tensors; nothing where it is what the operator does by itself."""
    cell = layer.first
    functions = {"lstm": [cell.recurrent_activation, cell.activation, cell.activation], "rnn": [cell.activation]}
    names = functions.get(cell.type, [cell.recurrent_activation, cell.activation]) * len(layer.layers[0])
    slopes = [ACTIVATIONS[name][1] for name in names]
    given: dict[str, Any] = {"hidden_size": cell.units, "direction": layer.direction}
    given["activations"] = [ACTIVATIONS[name][0] for name in names]
    given["activation_alpha"] = [slope[0] for slope in slopes if slope]
    given["activation_beta"] = [slope[1] for slope in slopes if slope[1:]]
    if cell.type == "gru":
        given["linear_before_reset"] = int(layer.settings()["reset_after",])
    return {name: value for name, value in given.items() if value != []}


def executed(
    op: str, slots: Mapping[str, Array | None], outputs: int, given: dict[str, Any], opset: int = 17
) -> list[Array]:
    """The outputs of one node whose inputs have these names and arrays; None is one that is left out."""
    names = [name if array is not None else "" for name, array in slots.items()]
    node = onnx.helper.make_node(op, names, [f"y{number}" for number in range(outputs)], **given)
    fed = {name: array for name, array in slots.items() if array is not None}
    values = [
        onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
        for name, array in fed.items()
    ]
    made = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in node.output]
    graph = onnx.helper.make_graph([node], "one", values, made)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)], ir_version=8)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    session = runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return list(session.run(None, fed))


def inputs(x: Array, tensors: Mapping[str, Array], states: list[Array]) -> dict[str, Array | None]:
    """The inputs of a recurrent node in the operator's order."""
    given = {**tensors, **dict(zip(("initial_h", "initial_c"), states, strict=False))}
    last = max(INPUTS[name] for name in given)
    by_place = {place: name for name, place in INPUTS.items()}
    slots: dict[str, Array | None] = {"X": x}
    for place in range(1, last + 1):
        name = by_place.get(place, "sequence_lens")
        slots[name] = given.get(name)
    return slots


@pytest.mark.parametrize("case", sample(recurrent, 240), ids=str)
def test_a_recurrent_node_agrees_with_onnx_runtime(case: Node, compared: Callable[[str], None]) -> None:
    assert_node_agrees(case)
    compared("onnxruntime")


def assert_node_agrees(case: Node, spoil: str = "") -> None:
    """Compare a node; ``spoil`` names a tensor that is given in another order."""
    rng, layer = random_for(str(case)), case.layer
    arrays = weighed(layer, [case.shape], rng)
    packed = {tensor.name: array for tensor, array in carried("onnx", layer, [case.shape], arrays).items()}
    if spoil:
        packed[spoil] = packed[spoil][:, ::-1].copy()
    states = [floats(rng, shape) for shape in layer.state_shapes(case.shape)] if case.start else []
    x = floats(rng, case.shape)
    ours = layer.run(Weights(arrays), x, *states)
    outputs = 1 + len(layer.state_names)
    theirs = executed(OPERATORS[layer.type], inputs(x, packed, states), outputs, attributes(layer))
    assert_same_numbers(ours, theirs)
    assert layer.outputs(case.shape, *(array.shape for array in states)) == tuple(array.shape for array in theirs)


@pytest.mark.parametrize("name", ["W", "R", "B", "P"])
def test_gates_in_another_order_would_be_noticed(name: str) -> None:
    cell = family("lstm")(units=3, recurrent_bias=True, peephole=True, return_sequences=True, return_state=True)
    case = Node(replace(apart(cell, "bidirectional"), batch_first=False), (4, 2, 5), True)  # type: ignore[arg-type]
    assert_node_agrees(case)
    with pytest.raises(AssertionError):
        assert_node_agrees(case, spoil=name)
