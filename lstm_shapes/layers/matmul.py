"""Matmul: the product of two tensors' matrices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.broadcasting import broadcast, broadcast_conditions
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.symbolic.size import Shape, Size, product, readable, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class Matmul(Layer):
    """The matrix product along the last two axes, the others broadcast, as ``numpy.matmul`` and ``torch.matmul``.

    A first input of one axis is a row, a second one a column; that axis is removed.

    >>> Matmul().outputs((5, 10, 8), (5, 8, 3)), Matmul().outputs((5, 10, 8), (8,))
    (((5, 10, 3),), ((5, 10),))
    """

    type: ClassVar[str] = "matmul"
    arity: ClassVar[tuple[int, int]] = (2, 2)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        x, y = inputs
        if not x or not y:
            raise Mismatch(f"expected at least 1 axis, got {shown(x)} and {shown(y)}", kind="wrong-rank")
        inner = self.inner(x, y)
        if inner.holds is False:
            at = "last" if len(y) == 1 else "second to last"
            message = f"expected the last axis of {shown(x)} to equal the {at} of {shown(y)}"
            raise Mismatch(message, kind="merge-mismatch", hint="put a transpose before one of them")
        rest = broadcast((x[:-2], y[:-2]))
        return ((*rest, *x[-2:-1], *(y[-1:] if len(y) > 1 else ())),)

    def inner(self, x: Shape, y: Shape) -> Condition:
        """That the axes that are summed over are equal."""
        return Condition(y[-2] if len(y) > 1 else y[0], "=", x[-1])

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        x, y = inputs
        yield self.inner(x, y)
        yield from broadcast_conditions((x[:-2], y[:-2]))

    def own_macs(self, *inputs: Shape) -> Size:
        return product(self.outputs(*inputs)[0]) * inputs[0][-1]

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        x, y = inputs
        return (f"the matrix product of {shown(x)} and {shown(y)}: each number sums {readable(x[-1])} products",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        x, y = inputs
        return (x @ y,)
