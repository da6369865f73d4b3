"""Layers that lay the same numbers out again: RepeatVector, Flatten, Reshape, Permute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import option, size
from lstm_shapes.layers.phrases import bracketed, count_of
from lstm_shapes.symbolic.size import Shape, Size, product, readable, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class RepeatVector(Layer):
    """The same vector at ``n`` timesteps.

    >>> RepeatVector(n=7).outputs((5, 8))
    ((5, 7, 8),)
    """

    type: ClassVar[str] = "repeat_vector"

    n: Size = size("how many timesteps")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        axes = match("batch in", inputs[0])
        return ((axes["batch"], self.n, axes["in"]),)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        vector, time = count_of(inputs[0][-1], "number"), count_of(self.n, "timestep")
        return (f"the same {vector} at each of {time}: a time axis is put in",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        assert isinstance(self.n, int)
        return (inputs[0][:, None, :].repeat(self.n, axis=1),)


@dataclass(frozen=True, kw_only=True)
class Flatten(Layer):
    """Everything but the batch as one axis.

    >>> Flatten().outputs((5, 10, 8))
    ((5, 80),)
    """

    type: ClassVar[str] = "flatten"

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        match("batch ...", inputs[0])
        return ((inputs[0][0], product(inputs[0][1:])),)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        if len(inputs[0]) == 1:
            return ("an axis of 1 is added",)
        factors = " * ".join(bracketed(size) for size in inputs[0][1:])
        return (f"all axes after the batch as one: {factors} = {readable(outputs[0][1])}",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return (inputs[0].reshape(len(inputs[0]), -1),)


@dataclass(frozen=True, kw_only=True)
class Reshape(Layer):
    """The same numbers in another shape, the batch unchanged; a single -1 is the remaining size.

    >>> Reshape(target_shape=(-1, 4)).outputs((5, 10, 8))
    ((5, 20, 4),)
    """

    type: ClassVar[str] = "reshape"
    keeps_time: ClassVar[bool] = False

    target_shape: tuple[Size, ...] = option("target", "the shape without the batch; a single -1 is the remaining size")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        match("batch ...", inputs[0])
        if self.fits(inputs[0]).holds is False:
            numbers, count = self.numbers(inputs[0])
            relation = "divisible by" if -1 in self.target_shape else "equal to"
            message = f"expected {numbers} numbers an example, from {shown(inputs[0])}, to be {relation} {count}"
            raise Mismatch(message, field="target_shape", hint="write a target_shape of as many numbers")
        numbers, count = self.numbers(inputs[0])
        return ((inputs[0][0], *(numbers // count if size == -1 else size for size in self.target_shape)),)

    def numbers(self, x: Shape) -> tuple[Size, Size]:
        """How many numbers an example has, and how many the target names."""
        return product(x[1:]), product(size for size in self.target_shape if size != -1)

    def fits(self, x: Shape) -> Condition:
        """That the numbers of an example are those of the target, or divisible by them."""
        numbers, count = self.numbers(x)
        return Condition(count, "divides" if -1 in self.target_shape else "=", numbers, "target_shape")

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield self.fits(inputs[0])

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"the same {readable(product(inputs[0][1:]))} numbers an example, in other axes",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return (inputs[0].reshape(len(inputs[0]), *(int(size) for size in self.target_shape if isinstance(size, int))),)


@dataclass(frozen=True, kw_only=True)
class Permute(Layer):
    """Axes in another order, counted from 1, the batch unchanged.

    >>> Permute(dims=(2, 1)).outputs((5, 10, 8))
    ((5, 8, 10),)
    """

    type: ClassVar[str] = "permute"
    keeps_time: ClassVar[bool] = False

    dims: tuple[int, ...] = option("integers", "the order of the axes after the batch, counted from 1")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        axes = len(inputs[0]) - 1
        if sorted(self.dims) != list(range(1, axes + 1)):
            wanted = ", ".join(str(axis) for axis in range(1, axes + 1))
            message = f"expected dims to order the {axes} axes ({wanted}) after the batch, got {list(self.dims)}"
            raise Mismatch(message, kind="wrong-rank", field="dims")
        return ((inputs[0][0], *(inputs[0][axis] for axis in self.dims)),)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"the axes after the batch in the order {', '.join(map(str, self.dims))}",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return (inputs[0].transpose(0, *self.dims),)
