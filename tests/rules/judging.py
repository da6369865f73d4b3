"""Shared by the tests of the rules: the findings in a text, as ``check`` reports them."""

from __future__ import annotations

from lstm_shapes import formats, importers
from lstm_shapes.checking.ignores import silence
from lstm_shapes.findings.finding import Finding
from lstm_shapes.rules.lint import lint
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.rules.trace import Trace
from lstm_shapes.spec import reader as spec


def judged(text: str | bytes, *targets: str) -> list[Finding]:
    """Every finding in a file with these contents, including those of lint rules and of unused comments."""
    document = formats.parse("model", text.encode() if isinstance(text, str) else text)
    (imported,) = importers.translate(document)
    reading = spec.read_imported(imported)
    trace = Trace(reading, frozenset(targets))
    return silence(document, [*diagnose(reading), *lint(trace)])[0]


def said(text: str, kind: str, *targets: str) -> list[tuple[str, int, int]]:
    """The findings of a kind: message, line, column."""
    found = [finding for finding in judged(text, *targets) if finding.kind == kind]
    return [(finding.message, *(finding.place[:2] if finding.place else (0, 0))) for finding in found]
