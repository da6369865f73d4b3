"""Operators on each number of one tensor or several, on axes that they reduce, and those whose shape is simple."""

from __future__ import annotations

from math import isfinite

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.importers.onnx.builder import Builder, Entry
from lstm_shapes.importers.onnx.layers import further, same_shape
from lstm_shapes.importers.onnx.node import Node
from lstm_shapes.importers.onnx.value import Value
from lstm_shapes.layers.broadcasting import broadcast
from lstm_shapes.symbolic.size import Shape, Size

BINARY = {
    "Add": "add",
    "Sub": "subtract",
    "Mul": "multiply",
    "Div": "divide",
    "Pow": "power",
    "Max": "maximum",
    "Min": "minimum",
    "Equal": "equal",
    "Greater": "greater",
    "GreaterOrEqual": "greater_equal",
    "Less": "less",
    "LessOrEqual": "less_equal",
}
UNARY = {
    **{name.capitalize(): name for name in "abs ceil cos exp floor log reciprocal round sign sin sqrt".split()},
    "Neg": "negative",
}
_MERGES = {"Add": "add", "Sub": "subtract", "Mul": "multiply", "Max": "maximum", "Min": "minimum"}
_REDUCED = {"ReduceMean": "mean", "ReduceSum": "sum", "ReduceMax": "max", "ReduceMin": "min"}


def binary(build: Builder, node: Node) -> list[Value]:
    """A function of two tensors or more, broadcast; or of a tensor and a stored number."""
    values = [value for value in node.inputs if value is not None]
    if node.opset < 7 and node.integer("broadcast", 0) and values:  # the second is aligned at the attribute axis
        return [build.operator(node, values[0].shape)]
    shapes = [value.shape for value in values]
    known = [shape for shape in shapes if shape is not None]
    shape = _broadcast(known) if len(known) == len(shapes) else None
    if len(values) == 2 and all(value.runtime for value in values):
        alike = len({len(each) for each in known}) == 1 and len(known) == 2
        if alike and node.op in _MERGES and known[0] and values[0].ref != values[1].ref:
            return build.layer(node, {"type": _MERGES[node.op]}, values)
        if node.op in BINARY:
            return build.layer(node, {"type": "elementwise", "op": BINARY[node.op]}, values)
    x, *others = values or [Value(None)]
    number = others[0].numbers if len(others) == 1 and not others[0].runtime else None
    scalar = number is not None and len(number) == 1 and isinstance(number[0], int | float) and isfinite(number[0])
    if x.runtime and scalar and number and node.op in BINARY and shape == x.shape and x.shape is not None:
        entry: Entry = {"type": "elementwise", "op": BINARY[node.op], "value": number[0]}
        return build.layer(node, entry, [x])
    return [build.operator(node, shape)]


def _broadcast(shapes: list[Shape]) -> Shape | None:
    try:
        return broadcast(shapes) if shapes else None
    except Mismatch:
        return None


def unary(build: Builder, node: Node) -> list[Value]:
    """A function of each number."""
    x = node.input(0)
    if x is None or not x.runtime:
        return same_shape(build, node)
    return build.layer(node, {"type": "elementwise", "op": UNARY[node.op]}, [x])


def reduce(build: Builder, node: Node) -> list[Value]:
    """Sums, means and extremes along axes; other reductions as operators."""
    x, axes = node.input(0), node.list_from("axes", 1)
    keeps = bool(node.integer("keepdims", 1))
    if x is None or (axes is None and node.input(1) is not None):
        return [build.operator(node, None)]
    if axes is None and node.integer("noop_with_empty_axes", 0):
        return [x]
    if node.op in _REDUCED and x.runtime:
        entry: Entry = {"type": "reduce", "op": _REDUCED[node.op]}
        if axes is not None:
            entry["axis"] = axes[0] if len(axes) == 1 else list(axes)
        if keeps:
            entry["keepdims"] = True
        return build.layer(node, entry, [x])
    return [build.operator(node, _reduced(x.shape, axes, keeps))]


def _reduced(shape: Shape | None, axes: tuple[int, ...] | None, keeps: bool) -> Shape | None:
    if shape is None or any(not -len(shape) <= axis < len(shape) for axis in axes or ()):
        return None
    removed = set(range(len(shape))) if axes is None else {axis % len(shape) for axis in axes}
    kept = (1 if axis in removed else size for axis, size in enumerate(shape) if keeps or axis not in removed)
    return tuple(kept)


def arg(build: Builder, node: Node) -> list[Value]:
    """ArgMax and ArgMin."""
    x = node.input(0)
    axes = (node.integer("axis", 0),)
    return [build.operator(node, None if x is None else _reduced(x.shape, axes, bool(node.integer("keepdims", 1))))]


def top_k(build: Builder, node: Node) -> list[Value]:
    """The largest k along an axis, and their places."""
    x, k, axis = node.input(0), node.list_from("k", 1) or (node.integer("k", 0),), node.integer("axis", -1)
    shape: Shape | None = None
    if x is not None and x.shape is not None and -len(x.shape) <= axis < len(x.shape):
        size: Size = k[0] if len(k) == 1 and k[0] > 0 else build.ledger.symbols.fresh()
        place = axis % len(x.shape)
        shape = (*x.shape[:place], size, *x.shape[place + 1 :])
    return [build.operator(node, shape), *further(build, node, shape)]


def one_hot(build: Builder, node: Node) -> list[Value]:
    """A new axis with a 1 at each index."""
    indices, depth, axis = node.input(0), node.input(1), node.integer("axis", -1)
    size = depth.sizes[0] if depth and depth.sizes else build.ledger.symbols.fresh()
    if indices is None or indices.shape is None:
        return [build.operator(node, None)]
    place = axis % (len(indices.shape) + 1)
    return [build.operator(node, (*indices.shape[:place], size, *indices.shape[place:]))]


def gather_elements(build: Builder, node: Node) -> list[Value]:
    """The shape of the indices."""
    indices = node.input(1)
    return [build.operator(node, None if indices is None else indices.shape)]


def gather_nd(build: Builder, node: Node) -> list[Value]:
    """Slices at tuples of indices."""
    x, indices, batch = node.input(0), node.input(1), node.integer("batch_dims", 0)
    last = indices.shape[-1] if indices and indices.shape else None
    if x is None or x.shape is None or indices is None or not indices.shape or not isinstance(last, int):
        return [build.operator(node, None)]
    return [build.operator(node, (*indices.shape[:-1], *x.shape[batch + last :]))]


def range_(build: Builder, node: Node) -> list[Value]:
    """Numbers from a start to an end: as many as are not known get a symbol."""
    start, limit, delta = (node.input(number) for number in range(3))
    end = limit.sizes[0] if limit and limit.sizes else None
    plain = start is not None and start.numbers == (0,) and delta is not None and delta.numbers == (1,)
    sized = end if plain and end is not None and end != 0 else build.ledger.symbols.fresh()
    return [build.operator(node, (sized,))]


def nonzero(build: Builder, node: Node) -> list[Value]:
    """The places of what is not 0: how many is not known."""
    x = node.input(0)
    rank = len(x.shape) if x is not None and x.shape else None
    return [build.operator(node, (rank, build.ledger.symbols.fresh()) if rank else None)]


def shape_of(build: Builder, node: Node) -> list[Value]:
    """The shape of a tensor of which only the number of axes is known, or not even that."""
    x = node.input(0)
    return [Value((len(x.shape),) if x is not None and x.shape is not None else None)]


def scalar(build: Builder, node: Node) -> list[Value]:
    """A single number."""
    return [build.operator(node, ())]


def given_shape(build: Builder, node: Node) -> list[Value]:
    """Random numbers of a shape that an attribute or another tensor gives."""
    like = node.input(0)
    shape = node.integers("shape")
    sizes: Shape | None = shape if shape is not None else like.shape if like is not None else None
    return [build.operator(node, sizes)]


def determinant(build: Builder, node: Node) -> list[Value]:
    """A number for each matrix."""
    x = node.input(0)
    return [build.operator(node, None if x is None or x.shape is None else x.shape[:-2])]


def blocks(build: Builder, node: Node) -> list[Value]:
    """DepthToSpace and SpaceToDepth: channels in blocks of space."""
    x, size = node.input(0), node.integer("blocksize", 1)
    if x is None or x.shape is None or len(x.shape) != 4 or size < 1:
        return [build.operator(node, None)]
    batch, channels, height, width = x.shape
    if node.op == "DepthToSpace":
        return [build.operator(node, (batch, channels // size**2, height * size, width * size))]
    return [build.operator(node, (batch, channels * size**2, height // size, width // size))]


def grid_sample(build: Builder, node: Node) -> list[Value]:
    """The channels of the first input at the places of the second."""
    x, grid = node.input(0), node.input(1)
    if x is None or grid is None or not x.shape or not grid.shape:
        return [build.operator(node, None)]
    return [build.operator(node, (*x.shape[:2], *grid.shape[1:-1]))]


def attention(build: Builder, node: Node) -> list[Value]:
    """Attention of opset 23: queries of the first input, values of the third; heads stand apart or side by side."""
    query, value = node.input(0), node.input(2)
    heads, groups = node.integer("q_num_heads", 1), node.integer("kv_num_heads", 1)
    shape: Shape | None = None
    if query is not None and value is not None and query.shape and value.shape:
        width = value.shape[-1] if len(query.shape) == 4 else value.shape[-1] // max(groups, 1) * heads
        shape = (*query.shape[:-1], width)
    return [
        build.operator(node, shape),
        *(build.operator(node, None) if name else Value(None) for name in node.outputs[1:]),
    ]
