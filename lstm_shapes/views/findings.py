"""Findings as text: place, id and message, the source line with a caret, related places, the hint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lstm_shapes.findings.finding import Finding, Place
from lstm_shapes.render.escape import terminal
from lstm_shapes.render.styled import Line, Quoted, Span, Styled


def render(findings: Iterable[Finding]) -> str:
    """All findings as plain text, each a block of lines."""
    return styled(findings).plain


def styled(findings: Iterable[Finding]) -> Styled:
    """All findings as text with roles to color, each a block of lines."""
    return Styled(tuple(line for finding in findings for line in _lines(finding)))


def headline(finding: Finding) -> str:
    """Place, id and message in one line; a severity is named when it is not an error.

    >>> from lstm_shapes.findings.kinds import KINDS
    >>> place = Place(2, 1, 2, 5)
    >>> headline(Finding(KINDS["undecided"], "macs <= 9 holds for T <= 3", source="model.yaml", place=place))
    'model.yaml:2:1: LS503 note: macs <= 9 holds for T <= 3'
    """
    return "".join(span.text for span in _headline(finding))


def _headline(finding: Finding) -> tuple[Span, ...]:
    label = finding.id if finding.severity == "error" else f"{finding.id} {finding.severity}"
    separator = " " if finding.severity == "error" else ": "
    message = terminal(f"{label}{separator}{finding.message}").removeprefix(label)
    place = terminal(f"{_where(finding, finding.place)}: ").removesuffix(": ")
    return Span(place, "place" if finding.place else ""), Span(": "), Span(label, finding.severity), Span(message)


def sentence(finding: Finding) -> str:
    """Message and hint as one sentence, not escaped.

    >>> from lstm_shapes.findings.kinds import KINDS
    >>> sentence(Finding(KINDS["unknown-key"], "unknown key 'unit'", hint="write units"))
    "unknown key 'unit'; write units"
    """
    return f"{finding.message}; {finding.hint}" if finding.hint else finding.message


def _where(finding: Finding, place: Place | None) -> str:
    return finding.source + (f":{place.line}:{place.column}" if place else "")


def _lines(finding: Finding) -> Iterator[Line]:
    yield _headline(finding)
    if finding.place and finding.excerpt.strip():
        yield Quoted(finding.place.line, finding.excerpt, finding.place.column - 1)
    for related in finding.related:
        if not related.stated:
            yield (Span(terminal(f"  {_where(finding, related.place)}: {related.message}")),)
    if finding.hint:
        yield Span("  hint:", "hint"), Span(f" {terminal(finding.hint)}")


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
        "fix": [
            {**dict(zip(("line", "column", "end_line", "end_column"), change.place, strict=True)), "text": change.text}
            for change in finding.replacements
        ],
        "related": [
            {
                "message": related.message,
                "line": related.place and related.place.line,
                "column": related.place and related.place.column,
            }
            for related in finding.related
        ],
    }
