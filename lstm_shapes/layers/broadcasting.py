"""Broadcasting as in NumPy: shapes aligned at their last axes, axes of 1 stretched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.conditions import Condition, decided
from lstm_shapes.symbolic.size import Shape, Size, shown


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """The shape that all are stretched to. Raises ``Mismatch``.

    >>> broadcast([(5, 10, 8), (10, 1)])
    (5, 10, 8)
    """
    if any(condition.holds is False for condition in broadcast_conditions(shapes)):
        got = " and ".join(shown(shape) for shape in shapes[:6])
        message = f"expected shapes whose last axes are equal or 1, got {got}"
        raise Mismatch(message, kind="merge-mismatch", hint="add axes of 1 with expand_dims where they do not align")
    return tuple(decided(sizes) for sizes in _aligned(shapes))


def broadcast_conditions(shapes: Sequence[Shape]) -> Iterator[Condition]:
    """That the axes that are not 1 are equal."""
    for sizes in _aligned(shapes):
        size = decided(sizes)
        yield from (Condition(other, "=", size, stretched=True) for other in sizes if other != size)


def _aligned(shapes: Sequence[Shape]) -> Iterator[list[Size]]:
    """The sizes of each axis, those aside that are stretched."""
    rank = max((len(shape) for shape in shapes), default=0)
    widened = [((1,) * (rank - len(shape)) + tuple(shape)) for shape in shapes]
    return ([size for size in sizes if size != 1] or [1] for sizes in zip(*widened, strict=True))
