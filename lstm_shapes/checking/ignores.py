"""Comments that silence findings: ``# lstm-shapes: ignore[LS202] reason`` on the line or above it, ``ignore-file``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from lstm_shapes.findings.finding import Finding, Place
from lstm_shapes.findings.limit import is_beyond_limit, limited
from lstm_shapes.formats.document import Document, located, text_lines
from lstm_shapes.rules.catalog import kinds

_COMMENT = re.compile(r"(?:^|\s)#\s*lstm-shapes:\s*(ignore(?:-file)?)\b(?:\[([^\]]*)\]?)?")
MAX_COMMENTS = 10_000
"""How many comments of a file have an effect."""
MAX_RULES = 100
"""How many rules a comment can name."""


class Ignore(NamedTuple):
    """A comment with the rules that it silences; without any it silences all."""

    line: int
    column: int
    end: int
    rules: tuple[str, ...]


class Ignores:
    """The comments of a document; ``keeps`` applies them to a finding and records which had an effect."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.comments: list[Ignore] = []
        self.excess: Ignore | None = None
        """The first comment beyond the limit: it and those after it have no effect."""
        self.used: set[tuple[int, str]] = set()
        self.silenced: dict[int, dict[str, Ignore]] = {}
        """A line, 0 for all of the file -> a rule, '' for all of them -> the first comment that silences it there."""
        if "lstm-shapes:" in document.text:
            self._read(text_lines(document.text))

    def _read(self, lines: list[str]) -> None:
        waiting: list[Ignore] = []
        for number, text in enumerate(lines, 1):
            own_line = text.lstrip().startswith("#")
            if text.strip() and not own_line:
                self._silence(number, waiting)
                waiting = []
            match = _COMMENT.search(text) if "lstm-shapes:" in text else None
            if not match:
                continue
            ignore = Ignore(number, match.start(1) + 1, match.end() + 1, _rules(match[2]))
            if len(self.comments) == MAX_COMMENTS:
                self.excess = ignore
                return
            self.comments.append(ignore)
            if own_line and match[1] == "ignore":
                waiting.append(ignore)
            else:
                self._silence(0 if match[1] == "ignore-file" else number, [ignore])

    def _silence(self, line: int, ignores: list[Ignore]) -> None:
        """Note what comments silence on a line, or in all of the file."""
        for ignore in ignores:
            for rule in ignore.rules or ("",):
                self.silenced.setdefault(line, {}).setdefault(rule, ignore)

    def keeps(self, finding: Finding) -> bool:
        """Whether no comment silences a finding."""
        if is_beyond_limit(finding):
            return True
        names = (finding.id.lower(), finding.kind, "")
        for line in (finding.place.line if finding.place else 0, 0):
            silenced = self.silenced.get(line, {})
            if any(name in silenced for name in names):
                ignore = min(silenced[name] for name in names if name in silenced)
                self.used |= {(ignore.line, name) for name in names if silenced.get(name) == ignore}
                return False
        return True

    def unused(self) -> Iterator[Finding]:
        """A finding for every comment that silences nothing, or names a rule that it does not silence."""
        known = {name for kind in kinds().values() for name in (kind.name, kind.id.lower())}
        for ignore in self.comments:
            unused = [name for name in ignore.rules or ("",) if (ignore.line, name) not in self.used]
            if unused:
                yield self._unused(ignore, unused, known)
        if self.excess:
            message = f"more than {MAX_COMMENTS:,} comments; those from here on silence nothing"
            yield self._finding("too-large", self.excess, message, "remove what is not needed")

    def _unused(self, ignore: Ignore, unused: list[str], known: set[str]) -> Finding:
        unknown = [name for name in unused if name and name not in known]
        if unknown:
            message = f"unknown rule {', '.join(unknown)}"
        elif unused == [""]:
            message = "nothing to ignore here"
        else:
            names = ", ".join(name.upper() if name.startswith("ls") else name for name in unused)
            message = f"no {names} to ignore here"
        entirely = len(unused) == len(ignore.rules or ("",))
        hint = "remove the comment" if entirely else f"remove {', '.join(unused)}"
        return self._finding("unused-ignore", ignore, message, hint)

    def _finding(self, kind: str, ignore: Ignore, message: str, hint: str) -> Finding:
        place = Place(line=ignore.line, column=ignore.column, end_line=ignore.line, end_column=ignore.end)
        return located(self.document.source, self.document.text, kind, message, place, hint=hint)


def _rules(text: str | None) -> tuple[str, ...]:
    names = (text or "").split(",", MAX_RULES)[:MAX_RULES]
    return tuple(dict.fromkeys(name.strip().lower()[:80] for name in names if name.strip()))


def silence(
    document: Document, findings: Iterable[Finding], selected: Callable[[Finding], bool] = lambda finding: True
) -> tuple[list[Finding], int]:
    """The selected findings that no comment silences, with those about unused comments; and how many were silenced."""
    ignores = Ignores(document)
    silenced = 0

    def kept() -> Iterator[Finding]:
        nonlocal silenced
        for finding in filter(selected, findings):
            if ignores.keeps(finding):
                yield finding
            else:
                silenced += 1

    unused = (finding for finding in ignores.unused() if selected(finding) and ignores.keeps(finding))
    return list(limited(chain(kept(), unused))), silenced
