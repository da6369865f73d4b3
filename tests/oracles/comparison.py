"""What every comparison shares: random layers, random numbers, and what it means to agree."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from random import Random
from typing import Any, TypeVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Tensor, pack, tensors, unpack
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer
from lstm_shapes.layers.recurrent import Recurrent

from ..profiles import rounds

Array = NDArray[Any]
Case = TypeVar("Case")
Shape = tuple[int, ...]

GATES = ("sigmoid", "tanh", "hard_sigmoid", "hard_tanh", "softsign", "softmax", "sparse_sigmoid")
"""Functions with bounds, so that no state explodes and with it the rounding error."""
OPEN = (
    "relu",
    "softplus",
    "elu",
    "selu",
    "gelu",
    "silu",
    "linear",
    "leaky_relu",
    "mish",
    "relu6",
    "celu",
    "soft_shrink",
)
ACTIVATIONS = (*GATES, *OPEN)


def sample(draw: Callable[[Random], Case], ci: int, dev: int = 12) -> list[Case]:
    """Random cases: ``ci`` of them in CI, 1,000 where the environment has ``ORACLES=all``, else a few."""
    count = 1_000 if os.environ.get("ORACLES") == "all" else rounds(ci, dev)
    random, cases = Random(3), dict[str, Case]()
    while len(cases) < count:
        case = draw(random)
        cases.setdefault(repr(case), case)
    return list(cases.values())


def named(value: Any) -> str:
    """A test's id: the layer with the fields that are not left at their default."""
    if not isinstance(value, Layer):
        return str(value).replace(" ", "")
    given = [
        (field.name, getattr(value, field.name))
        for field in fields(value)
        if getattr(value, field.name) != field.default
    ]
    return f"{value.type}({' '.join(f'{name}={named(value)}' for name, value in given)})"


def random_for(name: str) -> np.random.Generator:
    """The same numbers for the same configuration in every run."""
    return np.random.default_rng(crc32(name.encode()))


def cell(draw: Random, type_: str, **fixed: Any) -> Recurrent:
    """A recurrent layer with random settings, ``fixed`` ones excepted."""
    settings: dict[str, Any] = {
        "units": draw.randint(1, 9),
        "bias": draw.random() < 0.7,
        "activation": draw.choice(["tanh", *ACTIVATIONS]),
        "return_sequences": draw.random() < 0.5,
        "return_state": draw.random() < 0.5,
        "go_backwards": draw.random() < 0.3,
        "unroll": draw.random() < 0.2,
        "dropout": draw.choice([0.0, 0.3]),
        "recurrent_dropout": draw.choice([0.0, 0.2]),
    }
    if type_ != "rnn":
        settings["recurrent_activation"] = draw.choice(["sigmoid", *GATES])
    if type_ == "gru":
        settings["reset_after"] = draw.random() < 0.5
    made = family(type_)(**{**settings, **fixed})
    assert isinstance(made, Recurrent)
    return made


def sequence(draw: Random) -> Shape:
    """A shape (batch, time, in); the three differ, so that a swapped axis cannot hide."""
    batch, time, width = draw.sample(range(1, 9), 3)
    return (batch, time, width)


def weighed(layer: Layer, shapes: Sequence[Shape], rng: np.random.Generator) -> dict[str, Array]:
    """Random numbers for each of our weights."""
    arrays = {weight.key: floats(rng, weight.shape) * np.float32(0.3) for weight in layer.weights(*shapes)}
    for weight in layer.weights(*shapes):
        if weight.positive:
            arrays[weight.key] = np.abs(arrays[weight.key])
    return arrays


def states(layer: Layer, batch: int, rng: np.random.Generator) -> list[Array]:
    """Random initial states for a recurrent layer or a bidirectional one."""
    halves = (
        [layer] if isinstance(layer, Recurrent) else [sublayer.layer for sublayer in layer.sublayers((batch, 1, 1))]
    )
    return [floats(rng, (batch, width)) for half in halves for width in half.state_widths]


def carried(framework: str, layer: Layer, shapes: Sequence[Shape], arrays: Mapping[str, Array]) -> dict[Tensor, Array]:
    """Our arrays as the framework's tensors, in its order; fails unless they come back the same."""
    found = {tensor: pack(tensor, arrays) for tensor in tensors(FRAMEWORKS[framework], layer, *shapes)}
    back: dict[str, Array] = {}
    for tensor, array in found.items():
        assert array.shape == tensor.shape, tensor.name
        back |= unpack(tensor, array, back)
    assert sorted(back) == sorted(arrays)
    for key, array in arrays.items():
        np.testing.assert_allclose(
            back[key], array, rtol=0, atol=1e-6, err_msg=key
        )  # a constant taken off and put back
    return found


def assert_same_numbers(ours: Sequence[Array], theirs: Sequence[Any]) -> None:
    """As many outputs, of the same shapes and of the same numbers to 1e-5 of themselves or of the largest."""
    assert [array.shape for array in ours] == [tuple(array.shape) for array in theirs]
    for number, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        largest = max(1, np.abs(a).max(initial=0))
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5 * largest, err_msg=f"output {number}")


def floats(rng: np.random.Generator, shape: Sequence[Any]) -> Array:
    """Random float32 data."""
    return rng.normal(size=shape).astype(np.float32)
