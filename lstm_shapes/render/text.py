"""A page for a terminal, within its width: tables with rules, sentences wrapped at their words, colors by rich."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from lstm_shapes.render import table_layout
from lstm_shapes.render.drawing import columns
from lstm_shapes.render.escape import terminal
from lstm_shapes.render.page import READABLE, Page, Paragraph, Table
from lstm_shapes.render.styled import Styled
from lstm_shapes.render.table_layout import GAP, Layout
from lstm_shapes.render.wrapping import labelled, wrapped

HANGING = 2


def render(page: Page, *, width: int, color: bool) -> str:
    """The page, ``width`` columns wide. Nothing in it is taken for markup."""
    lines = [Text(line, style="bold") for line in wrapped(page.heading, width, hanging=HANGING)]
    for number, part in enumerate(page.parts):
        apart = isinstance(part, Table) or (number and isinstance(page.parts[number - 1], Table))
        lines += [*([Text()] if apart else []), *_lines(part, width)]
    return _printed(lines, color=color)


def styled(content: Styled, *, width: int | None) -> str:
    """Text in color, a color for each role, wrapped at ``width`` columns unless that is None."""
    fitted = content.fitted(width)
    lines = [Text.assemble(*((span.text, _ROLES[span.role]) for span in line)) for line in fitted]
    return _printed(lines, color=True)


_ROLES = {
    "": "",
    "place": "bold",
    "error": "bold red",
    "warning": "bold yellow",
    "note": "bold yellow",
    "caret": "red",
    "gutter": "dim",
    "hint": "cyan",
}


def _printed(lines: Sequence[Text], *, color: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=True, no_color=not color, legacy_windows=False)
    console.print(Text("\n").join(lines), soft_wrap=True)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def _lines(part: Table | Paragraph | str, width: int) -> Iterator[Text]:
    match part:
        case Table():
            yield from _table(part, width)
        case Paragraph(text, indent):
            yield from map(Text, wrapped(text, min(width, READABLE), hanging=indent))
        case str():
            yield from map(Text, wrapped(part, width, hanging=HANGING))


def _table(table: Table, width: int) -> Iterator[Text]:
    laid = table_layout.layout(table, width)
    if table.title:
        yield from map(Text, wrapped(table.title, width, hanging=HANGING))
    yield from _row(table.headers, table, laid, "bold")
    yield Text("─" * min(laid.width, width))
    labels = [columns(terminal(table.headers[at])) for at in laid.below]
    for number, row in enumerate(table.rows):
        if number and len(laid.below) > 1:
            yield Text()
        yield from _row(row, table, laid)
        for at in laid.below:
            if row[at]:
                margin = len(row[0]) - len(row[0].lstrip(" ")) + HANGING
                yield from _below(table.headers[at], row[at], " " * min(margin, width // 4), max(labels), width)


def _row(cells: Sequence[str], table: Table, laid: Layout, style: str = "") -> Iterator[Text]:
    right = [table.headers[at] in table.numbers for at in laid.shown]
    for pieces in table_layout.lines([cells[at] for at in laid.shown], right, laid.widths):
        line = Text()
        for at, piece in zip(laid.shown, pieces, strict=True):
            line.append(" " * GAP if line else "").append(piece, style=style or _STYLES.get(cells[at], ""))
        line.rstrip()
        yield line


def _below(header: str, cell: str, margin: str, labels: int, width: int) -> Iterator[Text]:
    """A cell below its row, after the name of its column."""
    name = terminal(header)
    label = margin + name + " " * (labels - columns(name) + GAP * bool(labels))
    for margin, line in labelled(label, cell, width):
        yield Text.assemble((margin, "dim"), (line, _STYLES.get(cell, "")))


_STYLES = {"ok": "green", "DIFFERS": "bold red", "unknown": "yellow"}
