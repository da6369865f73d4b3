"""Dot: two inputs multiplied and summed along an axis of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.axes import find_axis
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.conditions import Condition, decided
from lstm_shapes.layers.fields import flag, option
from lstm_shapes.symbolic.size import Shape, Size, product, readable, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

EPSILON = 1e-7
"""The least norm that ``normalize`` divides by: keras.backend.epsilon()."""


@dataclass(frozen=True, kw_only=True)
class Dot(Layer):
    """For every example, the products of the two inputs summed along ``axes``: one of each, or the same of both.

    The other axes of the first input come before those of the second (keras/src/layers/merging/dot.py).

    >>> Dot(axes=(2,)).outputs((5, 10, 8), (5, 7, 8)), Dot(axes=(1, 2)).outputs((5, 8), (5, 7, 8))
    (((5, 10, 7),), ((5, 7),))
    """

    type: ClassVar[str] = "dot"
    arity: ClassVar[tuple[int, int]] = (2, 2)
    keeps_time: ClassVar[bool] = False

    axes: tuple[int, ...] = option("axes", "the axis that is summed over, or a list: that of each input")
    normalize: bool = flag("divide by the norms along the axis: the cosine of the angle", False)

    def summed(self, x: Shape, y: Shape) -> tuple[int, int]:
        """The axis of each input, counted from 0. Raises ``Mismatch``."""
        if self.axes is None or len(self.axes) > 2:
            message = f"expected an axis, or one of each input, got {list(self.axes or ())}"
            raise Mismatch(message, kind="wrong-setting", field="axes", hint="write `axes: -1`, or `axes: [2, 1]`")
        first, second = find_axis(x, self.axes[0], "axes"), find_axis(y, self.axes[-1], "axes")
        if 0 in (first, second):
            message = (
                f"expected axes after the batch of {shown(x)} and {shown(y)}, got {', '.join(map(str, self.axes))}"
            )
            raise Mismatch(message, kind="wrong-rank", field="axes", hint="write `axes: -1`, or `axes: [2, 1]`")
        return first, second

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        x, y = inputs
        for condition in self.own_conditions(x, y):
            if condition.holds is False:
                first, second = self.summed(x, y)
                message = f"expected axis {first} of {shown(x)} and axis {second} of {shown(y)} to be equal"
                if condition.field != "axes":
                    message = f"expected {shown(x)} and {shown(y)} to have the same batch"
                raise Mismatch(message, kind="merge-mismatch", field=condition.field)
        first, second = self.summed(x, y)
        batch = decided((x[0], y[0]))
        left = [size for axis, size in enumerate(x) if axis not in (0, first)]
        right = [size for axis, size in enumerate(y) if axis not in (0, second)]
        return ((batch, *(left + right or [1])),)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        x, y = inputs
        first, second = self.summed(x, y)
        pairs = ((y[0], x[0], ""), (y[second], x[first], "axes"))
        yield from (Condition(a, "=", b, field) for a, b, field in pairs if a != b)

    def own_macs(self, *inputs: Shape) -> Size:
        x, y = inputs
        first, _ = self.summed(x, y)
        return product(self.outputs(x, y)[0]) * x[first]

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        x, y = inputs
        first, second = self.summed(x, y)
        norms = ", divided by their norms" if self.normalize else ""
        summed = f"over axis {first} of {shown(x)} and axis {second} of {shown(y)}, {readable(x[first])} products each"
        return (f"for every example, sums {summed}{norms}",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        x, y = inputs
        first, second = (axis % array.ndim for axis, array in zip((self.axes[0], self.axes[-1]), inputs, strict=True))
        x, y = np.moveaxis(x, first, -1), np.moveaxis(y, second, 1)
        shape = (len(x), *((*x.shape[1:-1], *y.shape[2:]) or (1,)))
        x = x.reshape(len(x), prod(x.shape[1:-1]), x.shape[-1])
        y = y.reshape(len(y), y.shape[1], prod(y.shape[2:]))
        result = x @ y
        if self.normalize:
            result = result * _inverse_norm(x, -1) * _inverse_norm(y, 1)
        return (result.reshape(shape),)


def _inverse_norm(x: Array, axis: int) -> Array:
    import numpy as np

    with np.errstate(divide="ignore"):
        inverse: Array = np.minimum(1 / np.sqrt((x * x).sum(axis=axis, keepdims=True)), 1 / EPSILON)
    return inverse
