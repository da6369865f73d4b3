"""Polynomials in the author's symbols: exact, canonical, printed one way everywhere.

The arithmetic under ``size.py``, which has the questions that the rest of the package asks.
"""

from collections.abc import Iterable
from functools import lru_cache
from math import gcd
from typing import Union

from lstm_shapes.findings.errors import LstmShapesError

Size = Union[int, "Poly"]
Monomial = tuple[str, ...]
"""The factors of a product, sorted, a power written out: ``("H", "H", "T")``; each is a symbol's name or a Floor."""
Terms = tuple[tuple[Monomial, int], ...]

MAX_TERMS = 2_000
MAX_FACTORS = 1_000
MAX_FACTORED = 64
"""Longer sums are not tried as products."""
MAX_DEPTH = 50
"""How many divisions, brackets or signs may be nested."""


class SizeError(LstmShapesError, ValueError):
    """A text that is not a size, or an expression with too many terms; ``at`` counts characters from 0."""

    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.at = at


class Floor(str):
    """A floor division that does not come out even: an atom that keeps its numerator and divisor.

    The text is canonical and in brackets, so equal divisions are equal strings.
    """

    numerator: Size
    denominator: Size
    weight: int
    """Atoms in it when divisions are written out: what a walk through it costs."""
    depth: int

    def __new__(cls, numerator: Size, denominator: Size) -> "Floor":
        atoms = [atom for size in (numerator, denominator) for monomial, _ in terms_of(size) for atom in monomial]
        inner = [atom for atom in atoms if isinstance(atom, Floor)]
        weight = len(atoms) + sum(floor.weight for floor in inner)
        depth = 1 + max((floor.depth for floor in inner), default=0)
        if weight > MAX_TERMS or depth > MAX_DEPTH:
            raise SizeError(f"an expression of more than {MAX_TERMS:,} terms or {MAX_DEPTH} nested divisions")
        above = str(numerator)
        above = f"({above})" if len(terms_of(numerator)) > 1 or above.startswith("-") else above
        below = str(denominator) if is_symbol(str(denominator)) or isinstance(denominator, int) else f"({denominator})"
        floor = super().__new__(cls, f"({above}//{below})")
        floor.numerator, floor.denominator, floor.weight, floor.depth = numerator, denominator, weight, depth
        return floor

    def __getnewargs__(self) -> tuple[Size, Size]:  # type: ignore[override]
        return self.numerator, self.denominator


class Poly:
    """A sum of integer multiples of products of atoms: canonical, immutable, never constant.

    >>> H, D = symbol("H"), symbol("D")
    >>> str(4 * H * (D + H + 1))
    '4*H*(D + H + 1)'
    >>> (2 * H + 4) // 2 == H + 2
    True
    """

    __slots__ = ("terms",)
    terms: Terms

    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    def __add__(self, other: Size) -> Size:
        if isinstance(other, int):
            return self._plus(other) if other else self
        return canonical(gather((*self.terms, *terms_of(other))))

    def _plus(self, number: int) -> "Poly":
        """The sum with a number: the constant, if there is one, is the last term."""
        *others, (monomial, factor) = self.terms
        if monomial:
            return Poly((*self.terms, ((), number)))
        constant = factor + number
        return Poly((*others, ((), constant)) if constant else tuple(others))

    def __mul__(self, other: Size) -> Size:
        if isinstance(other, int):
            if other == 1:
                return self
            return Poly(tuple([(monomial, factor * other) for monomial, factor in self.terms])) if other else 0
        if len(self.terms) * len(other.terms) > 10 * MAX_TERMS:
            raise SizeError(f"an expression of more than {MAX_TERMS:,} terms")
        if len(self.terms[0][0]) + len(other.terms[0][0]) > MAX_FACTORS:
            raise SizeError(f"a product of more than {MAX_FACTORS:,} symbols")
        if len(self.terms) == len(other.terms) == 1:
            (monomial, factor), (by, times) = self.terms[0], other.terms[0]
            return Poly(((tuple(sorted(monomial + by)), factor * times),))
        products = ((tuple(sorted(m + n)), a * b) for m, a in self.terms for n, b in other.terms)
        return canonical(gather(products))

    def __neg__(self) -> "Poly":
        return Poly(tuple([(monomial, -factor) for monomial, factor in self.terms]))

    def __sub__(self, other: Size) -> Size:
        return self + -other

    def __rsub__(self, other: int) -> Size:
        return -self + other

    def __floordiv__(self, other: Size) -> Size:
        return _divide(self, other)

    def __rfloordiv__(self, other: int) -> Size:
        return _divide(other, self)

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poly) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(self.terms)

    def __reduce__(self) -> tuple[type["Poly"], tuple[Terms]]:
        return Poly, (self.terms,)

    def __str__(self) -> str:
        return written(self, "d")

    def __repr__(self) -> str:
        return f"Poly({self})"


def is_symbol(name: str) -> bool:
    """Whether ``name`` can be a symbol: a letter or underscore, then letters, digits and underscores.

    >>> is_symbol("input_dim"), is_symbol("2H")
    (True, False)
    """
    return name.isascii() and name.isidentifier()


def symbol(name: str) -> Poly:
    """The size called ``name``: some integer >= 1. Raises ``SizeError`` when it cannot be a name.

    >>> symbol("units") + 1
    Poly(units + 1)
    """
    if not is_symbol(name):
        raise SizeError(f"a symbol is letters, digits and underscores, got {name!r}")
    return Poly((((name,), 1),))


def divide_exactly(a: Size, b: Size) -> Size | None:
    """``a / b`` when it comes out even for all symbols, else None. Raises ``SizeError`` when telling takes too long.

    >>> H, T = symbol("H"), symbol("T")
    >>> divide_exactly(H * T + T, H + 1)
    Poly(T)
    """
    quotient: Size = 0
    lead, by = terms_of(b)[0] if b != 0 else ((), 0)
    work = 0
    while by and a != 0:
        work += len(terms_of(a))
        if work > 10 * MAX_TERMS:
            raise SizeError(f"a division of more than {10 * MAX_TERMS:,} terms")
        monomial, factor = terms_of(a)[0]
        left = _without(monomial, lead)
        if left is None or factor % by:
            return None
        step = canonical({left: factor // by})
        quotient, a = quotient + step, a - step * b
    return quotient if by else None


def terms_of(size: Size) -> Terms:
    """A size's terms, those of a number too."""
    return size.terms if isinstance(size, Poly) else (((), size),)


def gather(terms: Iterable[tuple[Monomial, int]]) -> dict[Monomial, int]:
    """The sum of terms: a factor for each monomial."""
    gathered: dict[Monomial, int] = {}
    for monomial, factor in terms:
        gathered[monomial] = gathered.get(monomial, 0) + factor
    return gathered


def canonical(gathered: dict[Monomial, int]) -> Size:
    """The size of gathered terms, highest degree first, then by name: an order in which the first leads a division."""
    terms = sorted(((m, f) for m, f in gathered.items() if f), key=lambda term: (-len(term[0]), term[0]))
    if not terms:
        return 0
    if len(terms) == 1 and not terms[0][0]:
        return terms[0][1]
    if len(terms) > MAX_TERMS:
        raise SizeError(f"an expression of more than {MAX_TERMS:,} terms")
    return Poly(tuple(terms))


def _without(monomial: Monomial, factors: Monomial) -> Monomial | None:
    """``monomial / factors``, or None when that is not a monomial."""
    left = list(monomial)
    for atom in factors:
        if atom not in left:
            return None
        left.remove(atom)
    return tuple(left)


def _shared_factor(terms: Terms) -> tuple[int, Monomial]:
    """The integer and the atoms that divide every term."""
    shared = list(terms[0][0])
    for monomial, _ in terms[1:]:
        left = list(monomial)
        for atom in tuple(shared):
            (left if atom in left else shared).remove(atom)
    return gcd(*(factor for _, factor in terms)), tuple(shared)


def _divide(a: Size, b: Size) -> Size:
    if b == 0:
        raise ZeroDivisionError("a size divided by zero")
    if isinstance(b, int):
        return _divide_by_number(a, b) if b > 0 else _divide_by_number(-a, -b)
    even = divide_exactly(a, b)
    if even is not None and (at_least(b, 1) or at_least(-b, 1)):
        return even
    if len(b.terms) == 1 and b.terms[0][1] > 0 and not any(isinstance(atom, Floor) for atom in b.terms[0][0]):
        return _divide_by_product(a, *b.terms[0])
    return Poly((((Floor(a, b),), 1),))


def _divide_by_number(a: Size, b: int) -> Size:
    """Whole multiples of ``b`` come out of the floor; what is left has factors in [0, b)."""
    quotient = canonical({monomial: factor // b for monomial, factor in terms_of(a)})
    rest = canonical({monomial: factor % b for monomial, factor in terms_of(a)})
    if isinstance(rest, int):
        return quotient
    shared = gcd(b, *(factor for monomial, factor in rest.terms if monomial))
    if shared > 1:
        return quotient + _divide_by_number(canonical({m: f // shared for m, f in rest.terms}), b // shared)
    monomial, factor = rest.terms[0]
    only = monomial[0] if len(monomial) == 1 and factor == 1 and len(rest.terms) <= 2 else ""
    if isinstance(only, Floor) and isinstance(only.denominator, int) and all(len(m) < 1 for m, _ in rest.terms[1:]):
        inner = only.numerator + (rest - Poly(rest.terms[:1])) * only.denominator
        return quotient + _divide(inner, only.denominator * b)
    return quotient + Poly((((Floor(rest, b),), 1),))


def _divide_by_product(a: Size, atoms: Monomial, factor: int) -> Size:
    """Division by ``factor * atoms``, which is >= 1: multiples come out, what all terms share cancels."""
    quotient: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, times in terms_of(a):
        left = _without(monomial, atoms)
        if left is not None:
            quotient[left] = times // factor
        rest[monomial] = times if left is None else times % factor
    remainder = canonical(rest)
    if isinstance(remainder, int) and 0 <= remainder < factor:
        return canonical(quotient)
    number, shared = _shared_factor((*terms_of(remainder), (atoms, factor)))
    above = canonical({_without(m, shared) or (): f // number for m, f in terms_of(remainder)})
    below = canonical({_without(atoms, shared) or (): factor // number})
    if number > 1 or shared:
        return canonical(quotient) + _divide(above, below)
    return canonical(quotient) + Poly((((Floor(remainder, below),), 1),))


def at_least(size: Size, bound: int) -> bool:
    """Whether it is certain that ``size >= bound``: every atom is written as its least value plus something >= 0."""
    return size >= bound if isinstance(size, int) else _proven(size, bound)


@lru_cache(maxsize=4096)
def _proven(size: Poly, bound: int) -> bool:
    if len(size.terms) <= 2 and size.terms[0][1] < 0 and (len(size.terms) == 1 or not size.terms[1][0]):
        return False
    shifted: Size = 0
    for monomial, factor in size.terms:
        if len(monomial) > 8:
            return False
        term: Size = factor
        for atom in monomial:
            least = _least(atom)
            if least is None:
                return False
            term = term * (Poly((((atom,), 1),)) + least)
        shifted = shifted + term
    return all(factor >= 0 for monomial, factor in terms_of(shifted) if monomial) and _constant(shifted) >= bound


def _constant(size: Size) -> int:
    monomial, factor = terms_of(size)[-1]
    return 0 if monomial else factor


def _least(atom: str) -> int | None:
    """A number that the atom is certainly not below."""
    if not isinstance(atom, Floor):
        return 1
    return 0 if at_least(atom.numerator, 0) and at_least(atom.denominator, 1) else None


@lru_cache(maxsize=4096)
def written(size: Poly, number: str) -> str:
    """Common factors taken out, products as products; highest degree first, the constant last."""
    factor, atoms = _shared_factor(size.terms)
    if size.terms[0][1] < 0 and all(f < 0 for _, f in size.terms):
        factor = -factor
    inner = [(_without(monomial, atoms) or (), f // factor) for monomial, f in size.terms]
    if len(inner) == 1:
        return _term(atoms, factor, number)
    factors = _factors(Poly(tuple(inner))) if 4 <= len(inner) <= MAX_FACTORED and len(inner) % 2 == 0 else ()
    if factors:
        text = "*".join(f"({written(each, number)})" for each in factors)
        return text if factor == 1 and not atoms else f"{_product(atoms, factor, number)}*{text}"
    inner = _positive_first(_windowed(inner))
    text = "".join(_signed(_term(monomial, f, number), first=not i) for i, (monomial, f) in enumerate(inner))
    if factor == 1 and not atoms:
        return text
    return f"-({text})" if factor == -1 and not atoms else f"{_product(atoms, factor, number)}*({text})"


def _factors(size: Poly) -> tuple[Poly, ...]:
    """``H - 2`` and ``W - 2``, whose product is ``H*W - 2*H - 2*W + 4``; none where no atom is in one factor alone."""
    for atom in sorted({atom for monomial, _ in size.terms for atom in monomial}):
        if all(monomial.count(atom) <= 1 for monomial, _ in size.terms):
            times = canonical({_without(m, (atom,)) or (): factor for m, factor in size.terms if atom in m})
            number = gcd(*(factor for _, factor in terms_of(times)))
            times = canonical({monomial: factor // number for monomial, factor in terms_of(times)})
            rest = canonical({monomial: factor for monomial, factor in size.terms if atom not in monomial})
            added = divide_exactly(rest, times) if isinstance(times, Poly) and len(times.terms) > 1 else None
            if added is not None and isinstance(times, Poly):
                first = Poly((((atom,), number),)) + added
                assert isinstance(first, Poly)
                return (first, *(_factors(times) or (times,)))
    return ()


def _positive_first(terms: list[tuple[Monomial, int]]) -> list[tuple[Monomial, int]]:
    """``W - K + 1``, not ``-K + W + 1``."""
    first = next((place for place, (_, factor) in enumerate(terms) if factor > 0), 0)
    return [terms[first], *terms[:first], *terms[first + 1 :]]


def _windowed(terms: list[tuple[Monomial, int]]) -> list[tuple[Monomial, int]]:
    """``(T + 1)//2 - 1`` as ``(T - 3)//2 + 1``, which is how the length of a convolution is written.

    A multiple too: ``54*((T + 1)//2) - 53`` as ``54*((T - 3)//2 + 1) + 1``.
    """
    places = [place for place, (atoms, _) in enumerate(terms) if any(isinstance(atom, Floor) for atom in atoms)]
    floor = terms[places[0]][0][-1] if len(places) == 1 and len(terms[places[0]][0]) == 1 else ""
    times = terms[places[0]][1] if places else 0
    if not isinstance(floor, Floor) or not isinstance(floor.denominator, int) or times < 1:
        return terms
    above: Size = floor.numerator
    inside = {monomial for monomial, _ in terms_of(above) if monomial}
    others: list[tuple[Monomial, int]] = []
    for monomial, factor in terms[: places[0]] + terms[places[0] + 1 :]:
        windows = -(factor // times) if factor < 0 else 0
        if windows and not monomial and _constant(above) != 0:
            above = above - (windows + 1) * floor.denominator
            others.append(((), factor + windows * times))
        elif windows and monomial in inside and factor % times == 0:
            above = above - canonical({monomial: windows}) * floor.denominator
        else:
            others.append((monomial, factor))
    if above == floor.numerator or not any(factor > 0 for monomial, factor in terms_of(above) if monomial):
        return terms
    others = [(monomial, factor) for monomial, factor in others if factor]
    if times > 1 and any(monomial in inside for monomial, _ in others):
        return terms
    lone = Floor(above, floor.denominator)
    if _constant(above) == _constant(floor.numerator):
        return [((lone,), times), *others]
    return [((lone,), 1), *others, ((), 1)] if times == 1 else [((f"({lone[1:-1]} + 1)",), times), *others]


def _signed(term: str, *, first: bool) -> str:
    if first:
        return term
    return f" - {term[1:]}" if term.startswith("-") else f" + {term}"


def _term(atoms: Monomial, factor: int, number: str) -> str:
    lone = len(atoms) == 1 and factor == 1 and isinstance(atoms[0], Floor)
    return atoms[0][1:-1] if lone else _product(atoms, factor, number)


def _product(atoms: Monomial, factor: int, number: str) -> str:
    if not atoms:
        return format(factor, number)
    ordered = "*".join(sorted(atoms, key=lambda atom: isinstance(atom, Floor)))
    return {1: "", -1: "-"}.get(factor, f"{format(factor, number)}*") + ordered
