"""A page as aligned text: complete, never cut, without color; for pipes and files."""

from __future__ import annotations

from collections.abc import Iterator

from lstm_shapes.render.escape import terminal
from lstm_shapes.render.page import Page, Table


def render(page: Page) -> str:
    """The whole page; lines end with a newline."""
    parts: list[str] = [terminal(page.heading)]
    for number, part in enumerate(page.parts):
        lines = isinstance(part, str) and number and isinstance(page.parts[number - 1], str)
        parts.append(("" if lines else "\n") + (terminal(part) if isinstance(part, str) else "\n".join(_table(part))))
    return "\n".join(parts) + "\n"


def _table(table: Table) -> Iterator[str]:
    rows = [tuple(terminal(cell) for cell in row) for row in (table.headers, *table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = [header in table.numbers for header in table.headers]
    if table.title:
        yield terminal(table.title)
    for row in rows:
        cells = (cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(row, widths, right, strict=True))
        yield "  ".join(cells).rstrip()
