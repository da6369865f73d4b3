"""Random values for the fields of a layer, by the kind that its declaration names, from a small pool of sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.layers.activation_names import NAMES

Entry = dict[str, Any]
SIZES = (1, 2, 3, 4, 6)
SYMBOLS = ("T", "H", "K", "2*H", "K + 1", "T*H")
MADE_BY_THE_READER = ("frozen", "implied", "layers")
"""Kinds of fields that an entry cannot set."""


class Draw(Random):
    """A source of random values; ``symbolic`` has symbols among the sizes."""

    def __init__(self, seed: str, *, symbolic: bool = False) -> None:
        super().__init__(seed)
        self.symbolic = symbolic

    def chance(self, probability: float) -> bool:
        """True that often."""
        return self.random() < probability

    def size(self, *more: int) -> Any:
        """A size of the pool, or a symbol."""
        if self.symbolic and self.chance(0.4):
            return self.choice(SYMBOLS)
        return self.choice((*SIZES, *more))

    def several(self, value: Callable[[], Any], most: int = 3) -> list[Any]:
        """A list of one value to ``most``."""
        return [value() for _ in range(self.randint(1, most))]

    def axis(self) -> int:
        """An axis from either end."""
        return self.choice((-1, -1, 1, 1, 2, -2, 0, 3, -3))

    def axes(self, most: int = 3) -> list[int]:
        """Axes, each once."""
        return self.sample((0, 1, 2, 3, -1, -2), self.randint(1, most))

    def shape(self, rank: int) -> list[Any]:
        """A shape with the batch first: the kernels of the pool fit most of its axes."""
        batch = "B" if self.symbolic else 3
        return [batch, *(self.size(5, 6, 8) for _ in range(rank - 1))]

    def kernel(self) -> Any:
        """A small size, or one for each of one to three axes."""
        number = lambda: self.choice((1, 1, 2, 3))  # noqa: E731
        return number() if self.chance(0.6) else self.several(number)


def _padding(draw: Draw, *words: str) -> Any:
    pair = lambda: [draw.choice((0, 1, 2)), draw.choice((0, 1, 2))]  # noqa: E731
    ends = lambda: draw.choice((0, 1, 2, pair()))  # noqa: E731
    return draw.choice((*words, *words, 1, 2, draw.several(ends)))


def _ends(draw: Draw) -> Any:
    return _padding(draw, *())


def _permutation(draw: Draw) -> list[int]:
    first = draw.choice((0, 1))
    axes = list(range(first, first + draw.randint(2, 3 + (first == 0))))
    draw.shuffle(axes)
    return axes


def _target(draw: Draw) -> list[Any]:
    sizes = draw.several(draw.size)
    if draw.chance(0.6):
        sizes[draw.randrange(len(sizes))] = -1
    return sizes


KINDS: dict[str, Callable[[Draw], Any]] = {
    "size": lambda draw: draw.size(),
    "optional_size": lambda draw: draw.size(),
    "flag": lambda draw: draw.choice((False, True)),
    "rate": lambda draw: draw.choice((0.2, 0.5)),
    "number": lambda draw: draw.choice((0.25, 0.5, 1.5)),
    "number_from_0": lambda draw: draw.choice((0.25, 0.5)),
    "optional_limit": lambda draw: draw.choice((1.0, 6.0)),
    "activation": lambda draw: draw.choice(NAMES),
    "integer": Draw.axis,
    "integers": _permutation,
    "axes": lambda draw: draw.axis() if draw.chance(0.6) else draw.axes(),
    "axis_or_axes": lambda draw: draw.axis() if draw.chance(0.6) else draw.axes(2),
    "optional_axes": lambda draw: draw.axes(2),
    "sizes": lambda draw: draw.several(draw.size, 2),
    "optional_sizes": lambda draw: draw.several(draw.size, 2),
    "size_or_all": lambda draw: draw.choice((-1, 1, 2, 3)),
    "sizes_or_one": Draw.kernel,
    "optional_sizes_or_one": Draw.kernel,
    "sizes_or_zero": lambda draw: (
        draw.choice((0, 1)) if draw.chance(0.6) else draw.several(lambda: draw.choice((0, 1)))
    ),
    "sizes_or_kept": lambda draw: (
        draw.choice((1, 2, 3)) if draw.chance(0.5) else draw.several(lambda: draw.choice((None, 1, 2)))
    ),
    "ends": _ends,
    "padding": lambda draw: _padding(draw, "valid", "same"),
    "causal_padding": lambda draw: _padding(draw, "valid", "same", "causal"),
    "target": _target,
    "shape": lambda draw: draw.shape(draw.randint(2, 4)),
    "any_shape": lambda draw: draw.shape(draw.randint(2, 4)),
    "count": lambda draw: draw.choice((0, 7, 120)),
    "text": lambda draw: draw.choice(("CumSum", "Own")),
    "positive": lambda draw: draw.randint(1, 3),
    "position": lambda draw: draw.choice((None, 0, 1, 2, -1, -2)),
    "cells": lambda draw: [entry(draw, draw.choice(CELLS)) for _ in range(draw.randint(1, 3))],
    "layer": lambda draw: entry(draw, draw.choice(WITHIN)),
}
"""A kind of field -> a value for it; a choice has its own."""
OF_FIELD: dict[str, Callable[[Draw], Any]] = {
    "backward_layer": lambda draw: {**entry(draw, draw.choice(RECURRENT)), "go_backwards": True},
    "bidirectional.layer": lambda draw: entry(draw, draw.choice(RECURRENT)),
    "epsilon": lambda draw: draw.choice((1e-3, 1e-5)),
    "gather.indices": lambda draw: draw.several(lambda: draw.choice((0, 1, -1))),
    "index": lambda draw: draw.choice((0, 1, -1, -2)),
    "leaky_relu.negative_slope": lambda draw: draw.choice((0.1, 0.5)),  # Keras' NumPy backend is wrong above 1
    "momentum": lambda draw: draw.choice((0.5, 0.9)),
    "permute.dims": lambda draw: draw.choice(([1, 2], [2, 1], [2, 1, 3], [3, 1, 2], [1, 3, 2], [2, 3, 1])),
    "step": lambda draw: draw.choice((1, 2, -1, -2)),
    "vocab": lambda draw: draw.choice((7, 11)),
}
"""A field, or one of a type, whose kind allows more than suits it."""
RECURRENT = tuple(type_ for type_ in FAMILIES if family(type_).recurrent)
CELLS = tuple(type_ for type_ in FAMILIES if type_.endswith("_cell"))
WITHIN = tuple(type_ for type_ in FAMILIES if family(type_).arity == (1, 1) and type_ not in ("time_distributed",))
ENUMERATED = ("flag", "choice")
"""Kinds of which every value is to be drawn; of the others one that is set."""


class Target(NamedTuple):
    """What a random model is to have: a type, with a field at a value; ``SET`` is any value, '' no field."""

    type: str
    field: str = ""
    value: Any = None


SET = "set"
NOTHING = Target("")


def settable(type_: str) -> dict[str, Field[Any]]:
    """The fields that an entry of the type can set."""
    return {one.name: one for one in fields(family(type_)) if one.metadata["kind"] not in MADE_BY_THE_READER}


@lru_cache(maxsize=1)
def targets() -> tuple[Target, ...]:
    """Every family with every field and each of its values: first one of every family, then the next of each."""
    of_types = {type_: _targets(type_) for type_ in FAMILIES}
    longest = max(map(len, of_types.values()))
    return tuple(of[number] for number in range(longest) for of in of_types.values() if number < len(of))


def _targets(type_: str) -> list[Target]:
    found = [Target(type_)]
    for name, one in settable(type_).items():
        found += [Target(type_, name, value) for value in _all_values(one)]
    return found + [Target(type_, "activation", name) for name in NAMES] * (type_ == "activation")


def _all_values(one: Field[Any]) -> Sequence[Any]:
    kind = one.metadata["kind"]
    if kind not in ENUMERATED:
        return (SET,)
    return one.metadata["choices"] or (False, True)


def value(draw: Draw, type_: str, name: str, kinds: Mapping[str, Callable[[Draw], Any]] | None = None) -> Any:
    """A random value of a field; raises ``LookupError`` on a kind that this file does not know."""
    kind, choices = (settable(type_)[name].metadata[key] for key in ("kind", "choices"))
    make = OF_FIELD.get(f"{type_}.{name}") or OF_FIELD.get(name) or (KINDS if kinds is None else kinds).get(kind)
    if choices:
        return draw.choice(choices)
    if make is None:
        raise LookupError(f"{type_}.{name}: add values for fields of kind {kind} to tests/random_models/values.py")
    return make(draw)


def entry(draw: Draw, type_: str, target: Target = NOTHING) -> Entry:
    """A layer with what it needs, what ``target`` asks for, and a few other settings."""
    either = draw.sample(family(type_).either, 1) if family(type_).either else []
    if target.type == type_ and target.field in family(type_).either:
        either = [target.field]
    often = draw.choice((0.0, 0.2, 0.5))
    made: Entry = {"type": type_}
    for name, one in settable(type_).items():
        needed = name in either or (one.default is MISSING and (type_, name) != ("bidirectional", "backward_layer"))
        asked = target.type == type_ and target.field == name
        if needed or asked or (draw.chance(often) and name not in family(type_).either):
            made[name] = target.value if asked and target.value != SET else value(draw, type_, name)
    return made


def facts(entries: list[Entry]) -> set[Target]:
    """What the layers of a model have of ``targets``, those inside others too."""
    return {fact for one in entries for fact in _facts(one)}


def _facts(one: Entry) -> set[Target]:
    type_ = one.get("type", "")
    found: set[Target] = set()
    if type_ in FAMILIES:
        found = {Target(type_)}
        for name, field in settable(type_).items():
            if field.metadata["kind"] in ENUMERATED:
                found.add(Target(type_, name, one.get(name, field.default)))
            elif name in one:
                found |= {
                    Target(type_, name, SET),
                    *([Target(type_, name, one[name])] if type_ == "activation" else []),
                }
    inside = [inner for value in one.values() for inner in (value if isinstance(value, list) else [value])]
    return found | {fact for inner in inside if isinstance(inner, dict) for fact in _facts(inner)}
