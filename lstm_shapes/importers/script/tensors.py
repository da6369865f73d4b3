"""Tensors: layers applied to them, operations between them, and what can be taken out of them."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from lstm_shapes.importers.script.run import Run
from lstm_shapes.importers.script.shapes import is_open, layer_outputs, outputs_of, shape_of, written
from lstm_shapes.importers.script.values import Call, MadeLayer, Opaque, Tensor, Value, is_size
from lstm_shapes.spec.values import size
from lstm_shapes.symbolic.size import Poly, same, symbol

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
    if "repeat" in layer.entry and len(inputs) == 1:
        inputs, layer = _before_copies(run, layer, inputs, node)
    for tensor in inputs:
        take_shape(run, tensor, layer)
    inputs = [_certain(_anchored(run, tensor, node), layer) for tensor in inputs]
    call = Call(layer, tuple(inputs), tuple(states), node, order=run.number())
    layer.calls += 1
    names = outputs_of(call).names
    return [Tensor(call, number, name if len(names) > 1 else "") for number, name in enumerate(names)]


def _before_copies(run: Run, layer: MadeLayer, inputs: list[Tensor], node: ast.AST) -> tuple[list[Tensor], MadeLayer]:
    """What copies of a layer read, and the layer: the first stands apart where it reads another shape than the others.

    Where the others cannot follow each other either, nothing is known of them.
    """
    shape = shape_of(inputs[0])
    if shape is None or layer.reads_width is not None:
        return inputs, layer
    plain = {key: value for key, value in layer.entry.items() if key != "repeat"}
    passed = layer_outputs(layer, (shape,)).shapes[0]
    if passed == shape:
        return inputs, layer
    if passed is None or layer_outputs(layer, (passed,)).shapes[0] != passed:
        run.note(node, "how often this layer is repeated matters to its shape; --set gives the number")
        return inputs, replace(layer, entry={"type": "unknown", "class": layer.class_name}, nodes={})
    first = replace(layer, entry=plain)
    others = replace(layer, entry={**layer.entry, "repeat": str(size(str(layer.entry["repeat"])) - 1)})
    return apply(run, first, inputs, [], node)[:1], others


def _anchored(run: Run, tensor: Tensor, node: ast.AST) -> Tensor:
    """A tensor that no layer gives, such as zeros, as an operation on the input of the model."""
    if tensor.call is not None or tensor.shape is None or run.anchor is None or run.anchor.shape is None:
        return tensor
    entry = {"type": "operator", "op": "constant", "output": written(tensor.shape)}
    layer = MadeLayer(entry, "constant", framework_of(run.anchor), node, operation=True)
    return Tensor(Call(layer, (run.anchor,), (), node, order=run.number()))


def operation(run: Run, entry: dict[str, Any], inputs: list[Tensor], framework: str, node: ast.AST) -> Tensor:
    """The output of an operation without weights."""
    layer = MadeLayer(entry, str(entry["type"]), framework, node, operation=True)
    if any(tensor.call is None for tensor in inputs):
        shape = layer_outputs(layer, tuple(shape_of(tensor) for tensor in inputs)).shapes[0]
        others = [tensor for tensor in inputs if tensor.call is not None]
        if shape is not None and others:
            entry = {"type": "operator", "op": str(entry["type"]), "output": written(shape)}
            return apply(run, MadeLayer(entry, entry["op"], framework, node, operation=True), others, [], node)[0]
    arriving = [shape_of(tensor) for tensor in inputs]
    if run.anchor is not None and None not in arriving and None in layer_outputs(layer, tuple(arriving)).shapes:
        return lost(run, inputs, node)  # what is assumed of the shape of an input need not hold
    if all(tensor.call is None for tensor in inputs):
        return Tensor(None, shape=layer_outputs(layer, tuple(shape_of(tensor) for tensor in inputs)).shapes[0])
    return apply(run, layer, inputs, [], node)[0]


def take_shape(run: Run, tensor: Tensor, layer: MadeLayer) -> None:
    """Give an input without a shape what the first layer that reads it needs, and an axis the size that one states."""
    if tensor.call is not None and tensor.call.layer is None and tensor.shape is None:
        tensor.shape = needed_shape(layer, tensor.call.name)
    shape = shape_of(tensor) if layer.reads_width is not None else None
    if shape is not None and len(shape) > 1 and (name := str(shape[_width_axis(layer)])) in run.axes:
        run.axes[name] = layer.reads_width


def _width_axis(layer: MadeLayer) -> int:
    """The axis of the features that a module of PyTorch says it reads."""
    return 1 if layer.type.startswith(("conv", "batchnorm", "group")) else -1


_RANKS = {"lstm": 3, "gru": 3, "rnn": 3, "conv1d": 3, "conv2d": 4, "conv3d": 5} | dict.fromkeys(
    ("lstm_cell", "gru_cell", "rnn_cell"), 2
)
"""The axes that a module of PyTorch reads, as it is used nearly always."""


def _certain(tensor: Tensor, layer: MadeLayer) -> Tensor:
    """A tensor; one of which nothing is known where its features may be others than those that a module reads.

    Either an assumption about the input is wrong, or the program fails: the module's own count is right in any case.
    """
    shape = shape_of(tensor) if layer.reads_width is not None else None
    if shape is None or layer.reads_width is None or len(shape) < 2:
        return tensor
    if len(shape) != _RANKS.get(layer.type, len(shape)):
        return replace(tensor, call=None, shape=None)
    fits = same(shape[_width_axis(layer)], layer.reads_width)
    return replace(tensor, call=None, shape=None) if fits is None else tensor


def give_rank(run: Run, tensor: Tensor, rank: int) -> None:
    """Give an input without a shape a number of axes, each a symbol named after it."""
    if tensor.call is not None and tensor.call.layer is None and tensor.shape is None and 0 < rank < 8:
        names = [f"{tensor.call.name}_{axis}" for axis in range(rank)]
        run.axes.update(dict.fromkeys(names))
        tensor.shape = tuple(symbol(name) for name in names)


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
    if type_.endswith("_cell") and layer.reads_width is not None:
        return (batch, layer.reads_width)
    if layer.reads_width is not None and type_ in ("conv1d", "conv2d", "conv3d"):
        space = (symbol(f"{name}_{axis}") for axis in range(2, 2 + int(type_[4])))
        return (batch, layer.reads_width, *space)
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
        sizes = run.opaque(node, run.source_of(node))
        sizes.tensor = tensor
        return sizes
    return tuple(None if is_open(size) and framework_of(tensor) in _LEAVES_OPEN else size for size in shape)


def subscript(run: Run, tensor: Tensor, index: Value, node: ast.AST) -> Value:
    """``x[:, -1, :]`` and its variants."""
    if tensor.packed is not None:
        return lost(run, [tensor], node)
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
            return taken(run, tensor, parts, framework, node)
        entries += [entry] if entry else []
        axis += 0 if entry.get("type") == "select" else 1
    for entry in entries:
        tensor = operation(run, entry, [tensor], framework, node)
    return tensor


def taken(run: Run, tensor: Tensor, parts: list[Value], framework: str, node: ast.AST) -> Tensor:
    """A position of an axis that is not known: the shape is the same for all of them."""
    shape = shape_of(tensor)
    if shape is None or len(parts) > len(shape):
        return lost(run, [tensor], node)
    full = [isinstance(part, slice) and part == slice(None, None, None) for part in parts]
    single = [isinstance(part, Opaque | Poly | int) and not isinstance(part, bool) for part in parts]
    if not all(a or b for a, b in zip(full, single, strict=True)):
        return lost(run, [tensor], node)
    rest = (*(size for size, kept in zip(shape, full, strict=False) if kept), *shape[len(parts) :])
    if not rest:
        return lost(run, [tensor], node)
    entry = {"type": "operator", "op": "select", "output": written(rest)}
    return operation(run, entry, [tensor], framework, node)


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
