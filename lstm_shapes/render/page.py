"""A page: what a command says, in order, before any renderer gives it a form."""

from __future__ import annotations

from typing import NamedTuple

from lstm_shapes.symbolic.size import Shape, Size, readable, readable_bytes, shown

Cell = str
UNKNOWN = "unknown"
READABLE = 100


class Table(NamedTuple):
    """Rows under headers. ``numbers`` are the columns that are aligned to the right.

    ``folds`` are those that a narrow terminal shows below their row, the first one first; then the others, from the
    right.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: frozenset[str] = frozenset()
    title: str = ""
    folds: tuple[str, ...] = ()


class Paragraph(NamedTuple):
    """Sentences to read: lines of at most ``READABLE`` columns everywhere, those after the first indented."""

    text: str
    indent: int = 0


class Page(NamedTuple):
    """A heading, then tables, lines and paragraphs as they come; a terminal wraps a line at its width."""

    heading: str
    parts: tuple[Table | Paragraph | str, ...]


def number(size: Size | None) -> Cell:
    """A count with its thousands separated, or the word for an unknown one.

    >>> number(5248), number(None)
    ('5,248', 'unknown')
    """
    return UNKNOWN if size is None else readable(size)


def memory(size: Size | None) -> Cell:
    """A number of bytes, also in KiB, MiB ... where that is shorter, or the word for an unknown one.

    >>> memory(11031044), memory(None)
    ('11,031,044 (10.5 MiB)', 'unknown')
    """
    return UNKNOWN if size is None else readable_bytes(size)


def dimensions(shape: Shape | None) -> Cell:
    """A shape, or the word for an unknown one."""
    return UNKNOWN if shape is None else shown(shape)
