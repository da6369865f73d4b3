"""Text whose parts have a role, such as a rule's id or a caret, so that a terminal can color and wrap them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lstm_shapes.render.drawing import columns
from lstm_shapes.render.escape import terminal
from lstm_shapes.render.wrapping import escaped, parts

HANGING = 4
QUOTED = 120
"""The columns of a source line in a file or a pipe: a minified file is a single line."""
CUT = "..."


class Span(NamedTuple):
    """A part of a line, with its role: place, error, warning, gutter, caret, hint, or none."""

    text: str
    role: str = ""


class Quoted(NamedTuple):
    """A line of a file, with a caret under the character at ``column``, which counts from 0."""

    number: int
    text: str
    column: int


Line = tuple[Span, ...] | Quoted


class Styled(NamedTuple):
    """A text in lines.

    >>> Styled(((Span("model.yaml:2:1", "place"), Span(": "), Span("LS101", "error")),)).plain
    'model.yaml:2:1: LS101\\n'
    """

    lines: tuple[Line, ...]

    @property
    def plain(self) -> str:
        """The text without styles, its lines as long as they are."""
        return self.unstyled(None)

    def unstyled(self, width: int | None) -> str:
        """The text without styles, wrapped at ``width`` columns unless that is None."""
        return "".join(f"{''.join(span.text for span in line)}\n" for line in self.fitted(width))

    def fitted(self, width: int | None) -> Iterator[tuple[Span, ...]]:
        """The lines, wrapped at ``width`` columns unless that is None; of a source line, what is around its caret."""
        for line in self.lines:
            if isinstance(line, Quoted):
                yield from _quoted(line, width)
            else:
                yield from _wrapped(line, width) if width else (line,)


def _wrapped(line: tuple[Span, ...], width: int) -> Iterator[tuple[Span, ...]]:
    spans = [span._replace(text=escaped(span.text)) for span in line]
    text = "".join(span.text for span in spans)
    for part in parts(text, width, hanging=HANGING):
        cut, start = [Span(" " * part.indent)] if part.indent else [], 0
        for span in spans:
            inside = span.text[max(part.start - start, 0) : max(part.end - start, 0)]
            cut += [span._replace(text=inside)] if inside else []
            start += len(span.text)
        yield tuple(cut)


def _quoted(line: Quoted, width: int | None) -> Iterator[tuple[Span, ...]]:
    number = str(line.number)
    room = max(min(QUOTED, (width or 2 * QUOTED) - len(number) - 6), 20)
    text, column = _window(line.text, line.column, room)
    yield Span(f"  {number} |", "gutter"), Span(f" {text}")
    yield (Span(f"  {' ' * len(number)} | {' ' * column}^", "caret"),)


def _window(text: str, column: int, room: int) -> tuple[str, int]:
    """What is around a character of a line in ``room`` columns, escaped, and the columns before the character."""
    before, after = terminal(text[max(column - QUOTED, 0) : column]), terminal(text[column : column + QUOTED])
    whole = column <= QUOTED and len(text) <= column + QUOTED
    if not whole or columns(before + after) > room:
        kept = _end(before, max(room // 2, room - columns(after)))
        before = before if column <= QUOTED and kept == before else CUT + _end(kept, columns(kept) - len(CUT))
        left = room - columns(before)
        if len(text) > column + QUOTED or columns(after) > left:
            after = _beginning(after, left - len(CUT)) + CUT
    return terminal(before + after), columns(before)


def _beginning(text: str, room: int) -> str:
    """As much of the beginning of a text as fits in ``room`` columns."""
    while columns(text) > room:
        text = text[: -max(1, (columns(text) - room) // 2)]
    return text


def _end(text: str, room: int) -> str:
    """As much of the end of a text as fits in ``room`` columns."""
    while columns(text) > room:
        text = text[max(1, (columns(text) - room) // 2) :]
    return text
