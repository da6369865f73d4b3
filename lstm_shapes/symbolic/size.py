"""Sizes: exact integers, or polynomials in the author's own symbols.

``Size = int | Poly``. A result that is constant *is* an ``int``, so an ordinary model never meets ``Poly``. Symbols
are integers >= 1. ``==`` is structural; ``same`` and ``at_most`` ask the mathematical question and may answer
``None``: it depends on the symbols. There is no ``<``.
"""

from collections.abc import Iterable, Mapping
from math import gcd, prod
from typing import Any

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.symbolic.parser import MAX_INT, MAX_TEXT, parse
from lstm_shapes.symbolic.poly import (
    MAX_DEPTH,
    Floor,
    Poly,
    Size,
    SizeError,
    at_least,
    canonical,
    divide_exactly,
    gather,
    is_symbol,
    symbol,
    terms_of,
    written,
)

__all__ = [
    "MAX_DEPTH",
    "MAX_INT",
    "MAX_TEXT",
    "Poly",
    "Shape",
    "Size",
    "SizeError",
    "Unbound",
    "at_most",
    "binary",
    "bind",
    "divide_exactly",
    "evaluate",
    "fixed",
    "is_symbol",
    "names",
    "parse",
    "product",
    "readable",
    "readable_bytes",
    "same",
    "shown",
    "symbol",
    "total",
]

Shape = tuple[Size, ...]
BINARY_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
"""IEC 80000-13: 1,024 bytes, and 1,024 times the unit before."""


class Unbound(LstmShapesError, ValueError):
    """A number is needed while symbols without a value are left: ``names``."""

    def __init__(self, unbound: Iterable[str]) -> None:
        self.names = tuple(sorted(unbound))
        super().__init__(f"no value for {', '.join(self.names)}")


def names(size: Size) -> frozenset[str]:
    """The symbols that a size depends on.

    >>> sorted(names(parse("B*(T//2) + 3")))
    ['B', 'T']
    """
    return frozenset(name for monomial, _ in terms_of(size) for atom in monomial for name in _names_in(atom))


def bind(size: Size, values: Mapping[str, Size]) -> Size:
    """The size with integers, or other sizes, put in for some of its symbols.

    Raises ``ZeroDivisionError`` when a value makes a divisor zero.

    >>> bind(parse("B*(2*H + 1)"), {"H": 4})
    Poly(9*B)
    """
    if isinstance(size, int) or not values:
        return size
    bound: Size = evaluate(size, {name: values[name] if name in values else symbol(name) for name in names(size)})
    return bound


def evaluate(size: Size, values: Mapping[str, Any]) -> Any:
    """The size computed with a value for each of its symbols: integers, sizes, or arrays of integers.

    Raises ``Unbound`` when a symbol has no value.

    >>> evaluate(parse("B*(T//2)"), {"B": 3, "T": 7})
    9
    """
    if isinstance(size, int):
        return size
    missing = names(size) - values.keys()
    if missing:
        raise Unbound(missing)
    total: Any = 0
    for monomial, factor in size.terms:
        value: Any = factor
        for atom in monomial:
            value = value * _atom_value(atom, values)
        total = total + value
    return total


def fixed(size: Size, values: Mapping[str, int] | None = None) -> int:
    """The size as a number; raises ``Unbound`` naming the symbols that have no value.

    >>> fixed(parse("2*H"), {"H": 16})
    32
    """
    number: int = evaluate(size, values or {})
    return number


def same(a: Size, b: Size) -> bool | None:
    """Whether two sizes are equal for all symbols (True), for none (False), or it depends (None).

    >>> H = symbol("H")
    >>> same(H + H, 2 * H), same(H + 1, H), same(H, 8)
    (True, False, None)
    """
    difference = a - b
    if isinstance(difference, int):
        return difference == 0
    if at_least(difference, 1) or at_least(-difference, 1):
        return False
    constant = dict(difference.terms).get((), 0)
    return False if constant % gcd(*(factor for monomial, factor in difference.terms if monomial)) else None


def at_most(a: Size, limit: Size) -> bool | None:
    """Whether ``a <= limit`` holds for all symbols (True), for none (False), or it depends (None).

    >>> H = symbol("H")
    >>> at_most(H, 2 * H), at_most(H + 1, H), at_most(H, 8)
    (True, False, None)
    """
    if isinstance(a, int) and isinstance(limit, int):
        return a <= limit
    over = a - limit
    if at_least(over, 1):
        return False
    return True if at_least(-over, 0) else None


def total(sizes: Iterable[Size]) -> Size:
    """The sum of sizes, gathered once: linear in their number.

    >>> total([symbol("H"), 2, symbol("H")])
    Poly(2*(H + 1))
    """
    number = 0
    polys: list[Poly] = []
    for size in sizes:
        if isinstance(size, int):
            number += size
        else:
            polys.append(size)
    if not polys:
        return number
    if len(polys) == 1 and not number:
        return polys[0]
    return canonical(gather([*(term for poly in polys for term in poly.terms), ((), number)]))


def product(sizes: Iterable[Size]) -> Size:
    """The product of sizes; the empty one is 1.

    >>> product([4, symbol("H"), 2])
    Poly(8*H)
    """
    return prod(sizes, start=1)


def readable(size: Size) -> str:
    """A size for a person: thousands separated.

    >>> readable(5248), readable(5120 * symbol("T"))
    ('5,248', '5,120*T')
    """
    return f"{size:,}" if isinstance(size, int) else written(size, ",d")


def readable_bytes(size: Size, unit: str = "") -> str:
    """A number of bytes for a person: from 1,024 on with what it is in KiB, MiB ...; symbols stay as they are.

    >>> readable_bytes(11031044, " bytes"), readable_bytes(1023), readable_bytes(4 * symbol("H"))
    ('11,031,044 bytes (10.5 MiB)', '1,023', '4*H')
    """
    in_units = binary(size)
    return f"{readable(size)}{unit}{f' ({in_units})' if in_units else ''}"


def binary(size: Size) -> str:
    """A number of bytes in binary units, rounded to a tenth; '' below 1,024 and for symbols.

    >>> binary(20992), binary(1024**2 - 1), binary(512)
    ('20.5 KiB', '1.0 MiB', '')
    """
    if not isinstance(size, int) or size < 1024:
        return ""
    rounded = [((size * 20 // 1024**power + 1) // 2, unit) for power, unit in enumerate(BINARY_UNITS, start=1)]
    tenths, unit = next((pair for pair in rounded if pair[0] < 10_240), rounded[-1])
    return f"{tenths // 10:,}.{tenths % 10} {unit}"


def shown(shape: Iterable[Size]) -> str:
    """A shape as a tuple of sizes.

    >>> shown((symbol("B"), 32)), shown((7,))
    ('(B, 32)', '(7,)')
    """
    sizes = [str(size) for size in shape]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def _names_in(atom: str) -> Iterable[str]:
    return names(atom.numerator) | names(atom.denominator) if isinstance(atom, Floor) else (atom,)


def _atom_value(atom: str, values: Mapping[str, Any]) -> Any:
    if isinstance(atom, Floor):
        return evaluate(atom.numerator, values) // evaluate(atom.denominator, values)
    return values[atom]
