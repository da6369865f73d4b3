"""Layers of ours that in Keras are operations: ``x[:, -1, :]``, keras.ops."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import accumulate
from typing import Any

from lstm_shapes.analysis.verify.against.twin import Call
from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Shape, fixed

NAMES = {"equal", "not_equal", "greater", "greater_equal", "less", "less_equal"}
OPERATIONS = frozenset(
    "select slice split squeeze expand_dims transpose log_softmax reduce elementwise gather stack matmul".split()
)


def operation(keras: Any) -> Callable[[Layer, tuple[Shape, ...]], Call | None]:
    """For a layer that is an operation of ``keras.ops``, how it is called; None for another."""

    def call_of(layer: Layer, shapes: tuple[Shape, ...]) -> Call | None:
        if layer.type not in OPERATIONS:
            return None
        function = partial(globals()[f"_{layer.type}"], keras.ops, layer.field_values(), tuple(map(fixed, shapes[0])))

        def call(*inputs: Any, states: Any = ()) -> tuple[Any, ...]:
            made = function(*inputs)
            return tuple(made) if isinstance(made, list | tuple) else (made,)

        return call

    return call_of


Settings = dict[str, Any]


def _at(axis: int, shape: tuple[int, ...], index: Any) -> tuple[Any, ...]:
    return (*(slice(None),) * (axis % len(shape)), index)


def _select(ops: Any, settings: Settings, shape: tuple[int, ...], x: Any) -> Any:
    return x[_at(settings["axis"], shape, settings["index"])]


def _slice(ops: Any, settings: Settings, shape: tuple[int, ...], x: Any) -> Any:
    axis, ends = settings["axis"], (settings["start"], settings["stop"], settings["step"])
    if settings["step"] > 0:
        return x[_at(axis, shape, slice(*ends))]
    chosen = list(range(shape[axis])[slice(*ends)])
    return ops.take(x, ops.convert_to_tensor(chosen), axis=axis)


def _split(ops: Any, settings: Settings, shape: tuple[int, ...], x: Any) -> Any:
    axis, sizes = settings["axis"], settings["sizes"]
    if sizes is None:
        return ops.split(x, settings["sections"], axis=axis)
    rest = shape[axis] - sum(size for size in sizes if size != -1)
    ends = list(accumulate(rest if size == -1 else size for size in sizes))[:-1]
    return ops.split(x, ends, axis=axis) if ends else x


def _squeeze(ops: Any, settings: Settings, shape: tuple[int, ...], x: Any) -> Any:
    return ops.squeeze(x, axis=settings["axis"])


def _expand_dims(ops: Any, settings: Settings, shape: tuple[int, ...], x: Any) -> Any:
    return ops.expand_dims(x, settings["axis"])


def _transpose(ops: Any, settings: Settings, shape: tuple[int, ...], x: Any) -> Any:
    axes = settings["axes"]
    return ops.transpose(x, None if axes is None else [axis % len(shape) for axis in axes])


def _log_softmax(ops: Any, settings: Settings, shape: tuple[int, ...], x: Any) -> Any:
    return ops.log_softmax(x, axis=settings["axis"])


def _reduce(ops: Any, settings: Settings, shape: tuple[int, ...], x: Any) -> Any:
    axis = settings["axis"]
    axes = tuple(range(len(shape))) if axis is None else axis
    return vars(ops)[settings["op"]](x, axis=axes, keepdims=settings["keepdims"])


def _elementwise(ops: Any, settings: Settings, shape: tuple[int, ...], *inputs: Any) -> Any:
    value, name = settings["value"], settings["op"]
    made = vars(ops)[name](*inputs, *(() if value is None else (value,)))
    return ops.cast(made, "float64") if name in NAMES else made


def _gather(ops: Any, settings: Settings, shape: tuple[int, ...], x: Any, *indices: Any) -> Any:
    given = ops.cast(indices[0], "int32") if indices else ops.convert_to_tensor(list(settings["indices"]))
    return ops.take(x, given, axis=settings["axis"])


def _stack(ops: Any, settings: Settings, shape: tuple[int, ...], *inputs: Any) -> Any:
    return ops.stack(list(inputs), axis=settings["axis"])


def _matmul(ops: Any, settings: Settings, shape: tuple[int, ...], x: Any, y: Any) -> Any:
    return ops.matmul(x, y)
