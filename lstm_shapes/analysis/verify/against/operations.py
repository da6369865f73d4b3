"""Layers without weights as functions of a framework: each described once, for every framework alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce as fold
from itertools import accumulate
from typing import Any, Protocol

from lstm_shapes.analysis.verify.against.twin import Call, NotCompared
from lstm_shapes.layers.base import Layer
from lstm_shapes.layers.margins import ends_given

Settings = Mapping[str, Any]
Sizes = tuple[int, ...]
Function = Callable[..., Any]
IDENTITY = frozenset(
    "dropout spatial_dropout1d spatial_dropout2d spatial_dropout3d gaussian_dropout alpha_dropout gaussian_noise "
    "activity_regularization".split()
)
"""What changes nothing outside of training."""


class Functions(Protocol):
    """What a framework computes of its tensors; axes are counted from 0."""

    title: str

    def activation(self, name: str) -> Function:
        """An activation function. Raises ``NotCompared`` on one that the framework does not have."""

    def with_slope(self, name: str, x: Any, slope: float) -> Any:
        """``leaky_relu`` or ``elu`` with this slope."""

    def along(self, name: str, x: Any, axis: int) -> Any:
        """``softmax`` or ``log_softmax`` along an axis."""

    def elementwise(self, name: str, *inputs: Any) -> Any:
        """A function of numbers, by NumPy's name; an input may be a Python number. A truth is 0 or 1."""

    def reduced(self, name: str, x: Any, axes: Sizes, keepdims: bool) -> Any:
        """``mean``, ``sum``, ``max`` or ``min`` along axes."""

    def reshape(self, x: Any, shape: Sequence[int]) -> Any:
        """The numbers in another shape; -1 is what is left."""

    def transpose(self, x: Any, axes: Sequence[int]) -> Any:
        """The axes in another order."""

    def concatenate(self, parts: Sequence[Any], axis: int) -> Any:
        """Tensors one after the other along an axis."""

    def stack(self, parts: Sequence[Any], axis: int) -> Any:
        """Tensors along a new axis."""

    def split(self, x: Any, sizes: Sizes, axis: int) -> Sequence[Any]:
        """Parts of these sizes along an axis."""

    def cut(self, x: Any, axis: int, start: int | None, stop: int | None, step: int) -> Any:
        """``x[start:stop:step]`` along an axis."""

    def take(self, x: Any, indices: Any, axis: int) -> Any:
        """What stands at the indices, a Python number, a list of them or a tensor."""

    def matmul(self, x: Any, y: Any) -> Any:
        """Matrix products of the last two axes."""

    def pad(self, x: Any, ends: Sequence[tuple[int, int]]) -> Any:
        """Zeros before and after each axis."""

    def resized(self, x: Any, shape: Sizes, interpolation: str) -> Any:
        """A tensor, channels last, stretched along its axes of space."""


def operation(do: Functions, layer: Layer, shapes: tuple[Sizes, ...]) -> Call | None:
    """How a layer that is an operation is called; None for one that is none."""
    if layer.type in IDENTITY:
        return lambda *inputs, states=(): inputs
    if layer.type == "masking":
        raise NotCompared(f"{do.title} has no masks")
    if layer.type not in OPERATIONS:
        return None
    function = OPERATIONS[layer.type](do, layer.field_values(), shapes)

    def call(*inputs: Any, states: Any = ()) -> tuple[Any, ...]:
        made = function(*inputs)
        return tuple(made) if isinstance(made, list | tuple) else (made,)

    return call


def axes_of_space(settings: Settings, rank: int) -> range:
    """The axes of space of a tensor with a batch and channels."""
    return range(2, rank) if settings["data_format"] == "channels_first" else range(1, rank - 1)


def _relu(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    if s["threshold"] or s["negative_slope"]:
        raise NotCompared(f"{do.title} has no relu with threshold or negative_slope")
    relu, most = do.activation("relu"), s["max_value"]
    return relu if most is None else lambda x: do.elementwise("minimum", relu(x), most)


def _along(name: str) -> Callable[[Functions, Settings, tuple[Sizes, ...]], Function]:
    """Softmax or its logarithm along an axis."""

    def of(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
        axes = s["axis"] if isinstance(s["axis"], tuple) else (s["axis"],)
        if len(axes) > 1:
            raise NotCompared(f"{do.title} has no {name} along several axes")
        rank = len(shapes[0])
        # without an axis PyTorch takes the first of one or three, else the second
        axis = axes[0] % rank if axes else int(rank not in (1, 3))
        return lambda x: do.along(name, x, axis)

    return of


def _slice(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    axis = s["axis"] % len(shapes[0])
    return lambda x: do.cut(x, axis, s["start"], s["stop"], s["step"])


def _select(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    axis = s["axis"] % len(shapes[0])
    return lambda x: do.take(x, s["index"] % shapes[0][axis], axis)


def _split(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    axis = s["axis"] % len(shapes[0])
    length, sizes = shapes[0][axis], s["sizes"]
    if sizes is None:
        sizes = (length // s["sections"],) * s["sections"]
    rest = length - sum(size for size in sizes if size != -1)
    return lambda x: do.split(x, tuple(rest if size == -1 else size for size in sizes), axis)


def _squeeze(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    rank = len(shapes[0])
    asked = range(rank) if s["axis"] is None else [axis % rank for axis in s["axis"]]
    kept = [size for axis, size in enumerate(shapes[0]) if size != 1 or axis not in asked]
    return lambda x: do.reshape(x, kept)


def _expand_dims(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    shape = list(shapes[0])
    shape.insert(s["axis"] % (len(shape) + 1), 1)
    return lambda x: do.reshape(x, shape)


def _transpose(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    rank = len(shapes[0])
    axes = s["axes"] or tuple(reversed(range(rank)))
    return lambda x: do.transpose(x, [axis % rank for axis in axes])


def _reduce(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    rank = len(shapes[0])
    axes = range(rank) if s["axis"] is None else sorted(axis % rank for axis in s["axis"])
    return lambda x: do.reduced(s["op"], x, tuple(axes), s["keepdims"])


def _elementwise(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    number = () if s["value"] is None else (s["value"],)
    return lambda *inputs: do.elementwise(s["op"], *inputs, *number)


def _gather(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    axis = s["axis"] % len(shapes[0])
    return lambda x, *indices: do.take(x, indices[0] if indices else list(s["indices"]), axis)


def _concatenate(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    return lambda *inputs: do.concatenate(inputs, s["axis"] % len(shapes[0]))


def _stack(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    return lambda *inputs: do.stack(inputs, s["axis"] % (len(shapes[0]) + 1))


def _global(op: str) -> Callable[[Functions, Settings, tuple[Sizes, ...]], Function]:
    """Of all positions of space the mean or the largest."""

    def of(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
        axes = tuple(axes_of_space(s, len(shapes[0])))
        return lambda x: do.reduced(op, x, axes, s["keepdims"])

    return of


def _merged(name: str) -> Callable[[Functions, Settings, tuple[Sizes, ...]], Function]:
    """A function of two, applied from the first input to the last; axes that one lacks are put behind its batch."""

    def of(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
        rank = max(map(len, shapes))
        alike = [(shape[0], *(1,) * (rank - len(shape)), *shape[1:]) for shape in shapes]

        def merged(*inputs: Any) -> Any:
            widened = (do.reshape(x, shape) for x, shape in zip(inputs, alike, strict=True))
            return fold(lambda x, y: do.elementwise(name, x, y), widened)

        return merged

    return of


def _average(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    total = _merged("add")(do, s, shapes)
    return lambda *inputs: do.elementwise("divide", total(*inputs), len(inputs))


def _unit(do: Functions, x: Any, axes: Sizes) -> Any:
    """The numbers along axes as a vector of length 1."""
    squares = do.reduced("sum", do.elementwise("square", x), axes, True)
    length = do.elementwise("sqrt", do.elementwise("maximum", squares, 1e-12))
    return do.elementwise("divide", x, length)


def _unit_normalization(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    axes = s["axis"] if isinstance(s["axis"], tuple) else (s["axis"],)
    return lambda x: _unit(do, x, tuple(sorted(axis % len(shapes[0]) for axis in axes)))


def _dot(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    axes = s["axes"] if len(s["axes"]) == 2 else s["axes"] * 2
    batch, summed = shapes[0][0], [axis % len(shape) for axis, shape in zip(axes, shapes, strict=True)]
    others = [[a for a in range(len(shape)) if a not in (0, axis)] for shape, axis in zip(shapes, summed, strict=True)]
    free = [[shape[a] for a in kept] for shape, kept in zip(shapes, others, strict=True)]

    def matrix(x: Any, side: int) -> Any:
        axis, length = summed[side], shapes[side][summed[side]]
        x = _unit(do, x, (axis,)) if s["normalize"] else x
        order, shape = ([0, *others[side], axis], [batch, -1, length])
        if side:
            order, shape = [0, axis, *others[side]], [batch, length, -1]
        return do.reshape(do.transpose(x, order), shape)

    made = [batch, *free[0], *free[1]]
    return lambda x, y: do.reshape(do.matmul(matrix(x, 0), matrix(y, 1)), made if made[1:] else [batch, 1])


def _ends(field: str) -> Callable[[Settings, int], list[tuple[int, int]]]:
    """The sizes before and after every axis of the tensor."""

    def of(s: Settings, rank: int) -> list[tuple[int, int]]:
        space = axes_of_space(s, rank)
        given = dict(zip(space, ends_given(field, s[field], [str(axis) for axis in space]), strict=True))
        return [tuple(map(int, given.get(axis, (0, 0)))) for axis in range(rank)]  # type: ignore[arg-type, misc]

    return of


padding, cropping = _ends("padding"), _ends("cropping")


def _pad(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    return lambda x: do.pad(x, padding(s, len(shapes[0])))


def _crop(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    def cropped(x: Any) -> Any:
        for axis, (before, after) in enumerate(cropping(s, len(shapes[0]))):
            x = do.cut(x, axis, before, shapes[0][axis] - after, 1) if before or after else x
        return x

    return cropped


def _up_sampling(do: Functions, s: Settings, shapes: tuple[Sizes, ...]) -> Function:
    rank, space = len(shapes[0]), axes_of_space(s, len(shapes[0]))
    factors = s["size"] if isinstance(s["size"], tuple) else (s["size"],) * len(space)
    first = s["data_format"] == "channels_first"
    order = [0, *space, 1 if first else rank - 1]
    back = [order.index(axis) for axis in range(rank)]
    sizes = tuple(size * factor for size, factor in zip([shapes[0][a] for a in space], factors, strict=True))
    shape = (shapes[0][0], *sizes, shapes[0][order[-1]])
    method = s.get("interpolation", "nearest")
    return lambda x: do.transpose(do.resized(do.transpose(x, order), shape, method), back)


OPERATIONS: Mapping[str, Callable[[Functions, Settings, tuple[Sizes, ...]], Function]] = {
    "activation": lambda do, s, x: do.activation(s["activation"]),
    "relu": _relu,
    "leaky_relu": lambda do, s, x: lambda y: do.with_slope("leaky_relu", y, s["negative_slope"]),
    "elu": lambda do, s, x: lambda y: do.with_slope("elu", y, s["alpha"]),
    "softmax": _along("softmax"),
    "log_softmax": _along("log_softmax"),
    "rescaling": lambda do, s, x: (
        lambda y: do.elementwise("add", do.elementwise("multiply", y, s["scale"]), s["offset"])
    ),
    "unit_normalization": _unit_normalization,
    "flatten": lambda do, s, x: lambda y: do.reshape(y, (x[0][0], -1)),
    "reshape": lambda do, s, x: lambda y: do.reshape(y, (x[0][0], *s["target_shape"])),
    "repeat_vector": lambda do, s, x: lambda y: do.stack([y] * s["n"], 1),
    "permute": lambda do, s, x: lambda y: do.transpose(y, (0, *s["dims"])),
    "select": _select,
    "slice": _slice,
    "split": _split,
    "squeeze": _squeeze,
    "expand_dims": _expand_dims,
    "transpose": _transpose,
    "concatenate": _concatenate,
    **{name: _merged(name) for name in ("add", "multiply", "subtract", "maximum", "minimum")},
    "average": _average,
    "dot": _dot,
    "reduce": _reduce,
    "elementwise": _elementwise,
    "gather": _gather,
    "stack": _stack,
    "matmul": lambda do, s, x: do.matmul,
    **{f"global_max_pooling{rank}d": _global("max") for rank in (1, 2, 3)},
    **{f"global_average_pooling{rank}d": _global("mean") for rank in (1, 2, 3)},
    **{f"zero_padding{rank}d": _pad for rank in (1, 2, 3)},
    **{f"cropping{rank}d": _crop for rank in (1, 2, 3)},
    **{f"up_sampling{rank}d": _up_sampling for rank in (1, 2, 3)},
}
"""A type -> what makes its function from the framework's functions, the settings and the shapes that arrive."""


class NumpyFunctions:
    """What ``xp``, a module with NumPy's names for functions of tensors, computes; frameworks override what differs."""

    title = "NumPy"

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    def elementwise(self, name: str, *inputs: Any) -> Any:
        """The function of that name, its truths as numbers."""
        made = vars(self.xp)[name](*inputs)
        return self.number(made) if "bool" in str(made.dtype) else made

    def number(self, x: Any) -> Any:
        """Truths as float64."""
        return x.astype("float64")

    def reduced(self, name: str, x: Any, axes: Sizes, keepdims: bool) -> Any:
        """The function of that name, along axes; a number has none and stays as it is."""
        return vars(self.xp)[name](x, axis=axes, keepdims=keepdims) if axes else x

    def reshape(self, x: Any, shape: Sequence[int]) -> Any:
        """``xp.reshape``."""
        return self.xp.reshape(x, tuple(shape))

    def transpose(self, x: Any, axes: Sequence[int]) -> Any:
        """``xp.transpose``."""
        return self.xp.transpose(x, tuple(axes))

    def concatenate(self, parts: Sequence[Any], axis: int) -> Any:
        """``xp.concatenate``."""
        return self.xp.concatenate(list(parts), axis=axis)

    def stack(self, parts: Sequence[Any], axis: int) -> Any:
        """``xp.stack``."""
        return self.xp.stack(list(parts), axis=axis)

    def split(self, x: Any, sizes: Sizes, axis: int) -> Sequence[Any]:
        """``xp.split`` at the places between the parts."""
        return list(self.xp.split(x, list(accumulate(sizes))[:-1], axis=axis)) if sizes[1:] else [x]

    def cut(self, x: Any, axis: int, start: int | None, stop: int | None, step: int) -> Any:
        """An index with a slice."""
        return x[(*(slice(None),) * axis, slice(start, stop, step))]

    def take(self, x: Any, indices: Any, axis: int) -> Any:
        """An index for a number, else ``xp.take``."""
        if isinstance(indices, int):
            return x[(*(slice(None),) * axis, indices)]
        return self.xp.take(x, self.indices(indices, x.shape[axis]), axis=axis)

    def indices(self, given: Any, length: int) -> Any:
        """Indices as a tensor of integers, counted from the start."""
        array = self.xp.asarray(given).astype("int32")
        return self.xp.where(array < 0, array + length, array)

    def matmul(self, x: Any, y: Any) -> Any:
        """``xp.matmul``."""
        return self.xp.matmul(x, y)

    def pad(self, x: Any, ends: Sequence[tuple[int, int]]) -> Any:
        """``xp.pad``."""
        return self.xp.pad(x, list(ends))
