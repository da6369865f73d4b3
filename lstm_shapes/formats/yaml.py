"""YAML -> Document: libyaml's events, our own nodes with their places, the scalars of YAML 1.2's core schema.

PyYAML, since its C parser hands out events: limits are kept as they arrive (its composers end the process on 100,000
nested brackets), duplicate keys are seen, and a layer costs some 20 microseconds.
"""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.limit import Findings
from lstm_shapes.formats.document import BREAK, Document, Mark, Span, located, place
from lstm_shapes.formats.limits import MAX_DEPTH, MAX_DIGITS, MAX_NODES

try:
    from yaml._yaml import CParser as Parser
except ImportError:  # a PyYAML built without libyaml reads the same, slower
    from yaml import Loader as Parser  # type: ignore[assignment]

_INT = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


class _Stop(Exception):
    """Reading ends here, with this finding."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding


def read(source: str, text: str) -> Document:
    """The document in a YAML text; ``findings`` are its syntax errors. Raises nothing."""
    return _read(source, text, len(text))


def _read(source: str, text: str, end: int) -> Document:
    """The document in the text up to ``end``, with places and excerpts of all of the text."""
    reader = _Reader(source, text, end)
    try:
        data, marks = reader.document()
    except _Stop as stop:
        return Document(source=source, data=None, text=text, findings=(*reader.findings.listed, stop.finding))
    except yaml.YAMLError as error:
        too_deep = _scanner_limit(error)
        if too_deep is not None and too_deep < end:
            return _read(source, text, too_deep)
        return Document(
            source=source, data=None, text=text, findings=(*reader.findings.listed, _syntax(source, text, error))
        )
    return Document(source=source, data=data, marks=marks, text=text, findings=tuple(reader.findings.listed))


class _Reader:
    def __init__(self, source: str, text: str, end: int) -> None:
        self.source, self.text = source, text
        self.findings = Findings()
        self.anchors: dict[str, tuple[Any, Mark, int, int] | None] = {}
        """The value, its mark, the nodes in it and the levels; None while the value is still being read."""
        self.scalars = dict(_WORDS)
        self.nodes = self.depth = self.deepest = 0
        self.last = _where(text)
        self.parser: Any = Parser(text[:end])
        self.next = self.parser.get_event

    def document(self) -> tuple[Any, Mark]:
        self.next()
        if isinstance(self.next(), yaml.StreamEndEvent):
            return None, Mark((0, 0, 0, 0))
        node = self.node(self.next())
        self.next()
        if not isinstance(after := self.next(), yaml.StreamEndEvent):
            self.report(
                "unsupported-yaml", "a second document begins here; a file contains a single model", _span(after)
            )
        return node

    def node(self, event: Any) -> tuple[Any, Mark]:
        kind = type(event)
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _Stop(self.found("too-large", f"more than {MAX_NODES:,} values in one file", _span(event)))
        if kind is ScalarEvent and event.anchor is None and event.tag is None:
            return self.scalar(event), Mark(_span(event))
        if kind is AliasEvent:
            return self.alias(event)
        self.untagged(event)
        if kind is ScalarEvent:
            value, mark = self.scalar(event), Mark(_span(event))
            if event.anchor is not None:
                self.anchors[event.anchor] = (value, mark, 1, 0)
            return value, mark
        return self.collection(event, kind)

    def collection(self, event: Any, kind: type) -> tuple[Any, Mark]:
        self.depth += 1
        self.reach(self.depth, event)
        before, around, self.deepest = self.nodes, self.deepest, self.depth
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        node = self.mapping(event) if kind is MappingStartEvent else self.sequence(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node[0], node[1], self.nodes - before + 1, self.deepest - self.depth + 1)
        self.deepest = max(around, self.deepest)
        self.depth -= 1
        return node

    def sequence(self, start: Any) -> tuple[list[Any], Mark]:
        values: list[Any] = []
        marks: list[Mark] = []
        while type(event := self.next()) is not SequenceEndEvent:
            value, mark = self.node(event)
            values.append(value)
            marks.append(mark)
        return values, Mark(self.between(start, event), marks)

    def mapping(self, start: Any) -> tuple[dict[Any, Any], Mark]:
        values: dict[Any, Any] = {}
        marks: dict[Any, Mark] = {}
        event: Any
        while type(event := self.next()) is not MappingEndEvent:
            key = event.value if _is_plain(event) else self.key(event)
            self.nodes += 1
            value, mark = self.node(self.next())
            if key is None:
                continue
            if key in values:
                first = marks[key].key or marks[key].span
                hint = f"keep one of the two; the first is on line {first[0] + 1}"
                self.report("duplicate-key", f"the key {_quoted(key)} appears twice", _span(event), hint)
                continue
            values[key] = value
            marks[key] = Mark(mark.span, mark.inner, _span(event))
        return values, Mark(self.between(start, event), marks)

    def key(self, event: Any) -> str | None:
        """A key as the text it is written as; what cannot be a key is reported."""
        if type(event) is not ScalarEvent:
            self.report(
                "unsupported-yaml", "a key that is not plain text", _span(event), "write a name before the colon"
            )
            self.node(event)
            return None
        if event.value == "<<" and event.implicit[0]:
            hint = "write the keys out, or use `repeat` or a layer's name"
            self.report("unsupported-yaml", "a merge key (<<)", _span(event), hint)
            return None
        self.untagged(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (event.value, Mark(_span(event)), 1, 0)
        return str(event.value)

    def alias(self, event: Any) -> tuple[Any, Mark]:
        if event.anchor not in self.anchors:
            raise _Stop(self.found("syntax", f"*{event.anchor[:80]} refers to no anchor above", _span(event)))
        target = self.anchors[event.anchor]
        if target is None:
            raise _Stop(self.found("unsupported-yaml", f"*{event.anchor[:80]} contains itself", _span(event)))
        value, mark, count, levels = target
        self.nodes += count
        self.reach(self.depth + levels, event)
        return value, Mark(_span(event), mark.inner)

    def scalar(self, event: Any) -> Any:
        """The value of a scalar; a plain scalar by the core schema, looked up once per spelling."""
        text = event.value
        if not event.implicit[0]:
            return text
        if text not in self.scalars:
            self.scalars[text] = _resolve(text)
        return self.scalars[text]

    def between(self, start: Any, end: Any) -> Span:
        """From one event to another; libyaml ends a text without a last line break on a line that is not there."""
        first, last = start.start_mark, end.end_mark
        return first.line, first.column, *((last.line, last.column) if last.index < len(self.text) else self.last)

    def untagged(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            hint = "write the value without a tag"
            self.report("unsupported-yaml", f"a tag, {event.tag[:80]!r}", _span(event), hint)

    def reach(self, depth: int, event: Any) -> None:
        """Note how deep values go, through aliases too; too deep is the end."""
        if depth > MAX_DEPTH:
            raise _Stop(self.found("too-large", f"values nested more than {MAX_DEPTH} levels deep", _span(event)))
        self.deepest = max(self.deepest, depth)

    def found(self, kind: str, message: str, span: Span, hint: str = "") -> Finding:
        return located(self.source, self.text, kind, message, place(span), hint=hint)

    def report(self, kind: str, message: str, span: Span, hint: str = "") -> None:
        self.findings.add(lambda: self.found(kind, message, span, hint))


def _is_plain(event: Any) -> bool:
    """Whether a key is what nearly all are: text, without anchor or tag, and no merge."""
    return type(event) is ScalarEvent and event.anchor is None and event.tag is None and event.value != "<<"


def _resolve(text: str) -> Any:
    if _INT.match(text):
        digits = text.lstrip("+-")
        if len(digits) > MAX_DIGITS:
            return float("-inf" if text[0] == "-" else "inf")
        return int(digits, 8 if digits[:2] == "0o" else 16 if digits[:2] == "0x" else 10) * (
            -1 if text[0] == "-" else 1
        )
    return float(text) if _FLOAT.match(text) else text


def _span(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    return start.line, start.column, end.line, end.column


def _quoted(key: str) -> str:
    return repr(key if len(key) <= 80 else key[:77] + "...")


def _scanner_limit(error: yaml.YAMLError) -> int | None:
    """Where PyYAML 6.0.4 gives up on nested brackets: ahead of the events that show our own, lower limit exceeded.

    Reading again up to there brings those events, so that the finding is the same with every release.
    """
    if getattr(error, "problem", None) != "exceeded maximum nesting depth":
        return None
    return int(error.problem_mark.index)  # type: ignore[attr-defined]


def _syntax(source: str, text: str, error: yaml.YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = " ".join(str(part) for part in (getattr(error, "context", ""), getattr(error, "problem", "")) if part)
    position = getattr(error, "position", None)
    line, column = (mark.line, mark.column) if mark and mark.index < len(text) else _where(text, position)
    at = place((line, column, line, column + 1))
    tab = mark is not None and text[mark.index : mark.index + 1] == "\t"
    hint = "indent with spaces, not tabs" if tab else ""
    return located(
        source, text, "syntax", f"not YAML: {problem or getattr(error, 'reason', 'cannot be read')}", at, hint=hint
    )


def _where(text: str, position: int | None = None) -> tuple[int, int]:
    """Line and column, from 0, of a byte, or of the end."""
    before = text if position is None else text.encode("utf-8")[:position].decode("utf-8", "ignore")
    *lines, last = BREAK.split(before)
    return len(lines), len(last)
