"""Sizes: exact integers, or polynomials in the author's own symbols.

``Size = int | Poly``. A result that is constant *is* an ``int``, so an ordinary model never meets ``Poly``. Symbols
stand for integers >= 1. ``==`` is structural; ``same`` and ``at_most`` ask the mathematical question and may answer
``None``: it depends on the symbols. There is no ``<``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from math import gcd, prod
from typing import Any, Union

Size = Union[int, "Poly"]
Shape = tuple[Size, ...]
Monomial = tuple[str, ...]
"""The factors of a product, sorted, a power written out: ``("H", "H", "T")``; each is a symbol's name or a Floor."""
Terms = tuple[tuple[Monomial, int], ...]

MAX_TERMS = 2_000
MAX_DEPTH = 50
MAX_TEXT = 1_000
MAX_INT = 2**63 - 1
"""The largest size that may be written down: no framework's array has a longer axis. Results may be larger."""


class SizeError(ValueError):
    """A text that is no size, or an expression with more terms than anybody means; ``at`` counts characters from 0."""

    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.at = at


class Unbound(ValueError):
    """A number was asked for while symbols without a value are left: ``names``."""

    def __init__(self, unbound: Iterable[str]) -> None:
        self.names = tuple(sorted(unbound))
        super().__init__(f"no value for {', '.join(self.names)}")


class Floor(str):
    """A floor division that does not come out even: an atom that knows what it stands for.

    The text is canonical and stands in brackets, so equal divisions are equal strings.
    """

    numerator: Size
    denominator: Size
    weight: int
    """Atoms in it when divisions are written out: what a walk through it costs."""
    depth: int

    def __new__(cls, numerator: Size, denominator: Size) -> "Floor":
        atoms = [atom for size in (numerator, denominator) for monomial, _ in _terms(size) for atom in monomial]
        inner = [atom for atom in atoms if isinstance(atom, Floor)]
        weight = len(atoms) + sum(floor.weight for floor in inner)
        depth = 1 + max((floor.depth for floor in inner), default=0)
        if weight > MAX_TERMS or depth > MAX_DEPTH:
            raise SizeError(
                f"an expression of more than {MAX_TERMS:,} terms or {MAX_DEPTH} divisions inside one another"
            )
        above = str(numerator)
        above = f"({above})" if len(_terms(numerator)) > 1 or above.startswith("-") else above
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

    __slots__ = ("_hash", "terms")
    terms: Terms

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._hash = hash(terms)

    def __add__(self, other: Size) -> Size:
        return _canonical(_sum((*self.terms, *_terms(other))))

    def __mul__(self, other: Size) -> Size:
        if isinstance(other, int):
            return _canonical({monomial: factor * other for monomial, factor in self.terms})
        if len(self.terms) * len(other.terms) > 10 * MAX_TERMS:
            raise SizeError(f"an expression of more than {MAX_TERMS:,} terms")
        products = ((tuple(sorted(m + n)), a * b) for m, a in self.terms for n, b in other.terms)
        return _canonical(_sum(products))

    def __neg__(self) -> Size:
        return self * -1

    def __sub__(self, other: Size) -> Size:
        return self + other * -1

    def __rsub__(self, other: int) -> Size:
        return self * -1 + other

    def __floordiv__(self, other: Size) -> Size:
        return _divide(self, other)

    def __rfloordiv__(self, other: int) -> Size:
        return _divide(other, self)

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poly) and self.terms == other.terms

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type["Poly"], tuple[Terms]]:
        return Poly, (self.terms,)

    def __str__(self) -> str:
        return _written(self, "d")

    def __repr__(self) -> str:
        return f"Poly({self})"


def is_symbol(name: str) -> bool:
    """Whether ``name`` can stand as a symbol: a letter or underscore, then letters, digits and underscores.

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


def names(size: Size) -> frozenset[str]:
    """The symbols that a size depends on.

    >>> sorted(names(parse("B*(T//2) + 3")))
    ['B', 'T']
    """
    return frozenset(name for monomial, _ in _terms(size) for atom in monomial for name in _names_in(atom))


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
    """The size computed with whatever stands for its symbols: integers, sizes, or arrays of integers.

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
    if _at_least(difference, 1) or _at_least(-difference, 1):
        return False
    constant = dict(difference.terms).get((), 0)
    return False if constant % gcd(*(factor for monomial, factor in difference.terms if monomial)) else None


def at_most(a: Size, limit: Size) -> bool | None:
    """Whether ``a <= limit`` holds for all symbols (True), for none (False), or it depends (None).

    >>> H = symbol("H")
    >>> at_most(H, 2 * H), at_most(H + 1, H), at_most(H, 8)
    (True, False, None)
    """
    room = limit - a
    if _at_least(room, 0):
        return True
    return False if _at_least(-room, 1) else None


def total(sizes: Iterable[Size]) -> Size:
    """The sum of sizes, gathered once: linear in their number.

    >>> total([symbol("H"), 2, symbol("H")])
    Poly(2*(H + 1))
    """
    return _canonical(_sum(term for size in sizes for term in _terms(size)))


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
    return f"{size:,}" if isinstance(size, int) else _written(size, ",d")


def shown(shape: Iterable[Size]) -> str:
    """A shape as a tuple of sizes.

    >>> shown((symbol("B"), 32)), shown((7,))
    ('(B, 32)', '(7,)')
    """
    sizes = [str(size) for size in shape]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def parse(text: str) -> Size:
    """The size that ``text`` writes: integers, symbols, ``+ - * //`` and brackets.

    Raises ``SizeError`` with what was found, what was expected and where.

    >>> parse("2*H + T*H")
    Poly(H*(T + 2))
    """
    if len(text) > MAX_TEXT:
        raise SizeError(f"a size of {len(text):,} characters; at most {MAX_TEXT:,} are read")
    return _Parser(text).size()


def divide_exactly(a: Size, b: Size) -> Size | None:
    """``a / b`` when it comes out even for all symbols, else None. Raises ``SizeError`` when telling takes too long.

    >>> divide_exactly(parse("H*T + T"), parse("H + 1"))
    Poly(T)
    """
    quotient: Size = 0
    lead, by = _terms(b)[0] if b != 0 else ((), 0)
    work = 0
    while by and a != 0:
        work += len(_terms(a))
        if work > 10 * MAX_TERMS:
            raise SizeError(f"a division of more than {10 * MAX_TERMS:,} terms")
        monomial, factor = _terms(a)[0]
        left = _without(monomial, lead)
        if left is None or factor % by:
            return None
        step = _canonical({left: factor // by})
        quotient, a = quotient + step, a - step * b
    return quotient if by else None


def _terms(size: Size) -> Terms:
    return size.terms if isinstance(size, Poly) else (((), size),)


def _sum(terms: Iterable[tuple[Monomial, int]]) -> dict[Monomial, int]:
    gathered: dict[Monomial, int] = {}
    for monomial, factor in terms:
        gathered[monomial] = gathered.get(monomial, 0) + factor
    return gathered


def _canonical(gathered: dict[Monomial, int]) -> Size:
    """Highest degree first, then by name: a monomial order, so that the first term leads in a division."""
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


def _common(terms: Terms) -> tuple[int, Monomial]:
    """The integer and the atoms that divide every term."""
    shared = list(terms[0][0])
    for monomial, _ in terms[1:]:
        left = list(monomial)
        for atom in tuple(shared):
            (left if atom in left else shared).remove(atom)
    return gcd(*(factor for _, factor in terms)), tuple(shared)


def _names_in(atom: str) -> Iterable[str]:
    return names(atom.numerator) | names(atom.denominator) if isinstance(atom, Floor) else (atom,)


def _atom_value(atom: str, values: Mapping[str, Any]) -> Any:
    if isinstance(atom, Floor):
        return evaluate(atom.numerator, values) // evaluate(atom.denominator, values)
    return values[atom]


def _divide(a: Size, b: Size) -> Size:
    if b == 0:
        raise ZeroDivisionError("a size divided by zero")
    if isinstance(b, int):
        return _divide_by_number(a, b) if b > 0 else _divide_by_number(-a, -b)
    even = divide_exactly(a, b)
    if even is not None and (_at_least(b, 1) or _at_least(-b, 1)):
        return even
    if len(b.terms) == 1 and b.terms[0][1] > 0 and not any(isinstance(atom, Floor) for atom in b.terms[0][0]):
        return _divide_by_product(a, *b.terms[0])
    return Poly((((Floor(a, b),), 1),))


def _divide_by_number(a: Size, b: int) -> Size:
    """Whole multiples of ``b`` come out of the floor; what is left has factors in [0, b)."""
    whole = _canonical({monomial: factor // b for monomial, factor in _terms(a)})
    rest = _canonical({monomial: factor % b for monomial, factor in _terms(a)})
    if isinstance(rest, int):
        return whole
    shared = gcd(b, *(factor for monomial, factor in rest.terms if monomial))
    if shared > 1:
        return whole + _divide_by_number(_canonical({m: f // shared for m, f in rest.terms}), b // shared)
    monomial, factor = rest.terms[0]
    only = monomial[0] if len(monomial) == 1 and factor == 1 and len(rest.terms) <= 2 else ""
    if isinstance(only, Floor) and isinstance(only.denominator, int) and all(len(m) < 1 for m, _ in rest.terms[1:]):
        inner = only.numerator + (rest - Poly(rest.terms[:1])) * only.denominator
        return whole + _divide(inner, only.denominator * b)
    return whole + Poly((((Floor(rest, b),), 1),))


def _divide_by_product(a: Size, atoms: Monomial, factor: int) -> Size:
    """Division by ``factor * atoms``, which is >= 1: multiples come out, what all terms share cancels."""
    whole: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, times in _terms(a):
        left = _without(monomial, atoms)
        if left is not None:
            whole[left] = times // factor
        rest[monomial] = times if left is None else times % factor
    remainder = _canonical(rest)
    if isinstance(remainder, int) and 0 <= remainder < factor:
        return _canonical(whole)
    number, shared = _common((*_terms(remainder), (atoms, factor)))
    above = _canonical({_without(m, shared) or (): f // number for m, f in _terms(remainder)})
    below = _canonical({_without(atoms, shared) or (): factor // number})
    if number > 1 or shared:
        return _canonical(whole) + _divide(above, below)
    return _canonical(whole) + Poly((((Floor(remainder, below),), 1),))


@lru_cache(maxsize=4096)
def _at_least(size: Size, bound: int) -> bool:
    """Whether it is certain that ``size >= bound``: every atom is written as its least value plus something >= 0."""
    if isinstance(size, int):
        return size >= bound
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
    return all(factor >= 0 for monomial, factor in _terms(shifted) if monomial) and _constant(shifted) >= bound


def _constant(size: Size) -> int:
    monomial, factor = _terms(size)[-1]
    return 0 if monomial else factor


def _least(atom: str) -> int | None:
    """A number that the atom is certainly not below."""
    if not isinstance(atom, Floor):
        return 1
    return 0 if _at_least(atom.numerator, 0) and _at_least(atom.denominator, 1) else None


def _written(size: Poly, number: str) -> str:
    """Common factors taken out; highest degree first, the constant last."""
    factor, atoms = _common(size.terms)
    if size.terms[0][1] < 0 and all(f < 0 for _, f in size.terms):
        factor = -factor
    inner = [(_without(monomial, atoms) or (), f // factor) for monomial, f in size.terms]
    if len(inner) == 1:
        return _term(atoms, factor, number)
    text = "".join(_signed(_term(monomial, f, number), first=not i) for i, (monomial, f) in enumerate(inner))
    if factor == 1 and not atoms:
        return text
    return f"-({text})" if factor == -1 and not atoms else f"{_product(atoms, factor, number)}*({text})"


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


@lru_cache(maxsize=1)
def _tokens() -> re.Pattern[str]:
    """Made when the first expression is read: most files have none."""
    return re.compile(r"\s*(?:(?P<int>[0-9]+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<op>//|[-+*()])|(?P<other>\S))")


class _Parser:
    """Recursive descent over the tokens; ``+ -`` below ``* //`` below a sign below brackets."""

    def __init__(self, text: str) -> None:
        self.tokens: Iterator[re.Match[str]] = _tokens().finditer(text)
        self.end = len(text)
        self.depth = 0
        self.advance()

    def size(self) -> Size:
        size = self.sum()
        if self.kind:
            raise self.unexpected("an operator (+ - * //) or the end")
        return size

    def advance(self) -> None:
        match = next(self.tokens, None)
        self.kind = match.lastgroup or "" if match else ""
        self.token = match[self.kind] if match else ""
        self.at = match.start(self.kind) if match else self.end

    def unexpected(self, expected: str) -> SizeError:
        return SizeError(f"expected {expected}, got {repr(self.token) if self.kind else 'the end'}", self.at)

    def sum(self) -> Size:
        size = self.product()
        while self.token in ("+", "-"):
            sign = 1 if self.token == "+" else -1
            self.advance()
            size = size + sign * self.product()
        return size

    def product(self) -> Size:
        size = self.factor()
        while self.token in ("*", "//"):
            operator, at = self.token, self.at
            self.advance()
            other = self.factor()
            if operator == "//" and other == 0:
                raise SizeError("a division by zero", at)
            size = size * other if operator == "*" else size // other
        return size

    def factor(self) -> Size:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SizeError(f"more than {MAX_DEPTH} brackets or signs inside one another", self.at)
        size = self.atom()
        self.depth -= 1
        return size

    def atom(self) -> Size:
        kind, token, at = self.kind, self.token, self.at
        if kind == "int":
            return self.number(token, at)
        if kind == "name":
            self.advance()
            return symbol(token)
        if token == "-":
            self.advance()
            return -self.factor()
        if token != "(":
            raise self.unexpected("a number, a name or a bracket")
        self.advance()
        size = self.sum()
        if self.token != ")":
            raise self.unexpected("a closing bracket")
        self.advance()
        return size

    def number(self, token: str, at: int) -> int:
        if len(token.lstrip("0")) > len(str(MAX_INT)) or int(token) > MAX_INT:
            raise SizeError(f"a number of {len(token)} digits; the largest size is {MAX_INT:,}", at)
        self.advance()
        return int(token)
