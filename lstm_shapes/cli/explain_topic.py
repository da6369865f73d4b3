"""``explain TOPIC``: the page, and with ``--show`` its experiments, run now."""

from __future__ import annotations

import typer

from lstm_shapes.analysis import explain
from lstm_shapes.analysis.explain import TOPICS
from lstm_shapes.cli import output
from lstm_shapes.cli.options import Color

FORMATS = ("text", "json", "markdown")


def show(topic: str, *, experiment: bool, output_format: str, output_file: str, color: Color, seed: int) -> None:
    """Print a topic's page; with ``experiment`` each claim and what a run measured as well, exit 1 if one fails."""
    from lstm_shapes.views import explain_topic as said

    if topic not in TOPICS:
        raise output.fail(f"no topic is called {topic[:80]}; the topics are {', '.join(TOPICS)}")
    if output_format not in FORMATS:
        raise output.fail(f"--output-format of a topic: expected {', '.join(FORMATS)}, got {output_format}")
    shown = tuple(claim.shown(seed) for claim in explain.claims(topic)) if experiment else ()
    match output_format:
        case "json":
            from lstm_shapes.render import json

            content = json.written(said.data(explain.page(topic), shown, seed=seed))
        case "markdown":
            content = said.markdown(topic, shown, seed=seed)
        case _:
            content = output.text(said.page(explain.page(topic), shown, seed=seed), output_file, color)
    output.write(content, output_file, [])
    if not all(one.holds for one in shown):
        raise typer.Exit(1)
