"""Flax's modules without time, by our types: their classes, and their arguments from our settings.

nnx and linen have the same classes; nnx takes the features that arrive as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lstm_shapes.analysis.verify.against.twin import NotCompared, each, without
from lstm_shapes.frameworks.convolutions import SPACES
from lstm_shapes.layers.spatial import ends_of

Settings = Mapping[str, Any]
Sizes = tuple[int, ...]


class Module(NamedTuple):
    """A class, and from our settings and the input's shape, channels last, its features and its other arguments.

    ``channels`` is true where Flax has them on the last axis.
    """

    name: str
    features: Callable[[Settings, Sizes], tuple[int, ...]]
    arguments: Callable[[Settings, Sizes], dict[str, Any]]
    channels: bool = True


def padded(settings: Settings, rank: int) -> Any:
    """A word, or the sizes before and after each axis of space."""
    padding = settings["padding"]
    return padding.upper() if isinstance(padding, str) else ends_of(padding, tuple(SPACES[rank].split()))


def _sliding(settings: Settings, shape: Sizes) -> dict[str, Any]:
    without("Flax", "convolution", settings, padding_mode="zeros")
    rank = len(shape) - 2
    return {
        "kernel_size": each(settings["kernel_size"], rank),
        "strides": each(settings["strides"], rank),
        "kernel_dilation": each(settings["dilation_rate"], rank),
        "padding": padded(settings, rank),
        "use_bias": settings["bias"],
    }


def _convolution(settings: Settings, shape: Sizes) -> dict[str, Any]:
    return {**_sliding(settings, shape), "feature_group_count": settings["groups"]}


def _depthwise(settings: Settings, shape: Sizes) -> dict[str, Any]:
    return {**_sliding(settings, shape), "feature_group_count": shape[-1]}


def _transposed(settings: Settings, shape: Sizes) -> dict[str, Any]:
    without("Flax", "transposed convolution", settings, output_padding=None)
    if not isinstance(settings["padding"], str):
        raise NotCompared("Flax pads a transposed convolution before it, not after")
    return {**_sliding(settings, shape), "transpose_kernel": True}


def _learned(settings: Settings) -> dict[str, bool]:
    affine = settings.get("affine", True)
    return {"use_bias": affine and settings["center"], "use_scale": affine and settings["scale"]}


def _batch(settings: Settings, shape: Sizes) -> dict[str, Any]:
    return {"epsilon": settings["epsilon"], "use_running_average": True, **_learned(settings)}


def _group(settings: Settings, shape: Sizes) -> dict[str, Any]:
    groups = shape[-1] if settings["groups"] == -1 else settings["groups"]
    given = {"num_groups": groups, "epsilon": settings["epsilon"], "use_fast_variance": False}
    return {**given, **_learned(settings)}


def _axes(settings: Settings, shape: Sizes) -> dict[str, Any]:
    axes = settings["axis"] if isinstance(settings["axis"], tuple) else (settings["axis"],)
    axes = tuple(range(-len(settings["normalized_shape"]), 0)) or axes
    axes = tuple(sorted(axis % len(shape) for axis in axes))
    return {"reduction_axes": axes, "feature_axes": axes, "epsilon": settings["epsilon"], "use_fast_variance": False}


def _layer(settings: Settings, shape: Sizes) -> dict[str, Any]:
    return {**_axes(settings, shape), **_learned(settings)}


def _rms(settings: Settings, shape: Sizes) -> dict[str, Any]:
    return {**_axes(settings, shape), "use_scale": settings["affine"]}


def _normalized_features(settings: Settings, shape: Sizes) -> tuple[int, ...]:
    return tuple(shape[axis] for axis in _axes(settings, shape)["feature_axes"])


def _filters(settings: Settings, shape: Sizes) -> tuple[int, ...]:
    return shape[-1], settings["filters"]


MODULES: Mapping[str, Module] = {
    "dense": Module("Linear", lambda s, x: (x[-1], s["units"]), lambda s, x: {"use_bias": s["bias"]}, channels=False),
    "embedding": Module("Embed", lambda s, x: (s["vocab"], s["units"]), lambda s, x: {}, channels=False),
    "prelu": Module("PReLU", lambda s, x: (), lambda s, x: {}, channels=False),
    **{f"conv{rank}d": Module("Conv", _filters, _convolution) for rank in SPACES},
    **{f"conv{rank}d_transpose": Module("ConvTranspose", _filters, _transposed) for rank in SPACES},
    **{
        f"depthwise_conv{rank}d": Module("Conv", lambda s, x: (x[-1], x[-1] * s["depth_multiplier"]), _depthwise)
        for rank in (1, 2)
    },
    "batch_normalization": Module("BatchNorm", lambda s, x: x[-1:], _batch),
    "group_normalization": Module("GroupNorm", lambda s, x: x[-1:], _group),
    "layer_normalization": Module("LayerNorm", _normalized_features, _layer, channels=False),
    "rms_normalization": Module("RMSNorm", _normalized_features, _rms, channels=False),
}
"""A type -> its module."""


def pooling(type_: str, settings: Settings, rank: int) -> tuple[str, dict[str, Any]]:
    """The function of a pool, and its arguments."""
    without("Flax", type_, settings, ceil_mode=False, dilation_rate=1, divisor_override=None)
    sizes = each(settings["pool_size"], rank)
    strides = sizes if settings["strides"] is None else each(settings["strides"], rank)
    given: dict[str, Any] = {"window_shape": sizes, "strides": strides, "padding": padded(settings, rank)}
    if type_.startswith("max"):
        return "max_pool", given
    return "avg_pool", {**given, "count_include_pad": settings["count_include_pad"]}


def attention(title: str, settings: Settings, shapes: tuple[Sizes, ...]) -> tuple[tuple[int, ...], dict[str, Any]]:
    """The features that arrive and the arguments of MultiHeadAttention. Raises ``NotCompared`` on what it has not."""
    type_ = "multi_head_attention"
    without(title, type_, settings, use_gate=False, sliding_window=None, return_attention_scores=False)
    query, value, key = shapes if len(shapes) == 3 else (*shapes, shapes[-1])
    width = settings["key_dim"] or (settings["embed_dim"] or 0) // settings["num_heads"]
    if settings["value_dim"] not in (None, width) or value[-1] != key[-1]:
        raise NotCompared(f"{title} has no {type_} whose key and value have other widths")
    if len(query) != 3 or settings["attention_axes"] or len(settings["output_shape"]) > 1:
        raise NotCompared(f"{title} has no {type_} over several axes")
    out = next(iter(settings["output_shape"]), query[-1])
    given = {"qkv_features": width * settings["num_heads"], "out_features": out, "use_bias": settings["bias"]}
    return (query[-1], key[-1]), {"num_heads": settings["num_heads"], **given}
