"""Pooling, zeros around and cuts, up-sampling next to Keras and PyTorch: shapes and numbers of random settings."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

from lstm_shapes.frameworks.pooling import ADAPTIVE, AVERAGE, CROPPED, GLOBAL, MAX, PADDED, TYPES, UP_SAMPLED
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.margins import ends_given
from lstm_shapes.layers.time_distributed import TimeDistributed

from ..profiles import rounds
from .comparison import Shape, floats, named, random_for
from .keras_twin import assert_same, inferred, paired
from .test_torch_layers import called

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:You might experience inconsistencies across backends"),
]

Case = tuple[Layer, Shape]


def rank_of(type_: str) -> int:
    return int(type_[-2])


def sizes(draw: Random, rank: int, *choices: Any) -> Any:
    """One size for all axes, or a size for each."""
    return draw.choice(choices) if draw.random() < 0.4 else tuple(draw.choice(choices) for _ in range(rank))


def shaped(draw: Random, rank: int, data_format: str, least: int = 7) -> Shape:
    space = tuple(draw.randint(least, 11) for _ in range(rank))
    batch, channels = draw.randint(1, 3), draw.randint(1, 4)
    return (batch, channels, *space) if data_format == "channels_first" else (batch, *space, channels)


def pooled(draw: Random, rank: int) -> dict[str, Any]:
    settings = {"pool_size": sizes(draw, rank, 1, 2, 3, 5)}
    return settings | ({"strides": sizes(draw, rank, 1, 2, 3, 4)} if draw.random() < 0.6 else {})


def ends(draw: Random, rank: int) -> Any:
    """A size, the ends of one axis, or a size or the ends of each."""
    if rank == 1:
        return draw.choice((1, 2, (0, 1), (3, 2), (2, 0)))
    return draw.choice((0, 1, 3, tuple(draw.choice((2, 0, (1, 2), (3, 0))) for _ in range(rank))))


def in_keras(draw: Random) -> Case:
    """A layer that Keras has, with settings that it takes.

    On PyTorch, Keras 3.15 repeats the numbers at the ends for uneven padding same, which it does not count elsewhere.
    """
    type_ = draw.choice(TYPES)
    rank = rank_of(type_)
    settings: dict[str, Any] = {"data_format": draw.choice(("channels_last", "channels_first"))}
    if type_ in (*MAX, *AVERAGE):
        settings |= pooled(draw, rank)
        settings["padding"] = draw.choice(("valid", "same")) if type_ in MAX else "valid"
    elif type_ in GLOBAL:
        settings["keepdims"] = draw.random() < 0.5
    elif type_ in ADAPTIVE:
        settings["output_size"] = sizes(draw, rank, 1, 2, 3, 5, 13)
    elif type_ in UP_SAMPLED:
        settings["size"] = draw.randint(1, 4) if rank == 1 else sizes(draw, rank, 1, 2, 3)
        if rank == 2:
            settings["interpolation"] = draw.choice(("nearest", "bilinear"))
    else:
        settings["padding" if type_ in PADDED else "cropping"] = ends(draw, rank)
    if type_ in ("cropping1d", "up_sampling1d"):
        del settings["data_format"]
    return family(type_)(**settings), shaped(draw, rank, settings.get("data_format", "channels_last"))


def in_torch(draw: Random) -> Case:
    """A layer that PyTorch has, with settings that it takes."""
    type_ = draw.choice((*MAX, *AVERAGE, *ADAPTIVE, *PADDED, *UP_SAMPLED))
    rank = rank_of(type_)
    settings: dict[str, Any] = {"data_format": "channels_first"}
    if type_ in (*MAX, *AVERAGE):
        settings |= pooled(draw, rank) | {"ceil_mode": draw.random() < 0.5}
        if type_ in MAX:
            settings["dilation_rate"] = sizes(draw, rank, 1, 2)
        else:
            settings["count_include_pad"] = draw.random() < 0.5
        least = min(settings["pool_size"]) if isinstance(settings["pool_size"], tuple) else settings["pool_size"]
        settings["padding"] = sizes(draw, rank, *range(least // 2 + 1))
        if type_ in AVERAGE[1:] and draw.random() < 0.3:
            settings["divisor_override"] = draw.randint(1, 9)
    elif type_ in ADAPTIVE:
        kept = (0,) if rank > 1 else ()
        settings["output_size"] = tuple(draw.choice((1, 2, 3, 5, 13, *kept)) for _ in range(rank))
    elif type_ in UP_SAMPLED:
        settings["size"] = sizes(draw, rank, 1, 2, 3)
        if rank == 2:
            settings["interpolation"] = draw.choice(("nearest", "bilinear"))
    else:
        settings["padding"] = draw.choice((0, 2, tuple(draw.randint(0, 3) for _ in range(2 * rank))))
    return family(type_)(**settings), shaped(draw, rank, "channels_first", least=9)


def cases(make: Callable[[Random], Case], seed: int, dev: int = 120) -> list[Case]:
    return [make(Random(f"{seed} {number}")) for number in range(rounds(1_000, dev=dev))]


def module(layer: Any) -> Any:
    """PyTorch's."""
    rank, nn = rank_of(layer.type), torch.nn
    padding = 0 if getattr(layer, "padding", 0) == "valid" else getattr(layer, "padding", 0)
    if layer.type in MAX:
        made = getattr(nn, f"MaxPool{rank}d")
        return made(layer.pool_size, layer.strides, padding, layer.dilation_rate, ceil_mode=layer.ceil_mode)
    if layer.type in AVERAGE:
        override = {"divisor_override": layer.divisor_override} if rank > 1 else {}
        averages = getattr(nn, f"AvgPool{rank}d")
        return averages(layer.pool_size, layer.strides, padding, layer.ceil_mode, layer.count_include_pad, **override)
    if layer.type in ADAPTIVE:
        kind = "Max" if "max" in layer.type else "Avg"
        kept = tuple(size or None for size in layer.output_size)
        return getattr(nn, f"Adaptive{kind}Pool{rank}d")(kept if rank > 1 else kept[0])
    if layer.type in PADDED:
        return getattr(nn, f"ZeroPad{rank}d")(layer.padding)
    mode = getattr(layer, "interpolation", "nearest")
    size = tuple(map(float, layer.size)) if isinstance(layer.size, tuple) else float(layer.size)
    return nn.Upsample(scale_factor=size, mode=mode)


def case_id(value: Any) -> str:
    return named(value) if isinstance(value, Layer) else str(value)


@pytest.mark.parametrize(("layer", "shape"), cases(in_keras, 1), ids=case_id)
def test_it_agrees_with_keras(layer: Layer, shape: Shape, compared: Callable[[str], None]) -> None:
    rng = random_for(f"{named(layer)} {shape}")
    real, weights = paired(layer, [shape], rng)
    x = floats(rng, shape)
    outputs = assert_same(layer, real, weights, [x], x)
    if layer.type not in ADAPTIVE or isinstance(real.output_size, tuple):
        assert [output.shape for output in outputs] == inferred(layer, real, [shape])
    compared("keras")


@pytest.mark.parametrize(("layer", "shape"), cases(in_torch, 2), ids=case_id)
def test_it_agrees_with_torch(layer: Layer, shape: Shape, compared: Callable[[str], None]) -> None:
    rng = random_for(f"{named(layer)} {shape}")
    x = floats(rng, shape).astype(np.float64)
    (made,) = layer.run(Weights({}), x)
    (theirs,) = called(module(layer).double(), x)
    np.testing.assert_allclose(made, theirs, rtol=1e-10, atol=1e-10)
    assert layer.outputs(shape) == (made.shape,)
    compared("torch")


@pytest.mark.parametrize(("layer", "shape"), cases(in_keras, 3, dev=10), ids=case_id)
def test_it_agrees_with_keras_at_every_timestep(layer: Layer, shape: Shape, compared: Callable[[str], None]) -> None:
    rng = random_for(f"time {named(layer)} {shape}")
    wrapped, longer = TimeDistributed(layer=layer), (shape[0], 3, *shape[1:])
    real, weights = paired(wrapped, [longer], rng)
    x = floats(rng, longer)
    assert_same(wrapped, real, weights, [x], x)
    compared("keras")


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("strides", [1, 2, 3])
def test_padding_same_is_not_in_the_mean_as_in_keras_where_it_is_even(size: int, strides: int) -> None:
    """Even padding, and uneven padding by TensorFlow's own definition: sums and counts of numbers that are there."""
    x = floats(random_for(f"{size} {strides}"), (2, 9, 3))
    layer = family("average_pooling1d")(pool_size=size, strides=strides, padding="same")
    (made,) = layer.run(Weights({}), x)
    missing = max((len(range(0, 9, strides)) - 1) * strides + size - 9, 0)
    starts = range(-(missing // 2), 9, strides)[: made.shape[1]]
    expected = [x[:, max(start, 0) : start + size].mean(axis=1) for start in starts]
    np.testing.assert_allclose(made, np.stack(expected, axis=1), rtol=1e-6)
    if missing % 2 == 0:
        real = keras.layers.AveragePooling1D(size, strides, "same")
        np.testing.assert_allclose(made, real(x).numpy(), rtol=1e-5)


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask attached to it")
@pytest.mark.parametrize("type_", ["max_pooling1d", "average_pooling1d", *GLOBAL[::3], PADDED[0], CROPPED[0]])
def test_a_mask_does_what_it_does_in_keras(type_: str) -> None:
    settings = {"pool_size": 2} if type_ == "average_pooling1d" else {}
    layer = family(type_)(**settings)
    x = floats(random_for(type_), (2, 6, 3))
    x[0, 4:], x[1, :2] = 0, 0
    real = keras.Sequential([keras.layers.Masking(), getattr(keras.layers, type(layer).__name__)(**settings)])
    mask = (x != 0).any(axis=-1)
    (made,) = layer.run(Weights({}), x, mask=mask)
    np.testing.assert_allclose(made, real(x).detach().numpy(), rtol=1e-5)
    assert layer.mask(mask, x) is None


def test_the_ends_of_a_flat_list_are_those_of_torch() -> None:
    x = np.ones((1, 1, 2, 3, 4))
    padded = torch.nn.ZeroPad3d((1, 0, 0, 2, 3, 0))(torch.from_numpy(x))
    ends = ends_given("padding", (1, 0, 0, 2, 3, 0), ["depth", "height", "width"])
    assert list(padded.shape[2:]) == [
        size + before + after for size, (before, after) in zip((2, 3, 4), ends, strict=True)
    ]
