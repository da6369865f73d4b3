"""The size that would meet a broken budget: where a single size of the file, changed by itself, does.

Each size of the file in turn is made a symbol, and ``solve`` finds its largest value within the budget. The answer is
read again with the value in its place before it is given. Where several sizes could be changed, or what a change does
is not proven, there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from lstm_shapes.analysis.solve import Family, Figures, SolveError, solve
from lstm_shapes.findings.finding import Finding, Place
from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Document, text_lines
from lstm_shapes.rules.expectations import Figure, figures
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.rules.trace import at
from lstm_shapes.spec.keys import BUDGET_KEYS, canonical, spellings
from lstm_shapes.spec.reading import Expectation, Reading
from lstm_shapes.symbolic.inequality import grows
from lstm_shapes.symbolic.size import Size, SizeError, names, symbol

MAX_SIZES = 12
"""A file with more sizes that could be changed has no single one."""
MAX_LAYERS = 1_000
"""A larger model is not read again, a few milliseconds for a hundred layers each time."""
MAX_READINGS = 10
"""How many values are read again for one size."""
UNKNOWN = "size_to_find"
"""The symbol that takes the place of a number."""
GIVEN_BY_DATA = frozenset(["vocab"])
"""Sizes that no author chooses."""

Read = Callable[[Document, Mapping[str, Size]], Reading]
"""Reads a document again, with values of symbols that override all others."""


class Fit(NamedTuple):
    """The value of ``key`` that meets a budget, the largest that does; None as ``place`` where no file has it."""

    key: str
    value: int
    place: Place | None


class _Change(NamedTuple):
    """A size of the file, at all routes that lead to it; without a route a symbol whose value is given elsewhere."""

    key: str
    routes: tuple[Route, ...]
    place: Place | None = None

    @property
    def symbol(self) -> str:
        return UNKNOWN if self.routes else self.key

    def read(self, reading: Reading, value: Size, read: Read) -> Reading:
        """The document read with this value of the size."""
        document = reading.document
        for route in self.routes:
            document = document._replace(data=_put(document.data, route, value if type(value) is int else UNKNOWN))
        return read(document, {} if self.routes else {self.key: value})


def fit(reading: Reading, line: Expectation, read: Read) -> Fit | None:
    """The single size that would meet the broken budget ``line`` and the others of the same layer or model.

    ``read`` reads a document as ``reading`` was read.

    >>> from lstm_shapes.spec.reader import read
    >>> layers = [{"type": "lstm", "units": 128}, {"type": "dense", "units": 1}]
    >>> spec = Document(source="-", data={"input_dim": 8, "layers": layers, "budget": {"params": 50_000}})
    >>> reading = read(spec)
    >>> fit(reading, reading.expectations[0], lambda document, dims: read(document, dims=dims))
    Fit(key='units', value=107, place=None)
    """
    try:
        fits = list(islice(_fits(reading, line, read), 2))
    except (SizeError, SolveError):
        return None
    return fits[0] if len(fits) == 1 else None


def _fits(reading: Reading, line: Expectation, read: Read) -> Iterator[Fit]:
    """What would meet a budget: sizes inside the model, or else those that its outputs have."""
    if not reading.inferred or len(reading.inferred.nodes) > MAX_LAYERS or _judged(reading).errors:
        return
    broken = _broken(reading, line.layer)
    changes = list(islice(_changes(reading, line.layer), MAX_SIZES + 1))
    if len(changes) > MAX_SIZES or line not in [figure.line for figure in broken.values()]:
        return
    options = [_Option(reading, change, read, broken) for change in changes]
    relevant = [option for option in options if option.changes_figures]
    inner = [option for option in relevant if not option.changes_outputs]
    yield from filter(None, (option.fit() for option in inner or relevant))


class _Option:
    """A size that could be changed, as a symbol of the model; ``figures`` are those that exceed their budgets."""

    def __init__(self, reading: Reading, change: _Change, read: Read, broken: Mapping[str, Figure]) -> None:
        self.reading, self.change, self.read, self.broken = reading, change, read, broken
        self.readings = 0
        self.model = change.read(reading, symbol(change.symbol), read)
        now = _figures(self.model)
        self.figures: dict[str, Size] = {key: now[key].actual for key in broken if key in now}

    @property
    def changes_figures(self) -> bool:
        """Whether a figure depends on the size."""
        return any(size is not None and self.change.symbol in names(size) for size in self.figures.values())

    @property
    def changes_outputs(self) -> bool:
        """Whether the shape of an output of the model depends on the size."""
        outputs = self.model.inferred.outputs if self.model.inferred else ()
        return any(self.change.symbol in names(size) for shape in outputs for size in shape or ())

    def fit(self) -> Fit | None:
        """The largest value within the budgets. Raises ``SolveError`` where it cannot be proven to be that."""
        figures = self.figures
        if any(size is None or not (isinstance(size, int) or grows(size)) for size in figures.values()):
            raise SolveError(f"not proven to grow with {self.change.key}")
        bounds = {key: figure.line.value for key, figure in self.broken.items()}
        best = solve(Family("", self.change.symbol, figures, (), self.at), bounds).best
        if best is None or any(best.figures[key] > limit for key, limit in bounds.items()):
            return None
        return Fit(self.change.key, best.value, self.change.place)

    def at(self, value: int) -> Figures | None:
        """The figures of the model read again with a value; None where something else is wrong then."""
        self.readings += 1
        if self.readings > MAX_READINGS:
            return None
        again = self.change.read(self.reading, value, self.read)
        judged = _judged(again)
        if not again.inferred or judged.errors or judged.budgets - _judged(self.reading).budgets:
            return None
        now = _figures(again)
        return {key: now[key].actual for key in self.broken}


def _changes(reading: Reading, layer: Route) -> Iterator[_Change]:
    """The sizes that could be changed: numbers in the layers at a route and inside them, and values of symbols."""
    data, document = reading.document.data, reading.document
    literals: dict[Place | Route, list[Route]] = {}
    for route in _literals(at(data, layer), layer):
        literals.setdefault(document.place(route) or route, []).append(route)
        if len(literals) > MAX_SIZES:
            break
    for routes in literals.values():
        place = document.place(routes[0])
        if place and text_lines(document.text)[place.line - 1][place.column - 1] in "&*!":
            raise SolveError("a number with an anchor has other uses too")
        yield _Change(str(routes[0][-1]), tuple(routes), place)
    dims = data.get("dims")
    free = {name for size in reading.inferred.sizes() for name in names(size)} if reading.inferred else set()
    for name in sorted(reading.symbols - free):
        own = isinstance(dims, dict) and type(dims.get(name)) is int
        yield _Change(name, (), document.place(("dims", name)) if own else None)


def _literals(entry: Any, route: Route) -> Iterator[Route]:
    """The routes of the numbers that are sizes of layers, in the entry at ``route`` and inside it."""
    items = entry.items() if isinstance(entry, dict) else enumerate(entry) if isinstance(entry, list) else ()
    type_ = canonical(entry["type"]) if isinstance(entry, dict) and isinstance(entry.get("type"), str) else None
    known = spellings(type_[0]) if type_ and type_[0] != "model" else {}
    for key, value in items:
        if key in known and known[key].kind == "size" and known[key].field not in GIVEN_BY_DATA and type(value) is int:
            yield (*route, key)
        elif isinstance(value, dict | list):
            yield from _literals(value, (*route, key))


def _put(data: Any, route: Route, value: Any) -> Any:
    """The data with another value at a route; what is not on the way is shared."""
    if not route:
        return value
    copy = data.copy()
    copy[route[0]] = _put(data[route[0]], route[1:], value)
    return copy


def _broken(reading: Reading, layer: Route) -> dict[str, Figure]:
    """The figures of a layer, or of the model, that exceed a budget and do not depend on symbols."""
    return {
        key: figure
        for key, figure in _figures(reading).items()
        if figure.line.layer == layer and isinstance(figure.actual, int) and figure.actual > figure.line.value
    }


def _figures(reading: Reading) -> dict[str, Figure]:
    """The known figures that budgets are about, each under a key that is the same when it is read again."""
    every = enumerate(figures(reading, reading.inferred)) if reading.inferred else ()
    return {
        f"{number} {figure.owner}": figure
        for number, figure in every
        if figure.line.bound and figure.actual is not None and isinstance(figure.line.value, int)
    }


class _Judgment(NamedTuple):
    """What is wrong with a model besides its counts, and the budgets that are broken, by place and layer."""

    errors: list[Finding]
    budgets: set[tuple[Route, str]]


def _judged(reading: Reading) -> _Judgment:
    errors = [finding for finding in diagnose(reading) if finding.severity == "error"]
    of_counts = [finding for finding in errors if finding.kind in ("expectation", "budget")]
    of_counts = [finding for finding in of_counts if finding.field in BUDGET_KEYS]
    budgets = {(finding.route, finding.layer) for finding in of_counts if finding.kind == "budget"}
    return _Judgment([finding for finding in errors if finding not in of_counts], budgets)
