"""``explain TOPIC``: the page, and with ``--show`` its experiments, run now."""

from __future__ import annotations

import typer

from lstm_shapes.analysis import explain
from lstm_shapes.analysis.explain import TOPICS
from lstm_shapes.cli import output
from lstm_shapes.cli.options import Color
from lstm_shapes.views.explain_topic import view

FORMATS = ("text", "json", "markdown")


def show(topic: str, *, experiment: bool, output_format: str, output_file: str, color: Color, seed: int) -> None:
    """Print a topic's page; with ``experiment`` each claim and what a run measured as well, exit 1 if one fails."""
    if topic not in TOPICS:
        raise output.fail(f"no topic is called {topic[:80]}; the topics are {', '.join(TOPICS)}")
    if output_format not in FORMATS:
        raise output.fail(f"--output-format of a topic: expected {', '.join(FORMATS)}, got {output_format}")
    shown = tuple(claim.shown(seed) for claim in explain.claims(topic)) if experiment else ()
    output.show(view(topic, shown, seed=seed), output_format, output_file, color)
    if not all(result.holds for result in shown):
        raise typer.Exit(1)
