"""What layers over axes of space share: pictures, volumes, sequences with their channels last or first; padding."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.base import Layer
from lstm_shapes.layers.channels import pattern, split
from lstm_shapes.symbolic.size import Shape, Size, shown

Padding = str | Size | tuple[Size | tuple[Size, Size], ...]
"""valid, same or causal; the zeros at both ends of every axis; or those of each axis, or before and after each."""
Ends = tuple[tuple[Size, Size], ...]
"""The zeros before and after each axis of space."""


class Parted(NamedTuple):
    """The parts of a shape."""

    batch: Shape
    space: Shape
    channels: Size


class Spatial(Layer):
    """A layer that reads one to three axes of space, which a family names, and channels.

    Each family declares the field ``data_format`` (channels.py).
    """

    space_axes: ClassVar[str]
    mixes_time: ClassVar[bool] = True
    data_format: str

    @property
    def feature_axis(self) -> int:
        return 1 if self.data_format == "channels_first" else -1

    @property
    def keeps_time(self) -> bool:  # type: ignore[override]
        return self.data_format == "channels_last"

    @property
    def axes(self) -> list[str]:
        """The names of the axes of space."""
        return self.space_axes.split()

    def parted(self, x: Shape) -> Parted:
        """Batch, space and channels of an input. Raises ``Mismatch`` on one of another rank."""
        try:
            return Parted(*split(x, self.data_format, self.space_axes))
        except Mismatch as mismatch:
            example = pattern(self.data_format, self.space_axes).split()[1:]
            sizes = ", ".join("3" if axis == "in" else "T" if axis == "length" else "32" for axis in example)
            hint = "" if len(x) == 2 else f"give it `inputs: {{x: [B, {sizes}]}}`, or put a reshape before it"
            raise Mismatch(mismatch.message, kind=mismatch.kind, hint=hint) from None


def space_words(axes: str, before: Shape, after: Shape) -> str:
    """What becomes of the axes of space.

    >>> space_words("length", (8,), (4,)), space_words("height width", (8, 9), (8, 9))
    ('the length 8 becomes 4', 'the space (8, 9) becomes (8, 9)')
    """
    was, becomes = (shown(space) if len(space) > 1 else str(space[0]) for space in (before, after))
    return f"the {axes if len(before) == 1 else 'space'} {was} becomes {becomes}"


def ends_of(padding: Size | tuple[Size | tuple[Size, Size], ...], axes: tuple[str, ...]) -> Ends:
    """The zeros before and after each axis that sizes of padding mean.

    >>> ends_of(1, ("height", "width")), ends_of((1, (0, 2)), ("height", "width"))
    (((1, 1), (1, 1)), ((1, 1), (0, 2)))
    """
    each = padding if isinstance(padding, tuple) else (padding,) * len(axes)
    if len(each) != len(axes):
        message = f"expected padding to have a size for each axis ({', '.join(axes)}), got {len(each)}"
        example = ", ".join(map(str, (1,) * len(axes)))
        raise Mismatch(message, kind="wrong-setting", field="padding", hint=f"set `padding: [{example}]`")
    return tuple(pair if isinstance(pair, tuple) else (pair, pair) for pair in each)


def padding_words(padding: Padding) -> str:
    """A padding in a sentence: ``same``, or ``of 1 x 2``.

    >>> padding_words("same"), padding_words((1, (0, 2)))
    ('same', 'of 1 x 0 and 2')
    """
    if isinstance(padding, str):
        return padding
    each = padding if isinstance(padding, tuple) else (padding,)
    return "of " + " x ".join(" and ".join(map(str, ends)) if isinstance(ends, tuple) else str(ends) for ends in each)
