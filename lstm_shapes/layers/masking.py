"""Masking: timesteps that do not count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.fields import option
from lstm_shapes.symbolic.size import Shape

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class Masking(Layer):
    """Makes later layers skip the timesteps whose features all equal ``mask_value``, and sets them to zero.

    >>> Masking().outputs((5, 10, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "masking"
    reads_time: ClassVar[bool] = True

    mask_value: float = option("number", "the value of a padded timestep", 0.0)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        match("batch time ... in", inputs[0])
        return inputs

    def mask(self, mask: Array | None, *inputs: Array) -> Array | None:
        counts: Array = (inputs[0] != self.mask_value).any(axis=-1)
        return counts

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        value = f"{self.mask_value:g}"
        return (f"the shape that came in; timesteps whose features all equal {value} do not count for what follows",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        counts = (inputs[0] != self.mask_value).any(axis=-1, keepdims=True)
        return (inputs[0] * counts,)
