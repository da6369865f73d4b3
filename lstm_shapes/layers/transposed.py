"""Transposed convolutions: Conv1DTranspose, Conv2DTranspose, Conv3DTranspose, which make the space larger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product as combinations
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.channels import channels_last
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.convolving import Grouped
from lstm_shapes.layers.fields import option
from lstm_shapes.layers.spatial import Padding, ends_of, padding_words
from lstm_shapes.layers.window import PerAxis, for_axes
from lstm_shapes.symbolic.size import Shape, Size, at_most, fixed, product

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


class Stretch(NamedTuple):
    """One axis of a transposed convolution: every position of the input is spread over ``taps``, ``stride`` apart.

    ``before`` of what comes out is cut off; the rest is ``length(...)`` long, with zeros where no tap fell.
    """

    axis: str
    taps: Size
    stride: Size
    dilation: Size
    padding: str
    ends: tuple[Size, Size]
    more: Size | None

    @property
    def reach(self) -> Size:
        """From the first tap to the last, both counted."""
        return self.dilation * (self.taps - 1) + 1

    def length(self, length: Size) -> Size:
        """How long the axis becomes.

        As in keras/src/backend/common/backend_utils.py, and torch.nn.ConvTranspose2d where padding is sizes.
        """
        if self.padding == "same":
            if self.more is None:
                return length * self.stride
            return (length - 1) * self.stride + self.reach - 2 * (self.reach // 2) + self.more
        spread = (length - 1) * self.stride + self.reach - self.ends[0] - self.ends[1]
        if self.more is not None:
            return spread + self.more
        return spread if at_most(self.stride, self.reach) else spread + self.stride - self.reach

    @property
    def before(self) -> int:
        """How many positions are cut off in front."""
        if self.padding != "same":
            return fixed(self.ends[0])
        reach, stride = fixed(self.reach), fixed(self.stride)
        zeros = stride + reach - 2 if self.more is None else reach + reach % 2 - 2 + fixed(self.more)
        return reach - 1 - min((zeros + 1) // 2, reach - 1)


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class TransposedConvolution(Grouped):
    """The gradient of a convolution as a layer: each position of the input adds a kernel to the output.

    Parameters: ``filters*(kernel*input_dim/groups + 1)``. Multiply-accumulates: the kernel's, at each position of the
    input.
    """

    padding: Padding = option(
        "padding",
        "valid: all that the kernel reaches; same: strides times the space; or how much is cut off at the ends",
        "valid",
    )
    output_padding: PerAxis | None = option(
        "sizes_or_zero", "positions added at the end; default: as many as padding needs", None
    )

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """The kernel along each axis of space. Raises ``Mismatch`` on settings that do not go together."""
        axes = self.axes
        word = self.padding if isinstance(self.padding, str) else "valid"
        ends = ((0, 0),) * len(axes) if isinstance(self.padding, str) else ends_of(self.padding, tuple(axes))
        more: tuple[Size | None, ...] = (None,) * len(axes)
        if self.output_padding is not None:
            more = for_axes("output_padding", self.output_padding, axes, least=0)
        numbers = zip(axes, *self._numbers, (word,) * len(axes), ends, more, strict=True)
        stretches = tuple(Stretch(*one) for one in numbers)
        for stretch in stretches:
            self._check(stretch)
        return stretches

    def _check(self, stretch: Stretch) -> None:
        """Raise ``Mismatch`` on an output_padding that no framework takes, and where symbols decide the length."""
        added = stretch.more or 0
        most = stretch.stride if at_most(stretch.dilation, stretch.stride) else stretch.dilation
        if at_most(most, added):
            message = f"expected output_padding below {most}, the strides, got {added}"
            hint = f"set `output_padding: {most - 1}`"
            raise Mismatch(message, kind="wrong-setting", field="output_padding", hint=hint)
        open_ = stretch.padding == "valid" and stretch.more is None
        if open_ and at_most(stretch.stride, stretch.reach) is None:
            message = f"expected numbers, or output_padding, got kernel_size {stretch.taps}, strides {stretch.stride}"
            raise Mismatch(message, kind="wrong-setting", field="kernel_size", hint="set `output_padding: 0`")

    def space(self, x: Shape) -> Shape:
        for condition in self._lengths(x):
            if condition.holds is False:
                message = f"expected padding that leaves at least 1 position, got {condition.left}"
                raise Mismatch(message, field="padding", hint="set `padding: 0`")
        return tuple(condition.left for condition in self._lengths(x))

    def _lengths(self, x: Shape) -> Iterator[Condition]:
        """The axes of the output, which must not be empty."""
        space = self.parted(x).space
        return (Condition(s.length(n), ">=", 1, "padding") for s, n in zip(self.stretches, space, strict=True))

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield from super().own_conditions(*inputs)
        yield from self._lengths(inputs[0])

    def positions(self, *inputs: Shape) -> Size:
        parted = self.parted(inputs[0])
        return product((*parted.batch, *parted.space))

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        applied = [f"{self.activation} is applied to the result"] if self.activation != "linear" else []
        return (
            self.explain_space(inputs[0], padding_words(self.padding)),
            self.explain_filters(inputs[0]),
            "each position of the input adds the kernel, times its channels, to the output",
            *applied,
        )

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        x, kernel = channels_last(inputs[0], self.data_format), weights["kernel"]
        groups, filters, *taps, channels = kernel.shape
        matrices = np.moveaxis(kernel, 1, -1).reshape(groups, -1, channels, filters)
        apart = x.reshape(-1, groups, channels).swapaxes(0, 1)
        spread = np.asarray(apart[:, None] @ matrices).reshape(groups, *taps, *x.shape[:-1], filters)
        stretches, space = self.stretches, x.shape[1:-1]
        lengths = [fixed(s.length(n)) for s, n in zip(stretches, space, strict=True)]
        reached = [(n - 1) * fixed(s.stride) + fixed(s.reach) for s, n in zip(stretches, space, strict=True)]
        room = [max(n, s.before + out) for s, n, out in zip(stretches, reached, lengths, strict=True)]
        y = np.zeros((groups, len(x), *room, filters), spread.dtype)
        by_tap = np.moveaxis(spread, 0, len(taps))
        for tap in combinations(*map(range, taps)):
            at = (_moved(s, number, n) for s, number, n in zip(stretches, tap, space, strict=True))
            y[(slice(None), slice(None), *at)] += by_tap[tap]
        kept = (slice(s.before, s.before + out) for s, out in zip(stretches, lengths, strict=True))
        y = np.moveaxis(y[(slice(None), slice(None), *kept)], 0, -2)
        return self.finished(y.reshape(*y.shape[:-2], -1), weights["bias"] if self.bias else None)


def _moved(stretch: Stretch, tap: int, length: int) -> slice:
    """Where a tap falls for each position of the input."""
    first, stride = tap * fixed(stretch.dilation), fixed(stretch.stride)
    return slice(first, first + (length - 1) * stride + 1, stride)


@dataclass(frozen=True, kw_only=True)
class Conv1DTranspose(TransposedConvolution):
    """A transposed convolution over (batch, length, channels).

    >>> layer = Conv1DTranspose(filters=4, kernel_size=3, strides=2)
    >>> layer.outputs((5, 10, 8)), layer.count((5, 10, 8))
    (((5, 21, 4),), 100)
    """

    type: ClassVar[str] = "conv1d_transpose"
    space_axes: ClassVar[str] = "length"


@dataclass(frozen=True, kw_only=True)
class Conv2DTranspose(TransposedConvolution):
    """A transposed convolution over (batch, height, width, channels).

    >>> Conv2DTranspose(filters=4, kernel_size=3, strides=2, padding="same").outputs((5, 10, 15, 8))
    ((5, 20, 30, 4),)
    """

    type: ClassVar[str] = "conv2d_transpose"
    space_axes: ClassVar[str] = "height width"


@dataclass(frozen=True, kw_only=True)
class Conv3DTranspose(TransposedConvolution):
    """A transposed convolution over (batch, depth, height, width, channels).

    >>> Conv3DTranspose(filters=4, kernel_size=2, padding=1, output_padding=0).outputs((5, 4, 5, 6, 8))
    ((5, 3, 4, 5, 4),)
    """

    type: ClassVar[str] = "conv3d_transpose"
    space_axes: ClassVar[str] = "depth height width"
