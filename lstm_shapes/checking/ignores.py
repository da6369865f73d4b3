"""Comments that silence findings: ``# lstm-shapes: ignore[LS202] reason`` on the line or above it, ``ignore-file``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lstm_shapes.findings.finding import Finding, Place
from lstm_shapes.formats.document import BREAK, Document, located
from lstm_shapes.rules.catalog import kinds

_COMMENT = re.compile(r"(?:^|\s)#\s*lstm-shapes:\s*(ignore(?:-file)?)\b(?:\[([^\]]*)\])?")


class Ignores:
    """The comments of one document; ``keeps`` asks them about a finding and remembers which were of use."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.used: set[tuple[int, str]] = set()
        self.lines: dict[int, list[_Ignore]] = {}
        self.whole: list[_Ignore] = []
        if "lstm-shapes:" in document.text:
            self._read(BREAK.split(document.text))

    def _read(self, lines: list[str]) -> None:
        waiting: list[_Ignore] = []
        for number, text in enumerate(lines, 1):
            match = _COMMENT.search(text)
            alone = text.lstrip().startswith("#")
            if match:
                ignore = _Ignore(number, match.start(1) + 1, match.end() + 1, _ids(match[2]))
                if match[1] == "ignore-file":
                    self.whole.append(ignore)
                elif alone:
                    waiting.append(ignore)
                else:
                    self.lines.setdefault(number, []).append(ignore)
            if text.strip() and not alone:
                self.lines.setdefault(number, []).extend(waiting)
                waiting = []
        self.lines.setdefault(0, []).extend(waiting)

    def keeps(self, finding: Finding) -> bool:
        """Whether no comment silences the finding."""
        line = finding.place.line if finding.place else 0
        for ignore in (*self.lines.get(line, ()), *self.whole):
            names = {finding.id.lower(), finding.kind}
            hit = names & set(ignore.ids) if ignore.ids else {""}
            if hit:
                self.used |= {(ignore.line, one) for one in hit}
                return False
        return True

    def unused(self) -> Iterator[Finding]:
        """A finding for every comment, or part of one, that silences nothing."""
        everything = [one for listed in self.lines.values() for one in listed] + self.whole
        for ignore in sorted(everything, key=lambda one: (one.line, one.column)):
            idle = [one for one in ignore.ids or ("",) if (ignore.line, one) not in self.used]
            if idle:
                yield self._unused(ignore, idle)

    def _unused(self, ignore: _Ignore, idle: list[str]) -> Finding:
        names = {name for kind in kinds().values() for name in (kind.name, kind.id.lower())}
        unknown = [one for one in idle if one and one not in names]
        what = f"no rule is called {', '.join(unknown)}" if unknown else "there is nothing to ignore here"
        if not unknown and idle != [""]:
            what = f"no {', '.join(one.upper() if one.startswith('ls') else one for one in idle)} to ignore here"
        whole = len(idle) == len(ignore.ids or ("",))
        hint = "remove the comment" if whole else f"remove {', '.join(idle)}"
        place = Place(line=ignore.line, column=ignore.column, end_line=ignore.line, end_column=ignore.end)
        return located(self.document.source, self.document.text, "unused-ignore", what, place, hint=hint)


class _Ignore:
    """A comment: the rules that it silences, none named for all."""

    def __init__(self, line: int, column: int, end: int, ids: tuple[str, ...]) -> None:
        self.line, self.column, self.end, self.ids = line, column, end, ids


def _ids(text: str | None) -> tuple[str, ...]:
    return tuple(one.strip().lower() for one in (text or "").split(",") if one.strip())


def silence(document: Document, findings: Iterable[Finding]) -> tuple[list[Finding], int]:
    """The findings that no comment silences, those about idle comments among them; and how many were silenced."""
    ignores = Ignores(document)
    found = list(findings)
    kept = [one for one in found if ignores.keeps(one)]
    silenced = len(found) - len(kept)
    kept += [one for one in ignores.unused() if ignores.keeps(one)]
    return kept, silenced
