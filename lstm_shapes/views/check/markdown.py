"""A check as Markdown, for a step summary: what was found, in a table, the gravest first."""

from __future__ import annotations

from lstm_shapes.checking.outcome import Outcome
from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.kinds import SEVERITIES
from lstm_shapes.render.escape import markdown

ROWS = 1_000
BYTES = 1_000_000
"""GitHub takes a summary of 1 MiB for each step, and none of a larger one."""


def render(outcome: Outcome) -> str:
    """A heading with the summary; a table when something was found, cut at ROWS and BYTES with a count of the rest."""
    heading = f"### lstm-shapes: {markdown(outcome.summary)}\n"
    found = sorted(outcome.findings, key=lambda one: SEVERITIES.index(one.severity))
    if not found:
        return heading
    rows = ["| Severity | Place | Rule | Message | Hint |", "| --- | --- | --- | --- | --- |"]
    room, shown = BYTES, 0
    for finding in found[:ROWS]:
        row = _row(finding)
        room -= len(row.encode()) + 1
        if room < 0:
            break
        rows.append(row)
        shown += 1
    more = f"\n+{len(found) - shown:,} more\n" if shown < len(found) else ""
    return f"{heading}\n" + "".join(f"{row}\n" for row in rows) + more


def _row(finding: Finding) -> str:
    where = f":{finding.place.line}:{finding.place.column}" if finding.place else ""
    cells = (finding.severity, finding.source + where, f"{finding.id} {finding.kind}", finding.message, finding.hint)
    return f"| {' | '.join(map(markdown, cells))} |"
