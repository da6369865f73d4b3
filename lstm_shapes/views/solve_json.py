"""The answer of ``solve`` as plain data."""

from __future__ import annotations

from typing import Any

from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.analysis.solve import Point, Solution


def solution(one: Solution) -> dict[str, Any]:
    """Numbers are integers; ``best`` and ``above`` are null where there is none."""
    return {
        "format_version": FORMAT_VERSION,
        "verdict": one.verdict,
        "symbol": one.family.symbol,
        "title": one.family.title,
        "multiple_of": one.multiple_of,
        "exactly": one.exactly,
        "bounds": dict(one.bounds),
        "formulas": {what: _size(one.family.figures[what]) for what in one.bounds},
        "best": _point(one.best),
        "above": _point(one.above),
        "left": {what: limit - one.best.figures[what] for what, limit in one.bounds.items()} if one.best else None,
        "binding": list(one.binding),
        "searched": one.searched,
    }


def _size(size: object) -> int | str:
    return size if isinstance(size, int) else str(size)


def _point(one: Point | None) -> dict[str, Any] | None:
    return one and {"value": one.value, **one.figures}
