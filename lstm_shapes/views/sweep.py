"""What ``sweep`` says."""

from __future__ import annotations

from lstm_shapes.analysis.sweep import Column, Sweep
from lstm_shapes.render.page import Page, Table
from lstm_shapes.symbolic.size import readable


def page(found: Sweep) -> Page:
    """The formulas, a row for every point, the notes."""
    formulas = [f"{title(column)} = {readable(column.formula)}" for column in found.columns]
    return Page(heading=found.title, parts=(*formulas, table(found), *found.notes))


def title(column: Column) -> str:
    """``params``, or ``macs per B*T`` where these have no value."""
    return f"{column.name} per {column.per}" if column.per else column.name


def headers(found: Sweep) -> tuple[str, ...]:
    """The swept sizes, then the figures."""
    return (*found.axes, *map(title, found.columns))


def table(found: Sweep) -> Table:
    """A row for every point."""
    rows = tuple(tuple("no model" if one is None else f"{one:,}" for one in row) for row in found.rows())
    return Table(headers=headers(found), rows=rows, numbers=frozenset(headers(found)))
