"""Activation: a function at every position; LeakyReLU, which has a slope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.fields import activation_name, option
from lstm_shapes.symbolic.size import Shape

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class Activation(Layer):
    """A function that keeps the shape; softmax and its variants act along the last axis.

    >>> Activation(activation="softmax").outputs((5, 10, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "activation"
    keeps_mask: ClassVar[bool] = True

    activation: str = activation_name("the function")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        return inputs

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"the shape that came in; {self.activation} is applied",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        from lstm_shapes.layers.activations import activation

        return (activation(self.activation)(inputs[0]),)


@dataclass(frozen=True, kw_only=True)
class LeakyReLU(Layer):
    """x above 0, ``negative_slope * x`` below (Maas et al. 2013). The slope is 0.3 in Keras' layer, 0.01 in PyTorch's.

    >>> LeakyReLU().outputs((5, 10, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "leaky_relu"
    keeps_mask: ClassVar[bool] = True

    negative_slope: float = option("number", "the slope below 0", 0.3, aliases="alpha")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        return inputs

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"the shape that came in; numbers below 0 are multiplied by {self.negative_slope:g}",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        (x,) = inputs
        return (np.where(x > 0, x, self.negative_slope * x),)
