"""Operators that multiply with stored matrices: MatMul, Gemm, Gather in a table, Conv, ConvTranspose, Einsum."""

from __future__ import annotations

from typing import Any

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.importers.onnx.builder import Builder, Entry, measure
from lstm_shapes.importers.onnx.node import Node
from lstm_shapes.importers.onnx.value import Value
from lstm_shapes.layers.broadcasting import broadcast
from lstm_shapes.symbolic.size import Shape, Size, product


def matmul(build: Builder, node: Node, bias: Value | None = None) -> list[Value]:
    """A matrix product: with a stored matrix a dense layer, whose ``bias`` a following Add may give."""
    x, y = node.input(0), node.input(1)
    if x is None or y is None:
        return [build.unknown(node, node.op)]
    if x.runtime and not y.runtime and y.shape is not None and len(y.shape) == 2 and not y.zero:
        return _dense_layer(build, node, x, y.shape, bias)
    if x.runtime and y.runtime and bias is None:
        return build.layer(node, {"type": "matmul"}, [x, y])
    shape, macs = _product(x.shape, y.shape)
    return [build.operator(node, shape, [x, y], macs)]


def _dense_layer(build: Builder, node: Node, x: Value, kernel: Shape, bias: Value | None) -> list[Value]:
    """A dense layer with a stored kernel; one for more or fewer features than arrive asserts them: a finding."""
    wrong = bool(x.shape) and all(isinstance(size, int) for size in (kernel[0], (x.shape or kernel)[-1]))
    exact = wrong and (x.shape or kernel)[-1] != kernel[0]
    return build.layer(node, _dense(kernel[1], x, kernel[0], bias), [x], exact=exact, compared=not exact)


def _dense(units: Size, x: Value, width: Size, bias: Value | None) -> Entry:
    entry: Entry = {"type": "dense", "units": units if isinstance(units, int) else str(units)}
    if bias is None or bias.zero:
        entry["bias"] = False
    if x.shape is None or x.shape[-1:] != (width,):
        entry["input_dim"] = width if isinstance(width, int) else str(width)
    return entry


def _product(x: Shape | None, y: Shape | None) -> tuple[Shape | None, Size | None]:
    """The shape of a matrix product and its multiply-accumulates."""
    if not x or not y:
        return None, None
    try:
        rest = broadcast((x[:-2], y[:-2]))
    except Mismatch:
        return None, None
    shape = (*rest, *x[-2:-1], *(y[-1:] if len(y) > 1 else ()))
    return shape, product(shape) * x[-1]


def gemm(build: Builder, node: Node) -> list[Value]:
    """alpha * A @ B + beta * C; a dense layer where B is stored."""
    a, b, c = node.input(0), node.input(1), node.input(2)
    if a is None or b is None or (a.shape and len(a.shape) != 2):
        return [build.unknown(node, node.op)]
    kernel = None if b.shape is None or len(b.shape) != 2 else b.shape[::-1] if node.integer("transB", 0) else b.shape
    rows = None if a.shape is None else a.shape[::-1] if node.integer("transA", 0) else a.shape
    stored_c = c is None or (not c.runtime and (c.zero or (kernel and c.shape in ((kernel[1],), (1, kernel[1])))))
    plain = node.attributes.get("alpha", 1.0) == 1.0 and node.attributes.get("beta", 1.0) == 1.0
    turned = node.integer("transA", 0)
    if a.runtime and not b.runtime and not b.zero and kernel and stored_c and plain and not turned:
        return _dense_layer(build, node, a, kernel, c)
    shape, macs = _product(rows, kernel)
    return [build.operator(node, shape, macs=macs)]


def gather(build: Builder, node: Node) -> list[Value]:
    """Rows of a stored table are an embedding; an index, several, or those of another tensor."""
    x, indices = node.input(0), node.input(1)
    axis = node.integer("axis", 0)
    if x is None or indices is None:
        return [build.unknown(node, node.op)]
    if not x.runtime and indices.runtime and axis == 0 and x.shape and len(x.shape) == 2 and not x.zero:
        return build.layer(node, {"type": "embedding", "vocab": x.shape[0], "units": x.shape[1]}, [indices])
    if x.runtime and not indices.runtime and indices.integers is not None:
        if indices.shape == ():
            return build.layer(node, {"type": "select", "axis": axis, "index": indices.integers[0]}, [x])
        if indices.shape and len(indices.shape) == 1:
            return build.layer(node, {"type": "gather", "axis": axis, "indices": list(indices.integers)}, [x])
    if x.runtime and indices.runtime:
        return build.layer(node, {"type": "gather", "axis": axis}, [x, indices])
    if x.shape is None or indices.shape is None or not -len(x.shape) <= axis < len(x.shape):
        return [build.operator(node, None)]
    place = axis % len(x.shape)
    return [build.operator(node, (*x.shape[:place], *indices.shape, *x.shape[place + 1 :]))]


def convolution(build: Builder, node: Node) -> list[Value]:
    """Conv and ConvTranspose with a stored kernel."""
    x, kernel, bias = node.input(0), node.input(1), node.input(2)
    space = len(kernel.shape) - 2 if kernel is not None and kernel.shape else 0
    if x is None or kernel is None or kernel.shape is None or not 1 <= space <= 3:
        return [build.operator(node, None)]
    groups, transposed = node.integer("group", 1), node.op == "ConvTranspose"
    filters = kernel.shape[1] * groups if transposed else kernel.shape[0]
    entry: Entry = {
        "type": f"conv{space}d{'_transpose' * transposed}",
        "filters": filters,
        "kernel_size": per_axis(list(kernel.shape[2:])),
        **moving(node, space),
    }
    if groups != 1:
        entry["groups"] = groups
    if bias is None or bias.zero:
        entry["bias"] = False
    if transposed and any(node.integers("output_padding") or ()):
        entry["output_padding"] = list(node.integers("output_padding") or ())
    given = node.integers("output_shape") or _same_transposed(node, x.shape)
    if transposed and given:
        return [build.operator(node, (x.shape[0], filters, *given) if x.shape else None)]
    if kernel.runtime or not x.runtime or not build.fits(entry, [x]):
        left = convolved(build, entry, x) if transposed else windowed(node, x.shape, kernel.shape[2:], filters)
        return [build.operator(node, left)]
    return build.layer(node, entry, [x])


def _same_transposed(node: Node, x: Shape | None) -> Shape | None:
    """The space that a transposed convolution with auto_pad SAME gives: its input's, times the strides."""
    if x is None or not node.text("auto_pad", "NOTSET").startswith("SAME"):
        return None
    strides = node.integers("strides") or (1,) * (len(x) - 2)
    return tuple(size * stride for size, stride in zip(x[2:], strides, strict=False))


def convolved(build: Builder, entry: Entry, x: Value) -> Shape | None:
    """The shape that a layer passes on."""
    outputs = measure(build.ledger.document, entry, [x]).outputs
    return outputs[0] if outputs else None


def windowed(node: Node, x: Shape | None, window: Shape | None, filters: Size | None = None) -> Shape | None:
    """What a window that moves over the axes after the first two leaves (onnx/defs/nn/defs.cc)."""
    if x is None or window is None or len(window) != len(x) - 2:
        return None
    axes = len(window)
    strides, dilations = (node.integers(key) or (1,) * axes for key in ("strides", "dilations"))
    pads, auto = node.integers("pads") or (0,) * (2 * axes), node.text("auto_pad", "NOTSET")
    if len(strides) != axes or len(dilations) != axes or len(pads) != 2 * axes or 0 in strides:
        return None
    sizes: list[Size] = []
    for axis, (length, taps) in enumerate(zip(x[2:], window, strict=True)):
        stride, reach = strides[axis], (taps - 1) * dilations[axis] + 1
        if auto.startswith("SAME"):
            sizes.append((length + stride - 1) // stride)
            continue
        added = pads[axis] + pads[axis + axes] if auto == "NOTSET" else 0
        left = length + added - reach
        steps = (left + stride - 1) // stride if node.integer("ceil_mode", 0) else left // stride
        if node.integer("ceil_mode", 0) and isinstance(steps, int) and isinstance(length, int):
            steps -= steps * stride >= length + pads[axis]
        sizes.append(steps + 1)
    return (x[0], x[1] if filters is None else filters, *sizes) if _sizes(sizes) else None


def _sizes(sizes: list[Size]) -> bool:
    return all(not isinstance(size, int) or size > 0 for size in sizes)


def moving(node: Node, space: int) -> Entry:
    """The strides, dilation and padding of a window, where they are not the operator's defaults."""
    entry: dict[str, Any] = {}
    for key, ours in (("strides", "strides"), ("dilations", "dilation_rate")):
        sizes = node.integers(key)
        if sizes and any(size != 1 for size in sizes):
            entry[ours] = per_axis(list(sizes))
    auto, pads = node.text("auto_pad", "NOTSET"), node.integers("pads") or ()
    if auto.startswith("SAME"):
        entry["padding"] = "same"
    elif any(pads) and len(pads) == 2 * space and auto == "NOTSET":
        before, after = pads[:space], pads[space:]
        entry["padding"] = (
            per_axis(list(before)) if before == after else [list(pair) for pair in zip(before, after, strict=True)]
        )
    return entry


def per_axis(sizes: list[Any]) -> Any:
    """The size of every axis where it is one, else the list."""
    return sizes[0] if all(size == sizes[0] for size in sizes) else sizes


def einsum(build: Builder, node: Node) -> list[Value]:
    """A sum of products: the shape from its equation."""
    left, arrow, right = node.text("equation", "").replace(" ", "").partition("->")
    sizes: dict[str, Size] = {}
    for letters, value in zip(left.split(","), node.inputs, strict=False):
        if value is None or value.shape is None or "." in letters or len(letters) != len(value.shape):
            return [build.operator(node, None)]
        sizes |= dict(zip(letters, value.shape, strict=True))
    if not arrow:
        right = "".join(sorted(letter for letter in sizes if left.count(letter) == 1))
    shape = tuple(sizes[letter] for letter in right if letter in sizes)
    return [build.operator(node, shape, macs=product(sizes.values()) if len(node.inputs) == 2 else None)]
