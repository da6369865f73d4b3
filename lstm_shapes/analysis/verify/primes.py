"""Sizes to run a model with: distinct small primes for its symbols, so that no swapped axis can hide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.graph.model import Model
from lstm_shapes.graph.shape_inference import Step, infer_shapes
from lstm_shapes.symbolic.size import bind, names

PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)


def bindings(steps: Sequence[Step], model: Model) -> Iterator[dict[str, int]]:
    """Two ways to put distinct small primes in for the symbols; one, empty, when there are none."""
    symbols = sorted(_symbols(steps, model))
    return islice((values for values in _candidates(symbols) if _fits(model, values)), 2 if symbols else 1)


def _candidates(symbols: list[str]) -> Iterator[dict[str, int]]:
    count = len(symbols)
    if not count:
        yield {}
    primes = _primes(2 * count + len(PRIMES))
    for start in range(1, len(PRIMES) if count else 0):
        yield dict(zip(symbols, primes[start:], strict=False))
        yield dict(zip(symbols, reversed(primes[start + count : start + 2 * count]), strict=False))


def _primes(count: int) -> list[int]:
    found = list(PRIMES)
    while len(found) < count:
        found.append(next(n for n in range(found[-1] + 2, 2 * found[-1], 2) if all(n % prime for prime in found)))
    return found


def _symbols(steps: Sequence[Step], model: Model) -> set[str]:
    shapes = [shape for step in steps for shape in ((*(step.inputs or ()), *(step.outputs or ())))]
    shapes += [weight.shape for step in steps for weight in step.node.layer.weights(*(step.inputs or ()))]
    shapes += [shape for shape in model.shapes if shape]
    return {name for shape in shapes for size in shape for name in names(size)}


def _fits(model: Model, values: Mapping[str, int]) -> bool:
    """Whether all layers accept these sizes and every axis is at least 1."""
    try:
        steps = bound_steps(model, values)
    except (Mismatch, ZeroDivisionError):
        return False
    shapes = (shape for step in steps for shape in (step.outputs or ((0,),)))
    return all(isinstance(size, int) and size > 0 for shape in shapes for size in shape)


def bound_steps(model: Model, values: Mapping[str, int]) -> tuple[Step, ...]:
    """The steps of a model with integers put in for its symbols."""
    nodes = tuple(node._replace(layer=node.layer.bound(values)) for node in model.graph.nodes)
    shapes = [tuple(bind(size, values) for size in shape) for shape in model.shapes if shape is not None]
    return infer_shapes(model.graph._replace(nodes=nodes), shapes)
