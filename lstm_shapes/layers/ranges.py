"""Ranges of positions on an axis, as Python slices it, where the axis or an end may be a symbol."""

from __future__ import annotations

from typing import NamedTuple

from lstm_shapes.layers.conditions import Condition
from lstm_shapes.symbolic.size import Size, at_most


class Range(NamedTuple):
    """How many positions a slice has, and what that count needs of the symbols.

    >>> from lstm_shapes.symbolic.size import symbol
    >>> first_five = Range.of(None, 5, 1, symbol("T"))
    >>> first_five.length, str(first_five.conditions[0])
    (5, '5 <= T')
    >>> Range.of(1, -1, 2, symbol("T")).length, Range.of(None, 50, 1, 10).length
    (Poly((T - 3)//2 + 1), 10)
    """

    length: Size
    conditions: tuple[Condition, ...]

    @classmethod
    def of(cls, start: Size | None, stop: Size | None, step: int, axis: Size) -> Range:
        """The range ``start:stop:step`` on an axis of this size; ``step`` is not 0."""
        numbers = [end for end in (start, stop) if end is not None]
        if isinstance(axis, int) and all(isinstance(end, int) for end in numbers):
            count = len(range(axis)[start:stop:step])  # type: ignore[index]
            return cls(count, (Condition(1, "<=", count),))
        forwards = step > 0
        first, needs = _position(start, axis, 0 if forwards else axis - 1, "start", last=not forwards)
        end, more = _position(stop, axis, axis if forwards else -1, "stop", last=not forwards)
        low, high = (first, end) if forwards else (end, first)
        length = (high - low + abs(step) - 1) // abs(step)
        filled = Condition(low, "<", high, "start" if stop is None else "stop")
        if stop is None and forwards:  # then it is also what keeps the start within the axis
            needs = tuple(need for need in needs if need.right != axis)
        return cls(length, (*needs, *more, *((filled,) if numbers else ())))


def _position(
    end: Size | None, axis: Size, default: Size, field: str, *, last: bool
) -> tuple[Size, tuple[Condition, ...]]:
    """An end of a range counted from 0, and what it needs to be within the axis.

    ``last`` is whether the range runs backwards, so that it begins at the last position of the axis at most.
    """
    if end is None:
        return default, ()
    if at_most(end, -1):
        within = at_most(-end, axis)
        if within is False:
            return -1 if last else 0, ()
        return axis + end, () if within else (Condition(-end, "<=", axis, field),)
    sign = () if at_most(0, end) else (Condition(0, "<=", end, field),)
    most = axis - 1 if last else axis
    within = at_most(end, most)
    if within is False:
        return most, sign
    return end, sign if within else (*sign, Condition(end, "<=", most, field))
