"""The models that a run found, as specs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, NamedTuple

from lstm_shapes.findings.route import Route
from lstm_shapes.importers.script.modules import instance_graph
from lstm_shapes.importers.script.nesting import graph_of
from lstm_shapes.importers.script.run import Found, Run
from lstm_shapes.importers.script.spec_writer import Writer
from lstm_shapes.importers.script.values import Functional, Instance, Opaque, Sequential


class Model(NamedTuple):
    """A model as a spec, the code of its parts by route, its symbols, and what had to be said."""

    name: str
    line: int
    data: dict[str, Any]
    nodes: dict[Route, ast.AST]
    symbols: dict[str, tuple[str, int]]
    notes: tuple[str, ...] = ()
    occurrence: int = 0
    branch: str = ""

    def with_branch(self, label: str) -> Model:
        """The model with the conditions of its branch."""
        return self._replace(branch=label)

    def with_note(self, note: str) -> Model:
        """The model with one more note."""
        return self._replace(notes=(*self.notes, note))


def models_of(run: Run) -> Iterator[Model]:
    """The models of a run as specs; one that is but a layer of another is not reported by itself."""
    names: dict[str, list[str]] = {}
    for found in run.models:
        value = found.value
        anonymous = isinstance(value, Sequential | Functional) and not value.variable and not value.local
        if anonymous and value.layer is not None and value.layer.calls:
            continue
        try:
            model = _model(run, found)
        except Exception as error:  # what no one thought of costs this model, never a traceback
            model = _unknown(found, type(error).__name__)
        if model is None:
            continue
        seen = names.setdefault(model.name, [])
        text = repr({**model.data, "name": ""})
        if text in seen:
            continue
        seen.append(text)
        if len(seen) > 1:
            name = f"{model.name}@{found.site or found.line}"
            model = model._replace(name=name, data={**model.data, "name": name})
        yield model


def _unknown(found: Found, reason: str) -> Model:
    """A model of which nothing is known but that it is there."""
    name = found.name or "model"
    data = {"name": name, "inputs": "unknown", "layers": [{"type": "unknown", "class": name[:60]}]}
    return Model(name, found.line, data, {}, {}, (f"line {found.line}: the model could not be followed ({reason})",))


def _as_in_keras_1(layers: Any) -> None:
    """Give each GRU the one bias that it had in Keras 1."""
    for entry in layers if isinstance(layers, list) else [layers]:
        if isinstance(entry, dict):
            if entry.get("type") in ("gru", "gru_cell"):
                entry.setdefault("reset_after", False)
            for key in ("layer", "backward_layer", "layers", "cells"):
                _as_in_keras_1(entry.get(key, []))


def _model(run: Run, found: Found) -> Model | None:
    value = found.value
    notes = tuple(text for place, text in run.notes if place == found.name or place.startswith(f"{found.name}."))
    if isinstance(value, Instance):
        before = set(run.notes)
        graph = instance_graph(run, value)
        notes += tuple(text for place, text in run.notes if (place, text) not in before and text not in notes)
        name = found.name
    else:
        inputs, outputs = graph_of(run, value)
        writer = Writer("keras" if isinstance(value, Functional) else value.framework, inputs)
        writer.write(outputs)
        graph = (writer, outputs)
        function = found.name.removesuffix(".__init__")
        inner = f"{function}.{value.local}" if function and value.local else function or value.local
        name = value.variable or (function if value.returned else inner) or value.name or "model"
    if graph is None:
        return None
    writer, outputs = graph
    if not writer.entries:
        return None
    data = writer.data(name, outputs)
    if run.keras_1:
        _as_in_keras_1(data["layers"])
    nodes = {(): value.span if not isinstance(value, Instance) else value.cls.node, **writer.nodes}
    symbols = {key: (symbol.source, symbol.line) for key, symbol in run.symbols.items() if isinstance(symbol, Opaque)}
    return Model(name, found.line, data, nodes, symbols, notes)
