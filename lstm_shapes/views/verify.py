"""The output of ``verify``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.analysis.verify.verification import LayerCheck, Verification
from lstm_shapes.render.page import Page, Table
from lstm_shapes.render.view import Rows, View, one_or_many, usual
from lstm_shapes.views import verify_against as against
from lstm_shapes.views.heading import heading
from lstm_shapes.views.verify_against import Part

CHECKED = {
    "output": "output shapes",
    "weights": "weights allocated",
    "reach": "weights that matter (NaN probe)",
    "macs": "multiply-accumulates",
    "lengths": "multiply-accumulates without padding",
    "laws": "laws",
}


def page(outcome: Verification) -> Page:
    """Layer by layer what was predicted, what was observed and of which kind; the verdict last."""
    rows = tuple(row for layer in outcome.layers for row in _rows(layer))
    table = Table(headers=("layer", "checked", "predicted", "observed", ""), rows=rows, folds=("observed", "predicted"))
    parts: tuple[Part, ...] = (table,) if rows else ()
    compared = tuple(part for comparison in outcome.against for part in against.parts(comparison))
    title = heading(outcome.source, outcome.name, outcome.framework)
    return Page(heading=title, parts=(*parts, *compared, verdict(outcome)))


def verdict(outcome: Verification) -> str:
    """The outcome in a line."""
    reason = (
        f": {outcome.reason}" if outcome.verdict != "confirmed" else f", {outcome.reason}" if outcome.reason else ""
    )
    sizes = "; ".join(
        ", ".join(f"{name}={value}" for name, value in binding.items()) for binding in outcome.bindings if binding
    )
    runs = f" (seed {outcome.seed}{', ' if sizes else ''}{sizes})" if outcome.bindings else ""
    return f"{outcome.verdict}{reason}{runs}"


def _rows(layer: LayerCheck) -> list[tuple[str, ...]]:
    name = f"{layer.name} ({layer.type})"
    agree = {True: "declared" if layer.verdict == "declared" else "ok", False: "DIFFERS"}
    return [
        (name if not number else "", CHECKED[check.kind], check.predicted, check.observed, agree[check.agrees])
        for number, check in enumerate(layer.checks)
    ]


def column(outcome: Verification) -> Mapping[str, tuple[str]]:
    """A cell for each layer, for the table of ``inspect --verify``."""
    if not outcome.layers:
        return {}
    return {layer.name: (_cell(layer),) for layer in outcome.layers}


def _cell(layer: LayerCheck) -> str:
    if layer.verdict == "confirmed":
        return ", ".join(check.kind for check in layer.checks)
    wrong = ", ".join(check.kind for check in layer.checks if not check.agrees)
    return f"DIFFERS: {wrong}" if layer.verdict == "disagrees" else layer.verdict


def data(outcome: Verification) -> dict[str, Any]:
    """The outcome as JSON data."""
    return {
        "format_version": FORMAT_VERSION,
        "source": outcome.source,
        "name": outcome.name,
        "framework": outcome.framework,
        "verdict": outcome.verdict,
        "reason": outcome.reason,
        "seed": outcome.seed,
        "bindings": [dict(sizes) for sizes in outcome.bindings],
        "layers": [
            {
                "name": layer.name,
                "type": layer.type,
                "verdict": layer.verdict,
                "checks": [
                    {
                        "kind": check.kind,
                        "predicted": check.predicted,
                        "observed": check.observed,
                        "agrees": check.agrees,
                    }
                    for check in layer.checks
                ],
            }
            for layer in outcome.layers
        ],
        "against": {comparison.framework: against.data(comparison) for comparison in outcome.against},
    }


def view(outcomes: Sequence[Verification]) -> View:
    """The outcomes in every format."""
    return usual(
        lambda: tuple(page(outcome) for outcome in outcomes),
        lambda: one_or_many([data(outcome) for outcome in outcomes]),
        lambda: rows(outcomes),
    )


def rows(outcomes: Sequence[Verification]) -> Rows:
    """A row for each check of each layer."""
    headers = ("source", "layer", "type", "verdict", "checked", "predicted", "observed", "agrees")
    return Rows(
        headers,
        [
            (
                outcome.source,
                layer.name,
                layer.type,
                layer.verdict,
                check.kind,
                check.predicted,
                check.observed,
                str(check.agrees).lower(),
            )
            for outcome in outcomes
            for layer in outcome.layers
            for check in layer.checks
        ]
        + [
            (outcome.source, *row)
            for outcome in outcomes
            for comparison in outcome.against
            for row in against.rows(comparison)
        ],
    )
