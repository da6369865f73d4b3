"""What a model needs of its symbols: the conditions of its layers that hold for some values only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.route import Route
from lstm_shapes.graph.shape_inference import Inferred
from lstm_shapes.graph.ties import links
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.rules.trace import calls_at
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.inequality import Where, where
from lstm_shapes.symbolic.size import at_most, names


class Needed(NamedTuple):
    """A condition of the layer called ``name``, and the route to the setting that it is about."""

    name: str
    condition: Condition
    route: Route


def conditions(reading: Reading, inferred: Inferred) -> tuple[Needed, ...]:
    """The conditions that depend on symbols: of the layers, declared widths, layers used again, tied weights."""
    needed = (*_of_layers(inferred), *_of_widths(reading, inferred), *_of_reuses(inferred), *_of_ties(inferred))
    return tuple(dict.fromkeys(needed))


def _of_layers(inferred: Inferred) -> Iterator[Needed]:
    for node in inferred.nodes:
        for route, condition in node.layer.undecided(*node.inputs) if node.known and node.inputs else ():
            setting = (condition.field,) if condition.field else ()
            yield Needed(f"{node.name} ({node.layer.type})", condition, (*node.route, *route, *setting))


def _of_widths(reading: Reading, inferred: Inferred) -> Iterator[Needed]:
    calls = calls_at(inferred, {width.layer for width in reading.asserted_widths})
    for layer, key, expected, route in reading.asserted_widths:
        for node, _ in calls.get(layer, ()):
            arrives = node.arriving_features
            if arrives is not None:
                condition = Condition(arrives, "=", expected, key)
                if condition.holds is None:
                    yield Needed(f"{node.name} ({node.layer.type})", condition, route)


def _of_reuses(inferred: Inferred) -> Iterator[Needed]:
    for reuse in inferred.reuses():
        if reuse.fits is None:
            for condition in reuse.conditions:
                yield Needed(f"{reuse.node.name} (uses {reuse.owner.name})", condition, reuse.node.route)


def _of_ties(inferred: Inferred) -> Iterator[Needed]:
    for link in links(inferred) if inferred.has_ties else ():
        route = (*link.node.route, "tied_to", link.tie.weight.replace("/", "."))
        for condition in link.conditions():
            yield Needed(f"{link.node.name} ({link.node.layer.type})", condition, route)


class Decisive(NamedTuple):
    """A condition that no other implies, where it holds, and the names of all layers that it is enough for."""

    needed: Needed
    answer: Where | None
    layers: set[str]

    @property
    def others(self) -> int:
        """How many other layers it is enough for."""
        return len(self.layers - {self.needed.name})

    def implies(self, weaker: Decisive) -> bool:
        """Whether the other condition is proven to hold wherever this one does."""
        condition, other = self.needed.condition, weaker.needed.condition
        if (condition.left, condition.relation, condition.right) == (other.left, other.relation, other.right):
            return condition.stretched == other.stretched
        if condition.stretched or other.stretched:
            return False
        mine, its = self.answer and self.answer.values, weaker.answer and weaker.answer.values
        if mine and its:
            return mine.within(its)
        return condition.bounds and other.bounds and at_most(other.over, condition.over) is True


RECENT = 20
"""With so many conditions each is compared: those that were left last."""


def decisive(needed: Iterable[Needed]) -> tuple[Decisive, ...]:
    """The conditions without those that others imply; of equal ones the first is left."""
    left: list[Decisive] = []
    for each in needed:
        new, recent = Decisive(each, _answer(each.condition), {each.name}), left[-RECENT:]
        stronger = next((old for old in recent if old.implies(new)), None)
        if stronger:
            stronger.layers.add(each.name)
            continue
        weaker = [old for old in recent if new.implies(old)]
        largest = max((old.layers for old in weaker), key=len, default=new.layers)
        largest.update(new.layers, *(old.layers for old in weaker if old.layers is not largest))
        left[-RECENT:] = [*(old for old in recent if old not in weaker), new._replace(layers=largest)]
    return tuple(left)


def _answer(condition: Condition) -> Where | None:
    return None if condition.relation == "divides" else where(condition.over, 0, exactly=condition.relation == "=")


def undecided(reading: Reading, inferred: Inferred) -> Iterator[Finding]:
    """A note for each condition that no other implies, with the values for which it holds."""
    for decided in decisive(conditions(reading, inferred)):
        (name, condition, route), answer, others = decided.needed, decided.answer, decided.others
        text = str(condition)
        if answer and answer.text != text:
            text = f"{text}: {answer.text}"
        if others:
            text = f"{text} (enough for {others:,} other layer{'s' * (others > 1)})"
        symbols = sorted(names(condition.left) | names(condition.right))
        hint = f"give {', '.join(symbols)} {'numbers' if symbols[1:] else 'a number'}, with dims or --set"
        message = f"{name}: fits where {text}"
        yield reading.document.finding("undecided", message, route, hint=hint, layer=name.partition(" ")[0])
