"""Sizes to run a model with: distinct small primes for its symbols, so that no swapped axis can hide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from math import gcd, lcm, prod

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.graph.model import Model
from lstm_shapes.graph.shape_inference import Inferred, infer
from lstm_shapes.graph.ties import links
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.symbolic.size import Poly, Size, bind, fixed, is_symbol, names

PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)
MORE = 90
"""How many more primes are tried where a layer needs a size that is large enough."""
MAX_DIVISOR = 1_000
"""The largest value that is tried for a symbol that must divide a number."""


def bindings(inferred: Inferred) -> Iterator[tuple[dict[str, int], Inferred]]:
    """Two ways to put distinct small primes in for the symbols, each with the model inferred in these numbers.

    One, empty, when there are no symbols; the model is then itself.
    """
    symbols = sorted(_symbols(inferred))
    if not symbols:
        if _runs(inferred):
            yield {}, inferred
        return
    conditions = [
        condition
        for node in inferred.nodes
        if node.known and node.inputs
        for _, condition in node.layer.undecided(*node.inputs)
    ]
    conditions += [condition for reuse in inferred.reuses() for condition in reuse.conditions]
    conditions += (
        [condition for link in links(inferred) for condition in link.conditions()] if inferred.has_ties else []
    )
    counts = {str(size) for node in inferred.nodes for size in node.layer.layer_counts if is_symbol(str(size))}
    small = {**dict.fromkeys(counts, PRIMES[1]), **_bounds(conditions)}
    yield from islice(_fitting(inferred.model, symbols, conditions, small), 2)


def _fitting(
    model: Model, symbols: list[str], conditions: list[Condition], small: Mapping[str, int]
) -> Iterator[tuple[dict[str, int], Inferred]]:
    given, multiples, divisors = _given(conditions), _multiples(conditions), _divisors(conditions)
    of_symbols = _multiples_of_symbols(conditions)
    free, taken = [name for name in symbols if name not in given], 0
    for number, primes in enumerate(_candidates(free, MORE if conditions else 0) if free else ({},)):
        chosen = {name: prime * multiples.get(name, 1) for name, prime in primes.items()}
        chosen |= {name: most - (taken + number // 20) % 2 for name, most in small.items() if name in chosen}
        chosen |= {name: fitting[number % len(fitting)] for name, fitting in divisors.items() if name in chosen}
        for name, times in of_symbols.items():
            if name in chosen:
                chosen[name] *= prod(chosen.get(symbol, 1) for symbol in times)
        values = chosen | {name: fixed(value, chosen) for name, value in given.items()}
        try:
            if not all(condition.bound(values).holds for condition in conditions):
                continue
            numbers = infer(_bound(model, values))
        except (Mismatch, ZeroDivisionError):
            continue
        if _runs(numbers):
            yield values, numbers
            taken += 1


def _given(conditions: Iterable[Condition]) -> dict[str, Size]:
    """The symbols that must equal a number or another symbol, which is not itself among them."""
    given: dict[str, Size] = {}
    for condition in conditions:
        pair = [bind(side, given) for side in (condition.left, condition.right)]
        pair.sort(key=lambda side: not is_symbol(str(side)))
        name, value = str(pair[0]), pair[1]
        simple = is_symbol(name) and (isinstance(value, int) or is_symbol(str(value)))
        if condition.relation == "=" and simple and name != str(value):
            given = {other: bind(size, {name: value}) for other, size in given.items()} | {name: value}
    return given


def _bounds(conditions: Iterable[Condition]) -> dict[str, int]:
    """The symbols that are 1 or 2, as directions are."""
    return {str(condition.left): 2 for condition in conditions if condition.relation == "<=" and condition.right == 2}


def _multiples(conditions: Iterable[Condition]) -> dict[str, int]:
    """The numbers of which symbols must be multiples."""
    multiples: dict[str, int] = {}
    for condition in conditions:
        number, name = condition.left, str(condition.right)
        if condition.relation == "divides" and isinstance(number, int) and is_symbol(name):
            multiples[name] = lcm(multiples.get(name, 1), number)
    return multiples


def _divisors(conditions: Iterable[Condition]) -> dict[str, list[int]]:
    """The values of symbols that must divide numbers, the smallest above 1 first; 1 where there is no other."""
    common: dict[str, int] = {}
    for condition in conditions:
        name, number = str(condition.left), condition.right
        if condition.relation == "divides" and isinstance(number, int) and is_symbol(name):
            common[name] = gcd(common.get(name, 0), number)
    return {
        name: [size for size in range(2, min(number, MAX_DIVISOR) + 1) if number % size == 0] or [1]
        for name, number in common.items()
    }


def _multiples_of_symbols(conditions: Iterable[Condition]) -> dict[str, set[str]]:
    """The symbols of which other symbols must be multiples."""
    multiples: dict[str, set[str]] = {}
    for condition in conditions:
        divisor, name = str(condition.left), str(condition.right)
        if condition.relation == "divides" and is_symbol(divisor) and is_symbol(name) and divisor != name:
            multiples.setdefault(name, set()).add(divisor)
    return multiples


def _candidates(symbols: list[str], more: int) -> Iterator[dict[str, int]]:
    """Values for the symbols: small primes, then ``more`` larger ones."""
    count = len(symbols)
    primes = _primes(2 * count + more + len(PRIMES))
    for start in range(1, len(PRIMES) + more):
        yield dict(zip(symbols, primes[start:], strict=False))
        yield dict(zip(symbols, reversed(primes[start + count : start + 2 * count]), strict=False))


def _primes(count: int) -> list[int]:
    primes = list(PRIMES)
    while len(primes) < count:
        primes.append(next(n for n in range(primes[-1] + 2, 2 * primes[-1], 2) if all(n % prime for prime in primes)))
    return primes


def _symbols(inferred: Inferred) -> set[str]:
    shapes = [shape for node in inferred.nodes for shape in ((*(node.inputs or ()), *(node.outputs or ())))]
    shapes += [weight.shape for node in inferred.nodes for weight in node.layer.weights(*(node.inputs or ()))]
    shapes += [shape for shape in inferred.shapes if shape]
    settings = (value for node in inferred.nodes for value in node.layer.settings().values())
    shapes += [value if type(value) is tuple else (value,) for value in settings]
    return {name for shape in shapes for size in shape if isinstance(size, Poly) for name in names(size)}


def _runs(inferred: Inferred) -> bool:
    """Whether all layers accept these sizes and every axis is a number of at least 1."""
    shapes = (shape for node in inferred.nodes for shape in (node.outputs or ((0,),)))
    return all(isinstance(size, int) and size > 0 for shape in shapes for size in shape)


def _bound(model: Model, values: Mapping[str, int]) -> Model:
    """The model with integers put in for its symbols."""
    nodes = tuple(node._replace(layer=node.layer.bound(values)) for node in model.graph.nodes)
    shapes = tuple(shape and tuple(bind(size, values) for size in shape) for shape in model.shapes)
    return model._replace(graph=model.graph._replace(nodes=nodes), shapes=shapes)
