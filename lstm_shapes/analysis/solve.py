"""From a number of parameters, multiply-accumulates or bytes to the size that has it.

The figures are exact polynomials in the size to find. Where ``inequality.grows`` proves that they never fall,
doubling and bisection find the last value that fits; where that is proven from some value on, all values below it are
tried; otherwise all up to ``LAST``, and the answer says so. Nothing is rounded. What is printed is counted again in the
model that has the size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import merge
from itertools import chain, islice
from typing import Any, NamedTuple

from lstm_shapes.analysis.params import LayerSettingsError, params
from lstm_shapes.analysis.report import LayerRow, Report, report
from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats.document import Document
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.spec.keys import DTYPES
from lstm_shapes.spec.reader import read
from lstm_shapes.symbolic.inequality import grows, last_that
from lstm_shapes.symbolic.poly import at_least
from lstm_shapes.symbolic.size import MAX_INT, Shape, Size, SizeError, bind, evaluate, names, symbol

LAST = 100_000
"""The last value that is tried where nothing is proven."""
MAX_TAIL = 2**16
"""The greatest value up to which all are tried below a proven tail."""
MAX_READINGS = 500
"""How many values that fit are tried in the model until one of them makes a valid model."""

Figures = Mapping[str, int]


class Family(NamedTuple):
    """Models that differ in one size, ``symbol``: their figures as formulas.

    ``sizes`` are the axes that must be at least 1; ``at`` gives the figures for a number, None where it makes no valid
    model.
    """

    title: str
    symbol: str
    figures: Mapping[str, Size]
    sizes: tuple[Size, ...]
    at: Callable[[int], Figures | None]


class Point(NamedTuple):
    """A value of the size and the figures of the model that has it."""

    value: int
    figures: Figures


class Solution(NamedTuple):
    """The answer to ``bounds``: upper limits, or with ``exactly`` the figure itself.

    ``best`` is the largest value within them, or the nearest one from below; ``above`` is the next one. ``binding`` are
    the bounds that ``above`` exceeds. ``verdict``: "found" or "unbounded"; with ``exactly`` "exact" or "between";
    "none". ``searched`` says for which values the answer is proven.
    """

    family: Family
    bounds: Mapping[str, int]
    exactly: bool
    multiple_of: int
    verdict: str
    best: Point | None
    above: Point | None
    binding: tuple[str, ...]
    searched: str


class SolveError(LstmShapesError, ValueError):
    """A question that cannot be answered: the message says why. ``findings`` are what is wrong with the file."""

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


def layer(input_dim: int | str, *, framework: str = "keras", **settings: Any) -> Family:
    """One recurrent layer, or several stacked, with unknown ``units``; ``settings`` as ``params`` takes them.

    Raises ``LayerSettingsError`` when they make no valid layer.

    >>> str(layer(8).figures["params"])
    '4*units*(units + 9)'
    """
    settings = {"input_dim": input_dim, "framework": framework, **settings}

    def figures(units: int | str) -> dict[str, Size]:
        answer = params(units=units, **settings)
        return {"params": answer.total, "macs": answer.macs, "bytes": answer.total * DTYPES["float32"]}

    def at(value: int) -> Figures | None:
        try:
            return _numbers(figures(value))
        except LayerSettingsError:
            return None

    title = f"{settings.get('cell', 'lstm')} ({FRAMEWORKS[framework].title})"
    return Family(title, "units", figures("units"), (), at)


def model(document: Document, wanted: str, *, framework: str = "", dims: Mapping[str, Size] | None = None) -> Family:
    """A spec with the unknown size ``wanted``, even where its ``dims`` give a number; ``dims`` binds other symbols.

    Raises ``SolveError`` when it has no such symbol, or when the spec has errors.
    """
    given = {**(dims or {}), wanted: symbol(wanted)}
    reading = read(document, framework=framework, dims=given)
    model_report = report(reading)
    errors = _errors(model_report)
    if errors or not reading.model:
        raise SolveError(f"{document.source}: not a model that can be solved", errors)
    if wanted not in reading.symbols:
        symbols = ", ".join(sorted(reading.symbols - {"B", "T"})) or "none of its own; write one, as in `units: H`"
        raise SolveError(f"--for {wanted}: no size of {document.source} has this symbol; its symbols are {symbols}")
    if model_report.totals.unknown or model_report.totals.unknown_macs:
        unknown = model_report.totals.unknown or model_report.totals.unknown_macs
        raise SolveError(f"{document.source}: the figures of {unknown} layer{'s' * (unknown > 1)} are not known")

    def at(value: int) -> Figures | None:
        at_value = report(read(document, framework=framework, dims={**given, wanted: value}), weights=False)
        return None if _errors(at_value) else _numbers(_figures(at_value))

    title = f"{document.source}: {model_report.name}" if model_report.name else document.source
    sizes = tuple(dict.fromkeys(size for row in model_report.layers for size in _sizes(row) if names(size) == {wanted}))
    return Family(f"{title} ({FRAMEWORKS[model_report.framework].title})", wanted, _figures(model_report), sizes, at)


def count(document: Document, *, framework: str = "", dims: Mapping[str, Size] | None = None) -> int:
    """The number of parameters of a spec. Raises ``SolveError`` where it depends on symbols."""
    model_report = report(read(document, framework=framework, dims=dims), weights=False)
    errors = _errors(model_report)
    number = model_report.totals.params
    if errors or number is None:
        raise SolveError(f"{document.source}: its parameters are not known", errors)
    if not isinstance(number, int):
        raise SolveError(f"{document.source}: params = {number}; {_literals(number)}")
    return number


def solve(family: Family, bounds: Mapping[str, int], *, multiple_of: int = 1, exactly: bool = False) -> Solution:
    """The largest size whose figures are within ``bounds``; with ``exactly``, the size whose figure is the bound.

    ``bounds`` are upper limits of params, macs and bytes; ``multiple_of`` restricts the size. Raises ``SolveError``
    when a figure depends on other symbols. Checked: H = (sqrt((D + 1)**2 + N) - D - 1) / 2 for a Keras LSTM.

    >>> solve(layer(8), {"params": 5_248}).best
    Point(value=32, figures={'params': 5248})
    """
    for what in bounds:
        others = names(family.figures[what]) - {family.symbol}
        if others:
            raise SolveError(f"{what} = {family.figures[what]}; {_literals(family.figures[what], family.symbol)}")
    search = _Search(family, bounds, multiple_of)
    return search.nearest() if exactly else search.largest()


class _Search:
    """The search for k, where the size is k times ``step``."""

    def __init__(self, family: Family, bounds: Mapping[str, int], step: int) -> None:
        self.family, self.bounds, self.step = family, bounds, step
        self.limits = [(family.figures[what], limit) for what, limit in bounds.items()]
        self.doubtful = [size for size in family.sizes if not at_least(size, 1)]
        self.end = MAX_INT // step
        self.tail, self.scanned = self._parts()

    def _parts(self) -> tuple[int | None, int]:
        """The k from which no figure ever falls, None if there is none; and the k up to which all are tried."""
        growing = [size for size, _ in self.limits if not isinstance(size, int)]
        name = self.family.symbol
        shift = 0
        while shift <= MAX_TAIL:
            if all(_grows_from(size, name, shift) for size in growing):
                first = shift // self.step + 1
                return first, first - 1
            shift = 2 * shift + 1
        return None, max(LAST // self.step, 1)

    def largest(self) -> Solution:
        """The largest size within every bound."""
        if all(isinstance(size, int) for size, _ in self.limits):
            return self._constant()
        last = self.last(self._fits)
        below = (k for k in range(self.scanned, 0, -1) if self._fits(k))
        tail = range(last, self.tail - 1, -1) if self.tail is not None else ()
        best = self._first(chain(tail, below))
        begin = best.value // self.step + 1 if best else 1
        above = self._first(islice((k for k in self._upwards(begin) if not self._fits(k)), MAX_READINGS))
        return self._solution("found" if best else "none", best, above)

    def nearest(self) -> Solution:
        """The size that has the figure, or the nearest on both sides."""
        ((size, target),) = self.limits
        if isinstance(size, int):
            return self._constant(exactly=True)
        last = self.last(self._fits)
        values = [(self._value(size, k), k) for k in range(1, self.scanned + 1)]
        under = sorted((value for value in values if value[0] <= target), key=_falling)
        over = sorted(value for value in values if value[0] > target)
        tail = self.tail or last + 1
        falling = ((self._value(size, k), k) for k in range(last, tail - 1, -1))
        rising = ((self._value(size, k), k) for k in self._upwards(last + 1) if self.tail is not None)
        below, above = merge(falling, under, key=_falling), merge(rising, over)
        best, more = self._first(k for _, k in below), self._first(k for _, k in above)
        exact = best is not None and target in best.figures.values()
        verdict = "exact" if exact else "between" if best or more else "none"
        return self._solution(verdict, best, more, exactly=True)

    def _constant(self, *, exactly: bool = False) -> Solution:
        """No figure depends on the size: all sizes are within the bounds, or none is."""
        within = all(size == limit if exactly else size <= limit for size, limit in self.limits)  # type: ignore[operator]
        best = self._first(self._upwards(1)) if within else None
        above = None if within else self._first(self._upwards(1))
        return self._solution("unbounded" if best else "none", best, above, exactly=exactly)

    def last(self, holds: Callable[[int], bool]) -> int:
        """The last k for which it holds, from the tail on; a k below the tail if it holds for none."""
        if self.tail is None:
            return 0
        last = last_that(holds, self.tail)
        return self.end if last is None else min(last, self.end)

    def _upwards(self, k: int) -> Iterator[int]:
        last = self.end if self.tail is not None else self.scanned
        return iter(range(k, min(last, k + LAST) + 1))

    def _fits(self, k: int) -> bool:
        return all(self._value(size, k) <= limit for size, limit in self.limits)

    def _value(self, size: Size, k: int) -> int:
        number: int = evaluate(size, {self.family.symbol: k * self.step})
        return number

    def _first(self, candidates: Iterable[int]) -> Point | None:
        """The first k that makes a valid model."""
        positive = (k for k in candidates if all(self._value(size, k) > 0 for size in self.doubtful))
        for number, k in enumerate(positive):
            if number == MAX_READINGS:
                break
            figures = self.family.at(k * self.step)
            if figures is not None:
                return Point(k * self.step, {what: figures[what] for what in self.bounds})
        return None

    def _solution(self, verdict: str, best: Point | None, above: Point | None, *, exactly: bool = False) -> Solution:
        over = tuple(what for what, limit in self.bounds.items() if above and above.figures[what] > limit)
        return Solution(self.family, self.bounds, exactly, self.step, verdict, best, above, over, self._searched())

    def _searched(self) -> str:
        name, last = self.family.symbol, self.scanned * self.step
        if self.tail == 1:
            return f"proven: {', '.join(self.bounds)} never fall as {name} grows"
        if self.tail is not None:
            return f"proven: nothing falls as {name} grows above {last:,}; every {name} up to {last:,} was tried"
        return f"not proven: every {name} up to {last:,} was tried, no greater value"


def _falling(value: tuple[int, int]) -> tuple[int, int]:
    """The key that sorts pairs of a figure and its size from the greatest to the least."""
    return -value[0], -value[1]


def _grows_from(size: Size, name: str, shift: int) -> bool:
    try:
        return grows(bind(size, {name: symbol(name) + shift}) if shift else size)
    except (SizeError, ZeroDivisionError):
        return False


def _figures(model_report: Report) -> dict[str, Size]:
    totals = model_report.totals
    return {"params": totals.params_at_least, "macs": totals.macs_at_least, "bytes": totals.param_bytes_at_least}


def _numbers(figures: Mapping[str, Size]) -> Figures:
    """The figures that do not depend on symbols."""
    return {what: size for what, size in figures.items() if isinstance(size, int)}


def _errors(model_report: Report) -> tuple[Finding, ...]:
    """The errors of a model; an expectation that is not met does not count as one."""
    expectations = ("expectation", "budget")
    return tuple(
        finding for finding in model_report.findings if finding.severity == "error" and finding.kind not in expectations
    )


def _sizes(row: LayerRow) -> Iterator[Size]:
    shapes: list[Shape] = [output.shape for output in row.outputs if output.shape]
    shapes += [tensor.shape for tensor in row.weights]
    yield from chain.from_iterable(shapes)
    for inner in row.layers:
        yield from _sizes(inner)


def _literals(size: Size, but: str = "") -> str:
    missing = ", ".join(sorted(names(size) - {but}))
    return f"give {missing} a number, with --set for a file, with --batch and --timesteps for one layer"
