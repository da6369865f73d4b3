"""What a rule sees: a model that was read and inferred, and the places of its layers in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from lstm_shapes.findings.route import Route
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Framework
from lstm_shapes.graph.model import Graph
from lstm_shapes.graph.shape_inference import InferredGraph, InferredNode
from lstm_shapes.layers.base import Call
from lstm_shapes.spec.keys import spellings
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Shape, Size, names


class Cell(NamedTuple):
    """A layer where its settings are written: the route and the mapping there, which a wrapper may hold.

    ``visit`` is the node it belongs to. ``arriving`` is the sequence that it reads, None where that is not known or
    does not fit; ``depth`` counts the layers of a stack that the mapping describes.
    """

    visit: InferredNode
    route: Route
    layer: Any
    written: Mapping[Any, Any]
    arriving: Shape | None
    depth: int = 1

    @property
    def name(self) -> str:
        """The layer as messages call it: ``encoder (lstm)``."""
        return f"{self.visit.name} ({self.layer.type})"

    def key(self, field: str) -> str:
        """The key under which the file sets a field: its own name or an alias, as ``use_bias`` for ``bias``."""
        keys = spellings(self.layer.type)
        return next((key for key in self.written if key in keys and keys[key].field == field), field)


class Trace:
    """A model read and inferred, as the rules see it. ``targets`` are the exporters that it must suit."""

    def __init__(self, reading: Reading, targets: frozenset[str] = frozenset()) -> None:
        self.reading, self.targets = reading, targets

    @property
    def framework(self) -> Framework | None:
        """The framework whose rules count."""
        return FRAMEWORKS[self.reading.model.framework] if self.reading.model else None

    @property
    def broken(self) -> bool:
        """Whether a part of the file could not be read, so that it is not certain which layer reads which."""
        return any(finding.severity == "error" for finding in self.reading.findings)

    @cached_property
    def nodes(self) -> tuple[InferredNode, ...]:
        """The layers that the file describes, each once: no second copy of a repeated layer, nothing used again.

        Those of a nested model come after the layer that contains it.
        """
        return tuple(_described(self.reading.inferred)) if self.reading.inferred else ()

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The recurrent layers among ``nodes``, inside wrappers too."""
        return tuple(
            cell
            for node in self.nodes
            if node.inside is None
            for cell in self._cells(node, node.layer.recurrent_calls(*self._known(node)))
        )

    @cached_property
    def layers(self) -> tuple[Cell, ...]:
        """The layers among ``nodes`` that are no wrappers, and those inside wrappers."""
        return tuple(
            cell
            for node in self.nodes
            if node.inside is None
            for cell in self._cells(node, node.layer.calls(*self._known(node)))
        )

    def _known(self, node: InferredNode) -> tuple[Shape, ...]:
        return (node.inputs or ()) if node.known else ()

    def _cells(self, node: InferredNode, innermost: Iterable[Call]) -> Iterator[Cell]:
        """A cell for each mapping in the file that describes a layer: a short form expands to several."""
        calls: dict[Route, list[Any]] = {}
        for call in innermost:
            route, written = self._settings(node.route, call.route)
            calls.setdefault(route, [call, written, 0])[2] = call.depth + 1
        for route, (call, written, depth) in calls.items():
            yield Cell(node, route, call.layer, written, call.inputs[0] if call.inputs else None, depth)

    def _settings(self, route: Route, inner: Route) -> tuple[Route, Mapping[Any, Any]]:
        """The route and the mapping of a layer inside another; the outer's where the file has a short form.

        A backward layer that is not written is a copy of ``layer``.
        """
        mapping = self.at(route)
        for step in inner:
            if isinstance(step, int):  # the number of a cell; a single one need not be in a list
                route, mapping = ((*route, step), mapping[step]) if isinstance(mapping, list) else (route, mapping)
                continue
            inner_keys = (step, "cell") if step == "cells" else (step, "layer")
            keys = [
                key for key in inner_keys if isinstance(mapping, dict) and isinstance(mapping.get(key), dict | list)
            ]
            if not keys:
                break
            route, mapping = (*route, keys[0]), mapping[keys[0]]
        return route, mapping if isinstance(mapping, dict) else {}

    def graphs(self) -> Iterator[tuple[Route, Graph]]:
        """Every graph of the file, once, with its route."""
        if self.reading.model:
            yield (), self.reading.model.graph
        for node in self.nodes:
            if node.inside:
                yield node.inside.prefix, node.inside.graph

    def inferred_graphs(self) -> Iterator[InferredGraph]:
        """The model and every graph inside its layers, inferred; a copy or a shared one as often as it is called."""
        pending: list[InferredGraph] = [self.reading.inferred] if self.reading.inferred else []
        while pending:
            graph = pending.pop()
            yield graph
            pending += reversed([node.inside for node in graph.nodes if node.inside])

    def open_axes(self, flag: str) -> Iterator[tuple[Cell, str, Size]]:
        """Cells with a flag that needs a number for an axis of their input, where it is none: its name and its size."""
        what, axis = self.framework.static.get(flag, ("", 0)) if self.framework else ("", 0)
        for cell in self.cells if what else ():
            if cell.layer.field_values()[flag] and cell.arriving and not isinstance(cell.arriving[axis], int):
                yield cell, what, cell.arriving[axis]

    def literal(self, what: str, size: Size, number: int) -> str:
        """The line that gives this axis of the input a fixed size: ``batch: 32``."""
        data = self.reading.document.data
        default = {"batch": "B", "timesteps": "T"}[what]
        if "inputs" not in data and str(data.get(what, default)) == str(size):
            return f"write `{what}: {number}`"
        symbols = sorted(names(size))
        only = f"write `dims: {{{symbols[0]}: {number}}}`"
        return f"give {', '.join(symbols)} numbers with `dims:`" if symbols[1:] else only

    def at(self, route: Route) -> Any:
        """What the file has at a route; None where it has nothing."""
        return at(self.reading.document.data, route)


def at(data: Any, route: Route) -> Any:
    """What data have at a route; None where they have nothing."""
    for step in route:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def calls_at(graph: InferredGraph, routes: Iterable[Route]) -> dict[Route, list[tuple[InferredNode, InferredNode]]]:
    """The calls of the layers whose settings are at these routes, each with the node that owns the weights.

    Every copy of a repeated layer is a call, inside nested models too.
    """
    ways = {route[:length] for route in routes for length in range(1, len(route) + 1)}
    calls: dict[Route, list[tuple[InferredNode, InferredNode]]] = {}
    for node, owner in _on_the_way(graph, ways):
        calls.setdefault(node.route, []).append((node, owner))
    return calls


def _on_the_way(graph: InferredGraph, ways: set[Route]) -> Iterator[tuple[InferredNode, InferredNode]]:
    for node in graph.nodes:
        if node.route in ways:
            yield node, graph.by_name.get(node.owner, node)
            if node.inside:
                yield from _on_the_way(node.inside, ways)


def _described(graph: InferredGraph) -> Iterator[InferredNode]:
    seen: set[Route] = set()
    for node in graph.nodes:
        if node.node.shared or node.node.route in seen:
            continue
        seen.add(node.node.route)
        yield node
        if node.inside:
            yield from _described(node.inside)
