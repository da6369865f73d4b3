"""A check as workflow commands: GitHub's runner makes annotations of them, on the lines of a pull request.

GitHub keeps ten annotations of a kind for each step (actions/toolkit, docs/problem-matchers.md), so the most severe
come first, ten of a kind, and a plain line says how many more there are.
"""

from __future__ import annotations

from collections.abc import Iterator

from lstm_shapes.checking.outcome import Outcome
from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.kinds import Severity
from lstm_shapes.render.escape import command_data, command_property, terminal
from lstm_shapes.views.check.formats import lines_of_changes
from lstm_shapes.views.check.paths import in_repository

SHOWN = 10
COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def render(outcome: Outcome) -> str:
    """A command for each finding, the most severe first, a line for each change; the last line is the summary."""
    return "".join(f"{line}\n" for line in _lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    for severity, count in outcome.counts.items():
        yield from [_command(finding) for finding in outcome.findings if finding.severity == severity][:SHOWN]
        if count > SHOWN:
            yield f"+{count - SHOWN:,} more {severity}{'s' * (count > SHOWN + 1)}"
    yield from lines_of_changes(outcome)
    yield terminal(outcome.summary)


def _command(finding: Finding) -> str:
    properties = {**_place(finding), "title": f"{finding.id} {finding.kind}"}
    options = ",".join(f"{key}={command_property(str(value))}" for key, value in properties.items())
    hint = f"%0Ahint: {command_data(finding.hint)}" if finding.hint else ""
    return f"::{COMMANDS[finding.severity]} {options}::{command_data(finding.message)}{hint}"


def _place(finding: Finding) -> dict[str, str | int]:
    """The runner takes columns only when the lines are the same (ActionCommandManager.ValidateLinesAndColumns)."""
    if finding.source == "<stdin>":
        return {}
    file: dict[str, str | int] = {"file": in_repository(finding.source)}
    if not (place := finding.place):
        return file
    if place.line != place.end_line:
        return {**file, "line": place.line, "endLine": place.end_line}
    columns = {"col": place.column, "endColumn": place.end_column}
    return {**file, "line": place.line, "endLine": place.end_line, **columns}
