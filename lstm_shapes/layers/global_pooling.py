"""Pooling over all of space: GlobalMaxPooling1D to 3D, GlobalAveragePooling1D to 3D."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.channels import data_format, join
from lstm_shapes.layers.fields import flag
from lstm_shapes.layers.spatial import Spatial
from lstm_shapes.symbolic.size import Shape, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class GlobalPooling(Spatial):
    """One number for each channel. No weights."""

    number: ClassVar[str]

    keepdims: bool = flag("keep the axes of space, each of size 1", False)
    data_format: str = data_format()

    @property
    def keeps_time(self) -> bool:  # type: ignore[override]
        return False

    @property
    def pooled(self) -> tuple[int, ...]:
        """The axes of space."""
        first = 2 if self.data_format == "channels_first" else 1
        return tuple(range(first, first + len(self.axes)))

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        parted = self.parted(inputs[0])
        if self.keepdims:
            return (join(parted.batch, (1,) * len(self.axes), parted.channels, self.data_format),)
        return ((*parted.batch, parted.channels),)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        space = self.parted(inputs[0]).space
        over = f"the length {space[0]}" if len(space) == 1 else f"the space {shown(space)}"
        kept = "its axes stay, each of size 1" if self.keepdims else "its axes are removed"
        return (f"of each channel, {self.number} over {over}; {kept}",)


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class GlobalMaxPooling(GlobalPooling):
    """The largest number of each channel."""

    number: ClassVar[str] = "the largest number"

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return (inputs[0].max(axis=self.pooled, keepdims=self.keepdims),)


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class GlobalAveragePooling(GlobalPooling):
    """The mean of each channel."""

    number: ClassVar[str] = "the mean"

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return (inputs[0].mean(axis=self.pooled, keepdims=self.keepdims),)


@dataclass(frozen=True, kw_only=True)
class GlobalMaxPooling1D(GlobalMaxPooling):
    """The largest number of each channel over the length; a mask has no effect, as in Keras.

    >>> GlobalMaxPooling1D().outputs((5, 20, 8)), GlobalMaxPooling1D(keepdims=True).outputs((5, 20, 8))
    (((5, 8),), ((5, 1, 8),))
    """

    type: ClassVar[str] = "global_max_pooling1d"
    space_axes: ClassVar[str] = "length"


@dataclass(frozen=True, kw_only=True)
class GlobalMaxPooling2D(GlobalMaxPooling):
    """The largest number of each channel over height and width.

    >>> GlobalMaxPooling2D().outputs((5, 20, 30, 8))
    ((5, 8),)
    """

    type: ClassVar[str] = "global_max_pooling2d"
    space_axes: ClassVar[str] = "height width"


@dataclass(frozen=True, kw_only=True)
class GlobalMaxPooling3D(GlobalMaxPooling):
    """The largest number of each channel over depth, height and width.

    >>> GlobalMaxPooling3D(data_format="channels_first").outputs((5, 8, 4, 20, 30))
    ((5, 8),)
    """

    type: ClassVar[str] = "global_max_pooling3d"
    space_axes: ClassVar[str] = "depth height width"


@dataclass(frozen=True, kw_only=True)
class GlobalAveragePooling1D(GlobalAveragePooling):
    """The mean of each channel over the length: of the timesteps that count, where a mask says which.

    >>> GlobalAveragePooling1D().outputs((5, 20, 8))
    ((5, 8),)
    """

    type: ClassVar[str] = "global_average_pooling1d"
    space_axes: ClassVar[str] = "length"

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (*super().explain_output(inputs, outputs), "timesteps that a mask leaves out are not in the mean")

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        if mask is None:
            return super().run(weights, *inputs)
        (x,), (axis,) = inputs, self.pooled
        counts = np.expand_dims(mask, 3 - axis)
        sums = np.where(counts, x, 0).sum(axis=axis, keepdims=self.keepdims)
        with np.errstate(invalid="ignore"):  # of no timestep that counts there is no mean
            return (sums / counts.sum(axis=axis, keepdims=self.keepdims).astype(sums.dtype),)


@dataclass(frozen=True, kw_only=True)
class GlobalAveragePooling2D(GlobalAveragePooling):
    """The mean of each channel over height and width.

    >>> GlobalAveragePooling2D(keepdims=True).outputs((5, 20, 30, 8))
    ((5, 1, 1, 8),)
    """

    type: ClassVar[str] = "global_average_pooling2d"
    space_axes: ClassVar[str] = "height width"


@dataclass(frozen=True, kw_only=True)
class GlobalAveragePooling3D(GlobalAveragePooling):
    """The mean of each channel over depth, height and width.

    >>> GlobalAveragePooling3D().outputs((5, 4, 20, 30, 8))
    ((5, 8),)
    """

    type: ClassVar[str] = "global_average_pooling3d"
    space_axes: ClassVar[str] = "depth height width"
