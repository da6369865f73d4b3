"""A page for a terminal, by rich: tables with rules, wrapped at the terminal's width instead of cut."""

from __future__ import annotations

import io

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from lstm_shapes.render.escape import terminal
from lstm_shapes.render.page import Page, Table
from lstm_shapes.render.styled import Styled


def render(page: Page, *, width: int, color: bool) -> str:
    """The page, ``width`` columns wide. Every cell is plain Text: nothing in it is taken for markup."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, no_color=not color, legacy_windows=False)
    console.print(Text(terminal(page.heading), style="bold"))
    for part in page.parts:
        console.print(Text(terminal(part)) if isinstance(part, str) else _grid(part), soft_wrap=isinstance(part, str))
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def styled(content: Styled) -> str:
    """Text in color, a color for each role."""
    console = Console(file=io.StringIO(), force_terminal=True, legacy_windows=False)
    text = Text(end="")
    for span in content.spans:
        text.append(span.text, style=_ROLES[span.role])
    console.print(text, soft_wrap=True, end="")
    rendered: str = console.file.getvalue()  # type: ignore[attr-defined]
    return rendered


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


def _grid(table: Table) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, title=terminal(table.title) or None, title_justify="left", pad_edge=False)
    for header in table.headers:
        grid.add_column(
            Text(header, style="bold"), justify="right" if header in table.numbers else "left", overflow="fold"
        )
    for row in table.rows:
        grid.add_row(*(Text(_folded(cell), style=_STYLES.get(cell, "")) for cell in row))
    return grid


def _folded(cell: str) -> str:
    """A cell that may be wrapped at any character: no line of it can begin a runner's command."""
    return terminal(cell).replace("::", r":\x3a")


_STYLES = {"ok": "green", "DIFFERS": "bold red", "unknown": "yellow"}
