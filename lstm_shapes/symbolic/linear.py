"""Where a linear size, or floor divisions of one, lies between bounds: ``(T - 3)//2 >= 4`` for ``T >= 11``."""

from __future__ import annotations

from typing import NamedTuple

from lstm_shapes.symbolic.poly import Floor, Monomial, Poly, Size, terms_of
from lstm_shapes.symbolic.size import readable


class Range(NamedTuple):
    """The values of ``name``, a symbol or a product of some, from ``first`` to ``last``; None where there is no end."""

    name: str
    first: int | None
    last: int | None

    def within(self, other: Range) -> bool:
        """Whether all its values are in the other range of the same name.

        >>> Range("T", 7, None).within(Range("T", 3, None)), Range("T", 7, None).within(Range("T", 3, 9))
        (True, False)
        """
        begins = other.first is None or (self.first is not None and self.first >= other.first)
        ends = other.last is None or (self.last is not None and self.last <= other.last)
        return self.name == other.name and begins and ends


def between(size: Size, first: int | None, last: int | None) -> Range | None:
    """The values for which ``first <= size <= last``; None when the size is not linear. It may hold no value.

    A floor division ``n//d`` by a number is at least ``first`` where ``n >= first*d``, and at most ``last`` where
    ``n < (last + 1)*d``.

    >>> from lstm_shapes.symbolic.size import parse
    >>> between(parse("(T - 3)//2 + 1"), 3, None), between(parse("8 - 2*B*T"), 0, 0)
    (Range(name='T', first=7, last=None), Range(name='B*T', first=4, last=4))
    """
    (monomial, factor), *rest = terms_of(size)
    while not rest or (len(rest) == 1 and not rest[0][0]):
        first, last = _of_monomial(factor, rest[0][1] if rest else 0, first, last)
        floor = monomial[0] if len(monomial) == 1 else ""
        if not isinstance(floor, Floor):
            return Range(readable(Poly(((monomial, 1),))), first, last) if _plain(monomial) else None
        divisor = floor.denominator
        if not isinstance(divisor, int) or divisor < 1:
            return None
        first = None if first is None else first * divisor
        last = None if last is None else last * divisor + divisor - 1
        (monomial, factor), *rest = terms_of(floor.numerator)
    return None


def _plain(monomial: Monomial) -> bool:
    """Whether it is a product of different symbols: whatever is said of it is said of every value that it has."""
    return 0 < len(monomial) == len(set(monomial)) and not any(isinstance(atom, Floor) for atom in monomial)


def _of_monomial(factor: int, constant: int, first: int | None, last: int | None) -> tuple[int | None, int | None]:
    """The bounds of the product in ``factor * product + constant``, from those of the sum."""
    if factor < 0:
        factor, constant = -factor, -constant
        first, last = None if last is None else -last, None if first is None else -first
    above = None if first is None else -((constant - first) // factor)
    return above, None if last is None else (last - constant) // factor
