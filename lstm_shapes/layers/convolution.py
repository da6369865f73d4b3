"""Convolutions over one to three axes of space: Conv1D, Conv2D, Conv3D."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.convolving import Grouped, Sliding
from lstm_shapes.layers.fields import choice, option
from lstm_shapes.layers.spatial import Padding
from lstm_shapes.symbolic.size import Shape, at_most

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

_FILL = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""PyTorch's padding_mode -> NumPy's mode of ``pad``."""


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Convolution(Grouped, Sliding):
    """``activation(x * kernel + bias)``, where each of ``groups`` reads its own share of the channels.

    Parameters: ``filters*(kernel*input_dim/groups + 1)``, where ``kernel`` is the number of taps. A
    multiply-accumulate is counted at every tap, those that fall on padding as well.
    """

    padding_mode: str = choice(
        "what padding adds: zeros, or the values inside mirrored, repeated or from the other end",
        " ".join(_FILL),
        "zeros",
    )

    def space(self, x: Shape) -> Shape:
        space = super().space(x)
        self._check_mode(self.parted(x).space)
        return space

    def _check_mode(self, space: Shape) -> None:
        """Raise ``Mismatch`` where more is mirrored or wrapped than there is, which PyTorch refuses."""
        if self.padding_mode in ("zeros", "replicate"):
            return
        for window, length in zip(self.windows, space, strict=True):
            ends = window.margins(length) if isinstance(length, int) and isinstance(window.reach, int) else ()
            most = length - 1 if self.padding_mode == "reflect" else length
            if ends and at_most(max(ends), most) is False:
                message = f"expected padding of at most {most}, as much as a {window.axis} of {length} has to "
                message += f"{'mirror' if self.padding_mode == 'reflect' else 'repeat'}, got {max(ends)}"
                raise Mismatch(message, kind="wrong-setting", field="padding_mode", hint="set `padding_mode: zeros`")

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield from super().own_conditions(*inputs)
        if self.padding_mode in ("zeros", "replicate"):
            return
        relation: Literal["<", "<="] = "<" if self.padding_mode == "reflect" else "<="
        for window, length in zip(self.windows, self.parted(inputs[0]).space, strict=True):
            yield from (Condition(end, relation, length, "padding_mode") for end in window.fixed_margins())

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        x = inputs[0]
        applied = [f"{self.activation} is applied to the result"] if self.activation != "linear" else []
        space = self.explain_space(x, self.explain_padding())
        return (space, self.explain_filters(x), "the same weights at every position", *applied)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        columns, kernel = self.columns(inputs[0], _FILL[self.padding_mode]), weights["kernel"]
        groups, filters, channels = *kernel.shape[:2], kernel.shape[-1]
        matrix = kernel.reshape(groups, filters, -1).swapaxes(1, 2)
        split = columns.reshape(*columns.shape[:-1], groups, channels) if groups > 1 else columns[..., None, :]
        y = [multiplied(split[..., group, :], matrix[group]) for group in range(groups)]
        return self.finished(joined(y), weights["bias"] if self.bias else None)


def multiplied(columns: Array, matrix: Array) -> Array:
    """What the kernel sees (batch, *places, *taps, in) times a matrix: (batch, *places, filters).

    In blocks that stay in the processor's cache: as a whole, what the kernel sees is many times the input.
    """
    import numpy as np

    rank = columns.ndim // 2 - 1
    batch, *places = columns.shape[: 1 + rank]
    if columns.size <= BLOCK:
        return (columns.reshape(-1, len(matrix)) @ matrix).reshape(batch, *places, -1)
    step = max(1, BLOCK * places[0] * batch // columns.size)
    y = np.empty((batch, *places, matrix.shape[1]), columns.dtype)
    for example in range(batch):
        for first in range(0, places[0], step):
            block = columns[example, first : first + step]
            y[example, first : first + step] = _block(block, matrix, rank).reshape(*block.shape[:rank], -1)
    return y


def _block(block: Array, matrix: Array, rank: int) -> Array:
    """A block (*places, *taps, in) times the matrix, (places, filters); copied along its longest run of numbers."""
    if block.shape[-1] * block.shape[-2] >= RUN:
        return block.reshape(-1, len(matrix)) @ matrix
    taps_first = block.transpose(*range(rank, block.ndim), *range(rank))
    return (matrix.T @ taps_first.reshape(len(matrix), -1)).T


RUN = 8
"""From how many numbers in a row on the taps are copied with their channels, not each tap for all places."""
BLOCK = 1 << 18
"""How many numbers of what a kernel sees are copied at once: 1 MiB in float32."""


def joined(parts: list[Array]) -> Array:
    """The channels of groups next to each other."""
    import numpy as np

    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)


@dataclass(frozen=True, kw_only=True)
class Conv1D(Convolution):
    """A convolution over (batch, length, channels); PyTorch's reads (batch, channels, length).

    >>> layer = Conv1D(filters=4, kernel_size=3, strides=2)
    >>> layer.outputs((5, 20, 8)), layer.count((5, 20, 8)), str(layer.formula((5, 20, 8)))
    (((5, 9, 4),), 100, 'filters*(kernel_size*input_dim + 1)')
    """

    type: ClassVar[str] = "conv1d"
    space_axes: ClassVar[str] = "length"

    padding: Padding = option(
        "causal_padding",
        "valid: none; same: zeros, so that a stride of 1 keeps the length; causal: all before it; or their number",
        "valid",
    )


@dataclass(frozen=True, kw_only=True)
class Conv2D(Convolution):
    """A convolution over (batch, height, width, channels); PyTorch's reads (batch, channels, height, width).

    >>> layer = Conv2D(filters=4, kernel_size=(3, 5), padding="same", groups=2)
    >>> layer.outputs((5, 20, 30, 8)), str(layer.formula((5, 20, 30, 8)))
    (((5, 20, 30, 4),), 'filters*(kernel_height*kernel_width*input_dim/groups + 1)')
    """

    type: ClassVar[str] = "conv2d"
    space_axes: ClassVar[str] = "height width"


@dataclass(frozen=True, kw_only=True)
class Conv3D(Convolution):
    """A convolution over (batch, depth, height, width, channels).

    >>> Conv3D(filters=4, kernel_size=2, strides=2, data_format="channels_first").outputs((5, 2, 8, 20, 31))
    ((5, 4, 4, 10, 15),)
    """

    type: ClassVar[str] = "conv3d"
    space_axes: ClassVar[str] = "depth height width"
