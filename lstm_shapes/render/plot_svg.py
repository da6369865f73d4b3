"""Curves as one SVG file: loads nothing, light and dark, a title and a description for screen readers."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from lstm_shapes.render.curves_data import Panel
from lstm_shapes.render.escape import terminal

WIDTH, HEIGHT, LEFT, TOP, GAP = 640, 240, 130, 40, 100
LIGHT = "#0b62a8 #b3470b #2b7a3b #8a2d86 #6b5b00 #b0214a".split()
DARK = "#6cb8f5 #f2a06a #7ccf8b #d99ad6 #d9c75a #f28aa6".split()
DASHES = "none 8,4 2,3 12,3,2,3 5,2 1,6".split()


def render(heading: str, panels: tuple[Panel, ...]) -> str:
    """The complete file. Curves differ in dash as well as in color."""
    heights = [_height(panel) for panel in panels]
    total = TOP + sum(heights)
    parts, y = [], TOP
    for panel, height in zip(panels, heights, strict=True):
        parts += [f'<g transform="translate({LEFT},{y + 30})">', *_panel(panel), "</g>"]
        y += height
    description = ". ".join(_said(panel) for panel in panels)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + LEFT + 30} {total}" role="img" '
            'aria-labelledby="title description">',
            f'<title id="title">{_text(heading)}</title>',
            f'<desc id="description">{_text(description)}</desc>',
            f"<style>{_style()}</style>",
            '<rect class="ground" width="100%" height="100%"/>',
            f'<text class="heading" x="16" y="26">{_text(heading)}</text>',
            *parts,
            "</svg>",
            "",
        ]
    )


def _height(panel: Panel) -> int:
    return HEIGHT + GAP + 18 * (sum(bool(curve.label) for curve in panel.curves) + bool(panel.left_out))


def _panel(panel: Panel) -> Iterator[str]:
    points = [point for curve in panel.curves for point in curve.points]
    yield f'<text class="name" x="0" y="-10">{_text(panel.title)}</text>'
    if not points:
        yield '<text x="0" y="20">no point makes a model</text>'
        return
    first, last = min(x for x, _ in points), max(x for x, _ in points)
    top = max(max(y for _, y in points), 1)
    for part in range(5):
        y = HEIGHT - part * HEIGHT // 4
        yield f'<path class="line" d="M0 {y}H{WIDTH}"/>'
        yield f'<text class="left" x="-8" y="{y + 4}">{top * part // 4:,}</text>'
    for number, curve in enumerate(panel.curves):
        places = [
            ((x - first) * WIDTH // max(last - first, 1), HEIGHT - max(y, 0) * HEIGHT // top) for x, y in curve.points
        ]
        drawn = " ".join(f"{x},{y}" for x, y in places)
        yield f'<polyline class="curve c{number}" points="{drawn}"><title>{_text(curve.label)}</title></polyline>'
        if len(places) <= 40:
            yield from (f'<circle class="c{number}" cx="{x}" cy="{y}" r="3"/>' for x, y in places)
    yield f'<text x="0" y="{HEIGHT + 20}">{first:,}</text>'
    yield f'<text class="left" x="{WIDTH}" y="{HEIGHT + 20}">{last:,}</text>'
    yield f'<text class="middle" x="{WIDTH // 2}" y="{HEIGHT + 20}">{_text(panel.along)}</text>'
    yield from _legend(panel)


def _legend(panel: Panel) -> Iterator[str]:
    y = HEIGHT + 42
    for number, curve in enumerate(panel.curves):
        if curve.label:
            yield f'<path class="curve c{number}" d="M0 {y - 4}H30"/><text x="38" y="{y}">{_text(curve.label)}</text>'
            y += 18
    if panel.left_out:
        yield f'<text x="38" y="{y}">{panel.left_out:,} more curves are not drawn</text>'


def _said(panel: Panel) -> str:
    ends = [f"{f'{c.label}: ' if c.label else ''}from {c.points[0][1]:,} to {c.points[-1][1]:,}" for c in panel.curves]
    first = panel.curves[0].points if panel.curves else ()
    along = f" over {panel.along} from {first[0][0]:,} to {first[-1][0]:,}" if first else ""
    return f"{panel.title}{along}: {'; '.join(ends) or 'no point makes a model'}"


def _style() -> str:
    colours = [_colours(".ground{fill:#fff}text{fill:#1b1b1b}.line{stroke:#d5d5d5}", LIGHT)]
    dark = _colours(".ground{fill:#16181c}text{fill:#ececec}.line{stroke:#3a3d44}", DARK)
    dashes = "".join(f".curve.c{number}{{stroke-dasharray:{dash}}}" for number, dash in enumerate(DASHES))
    return "".join(
        [
            "text{font:13px system-ui,sans-serif}.heading{font-size:16px;font-weight:600}.name{font-weight:600}",
            ".left{text-anchor:end}.middle{text-anchor:middle}.curve{fill:none;stroke-width:2}",
            *colours,
            dashes,
            f"@media(prefers-color-scheme:dark){{{dark}}}",
        ]
    )


def _colours(ground: str, colours: list[str]) -> str:
    return ground + "".join(
        f".curve.c{number}{{stroke:{colour}}}circle.c{number}{{fill:{colour}}}" for number, colour in enumerate(colours)
    )


def _text(text: str) -> str:
    return escape(terminal(text))
