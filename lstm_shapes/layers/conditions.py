"""Conditions: what a layer needs of sizes beyond their axes, ``proj_size < units``; with symbols it may depend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import gcd
from typing import Literal, NamedTuple

from lstm_shapes.symbolic.size import Shape, Size, at_most, bind, readable, same


class Condition(NamedTuple):
    """A relation of two sizes; ``field`` is the setting that it is about.

    ``stretched`` says that an axis of 1 fits as well: Keras repeats it.

    >>> from lstm_shapes.symbolic.size import symbol
    >>> condition = Condition(50, "<", symbol("H"), "proj_size")
    >>> str(condition), condition.holds, Condition(50, "<", 64).holds
    ('50 < H', None, True)
    """

    left: Size
    relation: Literal["=", "<", "<=", ">=", "divides"]
    right: Size
    field: str = ""
    stretched: bool = False

    @property
    def holds(self) -> bool | None:
        """Whether it holds for all symbols (True), for none (False), or it depends (None)."""
        if self.bounds:
            return at_most(self.over, 0)
        return same(self.over, 0)

    @property
    def bounds(self) -> bool:
        """Whether it is an inequality: a bound of one size by another."""
        return self.relation in ("<", "<=", ">=")

    @property
    def over(self) -> Size:
        """What must be 0, or at most 0 for a condition that ``bounds``."""
        if self.relation == "<":
            return self.left + 1 - self.right
        if self.relation == ">=":
            return self.right - self.left
        if self.relation == "divides":
            return self.right - self.left * (self.right // self.left)
        return self.left - self.right

    def bound(self, values: Mapping[str, int]) -> Condition:
        """The condition with integers put in for symbols; met where an axis of 1 is stretched."""
        left, right = bind(self.left, values), bind(self.right, values)
        return self._replace(left=right if self.stretched and left == 1 else left, right=right)

    def __str__(self) -> str:
        return f"{readable(self.left)} {self.relation} {readable(self.right)}"


def equal_shapes(left: Shape, right: Shape, field: str = "") -> Iterator[Condition]:
    """That the axes of two shapes of one rank are equal."""
    return (Condition(a, "=", b, field) for a, b in zip(left, right, strict=False) if a != b)


def divisor(number: int, limit: int) -> int:
    """The largest divisor of a number up to a limit; one that both share where finding it would take long.

    >>> divisor(12, 5), divisor(12, 32)
    (4, 12)
    """
    candidates = range(min(number, limit), 0, -1) if min(number, limit) <= 10_000 else ()
    return next((size for size in candidates if number % size == 0), gcd(number, limit))


def decided(sizes: Sequence[Size]) -> Size:
    """Of sizes that must be equal, a number if there is one."""
    return next((size for size in sizes if isinstance(size, int)), sizes[0])
