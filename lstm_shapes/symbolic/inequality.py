"""Where a condition on sizes holds: ``4*H*(H + 9) <= 20,000`` for ``H <= 66``; exact integers, nothing rounded.

``linear`` solves a linear size. Of others an answer is given for one symbol, or for one product of them that is in
all terms, when the size is proven to grow with it: written as its least value plus something >= 0, it has no negative
coefficient. Then doubling and bisection find the last value that fits. Anything else has no answer here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from math import gcd
from typing import NamedTuple

from lstm_shapes.symbolic.linear import Range, between
from lstm_shapes.symbolic.poly import Floor, Monomial, Poly, SizeError, at_least, canonical, terms_of
from lstm_shapes.symbolic.size import Size, bind, fixed, names, readable

MAX_DEGREE = 60
MAX_ATOMS = 500
"""Longer sizes are not searched: every step of a search computes the whole size."""
MAX_BITS = 5_000
"""No answer has values of more bits; realistic sizes are far below."""


class Where(NamedTuple):
    """Where a condition holds, in words: ``H <= 66``, ``H = 32``, ``no H``; ``never`` if nothing fulfills it."""

    text: str
    never: bool = False
    values: Range | None = None
    """The same as numbers; None if nothing fulfills it."""


@lru_cache(maxsize=1024)
def where(size: Size, limit: Size, *, exactly: bool = False) -> Where | None:
    """Where ``size <= limit`` (or ``size == limit``) holds; None when no such answer is found.

    >>> from lstm_shapes.symbolic.size import parse
    >>> where(parse("5120*B*T"), 1_000_000).text, where(parse("4*H*(H + 9)"), 5248, exactly=True).text
    ('B*T <= 195', 'H = 32')
    """
    try:
        return _solved(size - limit, exactly=exactly)
    except SizeError:
        return None


def _solved(over: Size, *, exactly: bool) -> Where | None:
    if isinstance(over, int):
        return None
    straight = between(over, 0 if exactly else None, 0)
    if straight:
        first, last = straight.first, straight.last
        return _answer(over, straight._replace(first=1 if first is not None and first < 1 else first, last=last))
    if sum(len(monomial) + 1 for monomial, _ in over.terms) > MAX_ATOMS:
        return None
    for one_way in (_in_one_symbol, _in_one_product):
        for sign in (1, -1):
            rising = one_way(over * sign)
            if rising:
                values = _searched(*rising, rising=sign == 1, exactly=exactly)
                return values and _answer(over, values)
    return None


def _answer(over: Size, values: Range) -> Where | None:
    """The values in words; of a range that holds none, that it never holds."""
    name, first, last = values
    if max(abs(first or 0), abs(last or 0)).bit_length() > MAX_BITS:
        return None
    if last is not None and last < (1 if first is None else first):
        return Where(f"no {', '.join(sorted(names(over)))}", never=True)
    if last is None:
        return Where(f"{name} >= {first:,}", values=values)
    if first is None:
        return Where(f"{name} <= {last:,}", values=values)
    text = f"{name} = {first:,}" if first == last else f"{name} from {first:,} to {last:,}"
    return Where(text, values=values)


Rising = tuple[str, int, Callable[[int], int]]
"""What varies, its least value, and a function of it that never falls and ends above every bound."""


def _searched(name: str, least: int, over: Callable[[int], int], *, rising: bool, exactly: bool) -> Range | None:
    """Where it holds; ``over`` is what exceeds the limit, or what is below it: it never falls."""
    last = last_that(lambda x: over(x) <= 0, least)
    before = last_that(lambda x: over(x) < 0, least)
    if last is None or before is None:
        return None
    if exactly:
        return Range(name, before + 1, last)
    if rising:
        return Range(name, None if last >= least else least, last)
    return Range(name, before + 1, None)


def last_that(holds: Callable[[int], bool], least: int) -> int | None:
    """The last value from ``least`` on for which it holds, ``least - 1`` for none; None when it is out of reach."""
    if not holds(least):
        return least - 1
    step = 1
    while holds(least + step):
        step *= 2
        if step.bit_length() > MAX_BITS:
            return None
    low, high = least + step // 2, least + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _in_one_symbol(size: Size) -> Rising | None:
    """The size as a function of its only symbol."""
    symbols = names(size)
    if len(symbols) != 1 or not grows(size):
        return None
    (name,) = symbols
    return name, 1, lambda value: fixed(size, {name: value})


def grows(size: Size) -> bool:
    """Whether the size never falls as its symbol grows, and ends above every bound: proven, not tried."""
    shifted: Size = 0
    for monomial, factor in terms_of(size):
        if len(monomial) > MAX_DEGREE or not all(_atom_grows(atom) for atom in monomial):
            return False
        term: Size = factor
        for atom in monomial:
            term = term * (Poly((((atom,), 1),)) + (0 if isinstance(atom, Floor) else 1))
        shifted = shifted + term
    above = [factor for monomial, factor in terms_of(shifted) if monomial]
    return bool(above) and min(above) > 0


def _atom_grows(atom: str) -> bool:
    """A symbol, or a floor division of something that grows and is never below 0 by a positive number."""
    if not isinstance(atom, Floor):
        return True
    below = atom.denominator
    return isinstance(below, int) and below > 0 and at_least(atom.numerator, 0) and grows(atom.numerator)


def _in_one_product(size: Size) -> Rising | None:
    """The size as a function of the product of which every term has a power: B*T in 3*B*B*T*T + B*T."""
    counts = [Counter(monomial) for monomial, _ in terms_of(size) if monomial]
    powers = [gcd(*count.values()) for count in counts]
    base = {atom: number // powers[0] for atom, number in counts[0].items()}
    scaled = [{atom: number * power for atom, number in base.items()} for power in powers]
    if scaled != [dict(count) for count in counts] or max(powers) > MAX_DEGREE:
        return None
    monomial: Monomial = tuple(sorted(atom for atom, number in base.items() for _ in range(number)))
    floors = [atom for atom in monomial if isinstance(atom, Floor)]
    if not all(at_least(floor.numerator, 0) and at_least(floor.denominator, 1) for floor in floors):
        return None
    terms = zip(terms_of(size), (*powers, 0), strict=False)
    single = canonical({("x",) * power: factor for (_, factor), power in terms})
    least = 0 if floors else 1
    if not grows(bind(single, {"x": Poly(((("x",), 1),)) + (least - 1)}) if floors else single):
        return None
    return readable(Poly(((monomial, 1),))), least, lambda value: fixed(single, {"x": value})
