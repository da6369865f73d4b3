"""A check as Markdown, for a step summary: what was found, in a table, the most severe first."""

from __future__ import annotations

from itertools import accumulate

from lstm_shapes.checking.outcome import Outcome
from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.kinds import SEVERITIES
from lstm_shapes.render.escape import markdown

ROWS = 1_000
BYTES = 1_000_000
"""GitHub takes a summary of 1 MiB for each step, and none of a larger one."""


def render(outcome: Outcome) -> str:
    """A heading with the summary, a table of the findings, what changed; cut at ROWS and BYTES with a count."""
    heading = f"### lstm-shapes: {markdown(outcome.summary)}\n"
    findings = sorted(outcome.findings, key=lambda finding: SEVERITIES.index(finding.severity))
    rows = _within([f"{_row(finding)}\n" for finding in findings[:ROWS]], BYTES)
    table = ["| Severity | Place | Rule | Message | Hint |\n", "| --- | --- | --- | --- | --- |\n", *rows]
    parts = [heading, *(["".join(table) + _more(len(findings) - len(rows))] if findings else [])]
    pages = _pages(outcome)
    shown = _within(pages, BYTES - sum(len(part.encode()) for part in parts))
    return "\n".join([*parts, *shown]) + _more(len(pages) - len(shown))


def _pages(outcome: Outcome) -> list[str]:
    if outcome.changes is None:
        return []
    from lstm_shapes.render.markdown import render as page
    from lstm_shapes.views.diff import pages

    return [page(part) for part in pages(outcome.changes)]


def _within(texts: list[str], room: int) -> list[str]:
    """The first texts that fit in so many bytes."""
    ends = accumulate(len(text.encode()) + 1 for text in texts)
    return [text for text, end in zip(texts, ends, strict=True) if end <= room]


def _more(count: int) -> str:
    return f"\n+{count:,} more\n" if count else ""


def _row(finding: Finding) -> str:
    where = f":{finding.place.line}:{finding.place.column}" if finding.place else ""
    cells = (finding.severity, finding.source + where, f"{finding.id} {finding.kind}", finding.message, finding.hint)
    return f"| {' | '.join(map(markdown, cells))} |"
