"""The output of ``convert``: a model as a spec in YAML or JSON, or as a diagram."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.render import json, yaml
from lstm_shapes.render.view import View
from lstm_shapes.spec.reading import Reading
from lstm_shapes.spec.writer import written
from lstm_shapes.symbolic.size import Size

FORMATS = ("yaml", "json", "mermaid", "dot")
"""What a model can be converted to."""


def view(reading: Reading, *, framework: str = "", dims: Mapping[str, Size] | None = None) -> View:
    """The model in every format; ``framework`` and ``dims`` are what options say of it, and are written down."""
    spec = written(reading.document.data, framework=framework, dims=dims)
    return {
        "yaml": lambda: yaml.written(spec, head=[*_head(reading)], comments=_comments(reading)),
        "json": lambda: json.written(spec),
        "mermaid": lambda: _diagram(reading, "mermaid"),
        "dot": lambda: _diagram(reading, "dot"),
    }


def _diagram(reading: Reading, language: str) -> str:
    from lstm_shapes.analysis.diagram import diagram
    from lstm_shapes.views.diagram import LANGUAGES

    return LANGUAGES[language](diagram(reading))


def _head(reading: Reading) -> Iterator[str]:
    """Where the model comes from, what had to be assumed, and what symbols stand for."""
    imported = reading.imported
    if imported is None or imported.kind == "spec":
        return
    version = f", {imported.version}" if imported.version else ""
    yield f"from {imported.document.source} ({imported.kind}{version})"
    yield from (f"note: {note}" for note in imported.notes)
    for name, (text, line) in imported.symbols.items():
        yield f"{name} = {text} (line {line})" if line else f"{name} = {text}"


def _comments(reading: Reading) -> dict[Route, str]:
    """The line of a script that each layer comes from, by the route of the layer."""
    if reading.imported is None or reading.imported.kind not in ("script", "notebook"):
        return {}
    places = {route: reading.document.place(route) for route in _layers(reading.document.data, ())}
    return {route: f"line {place.line}" for route, place in places.items() if place}


def _layers(data: Any, route: Route) -> Iterator[Route]:
    """The routes of all layers under ``layers``, those of nested models too."""
    entries = data.get("layers") if isinstance(data, dict) else None
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        here = (*route, "layers", number)
        yield here
        yield from _layers(entry, here)
