"""A page: what a command says, in order, before any renderer gives it a form."""

from __future__ import annotations

from typing import NamedTuple

Cell = str


class Table(NamedTuple):
    """Rows under headers. ``numbers`` are the columns that are aligned to the right."""

    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: frozenset[str] = frozenset()
    title: str = ""


class Page(NamedTuple):
    """A heading, then tables and lines as they come."""

    heading: str
    parts: tuple[Table | str, ...]
