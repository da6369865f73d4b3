"""Pooling to a size that is given: AdaptiveMaxPooling1D to 3D, AdaptiveAveragePooling1D to 3D."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.channels import as_before, channels_last, data_format, join
from lstm_shapes.layers.fields import option
from lstm_shapes.layers.spatial import Spatial, space_words
from lstm_shapes.layers.window import PerAxis
from lstm_shapes.symbolic.size import Shape, fixed

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class AdaptivePooling(Spatial):
    """Window ``i`` of an axis of L positions reaches from ``i*L//size`` up to ``ceil((i + 1)*L/size)``. No weights.

    The windows are those of torch.nn.AdaptiveAvgPool2d; Keras has the same ones.
    """

    number: ClassVar[str]

    output_size: PerAxis = option(
        "sizes_or_kept", "the size of each axis of space in the output; null (0 here): as in the input"
    )
    data_format: str = data_format()

    def space(self, x: Shape) -> Shape:
        """The output's space. Raises ``Mismatch`` where ``output_size`` has another number of axes."""
        space = self.parted(x).space
        given = self.output_size if isinstance(self.output_size, tuple) else (self.output_size,) * len(space)
        if len(given) != len(space):
            each = "1 size" if len(space) == 1 else f"{len(space)} sizes"
            message = f"expected output_size to be {each} ({', '.join(self.axes)}), or one for all, got {len(given)}"
            literal = next((size for size in given if size != 0), 1)
            raise Mismatch(message, kind="wrong-setting", field="output_size", hint=f"set `output_size: {literal}`")
        return tuple(kept if size == 0 else size for size, kept in zip(given, space, strict=True))

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        parted = self.parted(inputs[0])
        return (join(parted.batch, self.space(inputs[0]), parted.channels, self.data_format),)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        before, after = self.parted(inputs[0]).space, self.space(inputs[0])
        words = space_words(self.space_axes, before, after)
        return (f"{words}, whatever came in: output_size", f"of each channel, {self.number} of each part of the input")

    def parts(self, x: Array, axis: int, size: int) -> tuple[Array, Array]:
        """What each window of an axis sees (..., places, taps, ...), and which taps are its own (places, taps)."""
        import numpy as np

        length, places = x.shape[axis], np.arange(size)
        first, stop = places * length // size, -((places + 1) * -length // size)
        taps = first[:, None] + np.arange((stop - first).max())
        seen = np.take(x, np.minimum(taps, length - 1), axis=axis)
        return seen, taps < stop[:, None]

    def pooled(self, seen: Array, own: Array, axis: int) -> Array:
        """One number for each window: ``seen`` without its taps, of which ``own`` (taps, ...) are the window's."""
        raise NotImplementedError

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        y = channels_last(inputs[0], self.data_format)
        for number, size in enumerate(self.space(inputs[0].shape)):
            axis = number + 1
            seen, own = self.parts(y, axis, fixed(size))
            y = self.pooled(seen, own.reshape(*own.shape, *(1,) * (seen.ndim - axis - 2)), axis + 1)
        return (as_before(y, self.data_format),)


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class AdaptiveMaxPooling(AdaptivePooling):
    """The largest number of each part, of each channel."""

    number: ClassVar[str] = "the largest number"

    def pooled(self, seen: Array, own: Array, axis: int) -> Array:
        # A tap that is not the window's repeats its last position or reads one of the next: it must not win.
        largest: Array = seen.max(axis=axis, where=own, initial=-float("inf"))
        return largest.astype(seen.dtype)


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class AdaptiveAveragePooling(AdaptivePooling):
    """The mean of each part, of each channel."""

    number: ClassVar[str] = "the mean"

    def pooled(self, seen: Array, own: Array, axis: int) -> Array:
        mean: Array = seen.mean(axis=axis, where=own)
        return mean


@dataclass(frozen=True, kw_only=True)
class AdaptiveMaxPooling1D(AdaptiveMaxPooling):
    """The largest number of each of ``output_size`` parts of the length.

    >>> AdaptiveMaxPooling1D(output_size=4).outputs((5, 21, 8))
    ((5, 4, 8),)
    """

    type: ClassVar[str] = "adaptive_max_pooling1d"
    space_axes: ClassVar[str] = "length"


@dataclass(frozen=True, kw_only=True)
class AdaptiveMaxPooling2D(AdaptiveMaxPooling):
    """The largest number of each part of height and width.

    >>> AdaptiveMaxPooling2D(output_size=(4, 0)).outputs((5, 21, 30, 8))
    ((5, 4, 30, 8),)
    """

    type: ClassVar[str] = "adaptive_max_pooling2d"
    space_axes: ClassVar[str] = "height width"


@dataclass(frozen=True, kw_only=True)
class AdaptiveMaxPooling3D(AdaptiveMaxPooling):
    """The largest number of each part of depth, height and width.

    >>> AdaptiveMaxPooling3D(output_size=2).outputs((5, 9, 21, 30, 8))
    ((5, 2, 2, 2, 8),)
    """

    type: ClassVar[str] = "adaptive_max_pooling3d"
    space_axes: ClassVar[str] = "depth height width"


@dataclass(frozen=True, kw_only=True)
class AdaptiveAveragePooling1D(AdaptiveAveragePooling):
    """The mean of each of ``output_size`` parts of the length.

    >>> AdaptiveAveragePooling1D(output_size=4, data_format="channels_first").outputs((5, 8, 21))
    ((5, 8, 4),)
    """

    type: ClassVar[str] = "adaptive_average_pooling1d"
    space_axes: ClassVar[str] = "length"


@dataclass(frozen=True, kw_only=True)
class AdaptiveAveragePooling2D(AdaptiveAveragePooling):
    """The mean of each part of height and width.

    >>> AdaptiveAveragePooling2D(output_size=7).outputs((5, 21, 30, 8))
    ((5, 7, 7, 8),)
    """

    type: ClassVar[str] = "adaptive_average_pooling2d"
    space_axes: ClassVar[str] = "height width"


@dataclass(frozen=True, kw_only=True)
class AdaptiveAveragePooling3D(AdaptiveAveragePooling):
    """The mean of each part of depth, height and width.

    >>> AdaptiveAveragePooling3D(output_size=(1, 7, 7)).outputs((5, 9, 21, 30, 8))
    ((5, 1, 7, 7, 8),)
    """

    type: ClassVar[str] = "adaptive_average_pooling3d"
    space_axes: ClassVar[str] = "depth height width"
