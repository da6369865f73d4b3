"""The mistakes of a spec, each at its place, gathered so that all of them are reported and not only the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from lstm_shapes.findings.finding import Edit, Finding
from lstm_shapes.findings.limit import Findings
from lstm_shapes.findings.route import Route
from lstm_shapes.findings.spelling import certain, nearest
from lstm_shapes.formats.document import Document
from lstm_shapes.spec.values import quoted
from lstm_shapes.spec.words import KEY_WORDS

MAX_SEARCHES = 50
MAX_COMPARED = 20_000
"""How often the nearest name is searched for in a file, and among how many names: each takes some 50 microseconds."""


class Errors:
    """Collects the findings about a document, beginning with those of its syntax."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._findings = Findings(document.findings)
        self._searches = self._compared = 0
        self.count = 0
        """The number of mistakes in the spec, including those beyond the limit."""

    @property
    def findings(self) -> list[Finding]:
        """The mistakes so far."""
        return self._findings.listed

    def add(
        self,
        kind: str,
        message: str,
        route: Route,
        hint: str = "",
        *,
        key: bool = False,
        layer: str = "",
        edit: Edit | None = None,
    ) -> None:
        """Add a mistake, unless the limit of a file is passed."""
        self.count += 1
        self._findings.add(
            lambda: self._document.finding(kind, message, route, key=key, hint=hint, layer=layer, edit=edit)
        )

    def nearest(self, word: str, names: Sequence[str]) -> str:
        """The name that a misspelled word most likely means; '' also once many were searched for."""
        if self._findings.full or self._searches >= MAX_SEARCHES or self._compared > MAX_COMPARED:
            return ""
        self._searches += 1
        self._compared += len(names)
        return nearest(word, list(names))

    def unknown_key(
        self, key: Any, known: Iterable[str], owner: str, route: Route, hints: Mapping[str, str] = MappingProxyType({})
    ) -> str:
        """Add that ``owner`` has no such key, with what ``hints`` say of it. Returns the key that is meant, or ''."""
        if self._findings.full:
            self.count += 1
            return ""
        names = sorted(set(known))
        word = str(key)[:80].lower()
        close = KEY_WORDS[word] if KEY_WORDS.get(word) in names else ""
        hint = "" if close else hints.get(word, "")
        close = close or ("" if hint else self.nearest(str(key), names))
        hint = hint or (f"write {close}" if close else f"{owner} has {', '.join(names)}")
        clear = close and (close == KEY_WORDS.get(word) or certain(str(key), close, names))
        edit = Edit("fix", "key", (*route, key), close) if clear else None
        self.add("unknown-key", f"{owner} has no key {quoted(str(key))}", (*route, key), hint, key=True, edit=edit)
        return close
