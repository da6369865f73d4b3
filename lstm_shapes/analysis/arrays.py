"""A size evaluated on arrays, exactly: int64 where no intermediate can leave it, else Python's integers.

The bound is proven with the largest value of each symbol, before anything is computed: int64 wraps without a word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lstm_shapes.symbolic.poly import Floor, Monomial, at_least, terms_of
from lstm_shapes.symbolic.size import Size, names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

INT64 = 2**63 - 1


def over(size: Size, axes: Mapping[str, Sequence[int]]) -> Array:
    """The size at every point: an array with an axis for each of ``axes``, of int64 or, where needed, of integers.

    >>> from lstm_shapes.symbolic.size import symbol
    >>> over(symbol("H") * symbol("T"), {"H": [1, 2], "T": [3, 4]}).tolist()
    [[3, 4], [6, 8]]
    >>> int(over(symbol("H") * symbol("H"), {"H": [2**62]})[0]) == 2**124
    True
    """
    import numpy as np

    shape = tuple(len(values) for values in axes.values())
    largest = {name: values[-1] if isinstance(values, range) else max(values) for name, values in axes.items()}
    limit = bound(size, largest)
    dtype = np.int64 if limit is not None and limit < INT64 else object
    grid = {}
    for number, (name, values) in enumerate(axes.items()):
        wide = [1] * len(shape)
        wide[number] = -1
        if isinstance(values, range) and dtype is np.int64:
            array = np.arange(values.start, values[-1] + 1, values.step, dtype=np.int64)
        else:
            array = np.array(values, dtype=dtype)
        grid[name] = array.reshape(wide)
    return np.broadcast_to(np.asarray(evaluated(terms_of(size), grid), dtype=dtype), shape)


Terms = Sequence[tuple[Monomial, int]]
Groups = dict[tuple[Floor, ...], dict[int, list[tuple[Monomial, int]]]]


def evaluated(terms: Terms, grid: Mapping[str, Array]) -> Any:
    """The sum of terms: by powers of one axis (Horner), with coefficients that need only the other axes.

    The axis is the one that leaves the least work at full size.
    """
    used = {name for monomial, _ in terms for atom in monomial for name in _names(atom)}
    if not used:
        return sum(factor for _, factor in terms)
    grouped = {name: _grouped(terms, name) for name in sorted(used)}
    name = min(grouped, key=lambda name: _work(grouped[name]) + 2 * len(terms) / grid[name].size)
    found: Any = None
    for floors, powers in grouped[name].items():
        value = evaluated(powers[max(powers)], grid)
        for power in range(max(powers) - 1, -1, -1):
            value = value * grid[name]
            if power in powers:
                value = value + evaluated(powers[power], grid)
        for atom in floors:
            value = value * (evaluated(terms_of(atom.numerator), grid) // evaluated(terms_of(atom.denominator), grid))
        found = value if found is None else found + value
    return found


def _grouped(terms: Terms, name: str) -> Groups:
    """The terms by their divisions that have the symbol, then by its power; what is left of each has it no more."""
    groups: Groups = {}
    for monomial, factor in terms:
        floors = tuple(atom for atom in monomial if isinstance(atom, Floor) and name in _names(atom))
        left = tuple(atom for atom in monomial if atom != name and atom not in floors)
        groups.setdefault(floors, {}).setdefault(monomial.count(name), []).append((left, factor))
    return groups


def _work(groups: Groups) -> int:
    """Operations on whole arrays."""
    return sum(max(powers) + len(powers) + 3 * len(floors) for floors, powers in groups.items())


def _names(atom: str) -> frozenset[str]:
    return names(atom.numerator) | names(atom.denominator) if isinstance(atom, Floor) else frozenset((atom,))


def bound(size: Size, largest: Mapping[str, int]) -> int | None:
    """What no sum or product on the way to the size exceeds; None where a division may be by less than 1."""
    limit = max(largest.values(), default=0)
    for monomial, factor in terms_of(size):
        value = abs(factor)
        for atom in monomial:
            if not isinstance(atom, Floor):
                value *= largest[atom]
                continue
            above, below = bound(atom.numerator, largest), bound(atom.denominator, largest)
            if above is None or below is None or not at_least(atom.denominator, 1):
                return None
            limit = max(limit, below)
            value *= above + 1
        limit += value
    return limit
