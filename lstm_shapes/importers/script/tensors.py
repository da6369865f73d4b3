"""Tensors: layers applied to them, operations between them, and what can be taken out of them."""

from __future__ import annotations

import ast
from typing import Any

from lstm_shapes.importers.script.run import Run
from lstm_shapes.importers.script.shapes import is_open, outputs_of, shape_of
from lstm_shapes.importers.script.values import Call, MadeLayer, Opaque, Tensor, Value, is_size
from lstm_shapes.symbolic.size import Poly, symbol

_MERGES = {"+": "add", "*": "multiply", "-": "subtract"}
_LEAVES_OPEN = frozenset(("keras",))
"""The frameworks in which a size that is not fixed is None."""
_FUNCTIONS = {"/": "divide", "**": "power", "negative": "negative", "@": "matmul"}


def unknown_tensor() -> Tensor:
    """A tensor of which nothing is known."""
    return Tensor(None)


def input_tensor(run: Run, name: str, shape: tuple[Any, ...] | None, node: ast.AST, owner: Value = None) -> Tensor:
    """An input of a model; without a shape the first layer that reads it decides."""
    return Tensor(Call(None, (), (), node, name=name, order=run.number(), owner=owner), shape=shape)


def apply(run: Run, layer: MadeLayer, inputs: list[Tensor], states: list[Tensor], node: ast.AST) -> list[Tensor]:
    """The outputs of a layer that reads tensors."""
    for tensor in inputs:
        take_shape(tensor, layer)
    call = Call(layer, tuple(inputs), tuple(states), node, order=run.number())
    layer.calls += 1
    names = outputs_of(call).names
    return [Tensor(call, number, name if len(names) > 1 else "") for number, name in enumerate(names)]


def operation(run: Run, entry: dict[str, Any], inputs: list[Tensor], framework: str, node: ast.AST) -> Tensor:
    """The output of an operation without weights."""
    layer = MadeLayer(entry, str(entry["type"]), framework, node)
    return apply(run, layer, inputs, [], node)[0]


def take_shape(tensor: Tensor, layer: MadeLayer) -> None:
    """Give an input without a shape what the first layer that reads it needs."""
    if tensor.call is None or tensor.call.layer is not None or tensor.shape is not None:
        return
    tensor.shape = needed_shape(layer, tensor.call.name)


def needed_shape(layer: MadeLayer, name: str) -> tuple[Any, ...] | None:
    """The shape that a layer needs of its input; None where several ranks are possible."""
    type_ = layer.type
    inner = layer.entry.get("layer", {}).get("type", "") if type_ == "bidirectional" else ""
    batch, time = symbol("B"), symbol("T")
    if type_ == "embedding":
        return (batch, time)
    if type_ in ("lstm", "gru", "rnn", "stacked_cells") or inner in ("lstm", "gru", "rnn"):
        width = layer.reads_width if layer.reads_width is not None else symbol(f"{name}_2")
        first = (time, batch) if layer.entry.get("batch_first") is False else (batch, time)
        return (*first, width)
    return None


def framework_of(*tensors: Value) -> str:
    """The framework whose layers gave a tensor."""
    for tensor in tensors:
        if isinstance(tensor, Tensor) and tensor.call is not None:
            if tensor.call.layer is not None:
                return tensor.call.layer.framework
            if tensor.call.owner is not None:
                return str(tensor.call.owner.framework)
    return "keras"


def elementwise(run: Run, sign: str, left: Value, right: Value, node: ast.AST) -> Tensor:
    """An operation of two tensors, or of a tensor and a number."""
    tensors = [value for value in (left, right) if isinstance(value, Tensor)]
    framework = framework_of(*tensors)
    if len(tensors) == 2 and sign in _MERGES:
        return operation(run, {"type": _MERGES[sign]}, tensors, framework, node)
    if len(tensors) == 2 and sign == "@":
        return operation(run, {"type": "matmul"}, tensors, framework, node)
    if len(tensors) == 2 and sign in _FUNCTIONS:
        return operation(run, {"type": "elementwise", "op": _FUNCTIONS[sign]}, tensors, framework, node)
    if is_size(right) or isinstance(right, float) or is_size(left) or isinstance(left, float) or sign == "negative":
        return unchanged(run, sign, tensors[0], node)
    return lost(run, tensors, node)


def unchanged(run: Run, name: str, tensor: Tensor, node: ast.AST) -> Tensor:
    """A tensor of the same shape, by an operation on each number."""
    return tensor


def lost(run: Run, tensors: list[Tensor], node: ast.AST) -> Tensor:
    """A tensor of which no more is known than from which others it comes."""
    run.note(node, f"what `{run.source_of(node)}` gives is not known")
    layer = MadeLayer({"type": "lambda"}, "lambda", framework_of(*tensors), node)
    inputs = [tensor for tensor in tensors if tensor.call is not None]
    return apply(run, layer, inputs, [], node)[0] if inputs else unknown_tensor()


def dimensions(run: Run, tensor: Tensor, node: ast.AST) -> Value:
    """The shape of a tensor as a value of the code."""
    shape = shape_of(tensor)
    if shape is None:
        return run.opaque(node)
    return tuple(None if is_open(size) and framework_of(tensor) in _LEAVES_OPEN else size for size in shape)


def subscript(run: Run, tensor: Tensor, index: Value, node: ast.AST) -> Value:
    """``x[:, -1, :]`` and its variants."""
    parts = list(index) if isinstance(index, tuple) else [index]
    framework = framework_of(tensor)
    shape = shape_of(tensor)
    if Ellipsis in parts:
        if shape is None or parts.count(Ellipsis) > 1:
            return lost(run, [tensor], node)
        place = parts.index(Ellipsis)
        fill = len(shape) - (len(parts) - 1 - parts.count(None))
        if fill < 0:
            return lost(run, [tensor], node)
        parts[place : place + 1] = [slice(None, None, None)] * fill
    axis, entries = 0, []
    for part in parts:
        entry = _step(part, axis)
        if entry is None:
            return lost(run, [tensor], node)
        entries += [entry] if entry else []
        axis += 0 if entry.get("type") == "select" else 1
    for entry in entries:
        tensor = operation(run, entry, [tensor], framework, node)
    return tensor


def _step(part: Value, axis: int) -> dict[str, Any] | None:
    """The entry that takes a part of an axis; empty for all of it, None where it is not known."""
    if part is None:
        return {"type": "expand_dims", "axis": axis}
    if isinstance(part, int) and not isinstance(part, bool):
        return {"type": "select", "axis": axis, "index": part}
    if not isinstance(part, slice):
        return None
    ends = {"start": part.start, "stop": part.stop, "step": part.step}
    if any(isinstance(end, Opaque) or not (end is None or is_size(end)) for end in ends.values()):
        return None
    written = {key: str(end) if isinstance(end, Poly) else end for key, end in ends.items() if end is not None}
    if written.get("step", 1) == 1:
        written.pop("step", None)
    return {"type": "slice", "axis": axis, **written} if written else {}
