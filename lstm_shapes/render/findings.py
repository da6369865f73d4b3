"""Findings as text: place, id and message, the source line with a caret, the hint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lstm_shapes.finding import Finding
from lstm_shapes.render.escape import terminal

WIDTH = 120


def render(findings: Iterable[Finding]) -> str:
    """All findings, each as one block of lines."""
    return "".join(f"{line}\n" for finding in findings for line in _lines(finding))


def _lines(finding: Finding) -> Iterator[str]:
    place = finding.place
    where = f":{place.line}:{place.column}" if place else ""
    label = "" if finding.severity == "error" else f"{finding.severity}: "
    yield f"{terminal(finding.source)}{where}: {finding.id} {label}{terminal(finding.message)}"
    if place and finding.excerpt.strip():
        number = str(place.line)
        text, column = _window(finding.excerpt, place.column - 1)
        yield f"  {number} | {terminal(text)}"
        yield f"  {' ' * len(number)} | {' ' * len(terminal(text[:column]))}^"
    if finding.hint:
        yield f"  hint: {terminal(finding.hint)}"


def _window(text: str, column: int) -> tuple[str, int]:
    """The part of a long line around ``column``, and where the column is in it."""
    if len(text) <= WIDTH:
        return text, column
    start = max(0, min(column - WIDTH // 2, len(text) - WIDTH))
    return text[start : start + WIDTH], column - start
