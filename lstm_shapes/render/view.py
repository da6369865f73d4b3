"""A view: an answer in each of its formats. A format is computed only when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from lstm_shapes.render.page import Page
from lstm_shapes.render.styled import Styled
from lstm_shapes.symbolic.size import Size


class Rows(NamedTuple):
    """The header and the rows of a CSV file."""

    headers: Sequence[str]
    rows: Iterable[Sequence[str | Size | None]]


class Data(NamedTuple):
    """A value to write as JSON."""

    value: Any


class Fitted(NamedTuple):
    """A text whose lines and drawings are laid out for a number of columns; None: as wide as they like."""

    layout: Callable[[int | None], str]


class Chunks(NamedTuple):
    """A text too long for memory, part by part."""

    parts: Iterable[str]


class Series(NamedTuple):
    """Contents of different kinds, one after the other."""

    contents: tuple[Content, ...]


Content = str | Fitted | Chunks | Styled | Data | Rows | tuple[Page, ...] | Series
"""Finished text, at once, for a width or in parts, text to color, JSON data, CSV rows, pages that become text or
Markdown, or a series of these."""
View = Mapping[str, Callable[[], Content]]
"""A format's name -> what makes its content."""


def usual(pages: Callable[[], tuple[Page, ...]], data: Callable[[], Data], rows: Callable[[], Rows]) -> View:
    """The view of an answer that has the four usual formats."""
    return {"text": pages, "json": data, "markdown": pages, "csv": rows}


def one_or_many(answers: Sequence[Any]) -> Data:
    """An object for one file, a list of them for several."""
    return Data(answers[0] if len(answers) == 1 else list(answers))
