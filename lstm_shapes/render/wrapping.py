"""Lines of a text within a width, broken at blanks: no word, and if it can be no shape or code, is torn apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lstm_shapes.render.drawing import columns
from lstm_shapes.render.escape import terminal

_UNIT = re.compile(r"(?:`[^`]{,40}`|\([^()]{,30}\)|[^ ])+")
"""A word, and what belongs together: code in backticks, a shape, a formula with its brackets."""


class Part(NamedTuple):
    """A line of a longer text: from which character to which, and the columns it is moved to the right."""

    start: int
    end: int
    indent: int


def wrapped(text: str, width: int, *, hanging: int = 0) -> list[str]:
    """The text, escaped, in lines of at most ``width`` columns; those after the first are indented by ``hanging``.

    A word that is wider than a line is not broken: it has a line of its own, from which it can be copied.

    >>> wrapped("dense reads (B, T, 32) but gets (B, 32)", 20, hanging=2)
    ['dense reads', '  (B, T, 32) but', '  gets (B, 32)']
    """
    text = escaped(text)
    return [" " * part.indent + text[part.start : part.end] for part in parts(text, width, hanging=hanging)]


def labelled(label: str, text: str, width: int) -> list[tuple[str, str]]:
    """The lines of a text next to a label, each with what stands before it.

    A text with a word that has no room there begins below the label.

    >>> labelled("  units  ", "the hidden state's width", 24)
    [('  units  ', 'the hidden'), ('         ', "state's width")]
    """
    lines = wrapped(text, max(width - columns(label), 1))
    if max(map(columns, lines)) <= width - columns(label):
        return [(label if not number else " " * columns(label), line) for number, line in enumerate(lines)]
    return [(label.rstrip(), ""), *((" " * BELOW, line) for line in wrapped(text, width - BELOW))]


BELOW = 4


def escaped(text: str) -> str:
    """A text that may be broken at any blank: no line of it can begin a runner's command.

    >>> escaped("see ::error:: here")
    'see \\\\x3a:error:: here'
    """
    text = terminal(text)
    return re.sub(r"(?<=\s)::", r"\\x3a:", text) if "::" in text else text


def parts(text: str, width: int, *, hanging: int = 0) -> list[Part]:
    """The lines of an escaped text; the blanks at its beginning are those of each line."""
    if columns(text) <= width:
        return [Part(0, len(text), 0)]
    own = len(text) - len(text.lstrip(" "))
    hanging += own
    lines: list[Part] = []
    start, end = 0, own  # of the line that is being filled
    for unit in _units(text, own, width - hanging):
        indent = hanging if lines else 0
        if end > start + (0 if lines else own) and indent + columns(text[start : unit[1]]) > width:
            lines.append(Part(start, end, indent))
            start = unit[0]
        end = unit[1]
    return [*lines, Part(start, end, hanging if lines else 0)]


def longest(text: str, room: int) -> int:
    """The columns of the longest part of a text that is not broken where there are ``room`` columns.

    >>> longest("4*units*(input_dim + 1) or more", 40), longest("4*units*(input_dim + 1) or more", 20)
    (23, 18)
    """
    return max((columns(text[start:end]) for start, end in _units(text, 0, room)), default=0)


def _units(text: str, start: int, room: int) -> Iterator[tuple[int, int]]:
    """Where the parts that are not broken begin and end; one that is wider than a line is broken at its blanks."""
    for unit in _UNIT.finditer(text, start):
        if columns(unit[0]) <= room:
            yield unit.span()
        else:
            yield from (word.span() for word in re.compile("[^ ]+").finditer(text, *unit.span()))
