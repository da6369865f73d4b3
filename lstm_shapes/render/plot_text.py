"""Curves in a terminal: characters on a grid, with the numbers of the corners."""

from __future__ import annotations

from lstm_shapes.render.curves_data import Panel
from lstm_shapes.render.escape import terminal

WIDTH, HEIGHT = 64, 14
MARKS = "*o+x#@"


def render(panels: tuple[Panel, ...]) -> str:
    """A plot for each panel; the vertical axis begins at 0."""
    return "\n".join(terminal_plot(panel) for panel in panels)


def terminal_plot(panel: Panel) -> str:
    """One plot: the greatest value at the top left, the range of the size below, the curves' names under it."""
    points = [point for curve in panel.curves for point in curve.points]
    if not points:
        return f"{panel.title}: no point makes a model\n"
    first, last = min(x for x, _ in points), max(x for x, _ in points)
    top = max(max(y for _, y in points), 1)
    grid = [[" "] * WIDTH for _ in range(HEIGHT)]
    for curve, mark in zip(panel.curves, MARKS, strict=False):
        for x, y in curve.points:
            column = (x - first) * (WIDTH - 1) // max(last - first, 1)
            grid[HEIGHT - 1 - max(y, 0) * (HEIGHT - 1) // top][column] = mark
    labels = [f"{top:,}", *[""] * (HEIGHT - 2), "0"]
    wide = max(map(len, labels))
    lines = [terminal(f"{panel.title} over {panel.along}")]
    lines += [f"{label.rjust(wide)} |{''.join(row)}".rstrip() for label, row in zip(labels, grid, strict=True)]
    lines.append(f"{' ' * wide} +{'-' * WIDTH}")
    right = f"{last:,}"
    lines.append(f"{' ' * wide}  {f'{first:,}'.ljust(WIDTH - len(right))}{right}")
    named = [f"{mark} {curve.label}" for curve, mark in zip(panel.curves, MARKS, strict=False) if curve.label]
    lines += [f"{' ' * wide}  {terminal(line)}" for line in named]
    if panel.left_out:
        lines.append(f"{' ' * wide}  {panel.left_out:,} more curves are not drawn")
    return "\n".join(lines) + "\n"
