"""Scale: a factor for each feature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.symbolic.formula import Factor
from lstm_shapes.symbolic.size import Shape, Size, readable

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class Scale(Layer):
    """``x * factor``.

    >>> Scale().count((5, 10, 8))
    8
    """

    type: ClassVar[str] = "scale"
    keeps_mask: ClassVar[bool] = True
    weight_docs: ClassVar[Mapping[str, str]] = {"factor": "multiplies each feature"}

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        match("batch ... unit", inputs[0])
        return inputs

    def weight_axes(self) -> Mapping[str, str]:
        return {"factor": "unit"}

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        return {"unit": inputs[0][-1]}

    def axis_names(self) -> Mapping[str, Factor]:
        return {"unit": "input_dim"}

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"the shape that came in; each of the {readable(inputs[0][-1])} features is multiplied by its factor",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return (inputs[0] * weights["factor"],)
