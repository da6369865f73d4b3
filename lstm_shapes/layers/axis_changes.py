"""Layers that add, remove or reorder axes: Squeeze, ExpandDims, Transpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.axes import find_axes, find_axis
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import option
from lstm_shapes.symbolic.size import Shape, same, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class Squeeze(Layer):
    """Without an axis of size 1, or several; without ``axis``, all axes of size 1 are removed.

    >>> Squeeze(axis=(1,)).outputs((5, 1, 8)), Squeeze().outputs((5, 1, 8, 1))
    (((5, 8),), ((5, 8),))
    """

    type: ClassVar[str] = "squeeze"

    axis: tuple[int, ...] | None = option(
        "axes", "the axis to remove, or a list; left out: every axis of size 1", None, aliases="dim"
    )

    @property
    def keeps_time(self) -> bool:  # type: ignore[override]
        return all(axis == -1 or axis > 1 for axis in self.axis or (0,))

    def removed(self, x: Shape) -> tuple[int, ...]:
        """The axes to remove, counted from 0."""
        if self.axis is None:
            return tuple(number for number, size in enumerate(x) if same(size, 1))
        return find_axes(x, self.axis)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        removed = self.removed(inputs[0])
        for axis in removed:
            if same(inputs[0][axis], 1) is False:
                message = f"expected axis {axis} of {shown(inputs[0])} to have size 1, got {inputs[0][axis]}"
                raise Mismatch(message, field="axis", hint="name an axis of size 1, or remove the layer")
        return (tuple(size for number, size in enumerate(inputs[0]) if number not in removed),)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        removed = self.removed(inputs[0])
        yield from (Condition(inputs[0][axis], "=", 1, "axis") for axis in removed)
        if self.axis is None:
            kept = (size for number, size in enumerate(inputs[0]) if number not in removed)
            yield from (Condition(size, ">=", 2, "axis") for size in kept)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        removed = self.removed(inputs[0])
        if not removed:
            return ("the shape that came in: it has no axis of size 1",)
        return (f"{_listed(removed)} of size 1 removed; the numbers are the same",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return (inputs[0].squeeze(self.axis),)


@dataclass(frozen=True, kw_only=True)
class ExpandDims(Layer):
    """With a new axis of size 1, at the place that it has in the output.

    >>> ExpandDims(axis=1).outputs((5, 8)), ExpandDims(axis=-1).outputs((5, 8))
    (((5, 1, 8),), ((5, 8, 1),))
    """

    type: ClassVar[str] = "expand_dims"

    axis: int = option("integer", "the place of the new axis in the output; -1 is the last", aliases="dim")

    @property
    def keeps_time(self) -> bool:  # type: ignore[override]
        return self.axis == -1 or self.axis > 1

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        rank = len(x) + 1
        if not -rank <= self.axis < rank:
            message = f"expected one of the {rank} axes of the output, got {self.axis}"
            raise Mismatch(message, kind="wrong-rank", field="axis", hint=f"write an axis from -{rank} to {len(x)}")
        axis = self.axis % rank
        return ((*x[:axis], 1, *x[axis:]),)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"a new axis {find_axis(outputs[0], self.axis)} of size 1; the numbers are the same",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        return (np.expand_dims(inputs[0], self.axis),)


@dataclass(frozen=True, kw_only=True)
class Transpose(Layer):
    """Axes in another order, the batch included, counted from 0; without ``axes`` they are reversed.

    >>> Transpose(axes=(1, 0, 2)).outputs((5, 10, 8))
    ((10, 5, 8),)
    """

    type: ClassVar[str] = "transpose"

    axes: tuple[int, ...] | None = option(
        "integers", "the order of all axes, counted from 0; left out: reversed", None, aliases="dims perm"
    )

    @property
    def keeps_time(self) -> bool:  # type: ignore[override]
        return self.axes is not None and len(self.axes) > 1 and self.axes[1] == 1

    def order(self, x: Shape) -> tuple[int, ...]:
        """The axis that comes to each place."""
        if self.axes is None:
            return tuple(reversed(range(len(x))))
        axes = tuple(axis + len(x) if axis < 0 else axis for axis in self.axes)
        if sorted(axes) != list(range(len(x))):
            wanted = ", ".join(map(str, range(len(x))))
            message = f"expected axes to order the {len(x)} axes ({wanted}) of {shown(x)}, got {list(self.axes)}"
            raise Mismatch(message, kind="wrong-rank", field="axes", hint=f"write each of {wanted} once")
        return axes

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (tuple(inputs[0][axis] for axis in self.order(inputs[0])),)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"the axes in the order {', '.join(map(str, self.order(inputs[0])))}; the numbers are the same",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return (inputs[0].transpose(self.axes),)


def _listed(axes: tuple[int, ...]) -> str:
    return f"ax{'is' if len(axes) == 1 else 'es'} {' and '.join(map(str, axes))}"
