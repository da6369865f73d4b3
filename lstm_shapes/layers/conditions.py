"""Conditions: what a layer needs of sizes beyond their axes, ``proj_size < units``; with symbols it may depend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from lstm_shapes.symbolic.size import Shape, Size, at_most, readable, same


class Condition(NamedTuple):
    """A relation of two sizes; ``field`` is the setting that it is about.

    ``stretched`` says that an axis of 1 fits as well: Keras repeats it.

    >>> from lstm_shapes.symbolic.size import symbol
    >>> condition = Condition(50, "<", symbol("H"), "proj_size")
    >>> str(condition), condition.holds, Condition(50, "<", 64).holds
    ('50 < H', None, True)
    """

    left: Size
    relation: Literal["=", "<", "divides"]
    right: Size
    field: str = ""
    stretched: bool = False

    @property
    def holds(self) -> bool | None:
        """Whether it holds for all symbols (True), for none (False), or it depends (None)."""
        if self.relation == "<":
            return at_most(self.left + 1, self.right)
        return same(self.over, 0)

    @property
    def over(self) -> Size:
        """What must be 0, or for ``<`` at most 0."""
        if self.relation == "<":
            return self.left + 1 - self.right
        if self.relation == "divides":
            return self.right - self.left * (self.right // self.left)
        return self.left - self.right

    def __str__(self) -> str:
        words = {"=": "=", "<": "<", "divides": "divides"}[self.relation]
        return f"{readable(self.left)} {words} {readable(self.right)}"


def equal_shapes(left: Shape, right: Shape, field: str = "") -> Iterator[Condition]:
    """That the axes of two shapes of one rank are equal."""
    return (Condition(a, "=", b, field) for a, b in zip(left, right, strict=False) if a != b)


def decided(sizes: Sequence[Size]) -> Size:
    """Of sizes that must be equal, a number if there is one."""
    return next((size for size in sizes if isinstance(size, int)), sizes[0])
