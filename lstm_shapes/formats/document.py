"""A Document: the plain data of a file, and the place of every value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from lstm_shapes.findings.finding import Finding, Place, Related
from lstm_shapes.findings.kinds import KINDS, Kind
from lstm_shapes.findings.route import Route
from lstm_shapes.formats.language import Language, spelled

Span = tuple[int, int, int, int]
"""Line, column, end line, end column, all from 0, the end exclusive."""


class Mark(NamedTuple):
    """The place of a value; ``inner`` has the marks of its items, ``key`` the span of the key before it."""

    span: Span
    inner: dict[Any, Mark] | list[Mark] | None = None
    key: Span | None = None


class LazyMarks:
    """The marks of a text whose data was read without them: computed when the first place is needed."""

    def __init__(self, make: Callable[[], Mark | None]) -> None:
        self._make = make

    @cached_property
    def root(self) -> Mark | None:
        """The mark of the whole document."""
        return self._make()


class Origin(NamedTuple):
    """Where the values of a translated document come from.

    ``routes`` leads from a route in the translation to one in the data of the file ``document``, to the mark of a text,
    or, where the file is no text, to the name of what it is there. Hints are spelled in its ``language``.
    """

    document: Document
    routes: Mapping[Route, Route | Mark | str]
    language: Language = ""

    def of(self, route: Route) -> Route | Mark | str | None:
        """The origin of the value at ``route``, or of its nearest ancestor that has one."""
        ancestors = (route[:length] for length in range(len(route), -1, -1))
        return next((self.routes[above] for above in ancestors if above in self.routes), None)

    def place(self, route: Route, *, key: bool = False) -> Place | None:
        """The place in the file of the value at ``route``; None in a file that is no text."""
        there = self.of(route)
        if there is None or isinstance(there, str):
            return None
        return place(there.span) if isinstance(there, Mark) else self.document.place(there, key=key)


class Document(NamedTuple):
    """The result of reading a file: ``data`` (dicts, lists, scalars) and ``marks`` of the same form.

    ``findings`` are mistakes in the text that leave its data readable, such as a duplicate key. ``format`` is the
    module of formats/ that read it. Data that were translated from another document have its text, and an ``origin``.
    """

    source: str
    data: Any
    marks: Mark | LazyMarks | None = None
    text: str = ""
    findings: tuple[Finding, ...] = ()
    format: str = ""
    origin: Origin | None = None

    @property
    def language(self) -> Language:
        """The language in which its author writes a setting."""
        if self.origin:
            return self.origin.language
        return "json" if self.format == "json" else "yaml"

    def place(self, route: Route, *, key: bool = False) -> Place | None:
        """The place of the value at ``route`` (of its key with ``key``), or of its nearest ancestor that is there."""
        if self.origin:
            return self.origin.place(route, key=key)
        mark = self.marks.root if isinstance(self.marks, LazyMarks) else self.marks
        if mark is None:
            return None
        span = mark.span
        for step in route:
            inner = _inner(mark, step)
            if inner is None:
                break
            mark, span = inner, (inner.key if key and inner.key else inner.span)
        return place(span)

    def exact(self, route: Route, *, key: bool = False) -> Place | None:
        """The place of the value at ``route``, or of its key; None where it is not there, or was translated."""
        if self.origin:
            return None
        mark = self.marks.root if isinstance(self.marks, LazyMarks) else self.marks
        for step in route:
            mark = mark and _inner(mark, step)
        span = mark and (mark.key if key else mark.span)
        return place(span) if span else None

    def finding(self, kind: str | Kind, message: str, route: Route, *, key: bool = False, **more: Any) -> Finding:
        """A Finding about the value at ``route``, or its key; ``kind`` is a name in KINDS or a lint rule's Kind."""
        at = self.place(route, key=key)
        if more.get("hint"):
            hint = spelled(more["hint"], self.language)
            in_code = self.language == "python" and at is None and "`" in hint
            more["hint"] = f"where the model is built: {hint}" if in_code else hint
        if self.format == "notebook" and at:
            message = f"{message} ({cell_of(self.text, at.line)})"
        return located(self.source, self.text, kind, message, at, route=route, **more)

    def related(self, message: str, route: Route, *, stated: bool = False) -> Related:
        """Another place that explains a finding."""
        return Related(message=message, place=self.place(route), stated=stated)


def place(span: Span) -> Place:
    """A span with lines and columns counted from 1."""
    line, column, end_line, end_column = span
    return Place(line=line + 1, column=column + 1, end_line=end_line + 1, end_column=end_column + 1)


def located(source: str, text: str, kind: str | Kind, message: str, at: Place | None, **more: Any) -> Finding:
    """A Finding with the source line at its place."""
    rule = KINDS[kind] if isinstance(kind, str) else kind
    lines = text_lines(text) if at and text else []
    excerpt = lines[at.line - 1] if at and at.line <= len(lines) else ""
    return Finding(rule=rule, message=message, source=source, place=at, excerpt=excerpt, **more)


def cell_of(text: str, line: int) -> str:
    """The cell of a notebook, and the line in it, at a line of the text of all its cells.

    >>> cell_of("# cell 1\\nx = 1\\n# cell 4\\ny = 2\\nz = 3", 5)
    'cell 4, line 2'
    """
    lines = text_lines(text)[:line]
    heads = [number for number, one in enumerate(lines, start=1) if re.fullmatch(r"# cell \d+", one)]
    return f"{lines[heads[-1] - 1][2:]}, line {line - heads[-1]}" if heads else f"line {line}"


@lru_cache(maxsize=2)
def text_lines(text: str) -> list[str]:
    """The lines of a text; not to be changed."""
    lines: list[str] = BREAK.split(text)
    return lines


BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line, as libyaml counts them."""


def _inner(mark: Mark, step: str | int) -> Mark | None:
    if isinstance(mark.inner, dict):
        inner: Mark | None = mark.inner.get(step)
        return inner
    if isinstance(mark.inner, list) and isinstance(step, int) and step < len(mark.inner):
        item: Mark = mark.inner[step]
        return item
    return None
