"""Where the channels of an image stand: after the axes of space, or before them as in PyTorch."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lstm_shapes.layers.axes import match
from lstm_shapes.layers.fields import choice
from lstm_shapes.symbolic.size import Shape, Size

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

FORMATS = "channels_last channels_first"


def data_format() -> Any:
    """The field that says where the channels stand."""
    return choice("where the channels stand: after the axes of space, or before them", FORMATS, "channels_last")


def pattern(data_format: str, space: str, leading: str = "batch") -> str:
    """The axes of what a layer reads.

    >>> pattern("channels_last", "height width"), pattern("channels_first", "width", "batch time")
    ('batch height width in', 'batch time in width')
    """
    inside = f"in {space}" if data_format == "channels_first" else f"{space} in"
    return f"{leading} {inside}"


def split(shape: Shape, data_format: str, space: str, leading: str = "batch") -> tuple[Shape, Shape, Size]:
    """The leading axes, those of space, and the channels. Raises ``Mismatch`` on a shape of another rank.

    >>> split((5, 3, 8, 9), "channels_first", "height width")
    ((5,), (8, 9), 3)
    """
    before, count = _counts(space, leading)
    if len(shape) != before + count + 1:
        match(pattern(data_format, space, leading), shape)
    if data_format == "channels_first":
        return shape[:before], shape[before + 1 :], shape[before]
    return shape[:before], shape[before:-1], shape[-1]


@lru_cache(maxsize=64)
def _counts(space: str, leading: str) -> tuple[int, int]:
    """The number of leading axes, and of those of space."""
    return len(leading.split()), len(space.split())


def join(leading: Shape, space: Shape, channels: Size, data_format: str) -> Shape:
    """The shape that ``split`` takes apart.

    >>> join((5,), (8, 9), 3, "channels_first")
    (5, 3, 8, 9)
    """
    return (*leading, channels, *space) if data_format == "channels_first" else (*leading, *space, channels)


def channels_last(x: Array, data_format: str, leading: int = 1) -> Array:
    """The array with its channels after the axes of space; a view."""
    import numpy as np

    return np.moveaxis(x, leading, -1) if data_format == "channels_first" else x


def as_before(x: Array, data_format: str, leading: int = 1) -> Array:
    """An array with its channels last as ``data_format`` has it; a view."""
    import numpy as np

    return np.moveaxis(x, -1, leading) if data_format == "channels_first" else x
