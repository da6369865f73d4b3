"""Operators whose output has a shape of its own: Expand, Tile, ConstantOfShape, Pad, Resize."""

from __future__ import annotations

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.importers.onnx.builder import Builder
from lstm_shapes.importers.onnx.moving import as_long_as
from lstm_shapes.importers.onnx.node import Node
from lstm_shapes.importers.onnx.value import Value
from lstm_shapes.layers.broadcasting import broadcast
from lstm_shapes.symbolic.size import Poly, Shape, Size


def expand(build: Builder, node: Node) -> list[Value]:
    """Expand, Tile and ConstantOfShape: the shape follows from a shape."""
    x, target = node.input(0), node.input(0 if node.op == "ConstantOfShape" else 1)
    sizes = target.sizes if target is not None else None
    if node.op == "ConstantOfShape":
        fill = node.attributes.get("value")
        zero = not (isinstance(fill, dict) and "tensor" in fill) or fill["tensor"]["zero"] is True
        shape = sizes if sizes is not None else as_long_as(build, target)
        return [Value(shape if shape is None or all(size != 0 for size in shape) else None, zero=zero)]
    if x is None or x.shape is None or sizes is None:
        return [build.operator(node, as_long_as(build, target) if node.op == "Expand" else None)._replace(zero=False)]
    shape = _expanded(node, x.shape, sizes)
    if x.runtime and shape == x.shape:
        return [x]
    return [build.operator(node, shape)._replace(zero=x.zero)]


def _expanded(node: Node, shape: Shape, sizes: tuple[Size, ...]) -> Shape | None:
    if node.op == "Tile":
        return tuple(a * b for a, b in zip(shape, sizes, strict=True)) if len(shape) == len(sizes) else None
    try:
        return broadcast((shape, tuple(1 if size in (-1, 0) else size for size in sizes)))
    except Mismatch:
        return None


def pad(build: Builder, node: Node) -> list[Value]:
    """Numbers around the edges."""
    x, pads = node.input(0), node.list_from("pads" if node.opset > 1 else "paddings", 1)
    rank = len(x.shape) if x is not None and x.shape else 0
    axes = node.input(3).integers if node.input(3) else tuple(range(rank))  # type: ignore[union-attr]
    if x is None or x.shape is None or pads is None or axes is None or len(pads) != 2 * len(axes):
        return [build.operator(node, None if x is None or x.shape is None else _fresh(build, rank))]
    sizes = list(x.shape)
    for place, axis in enumerate(axes):
        sizes[axis] = sizes[axis] + pads[place] + pads[place + len(axes)]
    shape = tuple(sizes) if all(isinstance(size, Poly) or size > 0 for size in sizes) else None
    return [build.operator(node, shape)]


def _fresh(build: Builder, rank: int) -> Shape:
    return tuple(build.ledger.symbols.fresh() for _ in range(rank))


def resize(build: Builder, node: Node) -> list[Value]:
    """Resize and Upsample, by scales or to sizes."""
    x = node.input(0)
    sizes = node.input(3)
    scales = node.input(1 if node.op == "Upsample" or node.opset < 11 else 2)
    factors = node.attributes.get("scales") if scales is None else scales.numbers
    if x is None or x.shape is None:
        return [build.operator(node, None)]
    if sizes is not None and sizes.sizes and len(sizes.sizes) == len(x.shape):
        return [build.operator(node, sizes.sizes)]
    rank = len(x.shape)
    if not factors or len(factors) != rank or not all(isinstance(factor, int | float) for factor in factors):
        return [build.operator(node, _fresh(build, rank))]
    shape = tuple(
        int(size * factor)
        if isinstance(size, int)
        else size * int(factor)
        if float(factor).is_integer()
        else build.ledger.symbols.fresh()
        for size, factor in zip(x.shape, factors, strict=True)
    )
    return [build.operator(node, shape)]
