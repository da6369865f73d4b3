"""LayerNormalization, RMSNormalization and UnitNormalization: statistics along axes of each example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.activation import AlongAxes, Pointwise
from lstm_shapes.layers.axes import find_axes
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import flag, option
from lstm_shapes.layers.normalization import Normalization, along, mean_square, standardized
from lstm_shapes.layers.phrases import listed
from lstm_shapes.symbolic.size import Shape, Size, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

AXIS = "the axis, or a list of them, counted from 0, the batch; -1 is the last"
NORMALIZED = "the sizes of the last axes, along which it normalizes"


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class AxesNormalization(Pointwise):
    """A normalization along ``axis``, or along the last axes where ``normalized_shape`` gives their sizes."""

    common_axes: ClassVar[int] = 64

    axis: int | tuple[int, ...] = option("axis_or_axes", AXIS, -1)
    normalized_shape: tuple[Size, ...] = option("sizes", NORMALIZED, ())

    def axes(self, x: Shape) -> tuple[int, ...]:
        """The axes in order, counted from 0. Raises ``Mismatch`` on one that is not there, or the batch's."""
        if self.normalized_shape:
            return tuple(range(len(x) - len(self.normalized_shape), len(x)))
        axes = tuple(sorted(find_axes(x, self.axis if isinstance(self.axis, tuple) else (self.axis,))))
        if 0 in axes:
            message = f"expected axes after the batch of {shown(x)}, got {list(self.axis) if axes[1:] else self.axis}"  # type: ignore[arg-type]
            hint = "write `axis: -1` for the last" if len(x) > 1 else ""
            raise Mismatch(message, kind="wrong-rank", field="axis", hint=hint)
        return axes

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        x, expected = inputs[0], self.normalized_shape
        if expected and self.axis != -1:
            message = "expected axis or normalized_shape, which names the last axes, got both"
            raise Mismatch(message, kind="wrong-setting", field="axis", hint="remove axis")
        arrives = x[len(x) - len(expected) :] if len(x) > len(expected) else x[1:]
        if len(arrives) < len(expected) or any(one.holds is False for one in self.own_conditions(x)):
            got = ", ".join(map(str, arrives))
            written = f"[{got}]" if arrives[1:] else got
            message = f"expected normalized_shape to be the last axes of {shown(x)}, got {shown(expected)}"
            hint = f"write `normalized_shape: {written}`" if got else "remove normalized_shape"
            raise Mismatch(message, field="normalized_shape", hint=hint)
        self.axes(x)
        return inputs

    def declared_inputs(self, other: Shape) -> tuple[Shape, ...]:
        return ((other[0], *self.normalized_shape),) if self.normalized_shape else ()

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        if self.normalized_shape:
            pairs = zip(self.normalized_shape, inputs[0][-len(self.normalized_shape) :], strict=False)
            yield from (Condition(size, "=", there, "normalized_shape") for size, there in pairs if size != there)

    def scaled(self, times: int) -> Self:
        sizes = self.normalized_shape
        return replace(self, normalized_shape=(*sizes[:-1], times * sizes[-1])) if sizes else self

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        axes = self.axes(inputs[0])
        names = [f"axis_{axis}" for axis in axes] if axes[1:] else ["features"]
        return {name: inputs[0][axis] for name, axis in zip(names, axes, strict=True)}

    def along_axes(self, x: Shape) -> str:
        """The axes in a sentence."""
        axes = self.axes(x)
        return f"along {'axes' if axes[1:] else 'axis'} {listed(axes)}"


@dataclass(frozen=True, kw_only=True)
class LayerNormalization(AxesNormalization, Normalization):
    """Numbers less their mean along axes, over their deviation, position by position (Ba et al. 2016).

    >>> layer = LayerNormalization(axis=(1, 2))
    >>> LayerNormalization().count((5, 10, 8)), layer.count((5, 10, 8)), str(layer.formula((5, 10, 8)))
    (16, 160, '2*axis_1*axis_2')
    """

    type: ClassVar[str] = "layer_normalization"
    weighted: ClassVar[str] = "..."

    center: bool = flag(
        "learn what is added to the result: beta", True, off="nothing is added to the result", aliases="bias"
    )
    epsilon: float = option("number", "what is added to the variance", 1e-3, aliases="eps")
    rms_scaling: bool = flag("divide by the deviation without taking the mean off; gamma always, beta never", False)

    def weight_axes(self) -> Mapping[str, str]:
        return {"gamma": "..."} if self.rms_scaling else super().weight_axes()

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        less = "" if self.rms_scaling else " less their mean,"
        return (f"the shape that came in; {self.along_axes(inputs[0])} the numbers{less} over their deviation",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        (x,) = inputs
        axes = self.axes(x.shape)
        if self.rms_scaling:  # Keras 3.15: the variance about the mean, though the mean stays
            y = x / (x.var(axis=axes, keepdims=True) + self.epsilon) ** 0.5
        else:
            y = standardized(x, axes, self.epsilon)
        return (self.scaled_and_shifted(y, weights, axes),)


@dataclass(frozen=True, kw_only=True)
class RMSNormalization(AxesNormalization):
    """Numbers over the root of their mean square along axes, times learned numbers (Zhang & Sennrich 2019).

    >>> RMSNormalization().count((5, 10, 8))
    8
    """

    type: ClassVar[str] = "rms_normalization"
    weight_docs: ClassVar[Mapping[str, str]] = {"gamma": "multiplies the result"}

    epsilon: float = option("number", "what is added to the mean square", 1e-6, aliases="eps")
    affine: bool = flag("learn gamma", True, off="nothing multiplies the result", aliases="elementwise_affine")

    def axes(self, x: Shape) -> tuple[int, ...]:
        axes = super().axes(x)
        if axes != tuple(range(len(x) - len(axes), len(x))):  # Keras 3.15 multiplies scale along the last axes
            last = f"[{', '.join(str(number - len(axes)) for number in range(len(axes)))}]" if axes[1:] else "-1"
            message = f"expected the last axes of {shown(x)}, along which its weight stands, got {listed(axes)}"
            raise Mismatch(message, kind="wrong-setting", field="axis", hint=f"write `axis: {last}`")
        return axes

    def weight_axes(self) -> Mapping[str, str]:
        return {"gamma": "..."} if self.affine else {}

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"the shape that came in; {self.along_axes(inputs[0])} the numbers over the root of their mean square",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        (x,) = inputs
        axes = self.axes(x.shape)
        y = x * (mean_square(x, axes) + self.epsilon) ** -0.5
        return (y * along(weights["gamma"], x, axes) if self.affine else y,)


@dataclass(frozen=True, kw_only=True)
class UnitNormalization(AlongAxes):
    """Numbers over the root of their sum of squares along axes: vectors of length 1.

    >>> UnitNormalization(axis=1).outputs((5, 10, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "unit_normalization"

    def explain_numbers(self) -> str:
        return "the numbers over the root of their sum of squares"

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        (x,) = inputs
        length = np.sqrt((x * x).sum(axis=self.axes(x.shape), keepdims=True))
        return (x / np.maximum(length, 1e-12),)
