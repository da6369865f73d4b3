"""Tied weights: a weight of a layer that is another layer's, counted once and run as one array."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.graph.model import Tie
from lstm_shapes.graph.shape_inference import InferredGraph, InferredNode
from lstm_shapes.layers.base import NotKnown, Weight
from lstm_shapes.layers.conditions import Condition, equal_shapes
from lstm_shapes.symbolic.size import same

Place = tuple[str, str]
"""A weight in a model: the node of the outermost graph that holds it, and its key there."""

Scope = tuple[InferredGraph, Place]
"""A graph in which a name is looked up, and its place."""


class Link(NamedTuple):
    """A tie with the places that it joins; ``source`` is None where no layer has such a weight.

    ``weight`` is None where the layer itself has no such weight; ``weights`` are those that it has.
    """

    node: InferredNode
    tie: Tie
    target: Place
    weight: Weight | None
    weights: tuple[str, ...]
    source: Place | None
    source_weight: Weight | None

    @property
    def transposed(self) -> bool | None:
        """Whether the source is turned; None where the shapes do not fit for any sizes."""
        if self.weight is None or self.source_weight is None:
            return None
        shape, source = self.weight.shape, self.source_weight.shape
        for turned, other in ((False, source), (True, source[::-1])):
            if len(shape) == len(other) and all(same(a, b) is not False for a, b in zip(shape, other, strict=True)):
                return turned
        return None

    def conditions(self) -> Iterator[Condition]:
        """That the sizes of both weights are equal, where that depends on symbols."""
        if self.transposed is not None and self.weight and self.source_weight:
            shape = self.source_weight.shape[::-1] if self.transposed else self.source_weight.shape
            conditions = equal_shapes(self.weight.shape, shape)
            yield from (condition for condition in conditions if condition.holds is None)


def links(graph: InferredGraph) -> tuple[Link, ...]:
    """Every tie of a model, those inside its nested models too."""
    return tuple(_links(((graph, ("", "")),)))


def final_sources(links: tuple[Link, ...]) -> Mapping[Place, Place | None]:
    """The place at which each tied weight ends, through ties of its source; None for one that is tied to itself."""
    source = {link.target: link.source for link in links if link.source is not None}
    ends: dict[Place, Place | None] = {}
    for target in source:
        place: Place | None = target
        seen = set()
        while place in source and place not in seen:
            seen.add(place)
            place = source[place]
        ends[target] = None if place in seen else place
    return ends


def _links(scopes: tuple[Scope, ...]) -> Iterator[Link]:
    """The ties of the last of these graphs, each nested in the one before, and of those inside it."""
    graph, prefix = scopes[-1]
    for node in graph.nodes:
        if node.node.shared:
            continue
        weights = _weights(node) if node.node.ties else {}
        for tie in node.node.ties:
            found = next(filter(None, (_find(*scope, tie.source) for scope in reversed(scopes))), None)
            yield Link(
                node=node,
                tie=tie,
                target=_place(prefix, node, tie.weight),
                weight=weights.get(tie.weight),
                weights=tuple(weights),
                source=found[0] if found else None,
                source_weight=found[1] if found else None,
            )
        if node.inside:
            yield from _links((*scopes, (node.inside, _place(prefix, node, ""))))


def _find(graph: InferredGraph, prefix: Place, source: str) -> tuple[Place, Weight] | None:
    """The weight called ``layer.weight``, the layer perhaps inside nested models: ``block.layer.weight``."""
    for node in graph.nodes:
        if source.startswith(f"{node.name}."):
            rest = source[len(node.name) + 1 :]
            weight = _weights(node).get(rest.replace(".", "/"))
            if weight is not None and not node.inside:
                return _place(prefix, node, weight.key), weight
            found = _find(node.inside, _place(prefix, node, ""), rest) if node.inside else None
            if found:
                return found
    return None


def _place(prefix: Place, node: InferredNode, key: str) -> Place:
    owner, before = prefix
    if not owner:
        return node.owner, key
    return owner, f"{before}{node.owner}/{key}"


def _weights(node: InferredNode) -> dict[str, Weight]:
    """The weights of a layer by key; none where they depend on shapes that are not known."""
    try:
        return {weight.key: weight for weight in node.layer.weights(*node.count_inputs)}
    except (Mismatch, NotKnown):
        return {}
