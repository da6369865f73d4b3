"""Layers of which not all is known: Operator, Lambda, Unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.layers.base import Layer, NotKnown, NotRunnable, Weights
from lstm_shapes.layers.fields import option
from lstm_shapes.symbolic.formula import Formula
from lstm_shapes.symbolic.size import Shape, Size

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Opaque(Layer):
    """A layer whose computation is not described, so that it is never run."""

    keeps_time: ClassVar[bool] = False
    arity: ClassVar[tuple[int, int]] = (1, 10_000)

    def formula(self, *inputs: Shape) -> Formula | None:
        return None

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        raise NotRunnable("not described in the file")


@dataclass(frozen=True, kw_only=True)
class Operator(Opaque):
    """An operation by its name in its own framework; its output and the numbers stored for it are as the file declares.

    >>> Operator(op="CumSum", output=(5, 10, 8)).outputs((5, 10, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "operator"
    declared: ClassVar[bool] = True

    op: str = option("text", "the operation's name in its framework")
    output: Shape | None = option("any_shape", "the output's shape, [] of a single number; left out: not known", None)
    params: Size = option("count", "how many numbers are stored for it", 0)
    declared_macs: Size | None = option("count", "its multiply-accumulates; left out: not known", None, aliases="macs")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.output is None:
            raise NotKnown("the file does not say what the operation passes on")
        return (self.output,)

    def count(self, *inputs: Shape) -> Size | None:
        return self.params

    def macs(self, *inputs: Shape) -> Size | None:
        return self.declared_macs

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"the output of {self.op}, as the file declares it, not computed",)


@dataclass(frozen=True, kw_only=True)
class Lambda(Opaque):
    """A function of one's own: it has no weights, and a shape where ``output`` declares it.

    >>> Lambda(output=(5, 7)).outputs((5, 10, 8)), Lambda().count((5, 10, 8))
    (((5, 7),), 0)
    """

    type: ClassVar[str] = "lambda"
    declared: ClassVar[bool] = True

    output: Shape | None = option("shape", "the output's shape, the batch first; left out: not known", None)
    declared_macs: Size | None = option("count", "its multiply-accumulates; left out: not known", None, aliases="macs")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.output is None:
            raise NotKnown("the file does not say what the function passes on")
        return (self.output,)

    def macs(self, *inputs: Shape) -> Size | None:
        return self.declared_macs

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return ("what the function passes on, as the file declares it, not computed",)


@dataclass(frozen=True, kw_only=True)
class Unknown(Opaque):
    """A layer of which nothing is known but, perhaps, its class, and how many numbers are stored for it.

    >>> Unknown(class_name="MyAttention").count((5, 10, 8)) is None, Unknown(params=12).count((5, 10, 8))
    (True, 12)
    """

    type: ClassVar[str] = "unknown"

    class_name: str = option("text", "its class in its own framework", "", aliases="class")
    params: Size | None = option("count", "how many parameters it has; left out: not known", None)
    buffers: Size | None = option("count", "how many numbers are in its buffers; left out: none", None)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        raise NotKnown("nothing is known of the layer")

    def count(self, *inputs: Shape) -> Size | None:
        return self.params

    def buffer_count(self, *inputs: Shape) -> Size | None:
        return self.buffers or 0

    def macs(self, *inputs: Shape) -> Size | None:
        return None

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return ("not known",)
