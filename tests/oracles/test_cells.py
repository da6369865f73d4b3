"""Cells and stacks of cells beside Keras' and PyTorch's: tensors, states, sequences, masks, numbers."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.bidirectional import Bidirectional
from lstm_shapes.layers.stacked_cells import StackedCells

from .comparison import ACTIVATIONS, GATES, Shape, assert_same_numbers, carried, floats, random_for, sequence, weighed

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:.*You are using a softmax over axis")]

CLASSES = {"lstm_cell": "LSTMCell", "gru_cell": "GRUCell", "rnn_cell": "SimpleRNNCell"}
STACKS, SINGLE = 180, 90


def cell(draw: Random, type_: str) -> Any:
    settings: dict[str, Any] = {"units": draw.randint(1, 9), "bias": draw.random() < 0.7}
    settings["activation"] = draw.choice(["tanh", *ACTIVATIONS])
    if type_ != "rnn_cell":
        settings["recurrent_activation"] = draw.choice(["sigmoid", *GATES])
    if type_ == "gru_cell":
        settings["reset_after"] = draw.random() < 0.5
    return family(type_)(**settings)


def keras_cell(ours: Any) -> Any:
    names = {"bias": "use_bias"}
    left_out = ("recurrent_bias", *(("recurrent_activation",) if ours.type == "rnn_cell" else ()))
    settings = {names.get(name, name): value for name, value in ours.field_values().items() if name not in left_out}
    settings.pop("second_bias", None)
    return getattr(keras.layers, CLASSES[ours.type])(**settings)


def keras_rnn(cells: tuple[Any, ...], **settings: Any) -> Any:
    """Keras' RNN; a single cell is no list, whose states would be nested once more."""
    real = [keras_cell(each) for each in cells]
    return keras.layers.RNN(real if len(real) > 1 else real[0], **settings)


def load(real: Any, layer: Layer, shapes: list[Shape], rng: np.random.Generator) -> Weights:
    """Our numbers into Keras' layer; fails where the paths, shapes or order of its weights differ."""
    arrays = weighed(layer, shapes, rng)
    ours = carried("keras", layer, shapes, arrays)
    assert [tuple(weight.shape) for weight in real.weights] == [tensor.shape for tensor in ours]
    assert [weight.path.split("/")[-1] for weight in real.weights] == [
        tensor.name.split("/")[-1].removeprefix("forward_").removeprefix("backward_") for tensor in ours
    ]
    assert real.count_params() == layer.count(*shapes)
    real.set_weights(list(ours.values()))
    return Weights(arrays)


def flat(outputs: Any) -> list[Any]:
    return [tensor.detach().numpy() for tensor in keras.tree.flatten(outputs)]


@pytest.mark.parametrize("number", range(STACKS))
def test_stacked_cells_agree_with_keras(number: int, compared: Callable[[str], None]) -> None:
    draw, rng = Random(number), random_for(f"stacked {number}")
    cells = tuple(cell(draw, draw.choice(list(CLASSES))) for _ in range(draw.randint(1, 4)))
    ends = {name: draw.random() < 0.5 for name in ("return_sequences", "return_state", "go_backwards")}
    layer: Any = StackedCells(cells=cells, zero_output_for_mask=draw.random() < 0.3, **ends)
    real = keras_rnn(cells, zero_output_for_mask=layer.zero_output_for_mask, **ends)
    shape, both = sequence(draw), draw.random() < 0.3
    if both:
        backward = StackedCells(cells=cells, **{**ends, "go_backwards": not ends["go_backwards"]})
        layer = Bidirectional(layer=layer, backward_layer=backward)
        real = keras.layers.Bidirectional(
            real, backward_layer=keras_rnn(cells, **{**ends, "go_backwards": not ends["go_backwards"]})
        )
    x = floats(rng, shape)
    real(x)
    weights = load(real, layer, [shape], rng)
    mask = rng.random(shape[:2]) < 0.6 if draw.random() < 0.3 and not both else None
    start = [] if both or draw.random() < 0.6 else [floats(rng, (shape[0], w)) for w in layer.state_widths]
    nested, rest = [], list(start)
    for each in cells if start else ():
        count = len(each.state_names)
        nested.append(rest[:count] if count > 1 else rest[0])
        rest = rest[count:]
    given = {"initial_state": nested if len(cells) > 1 else start} if start else {}
    found = flat(real(x, mask=None if mask is None else keras.ops.convert_to_tensor(mask), **given))
    made = layer.run(weights, x, *start, mask=mask)
    assert_same_numbers(made, found)
    assert layer.outputs(shape, *(array.shape for array in start)) == tuple(array.shape for array in made)
    compared("keras")


@pytest.mark.parametrize("type_", CLASSES)
@pytest.mark.parametrize("number", range(SINGLE // 3))
def test_a_cell_agrees_with_keras(type_: str, number: int, compared: Callable[[str], None]) -> None:
    draw, rng = Random(f"{type_} {number}"), random_for(f"{type_} {number}")
    ours = cell(draw, type_)
    real, shape = keras_cell(ours), sequence(draw)[::2]
    x = floats(rng, shape)
    start = [floats(rng, (shape[0], ours.units)) for _ in ours.state_names]
    real(x, start)
    weights = load(real, ours, [shape], rng)
    assert_same_numbers(ours.run(weights, x, *start), flat(real(x, start)))
    compared("keras")


@pytest.mark.parametrize("type_", CLASSES)
@pytest.mark.parametrize("number", range(SINGLE // 3))
def test_a_cell_agrees_with_torch(type_: str, number: int, compared: Callable[[str], None]) -> None:
    draw, rng = Random(f"{type_} {number}"), random_for(f"torch {type_} {number}")
    bias, units, shape = draw.random() < 0.7, draw.randint(1, 9), sequence(draw)[::2]
    function = draw.choice(["tanh", "relu"]) if type_ == "rnn_cell" else "tanh"
    ours: Any = family(type_)(units=units, bias=bias, recurrent_bias=True, activation=function)
    more = {"nonlinearity": function} if type_ == "rnn_cell" else {}
    module = getattr(torch.nn, CLASSES[type_].removeprefix("Simple"))(shape[-1], units, bias=bias, **more)
    arrays = weighed(ours, [shape], rng)
    tensors = carried("torch", ours, [shape], arrays)
    assert [(name, tuple(tensor.shape)) for name, tensor in module.named_parameters()] == [
        (tensor.name, tensor.shape) for tensor in tensors
    ]
    module.load_state_dict({tensor.name: torch.from_numpy(array.copy()) for tensor, array in tensors.items()})
    x = floats(rng, shape)
    start = [floats(rng, (shape[0], units)) for _ in ours.state_names] if draw.random() < 0.5 else []
    given = [torch.from_numpy(array) for array in start]
    state = () if not given else (given[0],) if len(given) == 1 else (tuple(given),)
    found = module(torch.from_numpy(x), *state)
    states = found if isinstance(found, tuple) else (found,)
    _, *made = ours.run(Weights(arrays), x, *start)
    assert_same_numbers(made, [tensor.detach().numpy() for tensor in states])
    compared("torch")
