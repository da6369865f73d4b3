"""The mistakes of a spec, each at its place, gathered so that all of them are reported and not only the first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.route import Route
from lstm_shapes.findings.spelling import nearest
from lstm_shapes.formats.document import Document
from lstm_shapes.spec.values import quoted

MAX_FINDINGS = 1_000
"""How many mistakes of a file are listed: more would not help, and a hostile file has millions."""


class Errors:
    """Collects the findings about a document, beginning with those of its syntax."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.findings: list[Finding] = list(document.findings)
        self.count = 0
        """The number of mistakes in the spec, including those beyond the limit."""

    def add(self, kind: str, message: str, route: Route, hint: str = "", *, key: bool = False, layer: str = "") -> None:
        """Add a mistake; the first beyond the limit is replaced by a note that there are more."""
        self.count += 1
        if len(self.findings) > MAX_FINDINGS:
            return
        if len(self.findings) == MAX_FINDINGS:
            kind, message = "too-large", f"more than {MAX_FINDINGS:,} mistakes; the others are not listed"
            hint, key, layer = "", False, ""
        self.findings.append(self._document.finding(kind, message, route, key=key, hint=hint, layer=layer))

    def unknown_key(self, key: Any, known: Iterable[str], owner: str, route: Route) -> str:
        """Add that ``owner`` has no such key. Returns the known key that is nearest, or ''."""
        if len(self.findings) > MAX_FINDINGS:
            self.count += 1
            return ""
        names = sorted(set(known))
        close = nearest(str(key), names)
        hint = f"write {close}" if close else f"{owner} has {', '.join(names)}"
        self.add("unknown-key", f"{owner} has no key {quoted(str(key))}", (*route, key), hint, key=True)
        return close
