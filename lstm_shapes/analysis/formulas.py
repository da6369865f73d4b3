"""The figures of a model as expressions in its symbols, which evaluate on numbers and on arrays of any library.

An array only needs ``+ * // max min astype`` with NumPy's meaning: NumPy and Dask arrays do. The largest value of each
symbol is looked at first: where a result or an intermediate could leave int64, the arrays hold Python's integers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lstm_shapes.analysis.arrays import INT64, bound, evaluated
from lstm_shapes.analysis.report import Report
from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.findings.finding import Finding
from lstm_shapes.graph.shape_inference import Inferred
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.symbolic.poly import Poly, at_least, terms_of
from lstm_shapes.symbolic.size import Size, Unbound, bind, names

FIGURES = ("params", "trainable_params", "macs", "bytes")


class NotAModel(LstmShapesError, ValueError):
    """A file of which no formula can be made; ``findings`` are what is wrong with it."""

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


@dataclass(frozen=True)
class Expression:
    """A figure in the model's symbols; called with a value for each of them, integers or arrays of integers.

    >>> from lstm_shapes.symbolic.size import parse
    >>> params = Expression(parse("4*H*(H + 9)"))
    >>> str(params), params.symbols, params(H=32)
    ('4*H*(H + 9)', ('H',), 5248)
    >>> import numpy as np
    >>> params(H=np.array([16, 32])).tolist()
    [1600, 5248]
    """

    size: Size

    @property
    def symbols(self) -> tuple[str, ...]:
        """The names that need a value."""
        return tuple(sorted(names(self.size)))

    def __str__(self) -> str:
        return str(self.size)

    def __call__(self, /, **values: Any) -> Any:
        """The figure at these values, shaped as they are broadcast; an integer where all are integers.

        Values of other symbols are ignored, so that one call's values serve every figure. Raises ``Unbound`` when a
        symbol has no value, ``ValueError`` on a value below 1, ``TypeError`` on one that is no integer, and
        ``OverflowError`` where int64 may not hold the result and the arrays cannot hold Python's integers.
        """
        missing = names(self.size) - values.keys()
        if missing:
            raise Unbound(missing)
        numbers = {name: values[name] for name in self.symbols if isinstance(values[name], int)}
        arrays = {name: values[name] for name in self.symbols if name not in numbers}
        largest = {name: _largest(name, array) for name, array in arrays.items()}
        for name, number in numbers.items():
            _check(name, number)
        size = bind(self.size, numbers)
        if not names(size):
            return size
        limit = bound(size, largest)
        if limit is not None and limit <= INT64:
            return evaluated(terms_of(size), {name: array.astype("int64") for name, array in arrays.items()})
        try:
            return evaluated(terms_of(size), {name: array.astype(object) for name, array in arrays.items()})
        except TypeError as error:
            message = (
                f"{self}: int64 may not hold this, and these arrays do not compute with Python's integers: {error}"
            )
            raise OverflowError(message) from None


def _largest(name: str, array: Any) -> int:
    """The largest value of an array."""
    if array.dtype.kind not in "iuO":
        raise TypeError(f"{name}: expected integers, got {array.dtype}")
    _check(name, int(array.min()))
    return int(array.max())


def _check(name: str, least: int) -> None:
    if least < 1:
        raise ValueError(f"{name}: expected sizes of at least 1, got {least}")


@dataclass(frozen=True)
class Formulas(Mapping[str, Expression]):
    """Expressions by figure: params, trainable_params, macs, bytes, and those of a layer as ``encoder.params``.

    A figure that is not known is not in it.
    """

    expressions: Mapping[str, Expression]
    conditions: tuple[Condition, ...]
    sizes: tuple[Size, ...]

    def __getitem__(self, figure: str) -> Expression:
        return self.expressions[figure]

    def __iter__(self) -> Iterator[str]:
        return iter(self.expressions)

    def __len__(self) -> int:
        return len(self.expressions)

    def fits(self, /, **values: Any) -> Any:
        """Where the sizes make a model: True, or an array of truth values; where they do not, no figure is meant."""
        valid: Any = True
        for size in self.sizes:
            valid = valid & (Expression(size)(**values) >= 1)
        for condition in self.conditions:
            over = Expression(condition.over)(**values)
            met = over <= 0 if condition.bounds else over == 0
            valid = valid & (met | (Expression(condition.left)(**values) == 1) if condition.stretched else met)
        return valid


def formulas(report: Report, inferred: Inferred, conditions: tuple[Condition, ...]) -> Formulas:
    """The expressions of a report's figures, and the sizes and conditions that decide where they are meant."""
    sums, expressions = report.totals, {}
    totals = (sums.params, sums.trainable_params, sums.macs, sums.param_bytes)
    for figure, size in zip(FIGURES, totals, strict=True):
        if size is not None:
            expressions[figure] = Expression(size)
    for row in report.layers:
        for figure, size in (("params", row.params), ("macs", row.macs)):
            if size is not None:
                expressions[f"{row.name}.{figure}"] = Expression(size)
    sizes = (size for size in inferred.sizes() if isinstance(size, Poly) and not at_least(size, 1))
    return Formulas(expressions, conditions, tuple(dict.fromkeys(sizes)))
