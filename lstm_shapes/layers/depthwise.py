"""Convolutions of each channel by itself, DepthwiseConv1D and 2D; then a matrix, SeparableConv1D and 2D."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.convolving import Sliding
from lstm_shapes.layers.fields import size
from lstm_shapes.symbolic.formula import Factor
from lstm_shapes.symbolic.size import Shape, Size, readable

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Channelwise(Sliding):
    """A convolution that makes ``depth_multiplier`` numbers of each channel, and never sums over channels."""

    depth_multiplier: Size = size("how many numbers are made of each channel", 1)

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        channels = inputs[0][self.feature_axis]
        return {"in": channels, "channel": channels, "multiplier": self.depth_multiplier, **self.taps()}

    def axis_names(self) -> Mapping[str, Factor]:
        names = {"in": "input_dim", "channel": "input_dim", "multiplier": "depth_multiplier"}
        return {**names, **self.tap_names()}

    def explain_depthwise(self, x: Shape) -> str:
        """What the channels become."""
        channels, times = self.parted(x).channels, self.depth_multiplier
        if times == 1:
            return f"each of {readable(channels)} channels has a kernel of its own, and makes one number a position"
        product = f"{readable(channels)} * {readable(times)} = {readable(channels * times)}"
        return f"each channel has {readable(times)} kernels of its own (depth_multiplier): {product} numbers a position"

    def each_channel(self, x: Array, kernel: Array) -> Array:
        """Every channel by its own kernels (in, multiplier, *taps): (batch, *places, in * multiplier)."""
        columns = self.columns(x)
        places, channels, multiplier = columns.shape[: 1 + len(self.axes)], *kernel.shape[:2]
        apart = columns.transpose(columns.ndim - 1, *range(columns.ndim - 1)).reshape(channels, -1, kernel[0, 0].size)
        y = apart @ kernel.reshape(channels, multiplier, -1).swapaxes(1, 2)
        return y.swapaxes(0, 1).reshape(*places, channels * multiplier)


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Depthwise(Channelwise):
    """Each channel convolved by itself. Parameters: ``input_dim*depth_multiplier*(kernel + 1)``."""

    def channels(self, x: Shape) -> Size:
        return self.parted(x).channels * self.depth_multiplier

    def weight_axes(self) -> Mapping[str, str]:
        kernel = {"kernel": f"in multiplier {self.space_axes}"}
        return {**kernel, "bias": "channel multiplier"} if self.bias else kernel

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        space = self.explain_space(inputs[0], self.explain_padding())
        applied = [f"{self.activation} is applied to the result"] if self.activation != "linear" else []
        return (space, self.explain_depthwise(inputs[0]), "channels are not summed", *applied)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        y = self.each_channel(inputs[0], weights["kernel"])
        return self.finished(y, weights["bias"] if self.bias else None)


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Separable(Channelwise):
    """Each channel convolved by itself, then all channels summed with a matrix at every position.

    Parameters: ``input_dim*depth_multiplier*kernel + filters*(input_dim*depth_multiplier + 1)``.
    """

    common_axes: ClassVar[int] = 1
    weight_docs: ClassVar[Mapping[str, str]] = {
        "depthwise": "multiplies each channel by itself",
        "pointwise": "sums the channels at each position",
        "bias": "added",
    }

    filters: Size = size("how many numbers the layer passes on per position")

    def channels(self, x: Shape) -> Size:
        return self.filters

    def weight_axes(self) -> Mapping[str, str]:
        matrices = {"depthwise": f"in multiplier {self.space_axes}", "pointwise": "filter in multiplier"}
        return {**matrices, "bias": "filter"} if self.bias else matrices

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        return {"filter": self.filters, **super().axis_sizes(*inputs)}

    def axis_names(self) -> Mapping[str, Factor]:
        return {"filter": "filters", **super().axis_names()}

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        space = self.explain_space(inputs[0], self.explain_padding())
        summed = f"then a matrix makes filters, {readable(self.filters)}, of them at each position"
        applied = [f"{self.activation} is applied to the result"] if self.activation != "linear" else []
        return (space, self.explain_depthwise(inputs[0]), summed, *applied)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        y, matrix = self.each_channel(inputs[0], weights["depthwise"]), weights["pointwise"]
        return self.finished(y @ matrix.reshape(len(matrix), -1).T, weights["bias"] if self.bias else None)


@dataclass(frozen=True, kw_only=True)
class DepthwiseConv1D(Depthwise):
    """Each channel of (batch, length, channels) convolved by itself.

    >>> layer = DepthwiseConv1D(kernel_size=3, depth_multiplier=2)
    >>> layer.outputs((5, 20, 8)), str(layer.formula((5, 20, 8)))
    (((5, 18, 16),), 'input_dim*depth_multiplier*(kernel_size + 1)')
    """

    type: ClassVar[str] = "depthwise_conv1d"
    space_axes: ClassVar[str] = "length"


@dataclass(frozen=True, kw_only=True)
class DepthwiseConv2D(Depthwise):
    """Each channel of (batch, height, width, channels) convolved by itself.

    >>> DepthwiseConv2D(kernel_size=3, padding="same").outputs((5, 20, 30, 8))
    ((5, 20, 30, 8),)
    """

    type: ClassVar[str] = "depthwise_conv2d"
    space_axes: ClassVar[str] = "height width"


@dataclass(frozen=True, kw_only=True)
class SeparableConv1D(Separable):
    """A depthwise convolution over (batch, length, channels), then a matrix over the channels.

    >>> layer = SeparableConv1D(filters=4, kernel_size=3)
    >>> layer.outputs((5, 20, 8)), layer.count((5, 20, 8))
    (((5, 18, 4),), 60)
    """

    type: ClassVar[str] = "separable_conv1d"
    space_axes: ClassVar[str] = "length"


@dataclass(frozen=True, kw_only=True)
class SeparableConv2D(Separable):
    """A depthwise convolution over (batch, height, width, channels), then a matrix over the channels.

    >>> SeparableConv2D(filters=4, kernel_size=3, strides=2).outputs((5, 20, 30, 8))
    ((5, 9, 14, 4),)
    """

    type: ClassVar[str] = "separable_conv2d"
    space_axes: ClassVar[str] = "height width"
