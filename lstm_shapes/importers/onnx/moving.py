"""Operators that move numbers: Transpose, Reshape, Squeeze, Slice, Concat, Split, and their shapes."""

from __future__ import annotations

from typing import Any

from lstm_shapes.importers.onnx.builder import Builder, Entry, written
from lstm_shapes.importers.onnx.node import Node
from lstm_shapes.importers.onnx.value import Value
from lstm_shapes.layers.ranges import Range
from lstm_shapes.symbolic.size import Poly, Shape, Size, SizeError, product

_END = 2**31 - 1
"""From here on an end means the end of the axis."""


def transpose(build: Builder, node: Node) -> list[Value]:
    """The axes in another order."""
    perm, x = node.integers("perm"), node.input(0)
    if x is None:
        return [build.unknown(node, node.op)]
    return build.layer(node, {"type": "transpose", **({"axes": list(perm)} if perm else {})}, [x])


def reshaped(node: Node) -> Shape | None:
    """The shape after Reshape, Flatten, Squeeze or Unsqueeze; None where it is not known."""
    x = node.input(0)
    if x is None:
        return None
    if node.op == "Reshape":
        return _target(node, x)
    if x.shape is None:
        return None
    rank = len(x.shape)
    if node.op == "Flatten":
        axis = node.integer("axis", 1)
        axis = axis + rank if axis < 0 else axis
        return product(x.shape[:axis]), product(x.shape[axis:])
    axes = node.list_from("axes", 1)
    if node.op == "Squeeze":
        if axes is None:
            all_known = node.input(1) is None and all(isinstance(size, int) for size in x.shape)
            return tuple(size for size in x.shape if size != 1) if all_known else None
        removed = {axis % rank for axis in axes if -rank <= axis < rank}
        return tuple(size for axis, size in enumerate(x.shape) if axis not in removed)
    if axes is None:
        return None
    rank += len(axes)
    if any(not -rank <= axis < rank for axis in axes):
        return None
    new, left = {axis % rank for axis in axes}, iter(x.shape)
    return tuple(1 if axis in new else next(left, 1) for axis in range(rank))


def _target(node: Node, x: Value) -> Shape | None:
    """The shape that a Reshape asks for: 0 keeps a size, -1 is what remains."""
    shape = node.input(1)
    sizes: tuple[Size, ...] | None = node.integers("shape") if shape is None else shape.sizes
    if sizes is None:
        return None
    keeps = not node.integer("allowzero", 0)
    if x.shape is None:
        return None if any(size in (0, -1) for size in sizes) else sizes
    full = [x.shape[axis] if size == 0 and keeps and axis < len(x.shape) else size for axis, size in enumerate(sizes)]
    if -1 in full:
        given = product(size for size in full if size != -1)
        if given == 0:
            return None
        rest = _quotient(x.shape, [size for size in full if size != -1])
        full[full.index(-1)] = product(x.shape) // given if rest is None else rest
    return tuple(full) if all(isinstance(size, Poly) or size > 0 for size in full) else None


def _quotient(sizes: Shape, divisors: list[Size]) -> Size | None:
    """The product of sizes less the divisors that are among them; None where something is left to divide by."""
    left = list(sizes)
    for divisor in divisors:
        if divisor in left:
            left.remove(divisor)
        elif divisor != 1:
            return None
    return product(left)


def reshape(build: Builder, node: Node) -> list[Value]:
    """Reshape and Flatten: a layer where the first axis stays, else an operator."""
    x, shape = node.input(0), reshaped(node)
    if x is None or not x.runtime:
        return [build.operator(node, shape)]
    if shape is None:
        target = node.input(1)
        return [build.operator(node, as_long_as(build, target))]
    if x.shape is None or not shape or x.shape[:1] != shape[:1] or len(shape) < 2:
        return [build.operator(node, shape, [x])]
    if node.op == "Flatten" and len(shape) == 2:
        return build.layer(node, {"type": "flatten"}, [x])
    return build.layer(node, {"type": "reshape", "target_shape": written(shape[1:])}, [x])


def as_long_as(build: Builder, target: Value | None) -> Shape | None:
    """A shape of unknown sizes, where the number of axes is known."""
    if target is None or target.shape is None or len(target.shape) != 1 or not isinstance(target.shape[0], int):
        return None
    if target.shape[0] > 16:
        return None
    known = target.numbers or (None,) * target.shape[0]
    return tuple(
        size if isinstance(size, Poly) or (type(size) is int and size > 0) else build.ledger.symbols.fresh()
        for size in known
    )


def squeeze(build: Builder, node: Node) -> list[Value]:
    """Squeeze and Unsqueeze."""
    x, axes = node.input(0), node.list_from("axes", 1)
    if x is None or (axes is None and node.input(1) is not None):
        return [build.operator(node, None)]
    if node.op == "Squeeze":
        entry: Entry = {"type": "squeeze"}
        if axes is not None:
            entry["axis"] = axes[0] if len(axes) == 1 else list(axes)
        return build.layer(node, entry, [x])
    if axes is not None and len(axes) == 1:
        return build.layer(node, {"type": "expand_dims", "axis": axes[0]}, [x])
    return [build.operator(node, reshaped(node))]


def slice_(build: Builder, node: Node) -> list[Value]:
    """Positions of one axis as a slice, of several as an operator."""
    x = node.input(0)
    starts, ends, axes, steps = (_ends(node, key, number) for number, key in enumerate(_SLICE, 1))
    if x is None or starts is None or ends is None:
        return [build.operator(node, _loosened(build, node, x, axes))]
    axes = axes or tuple(range(len(starts)))
    steps = steps or (1,) * len(starts)
    cuts = [
        (axis, start, stop, step)
        for axis, start, stop, step in zip(axes, starts, ends, steps, strict=False)
        if not (start == 0 and _is_end(stop) and step == 1)
    ]
    if not cuts:
        return [x]
    if any(not isinstance(axis, int) or not isinstance(step, int) or step == 0 for axis, _, _, step in cuts):
        return [build.operator(node, _loosened(build, node, x, axes))]
    if len(cuts) == 1 and build.fits(_slice_entry(*cuts[0]), [x]):
        return build.layer(node, _slice_entry(*cuts[0]), [x])
    return [build.operator(node, _sliced(x.shape, cuts))]


_SLICE = ("starts", "ends", "axes", "steps")


def _ends(node: Node, key: str, number: int) -> tuple[Any, ...] | None:
    value = node.input(number)
    return node.integers(key) if value is None else value.sizes


def _is_end(stop: Size) -> bool:
    return isinstance(stop, int) and stop >= _END


def _slice_entry(axis: Any, start: Any, stop: Any, step: Any) -> Entry:
    entry: Entry = {"type": "slice", "axis": axis}
    if isinstance(start, Poly) or (step > 0 and start != 0) or (step < 0 and start != -1 and start < _END):
        entry["start"] = str(start) if isinstance(start, Poly) else start
    if isinstance(stop, Poly) or not (stop >= _END or stop <= -_END):
        entry["stop"] = str(stop) if isinstance(stop, Poly) else stop
    if step != 1:
        entry["step"] = step
    return entry


def _sliced(shape: Shape | None, cuts: list[tuple[Any, Any, Any, Any]]) -> Shape | None:
    if shape is None:
        return None
    sizes = list(shape)
    try:
        for axis, start, stop, step in cuts:
            entry = _slice_entry(axis, start, stop, step)
            first, last = (None if key not in entry else end for key, end in (("start", start), ("stop", stop)))
            sizes[axis] = Range.of(first, last, step, sizes[axis]).length
    except (IndexError, SizeError, ArithmeticError):
        return None
    return tuple(sizes) if all(isinstance(size, Poly) or size > 0 for size in sizes) else None


def _loosened(build: Builder, node: Node, x: Value | None, axes: tuple[Any, ...] | None) -> Shape | None:
    """The shape with a symbol of its own on each axis that is cut to a length which is not known."""
    if x is None or x.shape is None:
        return None
    starts = node.input(1)
    if axes is None and node.input(3) is not None:
        return tuple(build.ledger.symbols.fresh() for _ in x.shape)
    length = starts.shape[0] if starts and starts.shape and isinstance(starts.shape[0], int) else 0
    named = axes if axes is not None else tuple(range(length))
    rank = len(x.shape)
    if any(not isinstance(axis, int) or not -rank <= axis < rank for axis in named) or not named:
        return None
    cut = {axis % rank for axis in named}
    return tuple(build.ledger.symbols.fresh() if axis in cut else size for axis, size in enumerate(x.shape))


def concat(build: Builder, node: Node) -> list[Value]:
    """Tensors one after the other; as an operator where one is a constant, or along the first axis."""
    values = [value for value in node.inputs if value is not None and value.shape != (0,)]
    axis = node.integer("axis", 1 if node.opset < 4 else 0)
    shape = _joined(values, axis)
    ranks = {len(value.shape) for value in values if value.shape is not None}
    first = axis == 0 or axis in {-rank for rank in ranks}
    if len(values) < 2 or first or not all(value.runtime for value in values):
        if len(values) == 1:
            return values
        return [build.operator(node, shape)]
    last = axis == -1 or ranks == {axis + 1}
    return build.layer(node, {"type": "concatenate", **({} if last else {"axis": axis})}, values)


def _joined(values: list[Value], axis: int) -> Shape | None:
    shapes = [value.shape for value in values]
    known = [shape for shape in shapes if shape is not None]
    if not known or len(known) != len(shapes) or len({len(shape) for shape in known}) != 1:
        return None
    if not -len(known[0]) <= axis < len(known[0]):
        return None
    place = axis % len(known[0])
    length: Size = 0
    for shape in known:
        length = length + shape[place]
    return (*known[0][:place], length, *known[0][place + 1 :])


def split(build: Builder, node: Node) -> list[Value]:
    """The parts of an axis."""
    x, axis, sizes = node.input(0), node.integer("axis", 0), _ends(node, "split", 1)
    parts = max(len(node.outputs), node.integer("num_outputs", 0))
    if x is None or (sizes is None and node.input(1) is not None):
        return [build.operator(node, None) for _ in node.outputs]
    entry: Entry = {"type": "split", "axis": axis}
    length = x.shape[axis] if x.shape and -len(x.shape) <= axis < len(x.shape) else None
    if sizes is None and isinstance(length, int) and length % parts:
        each = -(-length // parts)
        sizes = (*(each,) * (parts - 1), length - each * (parts - 1))
    if sizes is not None and 0 in sizes:
        return _parts(build, node, x, axis, sizes)
    if sizes is None or len(set(sizes)) == 1:
        entry["sections"] = parts if sizes is None else len(sizes)
    else:
        entry["sizes"] = written(sizes)
    return build.layer(node, entry, [x])


def _parts(build: Builder, node: Node, x: Value, axis: int, sizes: tuple[Size, ...]) -> list[Value]:
    """The parts of an axis where some are empty, each as an operator."""
    values = []
    for size in sizes:
        shape = None
        if x.shape is not None and -len(x.shape) <= axis < len(x.shape):
            place = axis % len(x.shape)
            shape = (*x.shape[:place], size, *x.shape[place + 1 :])
        values.append(Value(None) if size == 0 else build.operator(node, shape, [x]))
    return values
