"""Convolutional LSTM over one, two or three space axes: the cell is defined once, a family names its axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.fields import choice, option, size
from lstm_shapes.layers.phrases import per_axis
from lstm_shapes.layers.recurrent import Stepwise
from lstm_shapes.symbolic.formula import Factor
from lstm_shapes.symbolic.size import Shape, Size, at_most, fixed, product, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.activations import Activation
    from lstm_shapes.layers.base import Array
    from lstm_shapes.layers.gates import Gates

Integers = int | tuple[int, ...]
"""One number for each space axis, or a single number for all of them."""


class Window(NamedTuple):
    """The stretch of one space axis that the kernel sees, and the steps in which it moves on."""

    axis: str
    taps: int
    stride: int
    dilation: int

    @property
    def reach(self) -> int:
        """From the first tap to the last, both counted."""
        return self.dilation * (self.taps - 1) + 1


class Cell(NamedTuple):
    """What a timestep needs: the windows over the input, and those over the state."""

    gates: Gates
    windows: tuple[Window, ...]
    state_windows: tuple[Window, ...]
    sigma: Activation
    tanh: Activation


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class ConvLSTM(Stepwise):
    """An LSTM whose products are convolutions (Shi et al. 2015), without the paper's peepholes, as in Keras.

    Only the input's convolution is strided, dilated or unpadded; the state's keeps the space as it is. Parameters:
    ``4*filters*(kernel*(input_dim + filters) + 1)``, where ``kernel`` is the number of taps. A multiply-accumulate is
    counted at every tap, those that fall on padding as well.
    """

    gates: ClassVar[str] = "input forget output candidate"
    states: ClassVar[str] = "h c"
    space_axes: ClassVar[str]

    filters: Size = size("the width of the hidden state: how many numbers the layer passes on per position")
    kernel_size: Integers = option("integers_or_one", "how many positions the kernel sees, along each space axis")
    strides: Integers = option("integers_or_one", "how far the input's kernel moves on, along each space axis", 1)
    padding: str = choice("same: zeros around the input, so that a stride of 1 keeps its space", "valid same", "valid")
    dilation_rate: Integers = option("integers_or_one", "how far the input's kernel reaches from tap to tap", 1)
    data_format: str = choice("where the channels are; shapes here have them last", "channels_last", "channels_last")

    @property
    def width(self) -> Size:
        return self.filters

    @property
    def width_name(self) -> str:
        return "filters"

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        timing, width, *more = super().explain_output(inputs, outputs)
        x, kernel = inputs[0], f"kernel_size {per_axis(self.kernel_size)}, strides {per_axis(self.strides)}"
        space = f"the space {shown(x[2:-1])} becomes {shown(self.space(x))}: {kernel}, padding {self.padding}"
        return (timing, width, f"{space}, dilation_rate {per_axis(self.dilation_rate)}", *more)

    def explain_width(self) -> str:
        return f"{super().explain_width()} at each position"

    def windows(self) -> tuple[Window, ...]:
        """The kernel along each space axis. Raises ``Mismatch`` on settings that do not go together."""
        axes = self.space_axes.split()
        per_axis = (self.per_axis(field, len(axes)) for field in ("kernel_size", "strides", "dilation_rate"))
        windows = tuple(Window(*numbers) for numbers in zip(axes, *per_axis, strict=True))
        if max(window.stride for window in windows) > 1 and max(window.dilation for window in windows) > 1:
            got = f"strides {self.strides}, dilation_rate {self.dilation_rate}"
            message = f"expected strides or dilation_rate of 1, got {got}"
            raise Mismatch(message, kind="wrong-setting", field="dilation_rate", hint="set `dilation_rate: 1`")
        return windows

    def per_axis(self, field: str, count: int) -> tuple[int, ...]:
        """A field's number for each space axis."""
        given = getattr(self, field)
        numbers: tuple[int, ...] = given if isinstance(given, tuple) else (given,) * count
        if len(numbers) == count and all(number >= 1 for number in numbers):
            return numbers
        each = "1 number" if count == 1 else f"{count} numbers"
        named = self.space_axes.replace(" ", ", ")
        message = f"expected {field} to be {each} of at least 1 ({named}), or one value for all, got {given}"
        example = [*numbers, *numbers[-1:] * count][:count] if numbers and min(numbers) >= 1 else [1] * count
        raise Mismatch(message, kind="wrong-setting", field=field, hint=f"set `{field}: {example}`")

    def space(self, x: Shape) -> Shape:
        """The output's space. Raises ``Mismatch`` on an input that has another rank or is smaller than the kernel."""
        axes = match(f"batch time {self.space_axes} in", x)
        return tuple(self.output_length(window, axes[window.axis]) for window in self.windows())

    def output_length(self, window: Window, length: Size) -> Size:
        """At how many places the kernel is laid along an axis of this ``length``."""
        if self.padding == "same":
            return (length - 1) // window.stride + 1
        if at_most(window.reach, length) is False:
            dilated = f" (kernel_size {window.taps}, dilation_rate {window.dilation})" if window.dilation > 1 else ""
            message = f"expected a {window.axis} of at least {window.reach}, the kernel's{dilated}, got {length}"
            raise Mismatch(message, field="kernel_size", hint="set `padding: same`")
        return (length - window.reach) // window.stride + 1

    def state_shapes(self, x: Shape) -> tuple[Shape, ...]:
        space = self.space(x)
        return tuple((x[0], *space, width) for width in self.state_widths)

    def weight_axes(self) -> Mapping[str, str]:
        taps = f"{self.gate_axes} {self.space_axes}"
        return {**super().weight_axes(), "kernel": f"{taps} in", "recurrent": f"{taps} state"}

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        taps = {window.axis: window.taps for window in self.windows()}
        return {"gate": 4, "unit": self.filters, "state": self.filters, "in": inputs[0][-1], **taps}

    def axis_names(self) -> Mapping[str, Factor]:
        taps = {axis: f"kernel_{axis}" for axis in self.space_axes.split()}
        return {"gate": 4, "unit": "filters", "state": "filters", "in": "input_dim", **taps}

    def positions(self, *inputs: Shape) -> Size:
        return product((*inputs[0][:2], *self.space(inputs[0])))

    def begin(self, x: Array) -> tuple[Array, ...]:
        import numpy as np

        seen = _seen(x[:, 0], self.windows(), self.padding)
        shape = (*seen.shape[: x.ndim - 2], fixed(self.filters))
        return tuple(np.zeros(shape, x.dtype) for _ in self.state_names)

    def prepare(self, weights: Weights, batch: int) -> Cell:
        from lstm_shapes.layers.activations import activation
        from lstm_shapes.layers.gates import Gates

        kernel, recurrent = (_rows(weights[role]) for role in ("kernel", "recurrent"))
        biases = [weights[role] for role in ("bias", "recurrent_bias") if role in self.weight_axes()]
        gates = Gates(kernel, recurrent, biases, batch)
        windows = self.windows()
        plain = tuple(window._replace(stride=1, dilation=1) for window in windows)
        return Cell(gates, windows, plain, activation(self.recurrent_activation), activation(self.activation))

    def step(self, cell: Cell, x: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        sigma, tanh = cell.sigma, cell.tanh
        h, c = state
        rows = h[..., 0].size
        seen = _seen(x, cell.windows, self.padding).reshape(rows, -1)
        kept = _seen(h, cell.state_windows, "same").reshape(rows, -1)
        i, f, o, g = cell.gates(seen, kept).reshape(4, *h.shape)
        c = sigma(f) * c + sigma(i) * tanh(g)
        return sigma(o) * tanh(c), c


def _rows(kernel: Array) -> Array:
    """(gate, unit, *space, in) as (gate, unit, everything that is summed), in the order in which ``_seen`` has it."""
    loose = kernel.transpose(0, 1, -1, *range(2, kernel.ndim - 1))
    return loose.reshape(*loose.shape[:2], -1)


def _seen(x: Array, windows: Sequence[Window], padding: str) -> Array:
    """What the kernel sees of ``x`` (batch, *space, in) at each position: (batch, *positions, in, *taps)."""
    import numpy as np
    from numpy.lib.stride_tricks import sliding_window_view

    if padding == "same":
        margins = [_margins(window, length) for window, length in zip(windows, x.shape[1:-1], strict=True)]
        x = np.pad(x, [(0, 0), *margins, (0, 0)])
    views = sliding_window_view(x, [window.reach for window in windows], axis=tuple(range(1, x.ndim - 1)))
    moved = (slice(None, None, window.stride) for window in windows)
    tapped = (slice(None, None, window.dilation) for window in windows)
    return views[(slice(None), *moved, slice(None), *tapped)]


def _margins(window: Window, length: int) -> tuple[int, int]:
    """The zeros before and after an axis for padding same, the odd one after (as TensorFlow defines it)."""
    missing = max(window.reach - (length % window.stride or window.stride), 0)
    return missing // 2, missing - missing // 2


@dataclass(frozen=True, kw_only=True)
class ConvLSTM1D(ConvLSTM):
    """A convolutional LSTM over (batch, time, width, in).

    >>> layer = ConvLSTM1D(filters=4, kernel_size=3)
    >>> layer.outputs((5, 10, 20, 2))
    ((5, 18, 4),)
    """

    type: ClassVar[str] = "conv_lstm1d"
    space_axes: ClassVar[str] = "width"


@dataclass(frozen=True, kw_only=True)
class ConvLSTM2D(ConvLSTM):
    """A convolutional LSTM over (batch, time, height, width, in).

    >>> layer = ConvLSTM2D(filters=4, kernel_size=(3, 5), padding="same", return_sequences=True)
    >>> layer.outputs((5, 10, 20, 30, 2))
    ((5, 10, 20, 30, 4),)
    >>> str(layer.formula((5, 10, 20, 30, 2)))
    '4*filters*(kernel_height*kernel_width*input_dim + kernel_height*kernel_width*filters + 1)'
    """

    type: ClassVar[str] = "conv_lstm2d"
    space_axes: ClassVar[str] = "height width"


@dataclass(frozen=True, kw_only=True)
class ConvLSTM3D(ConvLSTM):
    """A convolutional LSTM over (batch, time, depth, height, width, in).

    >>> layer = ConvLSTM3D(filters=4, kernel_size=2, strides=2)
    >>> layer.outputs((5, 10, 8, 20, 31, 2))
    ((5, 4, 10, 15, 4),)
    """

    type: ClassVar[str] = "conv_lstm3d"
    space_axes: ClassVar[str] = "depth height width"
