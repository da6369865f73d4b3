"""Functions that keep the shape: Activation by its name, and those with settings of their own."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.layers.axes import find_axes
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.fields import activation_name, option
from lstm_shapes.layers.phrases import listed
from lstm_shapes.symbolic.size import Shape

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Pointwise(Layer):
    """A layer that passes on the shape that comes in, and the mask."""

    keeps_mask: ClassVar[bool] = True

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        return inputs


@dataclass(frozen=True, kw_only=True)
class Activation(Pointwise):
    """A function that keeps the shape; softmax and its variants act along the last axis.

    >>> Activation(activation="softmax").outputs((5, 10, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "activation"

    activation: str = activation_name("the function")

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"the shape that came in; {self.activation} is applied",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        from lstm_shapes.layers.activations import activation

        return (activation(self.activation)(inputs[0]),)


@dataclass(frozen=True, kw_only=True)
class LeakyReLU(Pointwise):
    """x above 0, ``negative_slope * x`` below (Maas et al. 2013). The slope is 0.3 in Keras' layer, 0.01 in PyTorch's.

    >>> LeakyReLU().outputs((5, 10, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "leaky_relu"

    negative_slope: float = option("number", "the slope below 0", 0.3, aliases="alpha")

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"the shape that came in; numbers below 0 are multiplied by {self.negative_slope:g}",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        (x,) = inputs
        return (np.where(x > 0, x, self.negative_slope * x),)


@dataclass(frozen=True, kw_only=True)
class ReLU(Pointwise):
    """x from ``threshold`` to ``max_value``, ``max_value`` above, ``negative_slope * (x - threshold)`` below.

    >>> ReLU(max_value=6.0).outputs((5, 10, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "relu"

    max_value: float | None = option("optional_limit", "the largest number passed on; left out: no limit", None)
    negative_slope: float = option("number_from_0", "the slope below the threshold", 0.0)
    threshold: float = option("number_from_0", "where the line begins", 0.0)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        below = "become 0"
        if self.negative_slope:
            less = f"their distance from {self.threshold:g}" if self.threshold else "they"
            below = f"become {self.negative_slope:g} times what {less} {'is' if self.threshold else 'were'}"
        sentence = f"the shape that came in; numbers below {self.threshold:g} {below}"
        return (sentence if self.max_value is None else f"{sentence}, those above {self.max_value:g} that number",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        (x,) = inputs
        below = self.negative_slope * (x - self.threshold) if self.negative_slope else x * 0
        y = np.where(x >= self.threshold if self.negative_slope else x > self.threshold, x, below)
        return (y if self.max_value is None else np.minimum(y, self.max_value),)


@dataclass(frozen=True, kw_only=True)
class ELU(Pointwise):
    """x above 0, ``alpha * (exp(x) - 1)`` below (Clevert et al. 2016).

    >>> ELU().outputs((5, 10, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "elu"

    alpha: float = option("number", "the limit below 0 is -alpha", 1.0)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"the shape that came in; numbers x below 0 become {self.alpha:g}*(exp(x) - 1)",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        (x,) = inputs
        return (np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0))),)


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class AlongAxes(Pointwise):
    """A function of the numbers along an axis, or along several together; the batch may be one of them."""

    axis: int | tuple[int, ...] = option(
        "axis_or_axes", "the axis, or a list of them, counted from 0; -1 is the last", -1, aliases="dim"
    )

    def axes(self, x: Shape) -> tuple[int, ...]:
        """The axes, counted from 0; with none set PyTorch's choice (nn/functional.py, _get_softmax_dim).

        Raises ``Mismatch`` on one that the shape has not.
        """
        if self.axis == ():
            return (0,) if len(x) in (1, 3) else (1,)
        return find_axes(x, self.axis if isinstance(self.axis, tuple) else (self.axis,))

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        self.axes(inputs[0])
        return inputs

    @abstractmethod
    def explain_numbers(self) -> str:
        """What becomes of the numbers along the axes."""

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        axes = self.axes(inputs[0])
        named = f"{'axes' if axes[1:] else 'axis'} {listed(axes)}"
        return (f"the shape that came in; along {named} {self.explain_numbers()}",)


@dataclass(frozen=True, kw_only=True)
class Softmax(AlongAxes):
    """``exp(x)`` over its sum along an axis, or along several together.

    >>> Softmax(axis=1).outputs((5, 10, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "softmax"

    def explain_numbers(self) -> str:
        return "the numbers become positive and sum to 1"

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        axes = self.axes(inputs[0].shape)
        powers = np.exp(inputs[0] - inputs[0].max(axis=axes, keepdims=True))
        return (powers / powers.sum(axis=axes, keepdims=True),)


@dataclass(frozen=True, kw_only=True)
class LogSoftmax(AlongAxes):
    """The logarithm of softmax.

    >>> LogSoftmax(axis=1).outputs((5, 10, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "log_softmax"

    def explain_numbers(self) -> str:
        return "the numbers become logarithms of such as sum to 1"

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        axes = self.axes(inputs[0].shape)
        shifted = inputs[0] - inputs[0].max(axis=axes, keepdims=True)
        return (shifted - np.log(np.exp(shifted).sum(axis=axes, keepdims=True)),)


@dataclass(frozen=True, kw_only=True)
class Rescaling(Pointwise):
    """``x * scale + offset``, the same for every number.

    >>> Rescaling(scale=0.5).outputs((5, 10, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "rescaling"

    scale: float = option("number", "the factor")
    offset: float = option("number", "what is added", 0.0)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        added = f", then {self.offset:g} is added" if self.offset else ""
        return (f"the shape that came in; every number is multiplied by {self.scale:g}{added}",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return (inputs[0] * self.scale + self.offset,)


@dataclass(frozen=True, kw_only=True)
class ActivityRegularization(Pointwise):
    """Adds a penalty for large numbers to the loss; passes them on as they are.

    >>> ActivityRegularization(l2=0.1).outputs((5, 8))
    ((5, 8),)
    """

    type: ClassVar[str] = "activity_regularization"

    l1: float = option("number", "the penalty for the absolute numbers", 0.0)
    l2: float = option("number", "the penalty for their squares", 0.0)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return ("the shape that came in; it only adds a penalty to the loss in training",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return inputs
