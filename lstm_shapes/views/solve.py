"""The output of ``solve``."""

from __future__ import annotations

from typing import Any

from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.analysis.solve import Point, Solution
from lstm_shapes.render.json import plain_size
from lstm_shapes.render.page import Page, Table
from lstm_shapes.render.view import Data, Rows, View, usual
from lstm_shapes.symbolic.size import readable, readable_bytes


def page(answer: Solution, asked: str = "") -> Page:
    """The size, then what each bound leaves; ``asked`` are the settings of a layer without a file."""
    heading = f"{answer.family.title}{': ' if asked else ''}{asked}"
    parts: list[Table | str] = [verdict(answer)]
    if answer.best or answer.above:
        parts.append(bounds(answer))
    return Page(heading=heading, parts=(*parts, answer.searched))


def verdict(answer: Solution) -> str:
    """The answer in a sentence."""
    name, best, above = answer.family.symbol, answer.best, answer.above
    kind = f" multiple of {answer.multiple_of:,}" if answer.multiple_of > 1 else ""
    any_ = f"{name}{',' * bool(kind)}{kind}{',' * bool(kind)}"
    wanted = conditions(answer)
    match answer.verdict:
        case "found" if best:
            binding = f"; {' and '.join(answer.binding)} would be over at {above.value:,}" if above else ""
            return f"{name} = {best.value:,} is the largest{kind} with {wanted}{binding}"
        case "unbounded":
            return f"unbounded: every {any_} has {wanted}"
        case "exact" if best:
            return f"{name} = {best.value:,} has {wanted}"
        case "between":
            sides = (_near(best, answer, "below"), _near(above, answer, "above"))
            return f"no {any_} has {wanted}: {', '.join(side for side in sides if side)}"
    least = f"; {name} = {above.value:,} has {_figures(above)}" if above else ""
    return f"no solution: no {any_} has {wanted}{least}"


def conditions(answer: Solution) -> str:
    """The bounds in words."""
    sign = "=" if answer.exactly else "<="
    return ", ".join(f"{what} {sign} {_figure(what, limit)}" for what, limit in answer.bounds.items())


def _near(point: Point | None, answer: Solution, side: str) -> str:
    ((what, target),) = answer.bounds.items()
    if point is None:
        return f"none is {side}"
    off = point.figures[what] - target
    return f"{point.value:,} has {_figure(what, abs(off))} {'more' if off > 0 else 'fewer'}"


def _figures(point: Point) -> str:
    return ", ".join(f"{_figure(what, count, f' {what}')}" for what, count in point.figures.items())


def _figure(what: str, count: int, unit: str = "") -> str:
    return readable_bytes(count, unit) if what == "bytes" else f"{count:,}{unit}"


def bounds(answer: Solution) -> Table:
    """A row a bound: the formula, the figure at the answer and at the next size, and what is left."""
    name = answer.family.symbol
    points = [point for point in (answer.best, answer.above) if point]
    headers = ("bound", "formula", *(f"{name} = {point.value:,}" for point in points), "left")
    rows = []
    for what, limit in answer.bounds.items():
        sign = "=" if answer.exactly else "<="
        figures = [_figure(what, point.figures[what]) for point in points]
        left = _figure(what, limit - answer.best.figures[what]) if answer.best else ""
        rows.append((f"{what} {sign} {_figure(what, limit)}", readable(answer.family.figures[what]), *figures, left))
    return Table(headers=headers, rows=tuple(rows), numbers=frozenset((*headers[2:],)), folds=("formula",))


def data(answer: Solution) -> dict[str, Any]:
    """Numbers are integers; ``best`` and ``above`` are null where there is nanswer."""
    return {
        "format_version": FORMAT_VERSION,
        "verdict": answer.verdict,
        "symbol": answer.family.symbol,
        "title": answer.family.title,
        "multiple_of": answer.multiple_of,
        "exactly": answer.exactly,
        "bounds": dict(answer.bounds),
        "formulas": {what: plain_size(answer.family.figures[what]) for what in answer.bounds},
        "best": _point_data(answer.best),
        "above": _point_data(answer.above),
        "left": {what: limit - answer.best.figures[what] for what, limit in answer.bounds.items()}
        if answer.best
        else None,
        "binding": list(answer.binding),
        "searched": answer.searched,
    }


def _point_data(point: Point | None) -> dict[str, Any] | None:
    return point and {"value": point.value, **point.figures}


def view(answer: Solution, settings: str) -> View:
    """The answer in every format; ``settings`` are those of a layer without a file."""
    return usual(lambda: (page(answer, settings),), lambda: Data(data(answer)), lambda: rows(answer))


def rows(answer: Solution) -> Rows:
    """A row for each bound."""
    headers = ("verdict", "symbol", "value", "bound", "limit", "figure", "above_value", "above_figure", "binds")
    best, above = answer.best, answer.above
    return Rows(
        headers,
        [
            (
                answer.verdict,
                answer.family.symbol,
                best and best.value,
                bound,
                limit,
                best and best.figures[bound],
                above and above.value,
                above and above.figures[bound],
                str(bound in answer.binding).lower(),
            )
            for bound, limit in answer.bounds.items()
        ],
    )
