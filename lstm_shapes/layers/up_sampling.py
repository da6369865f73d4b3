"""Layers that repeat what they read along axes of space: UpSampling1D to 3D."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.channels import as_before, channels_last, data_format, join
from lstm_shapes.layers.fields import choice, option
from lstm_shapes.layers.phrases import per_axis
from lstm_shapes.layers.spatial import Spatial, space_words
from lstm_shapes.layers.window import PerAxis, for_axes
from lstm_shapes.symbolic.size import Shape, Size, fixed

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class UpSampling(Spatial):
    """Each position several times, side by side. No weights."""

    size: PerAxis = option(
        "sizes_or_one", "how often each position is repeated, along each axis of space", 2, aliases="scale_factor"
    )
    data_format: str = data_format()

    def factors(self) -> tuple[Size, ...]:
        """How often the positions of each axis are repeated."""
        return for_axes("size", self.size, self.axes)

    def space(self, x: Shape) -> Shape:
        """The output's space."""
        return tuple(length * factor for length, factor in zip(self.parted(x).space, self.factors(), strict=True))

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        parted = self.parted(inputs[0])
        return (join(parted.batch, self.space(inputs[0]), parted.channels, self.data_format),)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        words = space_words(self.space_axes, self.parted(inputs[0]).space, self.space(inputs[0]))
        return (f"{words}: size {per_axis(self.size)}", self.explain_numbers())

    def explain_numbers(self) -> str:
        """What the positions between those of the input are."""
        return "each position is repeated so often, side by side"

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        y = channels_last(inputs[0], self.data_format)
        for number, factor in enumerate(self.factors()):
            y = self.stretched(y, number + 1, fixed(factor))
        return (as_before(y, self.data_format),)

    def stretched(self, x: Array, axis: int, factor: int) -> Array:
        """An axis with ``factor`` times as many positions."""
        return x.repeat(factor, axis=axis)


@dataclass(frozen=True, kw_only=True)
class UpSampling1D(UpSampling):
    """Each timestep ``size`` times.

    >>> UpSampling1D(size=3).outputs((5, 20, 8))
    ((5, 60, 8),)
    """

    type: ClassVar[str] = "up_sampling1d"
    space_axes: ClassVar[str] = "length"


@dataclass(frozen=True, kw_only=True)
class UpSampling2D(UpSampling):
    """Each row and column of a picture repeated, or numbers between them.

    >>> UpSampling2D(size=(2, 3)).outputs((5, 20, 30, 8))
    ((5, 40, 90, 8),)
    """

    type: ClassVar[str] = "up_sampling2d"
    space_axes: ClassVar[str] = "height width"

    interpolation: str = choice(
        "nearest: each position is repeated; bilinear: positions between it and the next are mixed from both",
        "nearest bilinear",
        "nearest",
    )

    def explain_numbers(self) -> str:
        if self.interpolation == "nearest":
            return super().explain_numbers()
        return "between two positions a number is mixed from both, the nearer counting more"

    def stretched(self, x: Array, axis: int, factor: int) -> Array:
        import numpy as np

        if self.interpolation == "nearest":
            return super().stretched(x, axis, factor)
        length = x.shape[axis]
        # Pixels are areas: the first of ``factor`` lies before the center of the position, the last after it.
        places = ((np.arange(length * factor) + 0.5) / factor - 0.5).clip(0, length - 1)
        first = places.astype(int)
        share = (places - first).reshape(-1, *(1,) * (x.ndim - axis - 1)).astype(x.dtype)
        after = np.minimum(first + 1, length - 1)
        mixed: Array = x.take(first, axis=axis) * (1 - share) + x.take(after, axis=axis) * share
        return mixed


@dataclass(frozen=True, kw_only=True)
class UpSampling3D(UpSampling):
    """Each position of a volume repeated along three axes.

    >>> UpSampling3D().outputs((5, 4, 20, 30, 8))
    ((5, 8, 40, 60, 8),)
    """

    type: ClassVar[str] = "up_sampling3d"
    space_axes: ClassVar[str] = "depth height width"
