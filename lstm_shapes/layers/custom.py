"""Custom: a layer that lstm-shapes does not know; its figures are the author's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.layers.base import Layer, NotRunnable, Weights
from lstm_shapes.layers.fields import option
from lstm_shapes.symbolic.formula import Formula
from lstm_shapes.symbolic.size import Shape, Size

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class Custom(Layer):
    """Declared, not computed: ``output`` and ``params`` as the author gives them.

    >>> Custom(output=(5, 7), params=12).outputs((5, 3))
    ((5, 7),)
    """

    type: ClassVar[str] = "custom"
    declared: ClassVar[bool] = True
    keeps_time: ClassVar[bool] = False
    arity: ClassVar[tuple[int, int]] = (1, 10_000)

    output: Shape = option("shape", "the output's shape, the batch first")
    params: Size | None = option("count", "how many parameters it has; left out: not known", None)
    declared_macs: Size | None = option("count", "its multiply-accumulates; left out: not known", None, aliases="macs")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (self.output,)

    def count(self, *inputs: Shape) -> Size | None:
        return self.params

    def formula(self, *inputs: Shape) -> Formula | None:
        return None

    def macs(self, *inputs: Shape) -> Size | None:
        return self.declared_macs

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return ("declared by its author, not computed",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        raise NotRunnable("declared by its author")
