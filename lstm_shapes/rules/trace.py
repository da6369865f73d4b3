"""What a rule sees: a model that was read, and its shapes step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.route import Route
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Framework
from lstm_shapes.graph.model import Graph, Node
from lstm_shapes.graph.shape_inference import Step, infer_shapes
from lstm_shapes.spec.keys import spellings
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Shape, Size, names


class Visit(NamedTuple):
    """A step, with the route to its graph and the graph: the model's, or that of a nested one."""

    step: Step
    prefix: Route
    graph: Graph

    @property
    def node(self) -> Node:
        """The call that the step is of."""
        return self.step.node

    @property
    def route(self) -> Route:
        """The route from the document's root to the layer."""
        return (*self.prefix, *self.step.node.route)


class Cell(NamedTuple):
    """A recurrent layer where its settings are written: the route and the mapping there, which a wrapper may hold.

    ``arriving`` is the sequence that it reads, None where that is not known or does not fit; ``depth`` counts the
    layers above one another that it stands for.
    """

    visit: Visit
    route: Route
    layer: Any
    written: Mapping[Any, Any]
    arriving: Shape | None
    depth: int = 1

    @property
    def name(self) -> str:
        """The layer as messages call it: ``encoder (lstm)``."""
        return f"{self.visit.node.name} ({self.layer.type})"

    def key(self, field: str) -> str:
        """The key under which the file sets a field: its own name or another one, as ``use_bias`` for ``bias``."""
        known = spellings(self.layer.type)
        return next((key for key in self.written if key in known and known[key].field == field), field)


class Trace(NamedTuple):
    """A model read and inferred. ``targets`` are the exporters that it must suit.

    ``entries`` are the first steps of what the file has: no second copy of a repeated layer, nothing that is used
    again; those of a nested model stand behind the step that holds them. ``cells`` are the recurrent layers among them,
    inside wrappers too.
    """

    reading: Reading
    steps: tuple[Step, ...]
    targets: frozenset[str] = frozenset()
    entries: tuple[Visit, ...] = ()
    cells: tuple[Cell, ...] = ()

    @property
    def framework(self) -> Framework | None:
        """The framework whose rules count."""
        return FRAMEWORKS[self.reading.model.framework] if self.reading.model else None

    @property
    def broken(self) -> bool:
        """Whether something of the file could not be read, so that who reads whom is not known for certain."""
        return any(one.severity == "error" for one in self.reading.findings)

    def graphs(self) -> Iterator[tuple[Route, Graph]]:
        """Every graph of the file, once, with its route."""
        yield from {visit.prefix: visit.graph for visit in self.entries}.items()

    def open_axes(self, flag: str) -> Iterator[tuple[Cell, str, Size]]:
        """Cells with a flag that needs a number for an axis of their input, where it is none: its name and its size."""
        what, axis = self.framework.static.get(flag, ("", 0)) if self.framework else ("", 0)
        for cell in self.cells if what else ():
            if getattr(cell.layer, flag) and cell.arriving and not isinstance(cell.arriving[axis], int):
                yield cell, what, cell.arriving[axis]

    def literal(self, what: str, size: Size, number: int) -> str:
        """The line to type that makes a number of an axis of the input called ``what``."""
        data = self.reading.document.data
        default = {"batch": "B", "timesteps": "T"}[what]
        if "inputs" not in data and str(data.get(what, default)) == str(size):
            return f"write `{what}: {number}`"
        symbols = sorted(names(size))
        only = f"write `dims: {{{symbols[0]}: {number}}}`"
        return f"give {', '.join(symbols)} numbers with `dims:`" if symbols[1:] else only

    def at(self, route: Route) -> Any:
        """What the file has at a route; None where it has nothing."""
        return _at(self.reading.document.data, route)

    def say(self, kind: str, message: str, route: Route, *, key: bool = False, **more: object) -> Finding:
        """A finding at a route of this model's file."""
        return self.reading.document.finding(kind, message, route, key=key, **more)


def trace(reading: Reading, targets: frozenset[str] = frozenset()) -> Trace:
    """The trace of what was read; without steps when nothing could be."""
    model = reading.model
    if model is None:
        return Trace(reading, (), targets)
    steps = infer_shapes(model.graph, model.shapes)
    entries = tuple(_entries(model.graph, steps, ()))
    cells: list[Cell] = []
    for visit in entries:
        layer, inputs = visit.node.layer, visit.step.inputs if visit.step.outputs is not None else None
        if hasattr(layer, "gates") or hasattr(layer, "first") or hasattr(layer, "layer"):
            written = _at(reading.document.data, visit.route)
            cells += _cells(visit, layer, visit.route, written, inputs[0] if inputs else None)
    return Trace(reading, steps, targets, entries, tuple(cells))


def _at(value: Any, route: Route) -> Any:
    for step in route:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _cells(visit: Visit, layer: Any, route: Route, written: Any, arriving: Shape | None) -> Iterator[Cell]:
    """The cells of a layer: itself, those under the keys of a wrapper, or the one that a short form stands for."""
    written = written if isinstance(written, dict) else {}
    if hasattr(layer, "gates"):
        yield Cell(visit, route, layer, written, arriving)
    elif hasattr(layer, "first"):
        yield Cell(visit, route, layer.first, written, arriving, depth=len(layer.layers))
    elif hasattr(layer, "layer"):
        inside = [name for name in ("layer", "backward_layer") if isinstance(written.get(name), dict)]
        arriving = layer.flat(arriving) if arriving and hasattr(layer, "flat") else arriving
        for name in inside or ["layer"]:
            at = ((*route, name), written[name]) if inside else (route, written)
            yield from _cells(visit, getattr(layer, name), *at, arriving)


def _entries(graph: Graph, steps: tuple[Step, ...], prefix: Route) -> Iterator[Visit]:
    seen: set[Route] = set()
    for step in steps:
        if step.node.shared or step.node.route in seen:
            continue
        seen.add(step.node.route)
        visit = Visit(step, prefix, graph)
        yield visit
        inner = step.node.layer.nested(*step.inputs) if step.inputs else None
        if inner:
            yield from _entries(inner.graph, infer_shapes(inner.graph, inner.inputs), (*visit.route, *inner.route))
