"""JSON -> Document: RFC 8259 with the place of every value, a depth limit, and duplicate keys seen.

The standard library reads the strings; its own reader of whole texts knows no places and ends in a RecursionError on
deep nesting.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import Any

from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats.document import BREAK, Document, Mark, Span, located, place
from lstm_shapes.formats.limits import MAX_DEPTH, MAX_DIGITS, MAX_NODES

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Stop(Exception):
    """Reading ends here: the kind of finding, its message, where."""

    def __init__(self, kind: str, message: str, at: int) -> None:
        self.kind, self.message, self.at = kind, message, at


def read(source: str, text: str) -> Document:
    """The document in a JSON text; ``findings`` say what is wrong with the writing. Raises nothing."""
    reader = _Reader(source, text)
    try:
        data, marks = reader.document()
    except _Stop as stop:
        finding = reader.found(stop.kind, stop.message, stop.at, stop.at + 1)
        return Document(source=source, data=None, text=text, findings=(*reader.findings, finding))
    return Document(source=source, data=data, marks=marks, text=text, findings=tuple(reader.findings))


class _Reader:
    def __init__(self, source: str, text: str) -> None:
        self.source, self.text = source, text
        self.findings: list[Finding] = []
        self.starts = [0, *(match.end() for match in BREAK.finditer(text))]
        self.nodes = self.depth = 0

    def document(self) -> tuple[Any, Mark]:
        value, mark, at = self.value(self.skip(0))
        if at != len(self.text):
            raise _Stop("syntax", "not JSON: text after the end of the value", at)
        return value, mark

    def skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def value(self, at: int) -> tuple[Any, Mark, int]:
        """The value that begins at ``at``, its mark, and where the text goes on."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _Stop("too-large", f"more than {MAX_NODES:,} values in one file", at)
        first = self.text[at : at + 1]
        if first in ("{", "["):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise _Stop("too-large", f"values nested more than {MAX_DEPTH} levels deep", at)
            inner, mark, end = self.object(at) if first == "{" else self.array(at)
            self.depth -= 1
            return inner, mark, self.skip(end)
        value, end = self.string(at) if first == '"' else self.plain(at)
        return value, Mark(self.span(at, end)), self.skip(end)

    def object(self, start: int) -> tuple[dict[str, Any], Mark, int]:
        values: dict[str, Any] = {}
        marks: dict[Any, Mark] = {}
        at = self.skip(start + 1)
        while self.text[at : at + 1] != "}":
            if values or marks:
                at = self.expect(",", at, "a comma or }")
            if self.text[at : at + 1] != '"':
                raise self.unexpected("a key in double quotes", at)
            begin, (key, end) = at, self.string(at)
            value, mark, at = self.value(self.expect(":", self.skip(end), "a colon"))
            if key in values:
                first = (marks[key].key or marks[key].span)[0] + 1
                message, hint = (
                    f"the key {key[:80]!r} stands twice",
                    f"keep one of the two; the first stands on line {first}",
                )
                self.findings.append(self.found("duplicate-key", message, begin, end, hint))
                continue
            values[key] = value
            marks[key] = Mark(mark.span, mark.inner, self.span(begin, end))
        return values, Mark(self.span(start, at + 1), marks), at + 1

    def array(self, start: int) -> tuple[list[Any], Mark, int]:
        values: list[Any] = []
        marks: list[Mark] = []
        at = self.skip(start + 1)
        while self.text[at : at + 1] != "]":
            if values:
                at = self.expect(",", at, "a comma or ]")
            value, mark, at = self.value(at)
            values.append(value)
            marks.append(mark)
        return values, Mark(self.span(start, at + 1), marks), at + 1

    def expect(self, character: str, at: int, expected: str) -> int:
        if self.text[at : at + 1] != character:
            raise self.unexpected(expected, at)
        return self.skip(at + 1)

    def string(self, at: int) -> tuple[str, int]:
        try:
            value, end = scanstring(self.text, at + 1, True)
        except JSONDecodeError as error:
            raise _Stop(
                "syntax", f"not JSON: {error.msg[:1].lower()}{error.msg[1:].removesuffix(' at')}", error.pos
            ) from None
        if _SURROGATE.search(value):
            raise _Stop("syntax", "not Unicode: a lone surrogate in a text", at)
        return value, end

    def plain(self, at: int) -> tuple[Any, int]:
        for word, value in _WORDS.items():
            if self.text.startswith(word, at):
                return value, at + len(word)
        match = _NUMBER.match(self.text, at)
        if not match:
            raise self.unexpected("a value", at)
        text = match[0]
        if match[1] or match[2]:
            return float(text), match.end()
        if len(text) > MAX_DIGITS:
            return float("-inf" if text[0] == "-" else "inf"), match.end()
        return int(text), match.end()

    def unexpected(self, expected: str, at: int) -> _Stop:
        word = re.compile(r"\w+|.|\Z", re.DOTALL).match(self.text, at)
        got = repr(word[0][:40]) if word and word[0] else "the end"
        return _Stop("syntax", f"not JSON: expected {expected}, got {got}", at)

    def span(self, start: int, end: int) -> Span:
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, end) - 1
        return first, start - self.starts[first], last, end - self.starts[last]

    def found(self, kind: str, message: str, start: int, end: int, hint: str = "") -> Finding:
        return located(self.source, self.text, kind, message, place(self.span(start, end)), hint=hint)
