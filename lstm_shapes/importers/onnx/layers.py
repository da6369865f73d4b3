"""Operators that are layers without a matrix product: pooling, normalization, activations, dropout."""

from __future__ import annotations

from lstm_shapes.importers.onnx.builder import Builder, Entry
from lstm_shapes.importers.onnx.node import Node
from lstm_shapes.importers.onnx.products import moving, per_axis, windowed
from lstm_shapes.importers.onnx.value import Value
from lstm_shapes.symbolic.size import Shape

ACTIVATIONS = {
    **{name.capitalize(): name for name in "celu gelu mish relu selu sigmoid softplus softsign tanh".split()},
    "HardSwish": "hard_silu",
    "Swish": "silu",
}
"""Operators with the function of one of our activations, whatever their settings."""


def pooling(build: Builder, node: Node) -> list[Value]:
    """MaxPool, AveragePool and their global forms."""
    x = node.input(0)
    space = len(x.shape) - 2 if x is not None and x.shape else len(node.integers("kernel_shape") or ())
    word = "max" if "Max" in node.op else "average"
    if x is None or not 1 <= space <= 3 or node.op in ("LpPool", "GlobalLpPool") or node.integer("storage_order", 0):
        shape = windowed(node, None if x is None else x.shape, node.integers("kernel_shape"))
        return [build.operator(node, shape), *further(build, node, shape)]
    if node.op.startswith("Global"):
        return build.layer(node, {"type": f"global_{word}_pooling{space}d", "keepdims": True}, [x])
    window = node.integers("kernel_shape")
    if not window or len(window) != space or (word == "average" and node.integers("dilations")):
        return [build.operator(node, windowed(node, x.shape, window))]
    entry: Entry = {"type": f"{word}_pooling{space}d", "pool_size": per_axis(list(window)), **moving(node, space)}
    entry.setdefault("strides", 1)
    if node.integer("ceil_mode", 0):
        entry["ceil_mode"] = True
    if word == "average" and node.integer("count_include_pad", 0):
        entry["count_include_pad"] = True
    shape = windowed(node, x.shape, window)
    if not build.fits(entry, [x]):
        return [build.operator(node, shape, [x]), *further(build, node, shape)]
    return [*build.layer(node, entry, [x]), *further(build, node, shape)]


def further(build: Builder, node: Node, shape: Shape | None) -> list[Value]:
    """The second output of a node, such as a mask or the places of the largest, where it is read."""
    return [build.operator(node, shape)] if node.output(1) else []


def normalization(build: Builder, node: Node) -> list[Value]:
    """Batch, layer, group and RMS normalization with stored scale and bias."""
    x, scale, bias = node.input(0), node.input(1), node.input(2)
    if x is None or scale is None or scale.runtime or (bias is not None and bias.runtime):
        return [build.operator(node, None if x is None else x.shape), *_statistics(build, node, x, scale)]
    epsilon = node.attributes.get("epsilon", 1e-5)
    entry: Entry = {"type": _NORMALIZATIONS[node.op]}
    if isinstance(epsilon, float) and round(epsilon, 12) != 1e-5:
        entry["epsilon"] = float(f"{epsilon:.6g}")
    if node.op in ("LayerNormalization", "RMSNormalization"):
        axis = node.integer("axis", -1)
        rank = len(x.shape) if x.shape else 0
        axes = list(range(axis, 0)) if axis < 0 else list(range(axis, rank))
        if axes != [-1] and axes != [rank - 1]:
            entry["axis"] = axes
    if node.op == "GroupNormalization":
        entry["groups"] = node.integer("num_groups", 1)
    if node.op == "InstanceNormalization":
        entry["groups"] = -1
    if node.op != "RMSNormalization" and (bias is None or bias.zero):
        entry["center"] = False
    if scale.zero:
        entry["scale"] = False
    return [*build.layer(node, entry, [x]), *_statistics(build, node, x, scale)]


def _statistics(build: Builder, node: Node, x: Value | None, scale: Value | None) -> list[Value]:
    """The means and variances that a normalization passes on besides, where they are read."""
    shape = None if scale is None else scale.shape
    if node.op == "LayerNormalization" and x is not None and x.shape:
        axis = node.integer("axis", -1) % len(x.shape)
        shape = (*x.shape[:axis], *(1,) * (len(x.shape) - axis))
    return [build.operator(node, shape) if name else Value(None) for name in node.outputs[1:]]


_NORMALIZATIONS = {
    "BatchNormalization": "batch_normalization",
    "LayerNormalization": "layer_normalization",
    "GroupNormalization": "group_normalization",
    "InstanceNormalization": "group_normalization",
    "RMSNormalization": "rms_normalization",
}


def activation(build: Builder, node: Node) -> list[Value]:
    """A function of each number that has a name of ours."""
    return _one(build, node, {"type": "activation", "activation": ACTIVATIONS[node.op]})


def softmax(build: Builder, node: Node) -> list[Value]:
    """Softmax and LogSoftmax; before opset 13 the axes from ``axis`` on are one, by default from 1 on."""
    x = node.input(0)
    type_ = "softmax" if node.op == "Softmax" else "log_softmax"
    rank = len(x.shape) if x is not None and x.shape else 0
    axis = node.integer("axis", -1 if node.opset >= 13 else 1)
    last = axis in (-1, rank - 1)
    if node.opset < 13 and not last:
        return [build.operator(node, x.shape if x else None)]
    return _one(build, node, {"type": type_, **({} if last else {"axis": axis})})


def sloped(build: Builder, node: Node) -> list[Value]:
    """LeakyRelu, Elu and HardSigmoid, with their slopes."""
    alpha = node.attributes.get("alpha")
    number = float(f"{alpha:.6g}") if isinstance(alpha, float) else None
    if node.op == "LeakyRelu":
        return _one(build, node, {"type": "leaky_relu", **({} if number is None else {"negative_slope": number})})
    if node.op == "Elu":
        return _one(build, node, {"type": "elu", **({} if number in (None, 1.0) else {"alpha": number})})
    if number in (None, 0.2) and node.attributes.get("beta", 0.5) == 0.5:
        return _one(build, node, {"type": "activation", "activation": "hard_sigmoid_keras2"})
    return same_shape(build, node)


def prelu(build: Builder, node: Node) -> list[Value]:
    """PRelu with stored slopes, one for each channel or one for all."""
    x, slope = node.input(0), node.input(1)
    if x is None or x.shape is None or slope is None or slope.shape is None or slope.runtime:
        return same_shape(build, node)
    shape = (1,) * (len(x.shape) - len(slope.shape)) + slope.shape
    shared = [axis for axis, size in enumerate(shape) if axis and size == 1]
    return _one(build, node, {"type": "prelu", **({"shared_axes": shared} if shared else {})})


def dropout(build: Builder, node: Node) -> list[Value]:
    """Dropout; the mask has the shape of what comes in."""
    rate, ratio = node.attributes.get("ratio", 0.5), node.input(1)
    if ratio is not None and ratio.numbers and isinstance(ratio.numbers[0], float):
        rate = ratio.numbers[0]
    rounded = float(f"{rate:.6g}") if isinstance(rate, float) and 0 <= rate <= 1 else 0.5
    values = _one(build, node, {"type": "dropout", "rate": rounded})
    return [*values, *further(build, node, values[0].shape)]


def same_shape(build: Builder, node: Node) -> list[Value]:
    """An operation on each number, or along an axis that stays."""
    x = node.input(0)
    return [build.operator(node, None if x is None else x.shape)]


def _one(build: Builder, node: Node, entry: Entry) -> list[Value]:
    x = node.input(0)
    return [build.unknown(node, node.op)] if x is None else build.layer(node, entry, [x])
