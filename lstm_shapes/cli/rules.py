"""The command ``rules``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Optional

import typer

from lstm_shapes.cli import options, output
from lstm_shapes.cli.options import Color
from lstm_shapes.findings.spelling import nearest
from lstm_shapes.rules import catalog

Rule = Annotated[
    Optional[str],
    typer.Argument(metavar="[ID]", help="A rule's id or name: LS202, last-step-only.", show_default=False),
]
RulesFormat = StrEnum("RulesFormat", ["text", "json", "markdown"])
Form = Annotated[RulesFormat, typer.Option("--output-format", help="The format of the output.")]


def rules(
    rule: Rule = None,
    output_format: Form = RulesFormat.text,
    output_file: options.OutputFile = "",
    color: options.ColorWhen = Color.auto,
) -> None:
    """List the rules, or print one's page: why it matters, an example that breaks it, and its correction."""
    from lstm_shapes.views import rules as views

    view = views.list_view() if rule is None else views.view(catalog.page(_kind(rule)))
    output.show(view, output_format, output_file, color)


def _kind(rule: str) -> str:
    """The rule that a word means; exits with 2 when there is none, naming the nearest."""
    kind = catalog.find(rule)
    if kind is None:
        kinds = catalog.kinds()
        close = nearest(rule, list(kinds)) or nearest(rule.upper(), [kind.id for kind in kinds.values()])
        hint = f"did you mean {close}?" if close else "`lstm-shapes rules` lists them"
        raise output.fail(f"unknown rule {rule[:80]}; {hint}")
    return kind
