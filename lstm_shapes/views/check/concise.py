"""A check in one line a finding, for editors, grep and diffs."""

from __future__ import annotations

from lstm_shapes.checking.outcome import Outcome
from lstm_shapes.findings.finding import Finding
from lstm_shapes.render.escape import terminal
from lstm_shapes.views.check.formats import lines_of_changes
from lstm_shapes.views.findings import headline


def render(outcome: Outcome) -> str:
    """``path:line:column: ID message; hint``, then a line for each change; nothing when there is nothing to say."""
    lines = (*map(_line, outcome.findings), *lines_of_changes(outcome))
    return "".join(f"{line}\n" for line in lines)


def _line(finding: Finding) -> str:
    return headline(finding) + (terminal(f"; {finding.hint}") if finding.hint else "")
