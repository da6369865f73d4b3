"""A page as aligned text: complete, never cut, without color; for pipes and files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lstm_shapes.render.escape import terminal
from lstm_shapes.render.page import READABLE, Page, Paragraph, Table
from lstm_shapes.render.wrapping import wrapped


def render(page: Page) -> str:
    """The whole page; lines end with a newline."""
    parts: list[str] = [terminal(page.heading)]
    for number, part in enumerate(page.parts):
        after_text = number and not isinstance(page.parts[number - 1], Table)
        parts.append(("" if after_text and not isinstance(part, Table) else "\n") + "\n".join(_lines(part)))
    return "\n".join(parts) + "\n"


def _lines(part: Table | Paragraph | str) -> Iterable[str]:
    match part:
        case Table():
            return _table(part)
        case Paragraph(text, indent):
            return wrapped(text, READABLE, hanging=indent)
    return (terminal(part),)


def _table(table: Table) -> Iterator[str]:
    rows = [tuple(terminal(cell) for cell in row) for row in (table.headers, *table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = [header in table.numbers for header in table.headers]
    if table.title:
        yield terminal(table.title)
    for row in rows:
        cells = (cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(row, widths, right, strict=True))
        yield "  ".join(cells).rstrip()
