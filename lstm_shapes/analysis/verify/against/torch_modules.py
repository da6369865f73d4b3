"""Modules of torch.nn without states, by our types: their classes, and their arguments from our settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lstm_shapes.analysis.verify.against.twin import NotCompared
from lstm_shapes.frameworks.convolutions import SPACES, uneven
from lstm_shapes.layers.spatial import ends_of
from lstm_shapes.symbolic.size import fixed

Settings = Mapping[str, Any]
Sizes = tuple[int, ...]


class Module(NamedTuple):
    """A class of torch.nn and its arguments from our settings and the input's shape, its channels on axis 1.

    ``channels`` is true where torch has them on axis 1; ``activated`` where our function follows the module.
    """

    name: str
    arguments: Callable[[Settings, Sizes], dict[str, Any]]
    channels: bool = False
    activated: bool = False


def _pair(settings: Settings, name: str, rank: int) -> Any:
    value = settings[name]
    return value if isinstance(value, int | str) else tuple(v[0] if isinstance(v, tuple) else v for v in value)


def _convolution(rank: int) -> Module:
    def arguments(settings: Settings, shape: Sizes) -> dict[str, Any]:
        padding = 0 if uneven(settings) else _pair(settings, "padding", rank)
        return {
            "in_channels": shape[1],
            "out_channels": settings["filters"],
            "kernel_size": settings["kernel_size"],
            "stride": settings["strides"],
            "padding": padding,
            "dilation": settings["dilation_rate"],
            "groups": settings["groups"],
            "bias": settings["bias"],
            "padding_mode": settings["padding_mode"],
        }

    return Module(f"Conv{rank}d", arguments, channels=True, activated=True)


def _transposed(rank: int) -> Module:
    def arguments(settings: Settings, shape: Sizes) -> dict[str, Any]:
        return {
            "in_channels": shape[1],
            "out_channels": settings["filters"],
            "kernel_size": settings["kernel_size"],
            "stride": settings["strides"],
            "padding": 0 if settings["padding"] == "valid" else _pair(settings, "padding", rank),
            "dilation": settings["dilation_rate"],
            "groups": settings["groups"],
            "bias": settings["bias"],
            "output_padding": settings["output_padding"] or 0,
        }

    return Module(f"ConvTranspose{rank}d", arguments, channels=True, activated=True)


def _pool(kind: str, rank: int) -> Module:
    def arguments(settings: Settings, shape: Sizes) -> dict[str, Any]:
        if settings["padding"] == "same":
            raise NotCompared("PyTorch pools with padding valid or sizes, not same")
        given = {"kernel_size": settings["pool_size"], "ceil_mode": settings["ceil_mode"]}
        given["stride"] = settings["pool_size"] if settings["strides"] is None else settings["strides"]
        given["padding"] = 0 if settings["padding"] == "valid" else _pair(settings, "padding", rank)
        if kind == "Max":
            return {**given, "dilation": settings["dilation_rate"]}
        divisor = {} if rank == 1 else {"divisor_override": settings["divisor_override"]}
        return {**given, "count_include_pad": settings["count_include_pad"], **divisor}

    return Module(f"{kind}Pool{rank}d", arguments, channels=True)


def _adaptive(kind: str, rank: int) -> Module:
    def arguments(settings: Settings, shape: Sizes) -> dict[str, Any]:
        sizes = settings["output_size"]
        kept = tuple(size or None for size in sizes) if isinstance(sizes, tuple) else sizes
        # AdaptiveMaxPool1d and AdaptiveAvgPool1d take no None
        return {"output_size": (kept[0] or shape[2]) if rank == 1 and isinstance(kept, tuple) else kept}

    return Module(f"Adaptive{kind}Pool{rank}d", arguments, channels=True)


_POOLS = {"max": "Max", "average": "Avg"}


def batch_norm(settings: Settings, shape: Sizes) -> dict[str, Any]:
    """The arguments of BatchNorm1d to BatchNorm3d. Raises ``NotCompared`` with one of gamma and beta only."""
    return {
        "num_features": shape[1],
        "eps": settings["epsilon"],
        "affine": _affine(settings),
        "track_running_stats": settings["track_running_stats"],
    }


def _group_norm(settings: Settings, shape: Sizes) -> dict[str, Any]:
    groups = shape[1] if settings["groups"] == -1 else settings["groups"]
    return {"num_groups": groups, "num_channels": shape[1], "eps": settings["epsilon"], "affine": _affine(settings)}


def _affine(settings: Settings) -> bool:
    if settings["center"] != settings["scale"]:
        raise NotCompared("PyTorch has no normalization with one of center and scale")
    return bool(settings["center"] and settings.get("affine", True))


MODULES: Mapping[str, Module] = {
    "dense": Module(
        "Linear", lambda s, x: {"in_features": x[-1], "out_features": s["units"], "bias": s["bias"]}, activated=True
    ),
    "embedding": Module("Embedding", lambda s, x: {"num_embeddings": s["vocab"], "embedding_dim": s["units"]}),
    "group_normalization": Module("GroupNorm", _group_norm, channels=True),
    **{f"{word}_pooling{rank}d": _pool(kind, rank) for word, kind in _POOLS.items() for rank in (1, 2, 3)},
    **{f"adaptive_{word}_pooling{rank}d": _adaptive(kind, rank) for word, kind in _POOLS.items() for rank in (1, 2, 3)},
    **{f"conv{rank}d": _convolution(rank) for rank in (1, 2, 3)},
    **{f"conv{rank}d_transpose": _transposed(rank) for rank in (1, 2, 3)},
}
"""A type -> its module; those with states are in torch.py."""


def ends_before(type_: str, settings: Settings, real: Any) -> list[int]:
    """What torch.nn.functional.pad adds before a convolution whose ends differ: those of the last axis first."""
    if not type_.startswith("conv") or type_.endswith("transpose") or not uneven(settings):
        return []
    if settings["padding"] == "causal":
        return [real.dilation[0] * (real.kernel_size[0] - 1), 0]
    ends = ends_of(settings["padding"], tuple(SPACES[len(real.kernel_size)].split()))
    return [fixed(size) for pair in reversed(ends) for size in pair]
