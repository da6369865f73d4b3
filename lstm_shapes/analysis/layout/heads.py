"""Multi-head attention in two frameworks: its sizes go by key_dim in Keras and Flax, by embed_dim in PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstm_shapes.analysis.layout.no_conversion import NoConversion
from lstm_shapes.frameworks.layout import Framework, Tensor
from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Size

SIZES = ("num_heads", "key_dim", "embed_dim")
_AXES = {"key_in": "in", "value_in": "in", "value": "unit"}
"""The axes of the projections that a framework may keep in one tensor, by the names that they have in common."""


def by_embed_dim(framework: Framework, type_: str) -> bool:
    """Whether the framework says how wide all heads are together, not how wide each is."""
    return (type_, "key_dim") in framework.lacks


def sizes_of(settings: Mapping[str, Any], dims: Mapping[str, Size], *, together: bool) -> dict[str, Any]:
    """The sizes under all their names: key_dim and embed_dim follow from each other where they are not set.

    ``together`` says that a framework goes by embed_dim, so that inputs are as wide. Raises ``NoConversion`` on sizes
    that contradict each other.

    >>> sizes_of({"embed_dim": 512, "num_heads": 8}, {}, together=True)
    {'num_heads': 8, 'key_dim': 64, 'embed_dim': 512, 'input_dim': 512}
    >>> sizes_of({"num_heads": 8}, {}, together=False)
    {'num_heads': 8, 'key_dim': 'key_dim', 'embed_dim': '8*(key_dim)', 'input_dim': 'input_dim'}
    """
    asked = {name: value if isinstance(value, int) else str(value) for name, value in {**dims, **settings}.items()}
    heads, key, embed = (asked.get(name) for name in SIZES)
    heads = "num_heads" if heads is None else heads
    if embed is not None:
        if key is not None:
            raise NoConversion("set as well as embed_dim, and each follows from the other; set one of them", "key_dim")
        key = _shared_out(embed, heads)
    key = "key_dim" if key is None else key
    width = heads * key if isinstance(heads, int) and isinstance(key, int) else f"{heads}*({key})"
    default = width if together or embed is not None else "input_dim"
    return {"num_heads": heads, "key_dim": key, "embed_dim": width, "input_dim": asked.get("input_dim", default)}


def _shared_out(embed: int | str, heads: int | str) -> int:
    """The width of a head."""
    if not isinstance(embed, int) or not isinstance(heads, int):
        raise NoConversion(f"expected numbers for it and num_heads, got {embed} and {heads}", "embed_dim")
    if embed % heads:
        raise NoConversion(f"expected a multiple of num_heads {heads}, got {embed}", "embed_dim")
    return embed // heads


def with_shared_axes(layer: Layer, tensor: Tensor) -> Tensor:
    """The tensor of attention with the axes of query, key and value named alike, as where one tensor holds them."""
    if not layer.attends:
        return tensor
    weights = tuple(weight._replace(axes=_renamed(weight.axes)) for weight in tensor.weights)
    return tensor._replace(axes=_renamed(tensor.axes), weights=weights)


def _renamed(axes: str) -> str:
    words = axes.replace("(", "( ").replace(")", " )").split()
    return " ".join(_AXES.get(word, word) for word in words).replace("( ", "(").replace(" )", ")")
