"""Every layer without a state beside Keras: dense, tables, masks, shapes laid out anew, merges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from random import Random
from typing import Any

import numpy as np
import pytest

from lstm_shapes.frameworks.convolutions import CHANNELWISE, SLIDING, TRANSPOSED
from lstm_shapes.frameworks.keras import KERAS
from lstm_shapes.frameworks.pooling import TYPES as POOLING
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.layers.activation import (
    ELU,
    Activation,
    ActivityRegularization,
    LeakyReLU,
    ReLU,
    Rescaling,
    Softmax,
)
from lstm_shapes.layers.activation_names import NAMES, OLD
from lstm_shapes.layers.base import Layer
from lstm_shapes.layers.dense import Dense
from lstm_shapes.layers.dropout import SpatialDropout2D, SpatialDropout3D
from lstm_shapes.layers.embedding import Embedding
from lstm_shapes.layers.layer_normalization import LayerNormalization, UnitNormalization
from lstm_shapes.layers.masking import Masking
from lstm_shapes.layers.merge import Concatenate
from lstm_shapes.layers.normalization import BatchNormalization
from lstm_shapes.layers.prelu import PReLU
from lstm_shapes.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from lstm_shapes.layers.time_distributed import TimeDistributed

from ..layer_settings import DECLARED
from .comparison import ACTIVATIONS, Array, Shape, assert_same_numbers, floats, named, random_for
from .keras_twin import assert_same, inferred, paired
from .test_operations import MAKERS

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:You are using a softmax over axis"),
    pytest.mark.filterwarnings("ignore:You passed `rms_scaling=True`"),
]

DROPOUTS = ("dropout", "spatial_dropout1d", "gaussian_dropout", "alpha_dropout", "gaussian_noise")
MERGES = ("add", "multiply", "average", "subtract", "maximum", "minimum")
NORMALIZATIONS = ("batch_normalization", "group_normalization", "layer_normalization", "rms_normalization")
MASK_AWARE = (
    "batch_normalization layer_normalization unit_normalization elu activity_regularization gaussian_dropout"
).split()
FORMATS = ("channels_last", "channels_first")
Case = tuple[Layer, tuple[Shape, ...]]


def shape(draw: Random, least: int, most: int) -> Shape:
    """Axes of different sizes, the batch among them."""
    return tuple(draw.sample(range(1, 9), draw.randint(least, most)))


def dense(draw: Random) -> Dense:
    return Dense(units=draw.randint(1, 9), bias=draw.random() < 0.6, activation=draw.choice(ACTIVATIONS))


def singles(draw: Random) -> list[Case]:
    """Layers with one input."""
    found: list[tuple[Layer, Shape]] = [(dense(draw), shape(draw, 2, 4)) for _ in range(30)]
    found += [(TimeDistributed(layer=dense(draw)), shape(draw, 3, 4)) for _ in range(12)]
    found += [(embedding(draw), shape(draw, 1, 3)) for _ in range(15)]
    found += [(TimeDistributed(layer=embedding(draw)), shape(draw, 3, 3)) for _ in range(4)]
    found += [(Activation(activation=name), shape(draw, 2, 4)) for name in NAMES if name not in ("sparsemax", *OLD)]
    found += [(LeakyReLU(negative_slope=draw.choice([0.0, 0.01, 0.3, 1.5])), shape(draw, 2, 4)) for _ in range(8)]
    for name in DROPOUTS:
        rate = {"stddev" if name == "gaussian_noise" else "rate": draw.choice([0.0, 0.3, 0.6])}
        found += [(family(name)(**rate), shape(draw, 3, 3)) for _ in range(3)]
    found += [(ReLU(max_value=draw.choice([None, 0.5, 6.0]), **sloped(draw)), shape(draw, 2, 4)) for _ in range(12)]
    found += [(ELU(alpha=draw.choice([0.5, 1.0, 2.0])), shape(draw, 2, 4)) for _ in range(4)]
    found += [(Rescaling(scale=draw.choice([0.5, -2.0]), offset=draw.choice([0.0, 1.0])), shape(draw, 2, 4))] * 3
    found += [(ActivityRegularization(l1=0.1, l2=0.2), shape(draw, 2, 4)) for _ in range(3)]
    found += [along_axes(draw, Softmax) for _ in range(12)]
    found += [along_axes(draw, UnitNormalization) for _ in range(12)]
    found += [normalized(draw, type_) for type_ in NORMALIZATIONS for _ in range(20)]
    found += [sloped_by_weights(draw) for _ in range(12)]
    found += [(SpatialDropout2D(rate=0.3, data_format=format_), shape(draw, 4, 4)) for format_ in FORMATS]
    found += [(SpatialDropout3D(rate=0.3, data_format=format_), shape(draw, 5, 5)) for format_ in FORMATS]
    found += [(TimeDistributed(layer=BatchNormalization()), shape(draw, 3, 4)) for _ in range(3)]
    found += [(TimeDistributed(layer=LayerNormalization()), shape(draw, 3, 4)) for _ in range(3)]
    found += [(Masking(mask_value=draw.choice([0.0, -1.0, 2.5])), shape(draw, 3, 4)) for _ in range(8)]
    found += [(RepeatVector(n=draw.randint(1, 9)), shape(draw, 2, 2)) for _ in range(8)]
    found += [(Flatten(), shape(draw, 1, 5)) for _ in range(12)]
    found += [permuted(draw) for _ in range(14)]
    found += [reshaped(draw) for _ in range(30)]
    return [(layer, (shape,)) for layer, shape in found]


def sloped(draw: Random) -> dict[str, float]:
    return {"negative_slope": draw.choice([0.0, 0.2]), "threshold": draw.choice([0.0, 0.4])}


def axes(draw: Random, shape: Shape, first: int) -> int | tuple[int, ...]:
    """An axis or several, from the front or from the end, in any order."""
    chosen = draw.sample(range(first, len(shape)), draw.randint(1, len(shape) - first))
    signed = [axis - len(shape) if draw.random() < 0.4 else axis for axis in chosen]
    return signed[0] if len(signed) == 1 else tuple(signed)


def along_axes(draw: Random, class_: type[Softmax] | type[UnitNormalization]) -> tuple[Layer, Shape]:
    sizes = shape(draw, 2, 4)
    return class_(axis=axes(draw, sizes, 0)), sizes


def normalized(draw: Random, type_: str) -> tuple[Layer, Shape]:
    """A normalization along an axis or axes after the batch; a few groups of channels.

    Keras 3.15 keeps the weights of axes that are given with both signs in the order of the signed numbers.
    """
    sizes = shape(draw, 2, 4)
    axis: Any = axes(draw, sizes, 1)
    if isinstance(axis, tuple):
        axis = tuple(number % len(sizes) for number in axis)
    settings: dict[str, Any] = {"epsilon": draw.choice([1e-3, 1e-5, 0.1])}
    if type_ != "rms_normalization":
        settings |= {"center": draw.random() < 0.6, "scale": draw.random() < 0.6}
    if type_ == "layer_normalization":
        settings["rms_scaling"] = draw.random() < 0.2
    if type_ in ("batch_normalization", "group_normalization"):
        axis = axis[0] if isinstance(axis, tuple) else axis
    elif type_ == "rms_normalization" or torch_reads_last_axes(axis, len(sizes)):
        axis = draw.choice([-1, len(sizes) - 1, tuple(range(1, len(sizes)))])
    if type_ == "group_normalization":
        channels = sizes[axis]
        settings["groups"] = draw.choice([-1, *(n for n in range(1, channels + 1) if channels % n == 0)])
    return family(type_)(axis=axis, **settings), sizes


def torch_reads_last_axes(axis: int | tuple[int, ...], rank: int) -> bool:
    """Whether Keras 3.15 hands these axes, though not the last, to torch.nn.functional.layer_norm, which fails."""
    axes = sorted(number % rank for number in (axis if isinstance(axis, tuple) else (axis,)))
    return axes == list(range(axes[0], axes[-1] + 1)) and axes[-1] != rank - 1


def sloped_by_weights(draw: Random) -> tuple[Layer, Shape]:
    sizes = shape(draw, 2, 4)
    shared = tuple(axis for axis in range(1, len(sizes)) if draw.random() < 0.5)
    return PReLU(shared_axes=shared), sizes


def embedding(draw: Random) -> Embedding:
    return Embedding(vocab=draw.randint(2, 30), units=draw.randint(1, 9), mask_zero=draw.random() < 0.5)


def permuted(draw: Random) -> tuple[Layer, Shape]:
    axes = shape(draw, 2, 5)
    return Permute(dims=tuple(draw.sample(range(1, len(axes)), len(axes) - 1))), axes


def reshaped(draw: Random) -> tuple[Layer, Shape]:
    """The factors of a shape grouped anew, one of them perhaps left for the layer to find."""
    axes = shape(draw, 2, 5)
    target = draw.sample(axes[1:], len(axes) - 1)
    while len(target) > 1 and draw.random() < 0.5:
        target[:2] = [prod(target[:2])]
    if draw.random() < 0.3:
        target.insert(draw.randint(0, len(target)), 1)
    if draw.random() < 0.6:
        target[draw.randrange(len(target))] = -1
    return Reshape(target_shape=tuple(target)), axes


def several(draw: Random) -> list[Case]:
    """Layers with several inputs: side by side, of one shape, stretched, of several ranks."""
    return (
        [joined(draw) for _ in range(30)]
        + [merged(draw, name) for name in MERGES for _ in range(20)]
        + [dotted(draw) for _ in range(30)]
    )


def joined(draw: Random) -> Case:
    base = shape(draw, 2, 4)
    axis = draw.randint(1, len(base) - 1)
    inputs = tuple((*base[:axis], draw.randint(1, 9), *base[axis + 1 :]) for _ in range(draw.randint(1, 4)))
    return Concatenate(axis=draw.choice([axis, axis - len(base)])), inputs


def dotted(draw: Random) -> Case:
    """One axis of each input as long as the other's."""
    x, y = list(shape(draw, 2, 4)), list(shape(draw, 2, 4))
    first, second = draw.randint(1, len(x) - 1), draw.randint(1, len(y) - 1)
    if draw.random() < 0.4:
        second = first = min(first, second)
    y[0], y[second] = x[0], x[first]
    axes = (first,) if first == second else (first, second)
    if len(axes) == 2 and draw.random() < 0.3:
        axes = (first - len(x), second - len(y))
    return family("dot")(axes=axes, normalize=draw.random() < 0.4), (tuple(x), tuple(y))


def merged(draw: Random, name: str) -> Case:
    """Each input may lack axes behind the batch and have an axis of 1 where another is wide."""
    base = shape(draw, 2, 4)
    inputs = [base]
    for _ in range(1 if name == "subtract" else draw.randint(1, 3)):
        kept = [1 if draw.random() < 0.25 else size for size in base[draw.randint(1, len(base) - 1) :]]
        inputs.append(base if draw.random() < 0.4 else (base[0], *kept))
    return family(name)(), tuple(draw.sample(inputs, len(inputs)))


def padded(draw: Random) -> list[Case]:
    """Layers that pass a mask on, behind one that makes it."""
    found: list[Layer] = [Activation(activation=name) for name in ("relu", "softmax", "tanh")]
    found += [family(name)() for name in DROPOUTS] + [dense(draw) for _ in range(6)]
    found += [TimeDistributed(layer=dense(draw)) for _ in range(6)]
    found += [family(name)() for name in MASK_AWARE]
    found += [PReLU(shared_axes=(1,)), Rescaling(scale=0.5), ReLU(negative_slope=0.2)]
    return [(layer, (shape(draw, 3, 3),)) for layer in found]


def data(layer: Layer, shapes: Sequence[Shape], rng: np.random.Generator) -> list[Array]:
    """Numbers that the layer can read: tokens for a table, and some padding for a mask."""
    inner = layer.layer if isinstance(layer, TimeDistributed) else layer
    if isinstance(inner, Embedding):
        return [rng.integers(0, inner.vocab, size=shape) for shape in shapes]
    found = [floats(rng, shape) for shape in shapes]
    if isinstance(layer, Masking):
        found[0][rng.random(found[0].shape[:-1]) < 0.4] = layer.mask_value
    return found


@pytest.mark.parametrize(("layer", "shapes"), [*singles(Random(7)), *several(Random(8))], ids=named)
def test_a_layer_agrees_with_keras(layer: Layer, shapes: tuple[Shape, ...], compared: Callable[[str], None]) -> None:
    rng = random_for(f"{named(layer)} {shapes}")
    real, weights = paired(layer, shapes, rng)
    inputs = data(layer, shapes, rng)
    outputs = assert_same(layer, real, weights, inputs, inputs[0] if layer.arity == (1, 1) else inputs)
    assert [output.shape for output in outputs] == inferred(layer, real, shapes)
    compared("keras")


@pytest.mark.parametrize(("layer", "shapes"), padded(Random(9)), ids=named)
def test_a_layer_passes_on_the_mask_that_keras_passes_on(
    layer: Layer, shapes: tuple[Shape, ...], compared: Callable[[str], None]
) -> None:
    rng = random_for(f"{named(layer)} {shapes}")
    front, nothing = paired(Masking(), shapes, rng)
    x = data(Masking(), shapes, rng)[0]
    real, weights = paired(layer, shapes, rng)
    assert_same(layer, real, weights, Masking().run(nothing, x), front(x), Masking().mask(None, x))
    compared("keras")


def test_every_family_that_keras_has_is_compared() -> None:
    recurrent = {"lstm", "gru", "rnn", "bidirectional"}
    elsewhere = {"conv_lstm1d", "conv_lstm2d", "conv_lstm3d"}
    here = {layer.type for layer, _ in [*singles(Random(7)), *several(Random(8))]}
    elsewhere |= {"attention", "additive_attention", "multi_head_attention"}  # test_attention.py
    elsewhere |= {*SLIDING, *TRANSPOSED, *CHANNELWISE}  # test_convolutions.py
    elsewhere |= {*POOLING, "lstm_cell", "gru_cell", "rnn_cell", "stacked_cells"}  # test_pooling.py, test_cells.py
    elsewhere |= {"log_softmax"}  # a module of PyTorch alone
    missing = (
        {name for name in FAMILIES if KERAS.has(family(name))} - {*DECLARED, "unknown"} - here - recurrent - elsewhere
    )
    missing -= MAKERS.keys()
    assert not missing, "compare them with Keras in singles() or several()"


@pytest.mark.parametrize("axis", [1, -2, (1, 2)], ids=str)
def test_a_layer_of_inner_axes_agrees_with_that_of_the_last_axes_of_the_transposed_input(
    axis: int | tuple[int, ...], compared: Callable[[str], None]
) -> None:
    """On its torch backend Keras 3.15 fails for inner axes that follow each other."""
    rng, shape = random_for(f"inner {axis}"), (3, 4, 2, 5)
    layer, x = LayerNormalization(axis=axis), floats(rng, shape)
    inner = layer.axes(shape)
    order = [*(number for number in range(4) if number not in inner), *inner]
    last = tuple(range(4 - len(inner), 4))
    real, weights = paired(LayerNormalization(axis=last), [tuple(shape[number] for number in order)], rng)
    theirs = real(x.transpose(order)).detach().numpy().transpose(np.argsort(order))
    assert_same_numbers(layer.run(weights, x), [theirs])
    compared("keras")
