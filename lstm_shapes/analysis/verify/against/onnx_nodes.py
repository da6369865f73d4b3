"""ONNX' operators for our layers without time: their inputs, and their attributes from our settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lstm_shapes.analysis.verify.against.twin import NotCompared, each, without
from lstm_shapes.frameworks.convolutions import SPACES
from lstm_shapes.layers.spatial import ends_of
from lstm_shapes.symbolic.size import fixed

Settings = Mapping[str, Any]
Sizes = tuple[int, ...]
Attributes = Callable[[Settings, Sizes, Sizes], dict[str, Any]]
"""The settings, and the shapes of the input and the output with the channels on axis 1 -> the attributes."""


class Node(NamedTuple):
    """An operator, its inputs in order and its attributes. It needs a scale and a bias where ``filled``.

    ``channels`` is true where it has them on axis 1.
    """

    op: str
    inputs: tuple[str, ...]
    attributes: Attributes
    channels: bool = True
    filled: bool = False
    opset: int = 21


def _pads(ends: Any) -> list[int]:
    return [*(fixed(before) for before, _ in ends), *(fixed(after) for _, after in ends)]


def _padded(settings: Settings, x: Sizes, given: dict[str, Any], reach: Sizes) -> dict[str, Any]:
    """The padding of a window that slides: a word of ONNX, or sizes.

    ONNX Runtime 1.32 leaves dilations out of the padding that it works out for a pool.
    """
    padding, rank = settings["padding"], len(x) - 2
    if padding == "same" and set(given["dilations"]) == {1}:
        return {"auto_pad": "SAME_UPPER"}
    if padding == "same":
        covered = [((n - 1) // s * s + r - n) for n, s, r in zip(x[2:], given["strides"], reach, strict=True)]
        return {"pads": _pads([(max(0, more) // 2, max(0, more) - max(0, more) // 2) for more in covered])}
    if padding == "causal":
        return {"pads": _pads([(length - 1, 0) for length in reach])}
    return {} if padding == "valid" else {"pads": _pads(ends_of(padding, tuple(SPACES[rank].split())))}


def _window(settings: Settings, rank: int, taps: str) -> tuple[dict[str, Any], Sizes]:
    """Kernel, strides and dilations as attributes, and from the first tap to the last."""
    kernel, dilation = each(settings[taps], rank), each(settings.get("dilation_rate", 1), rank)
    strides = kernel if settings["strides"] is None else each(settings["strides"], rank)
    reach = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    return {"kernel_shape": kernel, "strides": strides, "dilations": dilation}, reach


def _convolution(settings: Settings, x: Sizes, y: Sizes) -> dict[str, Any]:
    without("ONNX", "convolution", settings, padding_mode="zeros")
    given, reach = _window(settings, len(x) - 2, "kernel_size")
    groups = settings.get("groups", x[1])  # a depthwise convolution has a group for each channel
    return {**given, **_padded(settings, x, given, reach), "group": groups}


def _transposed(settings: Settings, x: Sizes, y: Sizes) -> dict[str, Any]:
    """With the pads and the output_padding that lead to the output's lengths."""
    given, reach = _window(settings, len(x) - 2, "kernel_size")
    full = [(n - 1) * s + r for n, s, r in zip(x[2:], given["strides"], reach, strict=True)]
    if isinstance(settings["padding"], str):
        over = [max(0, length - out) for length, out in zip(full, y[2:], strict=True)]
        ends = [(extra // 2, extra - extra // 2) for extra in over]
    else:
        ends = [(fixed(a), fixed(b)) for a, b in ends_of(settings["padding"], tuple(SPACES[len(full)].split()))]
    more = [out - length + sum(end) for out, length, end in zip(y[2:], full, ends, strict=True)]
    return {**given, "pads": _pads(ends), "output_padding": more, "group": settings["groups"]}


def _max_pool(settings: Settings, x: Sizes, y: Sizes) -> dict[str, Any]:
    given, reach = _window(settings, len(x) - 2, "pool_size")
    ceil = settings["ceil_mode"] and settings["padding"] != "same"
    return {**given, **_padded(settings, x, given, reach), "ceil_mode": int(ceil)}


def _average_pool(settings: Settings, x: Sizes, y: Sizes) -> dict[str, Any]:
    without("ONNX", "average pooling", settings, divisor_override=None)
    return {**_max_pool(settings, x, y), "count_include_pad": int(settings["count_include_pad"])}


def _epsilon(settings: Settings, x: Sizes, y: Sizes) -> dict[str, Any]:
    return {"epsilon": settings["epsilon"]}


def _group(settings: Settings, x: Sizes, y: Sizes) -> dict[str, Any]:
    return {"epsilon": settings["epsilon"], "num_groups": x[1] if settings["groups"] == -1 else settings["groups"]}


def _last_axes(settings: Settings, x: Sizes, y: Sizes) -> dict[str, Any]:
    axes = settings["axis"] if isinstance(settings["axis"], tuple) else (settings["axis"],)
    axes = tuple(range(-len(settings["normalized_shape"]), 0)) or axes
    first = min(axis % len(x) for axis in axes)
    if {axis % len(x) for axis in axes} != set(range(first, len(x))):
        raise NotCompared("ONNX normalizes the last axes")
    without("ONNX", "layer_normalization", settings, rms_scaling=False)
    return {"epsilon": settings["epsilon"], "axis": first}


def _nothing(settings: Settings, x: Sizes, y: Sizes) -> dict[str, Any]:
    return {}


_WINDOWED = ("X", "W", "B")
NODES: Mapping[str, Node] = {
    **{f"conv{rank}d": Node("Conv", _WINDOWED, _convolution) for rank in SPACES},
    **{f"depthwise_conv{rank}d": Node("Conv", _WINDOWED, _convolution) for rank in (1, 2)},
    **{f"conv{rank}d_transpose": Node("ConvTranspose", _WINDOWED, _transposed) for rank in SPACES},
    **{f"max_pooling{rank}d": Node("MaxPool", ("X",), _max_pool) for rank in SPACES},
    **{f"average_pooling{rank}d": Node("AveragePool", ("X",), _average_pool) for rank in SPACES},
    "batch_normalization": Node(
        "BatchNormalization", ("X", "scale", "B", "input_mean", "input_var"), _epsilon, filled=True
    ),
    "group_normalization": Node("GroupNormalization", ("X", "scale", "bias"), _group, filled=True),
    "layer_normalization": Node("LayerNormalization", ("X", "Scale", "B"), _last_axes, channels=False, filled=True),
    "rms_normalization": Node("RMSNormalization", ("X", "scale"), _last_axes, False, True, opset=23),
    "prelu": Node("PRelu", ("X", "slope"), _nothing, channels=False),
}
"""A type -> its operator."""
