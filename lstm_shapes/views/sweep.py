"""The output of ``sweep``: page, JSON, CSV and curves; made for a million points."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from itertools import islice, product

from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.analysis.sweep import ROWS_AT_ONCE, Column, Sweep
from lstm_shapes.render.curves_data import Curve, Marks, Panel
from lstm_shapes.render.escape import csv as escaped
from lstm_shapes.render.json import plain_size
from lstm_shapes.render.page import Page, Table, memory
from lstm_shapes.render.view import Chunks, Fitted, View
from lstm_shapes.symbolic.size import readable

MAX_CURVES = 6
MAX_MARKS = 400


def page(swept: Sweep) -> Page:
    """The formulas, a row for every point, the notes."""
    formulas = [f"{title(column)} = {_formula(column)}" for column in swept.columns]
    return Page(heading=swept.title, parts=(*formulas, table(swept), *swept.notes))


def _formula(column: Column) -> str:
    return memory(column.formula) if column.name == "bytes" else readable(column.formula)


def title(column: Column) -> str:
    """``params``, or ``macs per B*T`` where these have no value."""
    return f"{column.name} per {column.per}" if column.per else column.name


def headers(swept: Sweep) -> tuple[str, ...]:
    """The swept sizes, then the figures."""
    return (*swept.axes, *map(title, swept.columns))


def table(swept: Sweep) -> Table:
    """A row for every point."""
    in_bytes = [False] * len(swept.axes) + [column.name == "bytes" for column in swept.columns]
    rows = tuple(tuple(map(_cell, row, in_bytes)) for row in swept.rows())
    return Table(headers=headers(swept), rows=rows, numbers=frozenset(headers(swept)))


def _cell(figure: int | None, in_bytes: bool) -> str:
    return "no model" if figure is None else memory(figure) if in_bytes else f"{figure:,}"


def csv(swept: Sweep) -> Iterator[str]:
    """RFC 4180, a part at a time; a point that makes no model has empty cells."""
    yield ",".join(map(escaped, headers(swept))) + "\r\n"
    rows = swept.rows()
    while part := list(islice(rows, ROWS_AT_ONCE)):
        lines = [",".join(["" if cell is None else str(cell) for cell in row]) for row in part]
        yield "\r\n".join(lines) + "\r\n"


def as_json(swept: Sweep) -> Iterator[str]:
    """One object, a part at a time: the formulas, and ``rows`` under ``columns``; null where a point makes no model."""
    head = {
        "format_version": FORMAT_VERSION,
        "source": swept.source,
        "axes": {name: len(values) for name, values in swept.axes.items()},
        "formulas": {
            column.name: {"formula": plain_size(column.formula), "per": column.per or None} for column in swept.columns
        },
        "notes": list(swept.notes),
        "columns": [*swept.axes, *(column.name for column in swept.columns)],
    }
    yield json.dumps(head, indent=1).removesuffix("\n}") + ',\n "rows": ['
    rows, separator = swept.rows(), "\n  "
    while part := list(islice(rows, ROWS_AT_ONCE)):
        lines = [", ".join(["null" if cell is None else str(cell) for cell in row]) for row in part]
        yield separator + "[" + "],\n  [".join(lines) + "]"
        separator = ",\n  "
    yield "\n ]\n}\n"


def panels(swept: Sweep) -> tuple[Panel, ...]:
    """A panel for params and one for MACs, as far as they are known."""
    return tuple(_panel(swept, column) for column in swept.columns if column.name != "bytes")


def _panel(swept: Sweep, column: Column) -> Panel:
    along = max(swept.axes, key=lambda name: len(swept.axes[name]))
    others = [name for name in swept.axes if name != along]
    places = list(product(*(range(len(swept.axes[name])) for name in others)))
    curves: dict[Marks, str] = {}
    for place in places[:MAX_CURVES]:
        at = dict(zip(others, place, strict=True))
        index = tuple(at.get(name, slice(None)) for name in swept.axes)
        values, valid = column.values[index].tolist(), swept.valid[index].tolist()
        marks = list(zip(swept.axes[along], values, valid, strict=True))
        step = max(len(marks) // MAX_MARKS, 1)
        points = tuple((x, y) for x, y, known in [*marks[:-1:step], marks[-1]] if known)
        label = ", ".join(f"{name} = {swept.axes[name][at[name]]:,}" for name in others)
        curves[points] = f"{curves[points]}; {label}" if points in curves else label
    same = "all " + ", ".join(others) if len(curves) == 1 and len(places) > 1 else ""
    drawn = tuple(Curve(same or label, points) for points, label in curves.items() if points)
    return Panel(title(column), along, drawn, max(len(places) - MAX_CURVES, 0))


def view(sweep: Sweep) -> View:
    """The sweep in every format; ``plot`` is the drawing for a terminal."""
    return {
        "text": lambda: (page(sweep),),
        "json": lambda: Chunks(as_json(sweep)),
        "markdown": lambda: (page(sweep),),
        "csv": lambda: Chunks(csv(sweep)),
        "svg": lambda: _svg(sweep),
        "plot": lambda: Fitted(partial(_plot, sweep)),
    }


def _svg(sweep: Sweep) -> str:
    from lstm_shapes.render import plot_svg

    return plot_svg.render(sweep.title, panels(sweep))


def _plot(sweep: Sweep, width: int | None) -> str:
    from lstm_shapes.render import plot_text

    return plot_text.render(panels(sweep), width)
