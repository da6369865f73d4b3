"""Convolutional LSTM over one, two or three space axes: the cell is defined once, a family names its axes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.channels import as_before, channels_last, data_format, join, split
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import choice, option, size
from lstm_shapes.layers.phrases import per_axis
from lstm_shapes.layers.recurrent import Stepwise
from lstm_shapes.layers.window import PerAxis, Window, certainly_above_one, fit_conditions, for_axes, seen, space_after
from lstm_shapes.symbolic.formula import Factor
from lstm_shapes.symbolic.size import Shape, Size, fixed, product, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.activations import Activation
    from lstm_shapes.layers.base import Array
    from lstm_shapes.layers.gates import Gates


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
    kernel_size: PerAxis = option("sizes_or_one", "how many positions the kernel sees, along each space axis")
    strides: PerAxis = option("sizes_or_one", "how far the input's kernel moves on, along each space axis", 1)
    padding: str = choice("same: zeros around the input, so that a stride of 1 keeps its space", "valid same", "valid")
    dilation_rate: PerAxis = option("sizes_or_one", "how far the input's kernel reaches from tap to tap", 1)
    data_format: str = data_format()

    @property
    def width(self) -> Size:
        return self.filters

    @property
    def width_name(self) -> str:
        return "filters"

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        timing, width, *more = super().explain_output(inputs, outputs)
        x, kernel = inputs[0], f"kernel_size {per_axis(self.kernel_size)}, strides {per_axis(self.strides)}"
        space = f"the space {shown(self.parted(x)[1])} becomes {shown(self.space(x))}: {kernel}, padding {self.padding}"
        return (timing, width, f"{space}, dilation_rate {per_axis(self.dilation_rate)}", *more)

    def explain_width(self) -> str:
        return f"{super().explain_width()} at each position"

    @property
    def feature_axis(self) -> int:
        return 2 if self.data_format == "channels_first" else -1

    def windows(self) -> tuple[Window, ...]:
        """The kernel along each axis of space. Raises ``Mismatch`` on settings that do not go together."""
        axes = self.space_axes.split()
        taps, strides, dilation = (
            for_axes(field, given, axes)
            for field, given in (
                ("kernel_size", self.kernel_size),
                ("strides", self.strides),
                ("dilation_rate", self.dilation_rate),
            )
        )
        if certainly_above_one(strides) and certainly_above_one(dilation):
            got = f"strides {self.strides}, dilation_rate {self.dilation_rate}"
            message = f"expected strides or dilation_rate of 1, got {got}"
            raise Mismatch(message, kind="wrong-setting", field="dilation_rate", hint="set `dilation_rate: 1`")
        numbers = zip(axes, taps, strides, dilation, strict=True)
        return tuple(Window(*sizes, padding=self.padding) for sizes in numbers)

    def parted(self, x: Shape) -> tuple[Shape, Shape, Size]:
        """Batch and time, the axes of space, and the channels. Raises ``Mismatch`` on an input of another rank."""
        return split(x, self.data_format, self.space_axes, "batch time")

    def space(self, x: Shape) -> Shape:
        """The output's space. Raises ``Mismatch`` on an input that has another rank or is smaller than the kernel."""
        return space_after(self.windows(), self.parted(x)[1])

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield from super().own_conditions(*inputs)
        yield from fit_conditions(self.windows(), self.parted(inputs[0])[1])

    def state_shapes(self, x: Shape) -> tuple[Shape, ...]:
        space = self.space(x)
        return tuple(join((x[0],), space, width, self.data_format) for width in self.state_widths)

    def weight_axes(self) -> Mapping[str, str]:
        taps = f"{self.gate_axes} {self.space_axes}"
        return {**super().weight_axes(), "kernel": f"{taps} in", "recurrent": f"{taps} state"}

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        taps = {window.axis: window.taps for window in self.windows()}
        return {"gate": 4, "unit": self.filters, "state": self.filters, "in": inputs[0][self.feature_axis], **taps}

    def axis_names(self) -> Mapping[str, Factor]:
        taps = {axis: f"kernel_{axis}" for axis in self.space_axes.split()}
        return {"gate": 4, "unit": "filters", "state": "filters", "in": "input_dim", **taps}

    def positions(self, *inputs: Shape) -> Size:
        return product((*inputs[0][:2], *self.space(inputs[0])))

    def begin(self, x: Array) -> tuple[Array, ...]:
        import numpy as np

        leading, space, _ = self.parted(x.shape)
        places = space_after(self.windows(), space)
        shape = join(leading[:1], places, self.filters, self.data_format)
        return tuple(np.zeros([fixed(size) for size in shape], x.dtype) for _ in self.state_names)

    def prepare(self, weights: Weights, batch: int) -> Cell:
        from lstm_shapes.layers.activations import activation
        from lstm_shapes.layers.gates import Gates

        kernel, recurrent = (_rows(weights[role]) for role in ("kernel", "recurrent"))
        biases = [weights[role] for role in ("bias", "recurrent_bias") if role in self.weight_axes()]
        gates = Gates(kernel, recurrent, biases, batch)
        windows = self.windows()
        plain = tuple(window._replace(stride=1, dilation=1, padding="same") for window in windows)
        return Cell(gates, windows, plain, activation(self.recurrent_activation), activation(self.activation))

    def step(self, cell: Cell, x: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        sigma, tanh = cell.sigma, cell.tanh
        h, c = state
        loose = channels_last(h, self.data_format)
        rows = loose[..., 0].size
        now = seen(channels_last(x, self.data_format), cell.windows).reshape(rows, -1)
        kept = seen(loose, cell.state_windows).reshape(rows, -1)
        gates = cell.gates(now, kept).reshape(4, *loose.shape)
        i, f, o, g = (as_before(gate, self.data_format) for gate in gates)
        c = sigma(f) * c + sigma(i) * tanh(g)
        return sigma(o) * tanh(c), c


def _rows(kernel: Array) -> Array:
    """(gate, unit, *space, in) as (gate, unit, everything that is summed), in the order in which ``seen`` has it."""
    loose = kernel.transpose(0, 1, -1, *range(2, kernel.ndim - 1))
    return loose.reshape(*loose.shape[:2], -1)


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
