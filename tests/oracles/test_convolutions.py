"""Convolutions of every family, format and setting beside Keras and PyTorch: tensors, shapes, totals, numbers."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

from lstm_shapes.frameworks.convolutions import CHANNELWISE, SLIDING, TRANSPOSED
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.convolving import Convolving
from lstm_shapes.layers.time_distributed import TimeDistributed

from ..profiles import rounds
from .comparison import Shape, assert_same_numbers, floats, named, random_for, weighed
from .keras_twin import assert_same, inferred, paired
from .test_torch_layers import called, load

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:You might experience inconsistencies across backends"),
    pytest.mark.filterwarnings("ignore:Torch backend requires output_padding < stride"),
    pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths"),
    pytest.mark.filterwarnings("ignore:You are using a softmax over axis"),
]

Case = tuple[Layer, Shape]


def sizes(draw: Random, rank: int, *choices: int) -> Any:
    """One number for all axes, or a number for each."""
    return draw.choice(choices) if draw.random() < 0.4 else tuple(draw.choice(choices) for _ in range(rank))


def shaped(draw: Random, rank: int, channels: int, data_format: str) -> Shape:
    space = tuple(draw.randint(7, 11) for _ in range(rank))
    batch = draw.randint(1, 3)
    return (batch, channels, *space) if data_format == "channels_first" else (batch, *space, channels)


def common(draw: Random, rank: int) -> dict[str, Any]:
    stretched = draw.choice(("strides", "dilation_rate"))
    return {
        "kernel_size": sizes(draw, rank, 1, 2, 3),
        stretched: sizes(draw, rank, 1, 2, 3),
        "bias": draw.random() < 0.7,
        "data_format": draw.choice(("channels_last", "channels_first")),
        "activation": draw.choice(("linear", "relu", "tanh", "softmax")),
    }


def in_keras(draw: Random) -> Case:
    """A layer that Keras has."""
    type_ = draw.choice((*SLIDING, *TRANSPOSED, *CHANNELWISE))
    rank = int(type_[type_.index("v") + 1])
    settings = {**common(draw, rank), "padding": draw.choice(("valid", "same"))}
    channels = draw.randint(1, 4)
    if type_ in SLIDING:
        groups = draw.choice((1, 1, 2, 3))
        settings |= {"groups": groups, "filters": groups * draw.randint(1, 3)}
        channels *= groups
        if rank == 1 and draw.random() < 0.3:
            settings["padding"] = "causal"
    elif type_ in TRANSPOSED:
        settings["filters"] = draw.randint(1, 4)
        strides = settings.get("strides", 1)
        least = strides if isinstance(strides, int) else min(strides)
        if draw.random() < 0.4:
            settings["output_padding"] = draw.randrange(least)
    else:
        settings["depth_multiplier"] = draw.randint(1, 3)
        if type_.startswith("separable"):
            settings["filters"] = draw.randint(1, 4)
    return family(type_)(**settings), shaped(draw, rank, channels, settings["data_format"])


def in_torch(draw: Random) -> Case:
    """A layer that PyTorch has; strides and dilation together too."""
    type_ = draw.choice((*SLIDING, *TRANSPOSED))
    rank = int(type_[type_.index("v") + 1])
    groups = draw.choice((1, 1, 2, 3))
    settings: dict[str, Any] = {
        "kernel_size": sizes(draw, rank, 1, 2, 3),
        "strides": sizes(draw, rank, 1, 2, 3),
        "dilation_rate": sizes(draw, rank, 1, 2),
        "bias": draw.random() < 0.7,
        "groups": groups,
        "filters": groups * draw.randint(1, 3),
        "padding": sizes(draw, rank, 0, 1, 2),
        "data_format": "channels_first",
    }
    if type_ in TRANSPOSED:
        settings["output_padding"] = draw.choice((0, 0, 1)) if settings["strides"] not in (1,) else 0
        strides = settings["strides"]
        if min(strides if isinstance(strides, tuple) else (strides,)) == 1:
            settings["output_padding"] = 0
    elif draw.random() < 0.4:
        settings["padding_mode"] = draw.choice(("reflect", "replicate", "circular"))
    elif settings["strides"] == 1:
        settings["padding"] = draw.choice(("same", "valid"))
    return family(type_)(**settings), shaped(draw, rank, groups * draw.randint(1, 3), "channels_first")


def cases(make: Callable[[Random], Case], seed: int, dev: int = 120) -> list[Case]:
    return [make(Random(f"{seed} {number}")) for number in range(rounds(1_000, dev=dev))]


def module(layer: Any, shape: Shape) -> Any:
    """PyTorch's."""
    rank = len(shape) - 2
    name = f"ConvTranspose{rank}d" if layer.type in TRANSPOSED else f"Conv{rank}d"
    more = (
        {"output_padding": layer.output_padding} if layer.type in TRANSPOSED else {"padding_mode": layer.padding_mode}
    )
    return getattr(torch.nn, name)(
        shape[1],
        layer.filters,
        layer.kernel_size,
        stride=layer.strides,
        padding=layer.padding,
        dilation=layer.dilation_rate,
        groups=layer.groups,
        bias=layer.bias,
        **more,
    )


@pytest.mark.parametrize(("layer", "shape"), cases(in_keras, 1), ids=named)
def test_a_convolution_agrees_with_keras(layer: Convolving, shape: Shape, compared: Callable[[str], None]) -> None:
    rng = random_for(f"{named(layer)} {shape}")
    real, weights = paired(layer, [shape], rng)
    x = floats(rng, shape)
    outputs = assert_same(layer, real, weights, [x], x)
    assert [output.shape for output in outputs] == inferred(layer, real, [shape])
    compared("keras")


@pytest.mark.parametrize(("layer", "shape"), cases(in_torch, 2), ids=named)
def test_a_convolution_agrees_with_torch(layer: Convolving, shape: Shape, compared: Callable[[str], None]) -> None:
    rng = random_for(f"{named(layer)} {shape}")
    real, arrays = module(layer, shape), weighed(layer, [shape], rng)
    load(real, layer, shape, arrays)
    x = floats(rng, shape)
    made = layer.run(Weights(arrays), x)
    assert_same_numbers(made, called(real, x))
    assert layer.outputs(shape) == tuple(array.shape for array in made)
    exact = {key: array.astype(np.float64) for key, array in arrays.items()}
    with torch.no_grad():
        theirs = real.double()(torch.from_numpy(x.astype(np.float64))).numpy()
    np.testing.assert_allclose(layer.run(Weights(exact), x.astype(np.float64))[0], theirs, rtol=1e-10, atol=1e-10)
    compared("torch")


@pytest.mark.parametrize(("layer", "shape"), cases(in_keras, 3, dev=10), ids=named)
def test_a_convolution_of_every_timestep_agrees_with_keras(
    layer: Layer, shape: Shape, compared: Callable[[str], None]
) -> None:
    rng = random_for(f"time {named(layer)} {shape}")
    wrapped, longer = TimeDistributed(layer=layer), (shape[0], 3, *shape[1:])
    real, weights = paired(wrapped, [longer], rng)
    x = floats(rng, longer)
    assert_same(wrapped, real, weights, [x], x)
    compared("keras")
