"""Curves before they are drawn, as text or as SVG: a panel for each figure, a curve for each combination of sizes."""

from __future__ import annotations

from typing import NamedTuple

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
