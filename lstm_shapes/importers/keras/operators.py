"""Operations between layers: ``keras.ops`` of Keras 3; TFOpLambda, SlicingOpLambda, TensorFlowOpLayer of tf.keras.

An operation whose shape is not clear is a layer without weights whose output is not known, named in a note.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.importers.keras.calls import Tensor, tensors
from lstm_shapes.importers.keras.indexing import Step, chosen
from lstm_shapes.importers.keras.node_def import node_arguments
from lstm_shapes.importers.keras.piece import Given, Piece

_BINARY = {
    **dict.fromkeys("add addv2 addn biasadd".split(), "add"),
    **dict.fromkeys("subtract sub".split(), "subtract"),
    **dict.fromkeys("multiply mul".split(), "multiply"),
    **dict.fromkeys("divide div truediv realdiv divnonan truedivide".split(), "divide"),
    **dict.fromkeys("power pow".split(), "power"),
    "maximum": "maximum",
    "minimum": "minimum",
}
_UNARY = {
    **{
        name: name for name in "abs ceil cos exp floor log negative reciprocal round rsqrt sign sin sqrt square".split()
    },
    "absolute": "abs",
    "neg": "negative",
}
_FUNCTIONS = {
    **{name: name for name in "relu sigmoid tanh gelu elu selu softplus softsign silu relu6".split()},
    "swish": "silu",
    "leakyrelu": "leaky_relu",
    "logsoftmax": "log_softmax",
    "hardsigmoid": "hard_sigmoid",
}
_SAME = frozenset("cast identity stopgradient dropout ensureshape checknumerics nanton".split())
_KEEPING = frozenset(
    """clip clipbyvalue zeroslike  oneslike cumsum flip reverse roll erf sinh cosh tan arctan log1p log10 log2
    expm1 l2normalize normalize sort isnan isfinite logicalnot not hardtanh mish celu tanhshrink where
    notequal equal greater greaterequal less lessequal floordiv mod""".split()
)
"""Operations that keep the shape of what they read, or of the two that they compare, and are none of ours."""
_REDUCED = {
    **{f"{prefix}{op}": op for op in ("mean", "sum", "max", "min") for prefix in ("", "reduce")},
    "amax": "max",
    "amin": "min",
}


def keras_operation(given: Given) -> Piece:
    """An operation of keras.ops, whose settings are in its configuration."""
    settings = {**given.call.kwargs, **{key: value for key, value in given.config.items() if key != "name"}}
    return _piece(given, given.class_name, given.call.args, settings)


def tensorflow_function(given: Given) -> Piece:
    """A function of TensorFlow, called between layers of tf.keras."""
    name = given.config.get("function") or given.config.get("name") or ""
    settings = {key: value for key, value in given.call.kwargs.items() if key != "name"}
    return _piece(given, str(name), given.call.args, settings)


def tensorflow_node(given: Given) -> Piece:
    """A node of a TensorFlow graph, as tf.keras 2.0 to 2.3 writes an operation between layers."""
    name, args, settings = node_arguments(given.config, given.call)
    return _piece(given, name, args, settings)


def _piece(given: Given, name: str, args: tuple[Any, ...], settings: Mapping[str, Any]) -> Piece:
    steps = _steps(_plain(name), args, settings, given)
    place: dict[Route, Route] = {("type",): (*given.route, "class_name")}
    if steps is None and _plain(name) in _KEEPING and len(given.call.tensors) == 1:
        note = f"the operation {name[:80]} is written as linear: it keeps the shape"
        return Piece({"type": "activation", "activation": "linear"}, place, (note,))
    if steps is None:
        return _unclear(given, name)
    if not steps:
        return Piece({"type": "activation", "activation": "linear"}, place)
    if len(steps) == 1:
        return Piece(steps[0], place)
    return Piece({"type": "model", "layers": steps}, place)


def _unclear(given: Given, name: str) -> Piece:
    """An operation that is not described: without weights, its output as the file records it."""
    recorded = given.output
    place: dict[Route, Route] = {("type",): (*given.route, "class_name")}
    if recorded and len(recorded) > 1 and None not in recorded[1:]:
        output = [given.batch if recorded[0] is None else recorded[0], *recorded[1:]]
        return Piece({"type": "operator", "op": name[:200] or given.class_name, "output": output}, place)
    data = {"type": "operator", "op": name[:200] or given.class_name[:200]}
    return Piece(data, place, (f"the operation {name[:80]} is not described: its output is not known",))


def _plain(name: str) -> str:
    """The last part of a name, in lower case without underscores: ``math.reduce_mean`` is reducemean."""
    return name.rpartition(".")[2].lower().replace("_", "")


def _steps(name: str, args: tuple[Any, ...], settings: Mapping[str, Any], given: Given) -> list[Step] | None:
    """The layers that compute an operation; None where it is not clear."""
    operands, axis = _operands(args, settings), settings.get("axis", settings.get("dim"))
    if name in _BINARY:
        return _binary(_BINARY[name], operands)
    if name in _UNARY:
        return [{"type": "elementwise", "op": _UNARY[name]}]
    if name in _FUNCTIONS:
        return [{"type": "activation", "activation": given.dialect.activation(_FUNCTIONS[name])}]
    if name == "softmax":
        return [{"type": "softmax", **({} if axis in (None, -1) else {"axis": axis})}]
    if name in _SAME:
        return []
    if name in _REDUCED:
        return _reduced(_REDUCED[name], axis, settings, args)
    if name in ("getitem", "stridedslice"):
        keys = settings.get("slice_spec", args[1] if len(args) > 1 else None)
        return chosen(keys) if keys is not None else None
    if name in ("concat", "concatv2", "concatenate", "concatenation"):
        axis = axis if axis is not None else next((arg for arg in args[1:] if type(arg) is int), -1)
        return [{"type": "concatenate", **({} if axis == -1 else {"axis": axis})}] if type(axis) is int else None
    return _rearranged(name, args, settings, given)


def _operands(args: tuple[Any, ...], settings: Mapping[str, Any]) -> list[Any]:
    """The operands of an operation of two, tensors and constants, in order."""
    named = [settings[key] for key in ("x", "x1", "a", "y", "x2", "b") if key in settings]
    return [*args, *named]


def _binary(op: str, operands: list[Any]) -> list[Step] | None:
    count = len(list(tensors(tuple(operands))))
    if count == 2:
        return [{"type": "elementwise", "op": op}]
    numbers = [value for value in operands if isinstance(value, int | float) and not isinstance(value, bool)]
    if count != 1 or len(numbers) != 1:
        return None
    value = numbers[0]
    if isinstance(operands[0], Tensor) or op in ("add", "multiply", "maximum", "minimum"):
        return [{"type": "elementwise", "op": op, "value": value}]
    if op == "subtract":
        return [{"type": "elementwise", "op": "negative"}, {"type": "elementwise", "op": "add", "value": value}]
    if op == "divide":
        return [{"type": "elementwise", "op": "reciprocal"}, {"type": "elementwise", "op": "multiply", "value": value}]
    return None


def _reduced(op: str, axis: Any, settings: Mapping[str, Any], args: tuple[Any, ...]) -> list[Step] | None:
    if axis is None:
        axis = next((arg for arg in args[1:] if not isinstance(arg, Tensor)), None)
    axes = list(axis) if isinstance(axis, tuple | list) else axis
    if axes is None:  # over the batch as well
        return None
    keep = settings.get("keepdims", settings.get("keep_dims", False)) is True
    return [{"type": "reduce", "op": op, "axis": axes, **({"keepdims": True} if keep else {})}]


def _rearranged(name: str, args: tuple[Any, ...], settings: Mapping[str, Any], given: Given) -> list[Step] | None:
    """Operations that move or add axes."""
    constants = [arg for arg in args[1:] if not isinstance(arg, Tensor)]
    axis = settings.get("axis", constants[0] if constants else None)
    if name == "expanddims" and type(axis) is int:
        return [{"type": "expand_dims", "axis": axis}]
    if name == "squeeze":
        axes = list(axis) if isinstance(axis, tuple | list) else axis
        return [{"type": "squeeze", "axis": axes}] if axes is not None and axes != [] else None
    if name == "transpose":
        order = settings.get("axes", settings.get("perm", constants[0] if constants else None))
        return [{"type": "transpose", "axes": list(order)}] if isinstance(order, tuple | list) else None
    if (
        name in ("matmul", "batchmatmul", "batchmatmulv2")
        and len(list(tensors((*args, settings.get("b"), settings.get("x2"))))) == 2
    ):
        flags = ("transpose_a", "transpose_b", "adjoint_a", "adjoint_b", "adj_x", "adj_y")
        return None if any(settings.get(flag) for flag in flags) else [{"type": "matmul"}]
    if name == "split":
        return _split(settings, constants, given)
    if name == "stack":
        axis = settings.get("axis", 0)
        return [{"type": "stack", **({"axis": axis} if axis else {})}] if type(axis) is int else None
    if name == "flatten" or name == "reshape":
        return _reshaped(settings.get("newshape", settings.get("shape", constants[0] if constants else None)), given)
    return None


def _split(settings: Mapping[str, Any], constants: list[Any], given: Given) -> list[Step] | None:
    """Equal parts, or parts of these sizes; keras.ops has the places where it cuts."""
    axis = settings.get("axis", 0)
    parts = settings.get("num_or_size_splits", settings.get("indices_or_sections", constants[0] if constants else None))
    if type(axis) is not int:
        return None
    if type(parts) is int:
        return [{"type": "split", "axis": axis, "sections": parts}]
    if not isinstance(parts, tuple | list) or not all(type(part) is int for part in parts):
        return None
    if "indices_or_sections" in settings:
        before = _before(given)
        end = before[axis] if before and -len(before) <= axis < len(before) else None
        if end is None:
            return None
        parts = [stop - start for start, stop in zip((0, *parts), (*parts, end), strict=True)]
    return [{"type": "split", "axis": axis, "sizes": list(parts)}]


def _reshaped(shape: Any, given: Given) -> list[Step] | None:
    """A reshape that keeps the batch: its sizes after the first are those of an example."""
    if not isinstance(shape, tuple | list) or not shape or not all(size is None or type(size) is int for size in shape):
        return None
    first, *others = (-1 if size is None else size for size in shape)
    before = _before(given)
    if first > 0 and all(size > 0 for size in others):
        return [{"type": "operator", "op": "Reshape", "output": [first, *others]}]
    if first != -1:
        return None
    kept = before is not None and prod(axis or 0 for axis in before[1:]) == prod(others)
    return [{"type": "reshape", "target_shape": others}] if kept and -1 not in others and others else None


def _before(given: Given) -> tuple[int | None, ...] | None:
    """The shape of what an operation reads, where the file records it."""
    from lstm_shapes.importers.keras.inputs import built_shape

    first = next(iter(given.call.tensors), None)
    return (first.shape if first else None) or built_shape(given.entry)
