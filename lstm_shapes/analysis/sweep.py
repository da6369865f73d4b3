"""The figures of a model over many sizes at once: its formulas evaluated as arrays of integers, exactly.

Each swept symbol has its own array axis, so that a term in one symbol is computed once for each of its values. int64 is
used where no intermediate can leave it, proven with the largest value of each axis; else the arrays hold Python's
integers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, product
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from lstm_shapes.analysis.report import LayerRow, Report, report
from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats.document import Document
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.spec.reader import read
from lstm_shapes.symbolic.poly import Floor, Monomial, Poly, at_least, canonical, divide_exactly, terms_of
from lstm_shapes.symbolic.size import Shape, Size, names, readable, symbol

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

MAX_POINTS = 10_000_000
MAX_READ = 64
"""Up to so many points each is put into the model and read again; of more, the corners."""
ROWS_AT_ONCE = 10_000
"""So many rows are Python's integers at a time: as arrays they take a tenth of the memory."""
INT64 = 2**63 - 1


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
    valid, checked = _valid(document, framework, given, axes, base)
    title = f" ({FRAMEWORKS[base.framework].title})"
    heading = f"{document.source}: {base.name}{title}" if base.name else f"{document.source}{title}"
    return Sweep(document.source, heading, axes, tuple(columns), valid, (*notes, checked))


def over(size: Size, axes: Mapping[str, Sequence[int]]) -> Array:
    """The size at every point: an array with an axis for each of ``axes``, of int64 or, where needed, of integers.

    >>> over(symbol("H") * symbol("T"), {"H": [1, 2], "T": [3, 4]}).tolist()
    [[3, 4], [6, 8]]
    >>> int(over(symbol("H") * symbol("H"), {"H": [2**62]})[0]) == 2**124
    True
    """
    import numpy as np

    shape = tuple(len(values) for values in axes.values())
    largest = {name: values[-1] if isinstance(values, range) else max(values) for name, values in axes.items()}
    bound = _bound(size, largest)
    dtype = np.int64 if bound is not None and bound < INT64 else object
    grid = {}
    for number, (name, values) in enumerate(axes.items()):
        wide = [1] * len(shape)
        wide[number] = -1
        if isinstance(values, range) and dtype is np.int64:
            array = np.arange(values.start, values[-1] + 1, values.step, dtype=np.int64)
        else:
            array = np.array(values, dtype=dtype)
        grid[name] = array.reshape(wide)
    return np.broadcast_to(np.asarray(_evaluated(terms_of(size), grid), dtype=dtype), shape)


Terms = Sequence[tuple[Monomial, int]]
Groups = dict[tuple[Floor, ...], dict[int, list[tuple[Monomial, int]]]]


def _evaluated(terms: Terms, grid: Mapping[str, Array]) -> Any:
    """The sum of terms: by powers of one axis (Horner), with coefficients that need only the other axes.

    The axis is the one that leaves the least work at full size.
    """
    used = {name for monomial, _ in terms for atom in monomial for name in _names(atom)}
    if not used:
        return sum(factor for _, factor in terms)
    grouped = {name: _grouped(terms, name) for name in sorted(used)}
    name = min(grouped, key=lambda name: _work(grouped[name]) + 2 * len(terms) / grid[name].size)
    found: Any = None
    for floors, powers in grouped[name].items():
        value = _evaluated(powers[max(powers)], grid)
        for power in range(max(powers) - 1, -1, -1):
            value = value * grid[name]
            if power in powers:
                value = value + _evaluated(powers[power], grid)
        for atom in floors:
            value = value * (_evaluated(terms_of(atom.numerator), grid) // _evaluated(terms_of(atom.denominator), grid))
        found = value if found is None else found + value
    return found


def _grouped(terms: Terms, name: str) -> Groups:
    """The terms by their divisions that have the symbol, then by its power; what is left of each has it no more."""
    groups: Groups = {}
    for monomial, factor in terms:
        floors = tuple(atom for atom in monomial if isinstance(atom, Floor) and name in _names(atom))
        left = tuple(atom for atom in monomial if atom != name and atom not in floors)
        groups.setdefault(floors, {}).setdefault(monomial.count(name), []).append((left, factor))
    return groups


def _work(groups: Groups) -> int:
    """Operations on whole arrays."""
    return sum(max(powers) + len(powers) + 3 * len(floors) for floors, powers in groups.items())


def _names(atom: str) -> frozenset[str]:
    return names(atom.numerator) | names(atom.denominator) if isinstance(atom, Floor) else frozenset((atom,))


def _bound(size: Size, largest: Mapping[str, int]) -> int | None:
    """What no sum or product on the way to the size exceeds; None where a division may be by less than 1."""
    bound = max(largest.values(), default=0)
    for monomial, factor in terms_of(size):
        value = abs(factor)
        for atom in monomial:
            if not isinstance(atom, Floor):
                value *= largest[atom]
                continue
            above, below = _bound(atom.numerator, largest), _bound(atom.denominator, largest)
            if above is None or below is None or not at_least(atom.denominator, 1):
                return None
            bound = max(bound, below)
            value *= above + 1
        bound += value
    return bound


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


def _valid(
    document: Document, framework: str, given: Mapping[str, Size], axes: Mapping[str, Sequence[int]], whole: Report
) -> tuple[Array, str]:
    """Where the sizes make a model: no axis of it vanishes, and what was read again has nothing wrong."""
    import numpy as np

    shape = tuple(len(values) for values in axes.values())
    valid = np.ones(shape, dtype=bool)
    doubtful = {size for row in whole.layers for size in _sizes(row)}
    for size in doubtful:
        if isinstance(size, Poly) and not at_least(size, 1) and names(size) <= axes.keys():
            valid &= np.asarray(over(size, axes) >= 1, dtype=bool)
    ends = [range(size) if prod(shape) <= MAX_READ else sorted({0, size - 1}) for size in shape]
    points = list(product(*ends))[:MAX_READ]
    for point in points:
        values = {name: axes[name][at] for name, at in zip(axes, point, strict=True)}
        found = report(read(document, framework=framework, dims={**given, **values}), weights=False)
        valid[point] = not _wrong(found)
    every = "every point" if len(points) == valid.size else f"{len(points):,} of {valid.size:,} points, the corners,"
    return valid, f"{every} read again with the sizes put in"


def _sizes(row: LayerRow) -> Iterator[Size]:
    shapes: list[Shape] = [output.shape for output in row.outputs if output.shape] + [
        tensor.shape for tensor in row.weights
    ]
    yield from chain.from_iterable(shapes)
    for inner in row.layers:
        yield from _sizes(inner)


def _wrong(whole: Report) -> tuple[Finding, ...]:
    """What makes it no model; an expectation that is not kept does not."""
    kept = ("expectation", "budget")
    return tuple(finding for finding in whole.findings if finding.severity == "error" and finding.kind not in kept)
