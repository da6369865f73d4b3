"""Comments that silence findings: ``# lstm-shapes: ignore[LS202] reason`` on the line or above it, ``ignore-file``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lstm_shapes.findings.finding import Finding, Place
from lstm_shapes.formats.document import BREAK, Document, located
from lstm_shapes.rules.catalog import kinds

_COMMENT = re.compile(r"(?:^|\s)#\s*lstm-shapes:\s*(ignore(?:-file)?)\b(?:\[([^\]]*)\])?")


class Ignores:
    """The comments of a document; ``keeps`` applies them to a finding and records which had an effect."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.used: set[tuple[int, str]] = set()
        self.lines: dict[int, list[_Ignore]] = {}
        self.file_wide: list[_Ignore] = []
        if "lstm-shapes:" in document.text:
            self._read(BREAK.split(document.text))

    def _read(self, lines: list[str]) -> None:
        waiting: list[_Ignore] = []
        for number, text in enumerate(lines, 1):
            match = _COMMENT.search(text)
            own_line = text.lstrip().startswith("#")
            if match:
                ignore = _Ignore(number, match.start(1) + 1, match.end() + 1, _ids(match[2]))
                if match[1] == "ignore-file":
                    self.file_wide.append(ignore)
                elif own_line:
                    waiting.append(ignore)
                else:
                    self.lines.setdefault(number, []).append(ignore)
            if text.strip() and not own_line:
                self.lines.setdefault(number, []).extend(waiting)
                waiting = []
        self.lines.setdefault(0, []).extend(waiting)

    def keeps(self, finding: Finding) -> bool:
        """Whether no comment silences a finding."""
        line = finding.place.line if finding.place else 0
        for ignore in (*self.lines.get(line, ()), *self.file_wide):
            names = {finding.id.lower(), finding.kind}
            hit = names & set(ignore.ids) if ignore.ids else {""}
            if hit:
                self.used |= {(ignore.line, name) for name in hit}
                return False
        return True

    def unused(self) -> Iterator[Finding]:
        """A finding for every comment that silences nothing, or names a rule that it does not silence."""
        ignores = [ignore for listed in self.lines.values() for ignore in listed] + self.file_wide
        for ignore in sorted(ignores, key=lambda ignore: (ignore.line, ignore.column)):
            unused = [name for name in ignore.ids or ("",) if (ignore.line, name) not in self.used]
            if unused:
                yield self._unused(ignore, unused)

    def _unused(self, ignore: _Ignore, unused: list[str]) -> Finding:
        rules = {name for kind in kinds().values() for name in (kind.name, kind.id.lower())}
        unknown = [name for name in unused if name and name not in rules]
        if unknown:
            message = f"unknown rule {', '.join(unknown)}"
        elif unused == [""]:
            message = "nothing to ignore here"
        else:
            message = (
                f"no {', '.join(name.upper() if name.startswith('ls') else name for name in unused)} to ignore here"
            )
        entirely = len(unused) == len(ignore.ids or ("",))
        hint = "remove the comment" if entirely else f"remove {', '.join(unused)}"
        place = Place(line=ignore.line, column=ignore.column, end_line=ignore.line, end_column=ignore.end)
        return located(self.document.source, self.document.text, "unused-ignore", message, place, hint=hint)


class _Ignore:
    """A comment with the rules that it silences; without any it silences all."""

    def __init__(self, line: int, column: int, end: int, ids: tuple[str, ...]) -> None:
        self.line, self.column, self.end, self.ids = line, column, end, ids


def _ids(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in (text or "").split(",") if name.strip())


def silence(document: Document, findings: Iterable[Finding]) -> tuple[list[Finding], int]:
    """The findings that no comment silences, with those about unused comments; and how many were silenced."""
    ignores, every = Ignores(document), list(findings)
    kept = [finding for finding in every if ignores.keeps(finding)]
    silenced = len(every) - len(kept)
    kept += [finding for finding in ignores.unused() if ignores.keeps(finding)]
    return kept, silenced
