"""The mistakes found while a spec is read, all of them, each at its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.route import Route
from lstm_shapes.findings.spelling import nearest
from lstm_shapes.formats.document import Document
from lstm_shapes.spec.values import InvalidValue, found


class _Missing:
    """The value of a field that could not be read; a message has said why."""


WRONG: Final = _Missing()
MAX_FINDINGS = 1_000
"""Mistakes that are listed of one file; nobody reads on, and a hostile file has millions."""


class Notes:
    """Gathers findings about one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.findings: list[Finding] = []
        self.mistakes = 0
        """All of them, those that are not listed as well."""

    def wrong(
        self, kind: str, message: str, route: Route, hint: str = "", *, key: bool = False, layer: str = ""
    ) -> None:
        """One more mistake; behind the last that is listed, a word about the others."""
        self.mistakes += 1
        if len(self.findings) >= MAX_FINDINGS:
            if len(self.findings) == MAX_FINDINGS:
                more = f"more than {MAX_FINDINGS:,} mistakes; those behind the first are not listed"
                self.findings.append(self.document.finding("too-large", more, route))
            return
        self.findings.append(self.document.finding(kind, message, route, key=key, hint=hint, layer=layer))

    def value(self, read: Callable[[Any], Any], value: Any, route: Route) -> Any:
        """What ``read`` makes of a value, or WRONG."""
        try:
            return read(value)
        except InvalidValue as problem:
            self.wrong("wrong-value", f"{route[-1]}: {problem.message}", route, problem.hint)
            return WRONG

    def mapping(self, value: Any, what: str, route: Route) -> dict[Any, Any] | None:
        """The value if it is a mapping."""
        if isinstance(value, dict):
            return value
        self.wrong("wrong-value", f"expected {what}, got {found(value)}", route)
        return None

    def unknown_key(self, key: Any, known: Iterable[str], owner: str, route: Route) -> str:
        """A key that ``owner`` does not have; the answer is the nearest one that it has."""
        if len(self.findings) > MAX_FINDINGS:
            self.mistakes += 1
            return ""
        listed = sorted(set(known))
        close = nearest(str(key), listed)
        hint = f"write {close}" if close else f"{owner} has {', '.join(listed)}"
        self.wrong("unknown-key", f"{owner} has no key {found(str(key))}", (*route, key), hint, key=True)
        return close
