"""A page for a terminal, by rich: tables with rules, wrapped at the terminal's width instead of cut."""

from __future__ import annotations

import io

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from lstm_shapes.render.escape import terminal
from lstm_shapes.render.page import Page, Table


def render(page: Page, *, width: int, color: bool) -> str:
    """The page, ``width`` columns wide. Every cell is plain Text: nothing in it is taken for markup."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, no_color=not color, legacy_windows=False)
    console.print(Text(terminal(page.heading), style="bold"))
    for part in page.parts:
        console.print(Text(terminal(part)) if isinstance(part, str) else _grid(part), soft_wrap=isinstance(part, str))
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def findings(plain: str) -> str:
    """Findings that are already written, in colour: the same text, line by line."""
    console = Console(file=io.StringIO(), force_terminal=True, legacy_windows=False)
    text = Text(plain, end="")
    for pattern, style in _MARKS.items():
        text.highlight_regex(pattern, style)
    console.print(text, soft_wrap=True, end="")
    rendered: str = console.file.getvalue()  # type: ignore[attr-defined]
    return rendered


_MARKS = {
    r"(?m)^\S.*?:\d+:\d+(?=: LS\d{3} )": "bold",
    r"(?m)(?<=: )LS\d{3}(?= )": "bold red",
    r"(?m)(?<=: )LS\d{3} (warning|note)(?=: )": "bold yellow",
    r"(?m)^ +\| +\^$": "red",
    r"(?m)^ +\d+ \|": "dim",
    r"(?m)^  hint:": "cyan",
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
    """A cell that may be cut anywhere: no line that comes of it begins a command."""
    return terminal(cell).replace("::", r":\x3a")


_STYLES = {"ok": "green", "DIFFERS": "bold red", "unknown": "yellow"}
