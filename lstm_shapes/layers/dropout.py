"""Dropout and its variants: they act only in training, so shape, count and run are the input's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.fields import choice, option, rate
from lstm_shapes.symbolic.size import Shape

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class Dropout(Layer):
    """Sets a fraction ``rate`` of the numbers to zero in training; passes them on as they are otherwise.

    >>> Dropout(rate=0.5).outputs((5, 10, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "dropout"
    keeps_mask: ClassVar[bool] = True
    effect: ClassVar[str] = "numbers are dropped"

    rate: float = rate("the fraction dropped in training", aliases="p")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        return inputs

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"the shape that came in; {self.effect} in training only",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return inputs


@dataclass(frozen=True, kw_only=True)
class SpatialDropout1D(Dropout):
    """Drops whole features over all timesteps.

    >>> SpatialDropout1D(rate=0.5).outputs((5, 10, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "spatial_dropout1d"
    reads_time: ClassVar[bool] = True
    effect: ClassVar[str] = "entire features are dropped"

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        match("batch time in", inputs[0])
        return inputs


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class SpatialDropout(Dropout):
    """Drops whole feature maps of a picture or a volume; the format says which axis counts them."""

    space: ClassVar[str]
    effect: ClassVar[str] = "entire feature maps are dropped"

    data_format: str = choice(
        "whether the channels stand last or first", "channels_last channels_first", "channels_last"
    )

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        axes = f"{self.space} channels" if self.data_format == "channels_last" else f"channels {self.space}"
        match(f"batch {axes}", inputs[0])
        return inputs


@dataclass(frozen=True, kw_only=True)
class SpatialDropout2D(SpatialDropout):
    """Drops whole feature maps of a picture.

    >>> SpatialDropout2D(rate=0.5).outputs((5, 10, 20, 8))
    ((5, 10, 20, 8),)
    """

    type: ClassVar[str] = "spatial_dropout2d"
    space: ClassVar[str] = "height width"


@dataclass(frozen=True, kw_only=True)
class SpatialDropout3D(SpatialDropout):
    """Drops whole feature maps of a volume.

    >>> SpatialDropout3D(rate=0.5).outputs((5, 4, 10, 20, 8))
    ((5, 4, 10, 20, 8),)
    """

    type: ClassVar[str] = "spatial_dropout3d"
    space: ClassVar[str] = "depth height width"


@dataclass(frozen=True, kw_only=True)
class GaussianDropout(Dropout):
    """Multiplies by noise around 1 in training.

    >>> GaussianDropout(rate=0.5).outputs((5, 8))
    ((5, 8),)
    """

    type: ClassVar[str] = "gaussian_dropout"
    effect: ClassVar[str] = "it is multiplied by noise"


@dataclass(frozen=True, kw_only=True)
class AlphaDropout(Dropout):
    """Dropout that keeps mean and variance, for selu.

    >>> AlphaDropout(rate=0.5).outputs((5, 8))
    ((5, 8),)
    """

    type: ClassVar[str] = "alpha_dropout"


@dataclass(frozen=True, kw_only=True)
class GaussianNoise(Layer):
    """Adds noise in training.

    >>> GaussianNoise(stddev=0.1).outputs((5, 8))
    ((5, 8),)
    """

    type: ClassVar[str] = "gaussian_noise"
    keeps_mask: ClassVar[bool] = True

    stddev: float = option("number", "the standard deviation of the noise", 0.0)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        return inputs

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return ("the shape that came in; noise is added in training only",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return inputs
