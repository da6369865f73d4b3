"""The curves of a sweep, before they are drawn: the longest axis along, a curve for each of the other combinations."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

from lstm_shapes.analysis.sweep import Column, Sweep
from lstm_shapes.views.sweep import title

MAX_CURVES = 6
MAX_MARKS = 400

Marks = tuple[tuple[int, int], ...]


class Curve(NamedTuple):
    """A name and its points."""

    label: str
    points: Marks


class Panel(NamedTuple):
    """A figure over a size: its curves, and how many are left out."""

    title: str
    along: str
    curves: tuple[Curve, ...]
    left_out: int


def panels(found: Sweep) -> tuple[Panel, ...]:
    """A panel for params and one for MACs, as far as they are known."""
    return tuple(_panel(found, column) for column in found.columns if column.name != "bytes")


def _panel(found: Sweep, column: Column) -> Panel:
    along = max(found.axes, key=lambda name: len(found.axes[name]))
    others = [name for name in found.axes if name != along]
    places = list(product(*(range(len(found.axes[name])) for name in others)))
    curves: dict[Marks, str] = {}
    for place in places[:MAX_CURVES]:
        at = dict(zip(others, place, strict=True))
        index = tuple(at.get(name, slice(None)) for name in found.axes)
        values, valid = column.values[index].tolist(), found.valid[index].tolist()
        marks = list(zip(found.axes[along], values, valid, strict=True))
        step = max(len(marks) // MAX_MARKS, 1)
        points = tuple((x, y) for x, y, known in [*marks[:-1:step], marks[-1]] if known)
        label = ", ".join(f"{name} = {found.axes[name][at[name]]:,}" for name in others)
        curves[points] = f"{curves[points]}; {label}" if points in curves else label
    same = "all " + ", ".join(others) if len(curves) == 1 and len(places) > 1 else ""
    drawn = tuple(Curve(same or label, points) for points, label in curves.items() if points)
    return Panel(title(column), along, drawn, max(len(places) - MAX_CURVES, 0))
