"""A check in one line a finding, for editors, grep and diffs."""

from __future__ import annotations

from lstm_shapes.checking.outcome import Outcome
from lstm_shapes.findings.finding import Finding
from lstm_shapes.render.escape import terminal
from lstm_shapes.views.findings import headline


def render(outcome: Outcome) -> str:
    """``path:line:column: ID message; hint``; nothing when there are no findings."""
    return "".join(f"{_line(finding)}\n" for finding in outcome.findings)


def _line(finding: Finding) -> str:
    return headline(finding) + (terminal(f"; {finding.hint}") if finding.hint else "")
