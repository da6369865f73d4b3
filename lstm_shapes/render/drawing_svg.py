"""A picture as a self-contained SVG: no external font, script or address; light or dark as the reader's system is."""

from __future__ import annotations

from html import escape

from lstm_shapes.render.drawing import WIDTH, Grid, Label, Line, Rect
from lstm_shapes.render.escape import xml

CELL, LINE, MARGIN = 8, 18, 16
_STYLE = """
 text { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1b1f24; white-space: pre; }
 .title { font-weight: bold; }
 .middle { text-anchor: middle; }
 .ground { fill: #ffffff; }
 .box { fill: #eef2f7; stroke: #1b1f24; }
 .strong { fill: #dbe8fb; stroke: #1b1f24; }
 .line { fill: none; stroke: #1b1f24; stroke-width: 1.3; }
 .head { fill: #1b1f24; stroke: none; }
 @media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .ground { fill: #0d1117; }
  .box { fill: #1c2430; stroke: #e6edf3; }
  .strong { fill: #17345c; stroke: #e6edf3; }
  .line { stroke: #e6edf3; }
  .head { fill: #e6edf3; }
 }
"""
"""Literal colors and classes only: rsvg-convert and cairosvg do not support `var()` and paint black instead."""
_HEAD = '<marker id="{0}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'


def render(grids: list[Grid]) -> str:
    """The pictures under one another, with a title and a description for who hears them."""
    title = grids[0].title if grids else "nothing to draw"
    description = " ".join(grid.description for grid in grids)
    parts, y = [], MARGIN
    for grid in grids:
        parts.append(f'<text class="title" x="{MARGIN}" y="{y + 14}">{_text(_cut(grid.title))}</text>')
        y += 2 * LINE
        parts.append(f'<g transform="translate({MARGIN} {y})">')
        parts += [_mark(mark) for mark in grid.marks]
        parts.append("</g>")
        y += grid.height * LINE + 2 * LINE
    width = WIDTH * CELL + 2 * MARGIN
    head = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" height="{y}"'
    lines = [
        f'<svg {head} role="img" aria-labelledby="picture-title picture-description">',
        f'<title id="picture-title">{_text(title)}</title>',
        f'<desc id="picture-description">{_text(description)}</desc>',
        f"<style>{_STYLE}</style>",
        f'<defs>{_HEAD.format("head")}<path class="head" d="M0 0 L8 4 L0 8 z"/></marker></defs>',
        f'<rect class="ground" x="0" y="0" width="{width}" height="{y}"/>',
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _cut(title: str) -> str:
    return title if len(title) <= WIDTH else f"{title[: WIDTH - 1]}…"


def _text(text: str) -> str:
    """Text between tags: ASCII and printable, or escaped."""
    return escape(xml(text), quote=False)


def _mark(mark: Rect | Line | Label) -> str:
    match mark:
        case Rect():
            return _rect(mark)
        case Line():
            return _line(mark)
        case Label():
            anchor = ' class="middle"' if mark.centred else ""
            x = (mark.x + 0.5) * CELL if mark.centred else mark.x * CELL
            return f'<text{anchor} x="{x:g}" y="{mark.y * LINE + 13}">{_text(mark.text)}</text>'


def _rect(box: Rect) -> str:
    x, y, w, h = box.x * CELL + 3, box.y * LINE + 4, box.w * CELL - 6, box.h * LINE - 8
    kind = "strong" if box.strong else "box"
    parts = [f'<rect class="{kind}" x="{x}" y="{y}" width="{w}" height="{h}" rx="5"/>']
    lines = [line for line in box.lines if line]
    top = y + h / 2 - len(lines) * LINE / 2
    for number, line in enumerate(lines):
        parts.append(f'<text class="middle" x="{x + w / 2:g}" y="{top + number * LINE + 13:g}">{_text(line)}</text>')
    return "".join(parts)


def _line(line: Line) -> str:
    (ax, ay), (bx, by) = line.points
    across, down = (0.7, 0.0) if ay == by and ax != bx else (0.0, 0.6)
    across = -across if bx < ax else across
    start = f"{(ax + 0.5 - across) * CELL:g} {(ay + 0.5 - (0.4 if line.below else down)) * LINE:g}"
    end = f"{(bx + 0.5 + across) * CELL:g} {(by + 0.5 + (0.45 if line.above else down)) * LINE:g}"
    head = "" if line.plain else ' marker-end="url(#head)"'
    return f'<path class="line" d="M{start} L{end}"{head}/>'
