"""A comparison with a framework, in the output of ``verify``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lstm_shapes.analysis.verify.against.result import Comparison, LayerComparison
from lstm_shapes.render.page import Paragraph, Table, number

Part = Table | Paragraph | str
HEADERS = ("layer", "passes on", "parameters", "difference", "")
MARKS = {"agrees": "ok", "disagrees": "DIFFERS", "not compared": "not compared"}


def parts(comparison: Comparison) -> Iterator[Part]:
    """The table of layers; then what is different, what was not compared and why, and what a reader must know."""
    if comparison.missing:
        yield Paragraph(comparison.missing)
        return
    title = f"{comparison.title} {comparison.version}"
    rows = tuple(_row(layer) for layer in comparison.layers)
    numbers = frozenset(("parameters", "difference"))
    yield Table(HEADERS, rows, numbers, title=f"the same weights in {title}", folds=("passes on",))
    for layer in comparison.layers:
        if layer.reason:
            word = "" if layer.verdict == "disagrees" else "not compared: "
            yield Paragraph(f"{layer.name}: {word}{layer.reason}", indent=2)
    notes: dict[str, list[str]] = {}
    for layer in comparison.layers:
        for note in layer.notes:
            notes.setdefault(note, []).append(layer.name)
    for note, names in notes.items():
        yield Paragraph(f"note: {', '.join(names)}: {note}", indent=2)
    yield summary(comparison)


def summary(comparison: Comparison) -> str:
    """In how many layers the framework agrees, and the largest difference."""
    title = f"{comparison.title} {comparison.version}"
    compared = [layer for layer in comparison.layers if layer.verdict != "not compared"]
    if not compared:
        return f"{title}: nothing was compared"
    agreeing = sum(layer.verdict == "agrees" for layer in compared)
    count = f"{agreeing} of {len(comparison.layers)} layers" if len(comparison.layers) > 1 else f"{agreeing} of 1 layer"
    differences = [layer.difference for layer in compared if layer.difference is not None]
    largest = f"; largest difference {max(differences):.0e}" if any(differences) else ""
    types = ", ".join(dict.fromkeys(layer.dtype for layer in compared if layer.dtype))
    return f"{title} agrees in {count}{f' ({types})' if types else ''}{largest}"


def _row(layer: LayerComparison) -> tuple[str, ...]:
    name = f"{layer.name} ({layer.type})"
    difference = "" if layer.difference is None else f"{layer.difference:.0e}" if layer.difference else "0"
    count = "" if layer.params is None else number(layer.params)
    return name, layer.outputs, count, difference, MARKS[layer.verdict]


def data(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON data: null for what was not compared."""
    return {
        "title": comparison.title,
        "version": comparison.version or None,
        "verdict": comparison.verdict,
        "missing": comparison.missing or None,
        "layers": [
            {
                "name": layer.name,
                "type": layer.type,
                "verdict": layer.verdict,
                "reason": layer.reason or None,
                "params": layer.params,
                "outputs": layer.outputs or None,
                "dtype": layer.dtype or None,
                "difference": layer.difference,
                "notes": list(layer.notes),
            }
            for layer in comparison.layers
        ],
    }


def rows(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    """Layer, type, verdict, what was checked, predicted, observed and whether they agree, for a CSV file."""
    for layer in comparison.layers:
        observed = layer.reason or f"largest difference {layer.difference or 0:.0e}"
        agrees = {"agrees": "true", "disagrees": "false"}.get(layer.verdict, "")
        yield layer.name, layer.type, layer.verdict, f"against {comparison.framework}", layer.outputs, observed, agrees
