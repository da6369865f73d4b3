"""Curves in a terminal: characters on a grid, with the numbers of the corners."""

from __future__ import annotations

from lstm_shapes.render.curves_data import Panel
from lstm_shapes.render.escape import terminal
from lstm_shapes.render.wrapping import wrapped

WIDTH, HEIGHT = 64, 14
"""The columns and lines within the axes; fewer columns where a terminal has no room for them."""
MARKS = "*o+x#@"


def render(panels: tuple[Panel, ...], width: int | None = None) -> str:
    """A plot for each panel, in ``width`` columns unless that is None; the vertical axis begins at 0."""
    return "\n".join(terminal_plot(panel, width) for panel in panels)


def terminal_plot(panel: Panel, width: int | None = None) -> str:
    """One plot: the greatest value at the top left, the range of the size below, the curves' names under it."""
    points = [point for curve in panel.curves for point in curve.points]
    if not points:
        return f"{panel.title}: no point makes a model\n"
    first, last = min(x for x, _ in points), max(x for x, _ in points)
    top = max(max(y for _, y in points), 1)
    wide = len(f"{top:,}")
    across = min(WIDTH, max((width or 2 * WIDTH) - wide - 2, 10))
    grid = [[" "] * across for _ in range(HEIGHT)]
    for curve, mark in zip(panel.curves, MARKS, strict=False):
        for x, y in curve.points:
            column = (x - first) * (across - 1) // max(last - first, 1)
            grid[HEIGHT - 1 - max(y, 0) * (HEIGHT - 1) // top][column] = mark
    labels = [f"{top:,}", *[""] * (HEIGHT - 2), "0"]
    lines = _fitted(f"{panel.title} over {panel.along}", "", width)
    lines += [f"{label.rjust(wide)} |{''.join(row)}".rstrip() for label, row in zip(labels, grid, strict=True)]
    lines.append(f"{' ' * wide} +{'-' * across}")
    right = f"{last:,}"
    lines.append(f"{' ' * wide}  {f'{first:,}'.ljust(across - len(right))}{right}")
    named = [f"{mark} {curve.label}" for curve, mark in zip(panel.curves, MARKS, strict=False) if curve.label]
    named += [f"{panel.left_out:,} more curves are not drawn"] * bool(panel.left_out)
    lines += [line for text in named for line in _fitted(text, " " * (wide + 2), width)]
    return "\n".join(lines) + "\n"


def _fitted(text: str, margin: str, width: int | None) -> list[str]:
    lines = wrapped(text, max(width - len(margin), 10), hanging=2) if width else [terminal(text)]
    return [f"{margin}{line}" for line in lines]
