"""Dense: one matrix over the last axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.fields import activation_name, flag, size
from lstm_shapes.symbolic.size import Shape, Size, product, readable

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class Dense(Layer):
    """``activation(x @ kernel + bias)`` at every position. Parameters: ``units*(input_dim + 1)``.

    >>> Dense(units=4).outputs((5, 10, 8))
    ((5, 10, 4),)
    """

    type: ClassVar[str] = "dense"
    keeps_mask: ClassVar[bool] = True
    weight_docs: ClassVar[Mapping[str, str]] = {"kernel": "multiplies what comes in", "bias": "added"}

    units: Size = size("the width of the output", aliases="out_features")
    bias: bool = flag("add a bias", True, off="no bias is added", aliases="use_bias")
    activation: str = activation_name("the function of the output", "linear")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        match("batch ... in", inputs[0])
        return ((*inputs[0][:-1], self.units),)

    def weight_axes(self) -> Mapping[str, str]:
        return {"kernel": "unit in", "bias": "unit"} if self.bias else {"kernel": "unit in"}

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        return {"unit": self.units, "in": inputs[0][-1]}

    def positions(self, *inputs: Shape) -> Size:
        return product(inputs[0][:-1])

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        x = inputs[0]
        sentences = [f"units, {readable(self.units)}, takes the place of the last axis, {readable(x[-1])}"]
        if len(x) > 2:
            positions = readable(product(x[1:-1]))
            sentences.append(f"at each of the {positions} positions of an example, with the same weights")
        if self.activation != "linear":
            sentences.append(f"{self.activation} is applied to the result")
        return tuple(sentences)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        from lstm_shapes.layers.activations import activation

        y = inputs[0] @ weights["kernel"].T
        return (activation(self.activation)(y + weights["bias"] if self.bias else y),)
