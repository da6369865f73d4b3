"""The figures of a model over many sizes at once: its formulas evaluated as arrays of integers, exactly.

Each swept symbol has its own array axis, so that a term in one symbol is computed once for each of its values. int64 is
used where no intermediate can leave it, proven with the largest value of each axis; else the arrays hold Python's
integers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from lstm_shapes.analysis.arrays import over
from lstm_shapes.analysis.report import Report, report
from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats.document import Document
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.rules.conditions import conditions, decisive
from lstm_shapes.spec.reader import read
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.poly import Floor, Poly, at_least, canonical, divide_exactly
from lstm_shapes.symbolic.size import Size, names, readable, symbol

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

MAX_POINTS = 10_000_000
MAX_READ = 64
"""Up to so many points each is put into the model and read again besides."""
ROWS_AT_ONCE = 10_000
"""So many rows are Python's integers at a time: as arrays they take a tenth of the memory."""


class SweepError(LstmShapesError, ValueError):
    """A sweep that cannot be computed: the message says why. ``findings`` are what is wrong with the file."""

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class Column(NamedTuple):
    """A figure at every point: ``values`` has an axis for each swept size. ``per`` is what it is yet to be times."""

    name: str
    formula: Size
    per: str
    values: Array


class Sweep(NamedTuple):
    """Figures over the product of the axes, the last one fastest; where ``valid`` is false they make no model.

    ``notes`` say what is left out and how far it was checked.
    """

    source: str
    title: str
    axes: Mapping[str, Sequence[int]]
    columns: tuple[Column, ...]
    valid: Array
    notes: tuple[str, ...]

    @property
    def points(self) -> int:
        """How many there are."""
        return prod(len(values) for values in self.axes.values())

    def rows(self) -> Iterator[tuple[int | None, ...]]:
        """Every point: its sizes, then its figures, None where they make no model."""
        points = product(*self.axes.values())
        arrays = (self.valid, *(column.values for column in self.columns))
        for start in range(0, self.points, ROWS_AT_ONCE):
            cells = [array.flat[start : start + ROWS_AT_ONCE].tolist() for array in arrays]
            for valid, *figures in zip(*cells, strict=True):
                yield (*next(points), *figures) if valid else (*next(points), *(None for _ in figures))


def sweep(
    document: Document,
    axes: Mapping[str, Sequence[int]],
    *,
    framework: str = "",
    dims: Mapping[str, Size] | None = None,
) -> Sweep:
    """Params, MACs and bytes over all combinations of ``axes``, values by symbol; ``dims`` binds other symbols.

    Raises ``SweepError`` when the model has errors or no such symbol, or the points are too many.

    >>> spec = Document(source="-", data={"input_dim": 8, "layers": [{"type": "lstm", "units": "H"}]})
    >>> found = sweep(spec, {"H": [16, 32]})
    >>> [(column.name, column.per, column.values.tolist()) for column in found.columns]
    [('params', '', [1600, 5248]), ('macs', 'B*T', [1536, 5120]), ('bytes', '', [6400, 20992])]
    """
    if prod(map(len, axes.values())) > MAX_POINTS:
        raise SweepError(f"{prod(map(len, axes.values())):,} points; at most {MAX_POINTS:,} are swept")
    given = {**(dims or {}), **{name: symbol(name) for name in axes}}
    reading = read(document, framework=framework, dims=given)
    base = report(reading)
    if _wrong(base) or not reading.model:
        raise SweepError(f"{document.source}: not a model that can be swept", _wrong(base))
    for name in given:
        if name not in reading.symbols:
            symbols = ", ".join(sorted(reading.symbols)) or "none"
            raise SweepError(f"--set {name}: no size of {document.source} has this symbol; its symbols are {symbols}")
    try:
        columns, notes = _columns(base, axes)
    except ZeroDivisionError:
        raise SweepError(f"{document.source}: at some of these sizes a size is divided by zero") from None
    judged = _judged(reading, document, framework, given, axes)
    title = f" ({FRAMEWORKS[base.framework].title})"
    heading = f"{document.source}: {base.name}{title}" if base.name else f"{document.source}{title}"
    return Sweep(document.source, heading, axes, tuple(columns), judged.valid, (*notes, *judged.notes))


def _columns(whole: Report, axes: Mapping[str, Sequence[int]]) -> tuple[list[Column], list[str]]:
    sums = whole.totals
    columns, notes = [], []
    for name, size in (
        ("params", sums.params_at_least),
        ("macs", sums.macs_at_least),
        ("bytes", sums.param_bytes_at_least),
    ):
        missing = sums.unknown_macs if name == "macs" else sums.unknown
        if missing:
            notes.append(f"{name} are not known: {missing} layer{'s' * (missing > 1)} unknown")
            continue
        inner, per = _per(size, set(axes))
        free = sorted(names(inner) - axes.keys())
        if free:
            notes.append(f"{name} = {readable(size)}: give {', '.join(free)} a number, as --set {free[0]}=10")
            continue
        columns.append(Column(name, inner, per, over(inner, axes)))
    return columns, notes


def _per(size: Size, swept: set[str]) -> tuple[Size, str]:
    """The size without the symbols that are not swept and are in every term, and these as a product."""
    if isinstance(size, int):
        return size, ""
    shared = Counter(size.terms[0][0])
    for monomial, _ in size.terms[1:]:
        shared &= Counter(monomial)
    atoms = tuple(atom for atom in sorted(shared.elements()) if not isinstance(atom, Floor) and atom not in swept)
    by = canonical({atoms: 1})
    inner = divide_exactly(size, by)
    return (inner, str(by)) if atoms and inner is not None else (size, "")


class _Judged(NamedTuple):
    """Where the sizes make a model, and how that was found out."""

    valid: Array
    notes: tuple[str, ...]


def _judged(
    reading: Reading, document: Document, framework: str, given: Mapping[str, Size], axes: Mapping[str, Sequence[int]]
) -> _Judged:
    """Every point judged by what its layers need of sizes; few points are read again with the sizes put in as well."""
    import numpy as np

    assert reading.inferred
    valid, notes = np.ones(tuple(map(len, axes.values())), dtype=bool), []
    for size in reading.inferred.sizes():
        if isinstance(size, Poly) and not at_least(size, 1) and names(size) <= axes.keys():
            valid &= np.asarray(over(size, axes) >= 1, dtype=bool)
    needs = conditions(reading, reading.inferred)
    asked = tuple(dict.fromkeys(needed.condition for needed in needs))
    stretched = np.zeros_like(valid)
    for condition in asked:
        if names(condition.over) <= axes.keys():
            valid &= _holds(condition, axes)
            if condition.stretched:
                stretched |= np.asarray(over(condition.right, axes) == 1, dtype=bool) & ~_holds(condition, axes)
    beyond = decisive(needed for needed in needs if not names(needed.condition.over) <= axes.keys())
    notes += [f"not judged: {left.needed.condition}" for left in beyond]
    if valid.size <= MAX_READ:
        for point in product(*map(range, valid.shape)):
            values = {name: axes[name][at] for name, at in zip(axes, point, strict=True)}
            again = report(read(document, framework=framework, dims={**given, **values}), weights=False)
            valid[point] &= not _wrong(again)
        how = "every point read again with the sizes put in"
    else:
        listed = ", ".join(str(condition) for condition in asked[:6])
        how = f"every point judged by the conditions of its layers{f': {listed}' if listed else ''}"
    if stretched.any():
        notes.append(
            f"{int(stretched.sum()):,} points have no figures here: an axis of 1 is stretched; use inspect --set"
        )
    return _Judged(valid, (*notes, how))


def _holds(condition: Condition, axes: Mapping[str, Sequence[int]]) -> Array:
    import numpy as np

    left_over = over(condition.over, axes)
    fits: Array = np.asarray(left_over <= 0 if condition.bounds else left_over == 0, dtype=bool)
    return fits | np.asarray(over(condition.left, axes) == 1, dtype=bool) if condition.stretched else fits


def _wrong(whole: Report) -> tuple[Finding, ...]:
    """What makes it no model; an expectation that is not kept does not."""
    kept = ("expectation", "budget")
    return tuple(finding for finding in whole.findings if finding.severity == "error" and finding.kind not in kept)
