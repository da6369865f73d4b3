"""Layers that stand for an operation of Keras and PyTorch (keras.ops, torch's functions), next to the operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np
import pytest

from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.operations import BINARY, COMPARISONS, UNARY

from ..profiles import rounds
from .comparison import Array, Shape, assert_same_numbers, floats, named, random_for

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

ROUNDS = rounds(40, dev=8)
Operation = Callable[..., Any]
Case = tuple[Layer, tuple[Shape, ...], dict[str, Operation]]


def shape(draw: Random, least: int, most: int) -> Shape:
    return tuple(draw.sample(range(1, 9), draw.randint(least, most)))


def axis_of(draw: Random, axes: Shape) -> int:
    return draw.randrange(-len(axes), len(axes))


def select(draw: Random) -> Case:
    x = shape(draw, 2, 4)
    axis = axis_of(draw, x)
    index = draw.randrange(-x[axis], x[axis])
    at = (slice(None),) * (axis % len(x)) + (index,)
    theirs = {"keras": lambda x: x[at], "torch": lambda x: x.select(axis, index)}
    return family("select")(axis=axis, index=index), (x,), theirs


def slices(draw: Random) -> Case:
    """Ends within the axis and beyond it; torch has no negative step."""
    x = shape(draw, 2, 4)
    axis = axis_of(draw, x)
    while True:
        start, stop = (draw.choice([None, draw.randint(-9, 9)]) for _ in range(2))
        step = draw.choice([1, 1, 2, 3])
        if len(range(x[axis])[start:stop:step]):
            break
    at = (slice(None),) * (axis % len(x)) + (slice(start, stop, step),)
    theirs = {"keras": lambda x: x[at], "torch": lambda x: x[at]}
    return family("slice")(axis=axis, start=start, stop=stop, step=step), (x,), theirs


def reversals(draw: Random) -> Case:
    x = shape(draw, 2, 4)
    axis = axis_of(draw, x)
    theirs = {"keras": lambda x: keras.ops.flip(x, axis=axis), "torch": lambda x: torch.flip(x, [axis])}
    return family("slice")(axis=axis, step=-1), (x,), theirs


def split(draw: Random) -> Case:
    x = list(shape(draw, 2, 4))
    axis = axis_of(draw, tuple(x))
    if draw.random() < 0.5:
        sections = draw.randint(1, 4)
        x[axis] *= sections
        size = x[axis] // sections
        theirs = {
            "keras": lambda x: keras.ops.split(x, sections, axis=axis),
            "torch": lambda x: torch.split(x, size, dim=axis),
        }
        return family("split")(axis=axis, sections=sections), (tuple(x),), theirs
    sizes = [draw.randint(1, 4) for _ in range(draw.randint(1, 4))]
    x[axis] = sum(sizes)
    ends = [int(end) for end in np.cumsum(sizes)[:-1]]
    given = list(sizes)
    if draw.random() < 0.5:
        given[draw.randrange(len(given))] = -1
    theirs = {
        "keras": lambda x: keras.ops.split(x, ends, axis=axis) if ends else x,
        "torch": lambda x: torch.split(x, sizes, dim=axis),
    }
    return family("split")(axis=axis, sizes=tuple(given)), (tuple(x),), theirs


def squeeze(draw: Random) -> Case:
    x = list(shape(draw, 2, 4))
    x = [1 if draw.random() < 0.5 else size for size in x]
    ones = [axis for axis, size in enumerate(x) if size == 1]
    axes = tuple(draw.sample(ones, draw.randint(1, len(ones)))) if ones and draw.random() < 0.7 else None
    theirs = {
        "keras": lambda x: keras.ops.squeeze(x, axis=axes),
        "torch": lambda x: torch.squeeze(x, axes) if axes else torch.squeeze(x),
    }
    return family("squeeze")(axis=axes), (tuple(x),), theirs


def expand_dims(draw: Random) -> Case:
    x = shape(draw, 1, 4)
    axis = draw.randrange(-len(x) - 1, len(x) + 1)
    theirs = {"keras": lambda x: keras.ops.expand_dims(x, axis), "torch": lambda x: x.unsqueeze(axis)}
    return family("expand_dims")(axis=axis), (x,), theirs


def transpose(draw: Random) -> Case:
    x = shape(draw, 1, 5)
    axes = tuple(draw.sample(range(len(x)), len(x)))
    axes = tuple(axis - len(x) if draw.random() < 0.3 else axis for axis in axes)
    positive = tuple(axis % len(x) for axis in axes)
    theirs = {"keras": lambda x: keras.ops.transpose(x, positive), "torch": lambda x: x.permute(axes)}
    return family("transpose")(axes=axes), (x,), theirs


def reduce(draw: Random) -> Case:
    x = shape(draw, 1, 4)
    op, keepdims = draw.choice(["mean", "sum", "max", "min"]), draw.random() < 0.4
    axes = tuple(draw.sample(range(-len(x), 0), draw.randint(1, len(x)))) if draw.random() < 0.8 else None
    named = {"max": "amax", "min": "amin"}.get(op, op)
    everything = tuple(range(len(x)))
    # Keras 3.15 on its torch backend: min without an axis ignores keepdims
    given = axes or everything if op == "min" else axes
    theirs = {
        "keras": lambda x: getattr(keras.ops, op)(x, axis=given, keepdims=keepdims),
        "torch": lambda x: getattr(torch, named)(x, dim=axes or everything, keepdim=keepdims),
    }
    return family("reduce")(op=op, axis=axes, keepdims=keepdims), (x,), theirs


def elementwise(draw: Random) -> Case:
    """One operand, an operand and a number, or two that are stretched to each other."""
    x = shape(draw, 1, 4)
    if draw.random() < 0.4:
        op = draw.choice(UNARY)
        in_torch = {"negative": "neg", "reciprocal": "reciprocal"}.get(op, op)
        theirs = {"keras": getattr(keras.ops, op), "torch": getattr(torch, in_torch)}
        return family("elementwise")(op=op), (x,), theirs
    op = draw.choice([*BINARY, *COMPARISONS])
    in_torch = {"divide": "div", "power": "pow", "equal": "eq", "not_equal": "ne", "subtract": "sub"}.get(op, op)
    in_torch = {"greater": "gt", "greater_equal": "ge", "less": "lt", "less_equal": "le"}.get(op, in_torch)
    theirs = {"keras": getattr(keras.ops, op), "torch": getattr(torch, in_torch)}
    if op not in ("maximum", "minimum") and draw.random() < 0.4:
        number = draw.choice([2.0, -0.5, 0.0])
        with_number = {name: lambda x, f=f: f(x, number) for name, f in theirs.items()}
        return family("elementwise")(op=op, value=number), (x,), with_number
    y = tuple(1 if draw.random() < 0.3 else size for size in x[draw.randint(0, len(x) - 1) :])
    pair = (x, y) if draw.random() < 0.5 else (y, x)
    return family("elementwise")(op=op), pair, theirs


def gather(draw: Random) -> Case:
    x = shape(draw, 1, 4)
    axis = axis_of(draw, x)
    indices = tuple(draw.randrange(x[axis]) for _ in range(draw.randint(1, 4)))
    theirs = {
        "keras": lambda x: keras.ops.take(x, list(indices), axis=axis),
        "torch": lambda x: torch.index_select(x, axis, torch.tensor(indices)),
    }
    return family("gather")(axis=axis, indices=indices), (x,), theirs


def gather_at(draw: Random) -> Case:
    """The indices are a tensor of any rank."""
    x, at = shape(draw, 1, 4), shape(draw, 1, 3)
    axis = axis_of(draw, x)
    theirs = {"keras": lambda x, i: keras.ops.take(x, keras.ops.cast(i, "int32"), axis=axis)}
    return family("gather")(axis=axis), (x, at), theirs


def stack(draw: Random) -> Case:
    x = shape(draw, 1, 3)
    axis = draw.randrange(-len(x) - 1, len(x) + 1)
    theirs = {
        "keras": lambda *inputs: keras.ops.stack(inputs, axis=axis),
        "torch": lambda *inputs: torch.stack(inputs, dim=axis),
    }
    return family("stack")(axis=axis), (x,) * draw.randint(1, 4), theirs


def matmul(draw: Random) -> Case:
    """Matrices, rows and columns; the axes before them are stretched."""
    *rest, n, k, m = draw.sample(range(1, 9), draw.randint(3, 5))
    x: Shape = (*(1 if draw.random() < 0.2 else size for size in rest), n, k)
    y: Shape = (*rest[draw.randint(0, len(rest)) :], k, m)
    if draw.random() < 0.2:
        x = (k,)
    elif draw.random() < 0.2:
        y = (k,)
    return family("matmul")(), (x, y), {"keras": keras.ops.matmul, "torch": torch.matmul}


MAKERS: dict[str, list[Callable[[Random], Case]]] = {
    "select": [select],
    "slice": [slices, reversals],
    "split": [split],
    "squeeze": [squeeze],
    "expand_dims": [expand_dims],
    "transpose": [transpose],
    "reduce": [reduce],
    "elementwise": [elementwise],
    "gather": [gather, gather_at],
    "stack": [stack],
    "matmul": [matmul],
}
"""A type -> what draws a layer of it, its inputs and the operation of each framework."""


def cases() -> Iterator[Any]:
    draw = Random(11)
    for type_, makers in MAKERS.items():
        for number in range(ROUNDS):
            for make in makers:
                layer, shapes, theirs = make(draw)
                yield pytest.param(layer, shapes, theirs, id=f"{type_}-{number}-{named(layer)}")


@pytest.mark.parametrize(("layer", "shapes", "theirs"), list(cases()))
def test_a_layer_agrees_with_the_operation(
    layer: Layer, shapes: tuple[Shape, ...], theirs: dict[str, Operation], compared: Callable[[str], None]
) -> None:
    rng = random_for(f"{named(layer)} {shapes}")
    inputs = data(layer, shapes, rng)
    made = layer.run(Weights({}), *inputs)
    assert layer.outputs(*shapes) == tuple(array.shape for array in made)
    for framework, operation in theirs.items():
        outputs = operation(*(tensor(framework, array) for array in inputs))
        listed = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
        assert_same_numbers(made, [numbers(framework, output) for output in listed])
        compared(framework)


def data(layer: Layer, shapes: tuple[Shape, ...], rng: np.random.Generator) -> list[Array]:
    """Random numbers; positions of the axis where a layer reads indices."""
    if layer.type == "gather" and len(shapes) == 2:
        length = shapes[0][layer.field_values()["axis"]]
        return [floats(rng, shapes[0]), rng.integers(0, length, shapes[1]).astype("float32")]
    return [floats(rng, shape) for shape in shapes]


def tensor(framework: str, array: Array) -> Any:
    return keras.ops.convert_to_tensor(array) if framework == "keras" else torch.from_numpy(array)


def numbers(framework: str, output: Any) -> Array:
    array: Array = keras.ops.convert_to_numpy(output) if framework == "keras" else output.numpy()
    return array
