"""A parameter formula as people write it, ``4*units*(input_dim + units + 1)``: unsimplified, to be worked through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import prod
from typing import NamedTuple

from lstm_shapes.symbolic.size import Poly, Size, product, readable, total

Factor = str | int
Product = tuple[Factor, ...]


class Term(NamedTuple):
    """``outer`` times the sum of the ``inner`` products."""

    outer: Product
    inner: tuple[Product, ...]

    def rename(self, words: Mapping[str, Product]) -> Term:
        """The term with other words for some of its factors."""
        return Term(_renamed(self.outer, words), _alike([_renamed(factors, words) for factors in self.inner]))


class Formula(NamedTuple):
    """A sum of terms; ``values`` gives the value of each word in this layer.

    >>> weights = [(4, "units", "in"), (4, "units", "units"), (4, "units")]
    >>> lstm = Formula.of(weights, shared=2, values={"units": 32, "in": 8})
    >>> str(lstm), lstm.put(), lstm.result()
    ('4*units*(in + units + 1)', '4*32*(8 + 32 + 1)', 5248)
    """

    terms: tuple[Term, ...]
    values: Mapping[str, Size]

    @classmethod
    def of(cls, products: Iterable[Product], *, shared: int, values: Mapping[str, Size]) -> Formula:
        """Products, those that begin with the same ``shared`` factors gathered into one term."""
        return cls(_gathered(tuple(products), shared), values)

    def __str__(self) -> str:
        return _written(self.terms)

    def put(self) -> str:
        """The formula with the values put in for the words."""
        words = {word: _bracketed(value) for word, value in self.values.items()}
        return " + ".join(_term(term, words) for term in self.terms) or "0"

    def result(self) -> Size:
        """What the formula comes to."""
        return total(
            self._value(term.outer) * total(self._value(factors) for factors in term.inner) for term in self.terms
        )

    def times(self, count: int) -> Formula:
        """The formula ``count`` times over."""
        return Formula(tuple(Term((count, *term.outer), term.inner) for term in self.terms), self.values)

    def rename(self, words: Mapping[str, Product], values: Mapping[str, Size]) -> Formula:
        """The formula in other words, with the values of the new ones."""
        return Formula(tuple(term.rename(words) for term in self.terms), values)

    def plus(self, other: Formula) -> Formula:
        """Both formulas' terms, equal ones counted; a word must mean the same in both."""
        return Formula((*self.terms, *other.terms), {**self.values, **other.values})

    def gathered(self) -> Formula:
        """Equal terms written once, with their number in front."""
        counts: dict[Term, int] = {}
        for term in self.terms:
            counts[term] = counts.get(term, 0) + 1
        terms = (Term((n, *term.outer), term.inner) if n > 1 else term for term, n in counts.items())
        return Formula(tuple(terms), self.values)

    def _value(self, factors: Product) -> Size:
        return product(self.values[factor] if isinstance(factor, str) else factor for factor in factors)


@lru_cache(maxsize=1024)
def _gathered(products: tuple[Product, ...], shared: int) -> tuple[Term, ...]:
    gathered: dict[Product, list[Product]] = {}
    for factors in products:
        gathered.setdefault(factors[:shared], []).append(factors[shared:])
    return tuple(Term(outer, _gather_ones(inner)) for outer, inner in gathered.items())


@lru_cache(maxsize=1024)
def _written(terms: tuple[Term, ...]) -> str:
    return " + ".join(_term(term, {}) for term in terms) or "0"


def _term(term: Term, words: Mapping[str, str]) -> str:
    outer = _times(term.outer, words)
    if len(term.inner) == 1:
        (inner,) = term.inner
        # 4*channels, not channels*4
        counted = bool(inner) and isinstance(inner[0], int) and all(isinstance(factor, str) for factor in term.outer)
        return _times((*inner, *term.outer) if counted else (*term.outer, *inner), words) or "1"
    added = " + ".join(_times(factors, words) or "1" for factors in term.inner)
    return f"{outer}*({added})" if outer else added


def _times(factors: Product, words: Mapping[str, str]) -> str:
    return "*".join(words.get(factor, factor) if isinstance(factor, str) else str(factor) for factor in factors)


def _renamed(factors: Product, words: Mapping[str, Product]) -> Product:
    return tuple(
        new for factor in factors for new in (words.get(factor, (factor,)) if isinstance(factor, str) else (factor,))
    )


def _alike(inner: list[Product]) -> tuple[Product, ...]:
    """Products of the same words written once, with their number: ``3*units``, not ``2*units + units``."""
    counts: dict[Product, int] = {}
    for factors in inner:
        number = prod(factor for factor in factors if isinstance(factor, int))
        words = tuple(factor for factor in factors if isinstance(factor, str))
        counts[words] = counts.get(words, 0) + number
    return tuple((number, *words) if number > 1 else words for words, number in counts.items())


def _gather_ones(inner: list[Product]) -> tuple[Product, ...]:
    """Two biases are written ``2``, not ``1 + 1``."""
    ones = inner.count(())
    return tuple(factors for factors in inner if factors) + ((((ones,) if ones > 1 else ()),) if ones else ())


def _bracketed(value: Size) -> str:
    text = readable(value)
    return f"({text})" if isinstance(value, Poly) and (" " in text or "//" in text) else text
