"""JSON -> Document: RFC 8259 with limits, duplicate keys and the place of every value.

The standard library's scanner reads a text without mistakes. It keeps no places, so a second reader, ten times slower,
does: it reads the text again when a place is needed, and decides about every text that the first refuses.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import partial
from json.decoder import JSONDecodeError, JSONDecoder, scanstring  # type: ignore[attr-defined]
from typing import Any

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.limit import Findings
from lstm_shapes.formats.document import BREAK, Document, LazyMarks, Mark, Span, located, place
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
    """The document in a JSON text; ``findings`` are its syntax errors. Raises nothing."""
    try:
        data = _scan(text)
    except (ValueError, RecursionError):
        return _read_with_marks(source, text)
    return Document(source=source, data=data, marks=LazyMarks(lambda: _Reader(source, text).document()[1]), text=text)


def _scan(text: str) -> Any:
    """The data of a text without mistakes; raises ``ValueError`` or ``RecursionError`` on any other."""
    if 1 + text.count(",") + text.count("[") + text.count("{") > MAX_NODES:
        raise ValueError("perhaps too many values")
    if r"\ud" in text or r"\uD" in text:
        raise ValueError("perhaps a lone surrogate")
    data = _DECODER.decode(text)
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [inner for value in level for inner in _inner(value)]
    if any(type(value) in (dict, list) for value in level):
        raise ValueError("nested too deep")
    return data


def _inner(value: Any) -> Iterable[Any]:
    """The values directly inside another."""
    return value.values() if type(value) is dict else value if type(value) is list else ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a duplicate key")
    return values


def _integer(text: str) -> int | float:
    """The number; infinite when it has more digits than any size."""
    if len(text) > MAX_DIGITS:
        return float("-inf" if text[0] == "-" else "inf")
    return int(text)


def _constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


_DECODER = JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=_constant)


def _read_with_marks(source: str, text: str) -> Document:
    reader = _Reader(source, text)
    try:
        data, marks = reader.document()
    except _Stop as stop:
        finding = reader.found(stop.kind, stop.message, stop.at, stop.at + 1)
        return Document(source=source, data=None, text=text, findings=(*reader.findings.listed, finding))
    return Document(source=source, data=data, marks=marks, text=text, findings=tuple(reader.findings.listed))


class _Reader:
    def __init__(self, source: str, text: str) -> None:
        self.source, self.text = source, text
        self.findings = Findings()
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
                self.findings.add(partial(self.duplicate, key, marks[key], begin, end))
                continue
            values[key] = value
            marks[key] = Mark(mark.span, mark.inner, self.span(begin, end))
        return values, Mark(self.span(start, at + 1), marks), at + 1

    def duplicate(self, key: str, first: Mark, start: int, end: int) -> Finding:
        """A key that appears twice in an object."""
        hint = f"keep one of the two; the first is on line {(first.key or first.span)[0] + 1}"
        return self.found("duplicate-key", f"the key {key[:80]!r} appears twice", start, end, hint)

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
        return _integer(text), match.end()

    def unexpected(self, expected: str, at: int) -> _Stop:
        word = re.compile(r"\w+|.|\Z", re.DOTALL).match(self.text, at)
        got = repr(word[0][:40]) if word and word[0] else "the end"
        return _Stop("syntax", f"not JSON: expected {expected}, got {got}", at)

    def span(self, start: int, end: int) -> Span:
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, end) - 1
        return first, start - self.starts[first], last, end - self.starts[last]

    def found(self, kind: str, message: str, start: int, end: int, hint: str = "") -> Finding:
        return located(self.source, self.text, kind, message, place(self.span(start, end)), hint=hint)
