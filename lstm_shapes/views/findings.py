"""Findings as text: place, id and message, the source line with a caret, related places, the hint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from unicodedata import category, east_asian_width

from lstm_shapes.findings.finding import Finding, Place
from lstm_shapes.render.escape import terminal

WIDTH = 120


def render(findings: Iterable[Finding]) -> str:
    """All findings, each as one block of lines."""
    return "".join(f"{line}\n" for finding in findings for line in _lines(finding))


def headline(finding: Finding) -> str:
    """Place, id and message in one line; a severity is named when it is not an error.

    >>> from lstm_shapes.findings.kinds import KINDS
    >>> place = Place(2, 1, 2, 5)
    >>> headline(Finding(KINDS["undecided"], "macs <= 9 holds for T <= 3", source="model.yaml", place=place))
    'model.yaml:2:1: LS503 note: macs <= 9 holds for T <= 3'
    """
    label = "" if finding.severity == "error" else f"{finding.severity}: "
    return terminal(f"{_where(finding, finding.place)}: {finding.id} {label}{finding.message}")


def said(finding: Finding) -> str:
    """Message and hint as one sentence, not escaped.

    >>> from lstm_shapes.findings.kinds import KINDS
    >>> said(Finding(KINDS["unknown-key"], "unknown key 'unit'", hint="write units"))
    "unknown key 'unit'; write units"
    """
    return f"{finding.message}; {finding.hint}" if finding.hint else finding.message


def _where(finding: Finding, place: Place | None) -> str:
    return finding.source + (f":{place.line}:{place.column}" if place else "")


def _lines(finding: Finding) -> Iterator[str]:
    yield headline(finding)
    if finding.place and finding.excerpt.strip():
        number = str(finding.place.line)
        text, column = _window(finding.excerpt, finding.place.column - 1)
        yield f"  {number} | {terminal(text)}"
        yield f"  {' ' * len(number)} | {' ' * _columns(terminal(text[:column]))}^"
    for related in finding.related:
        if not related.stated:
            yield terminal(f"  {_where(finding, related.place)}: {related.message}")
    if finding.hint:
        yield f"  hint: {terminal(finding.hint)}"


def _window(text: str, column: int) -> tuple[str, int]:
    """The part of a long line around ``column``, and where the column is in it."""
    if len(text) <= WIDTH:
        return text, column
    start = max(0, min(column - WIDTH // 2, len(text) - WIDTH))
    return text[start : start + WIDTH], column - start


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes: wide characters two, combining ones none (UAX #11)."""
    if text.isascii():
        return len(text)
    return sum(0 if category(one) in ("Mn", "Me") else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def data(finding: Finding) -> dict[str, Any]:
    """A finding as JSON data; lines and columns count from 1."""
    place = finding.place
    return {
        "id": finding.id,
        "name": finding.kind,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
        "source": finding.source,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "end_line": place.end_line if place else None,
        "end_column": place.end_column if place else None,
        "layer": finding.layer or None,
        "related": [
            {
                "message": related.message,
                "line": related.place and related.place.line,
                "column": related.place and related.place.column,
            }
            for related in finding.related
        ],
    }
