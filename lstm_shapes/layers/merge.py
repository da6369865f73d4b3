"""Layers that make one tensor of several: Concatenate, Add, Multiply, Average, Subtract, Maximum, Minimum."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.conditions import Condition, decided, equal_shapes
from lstm_shapes.layers.fields import option
from lstm_shapes.symbolic.size import Shape, Size, readable, shown, total

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array, Masks


@dataclass(frozen=True, kw_only=True)
class Concatenate(Layer):
    """Inputs side by side along one axis; all other axes are equal.

    >>> Concatenate().outputs((5, 10, 8), (5, 10, 3))
    ((5, 10, 11),)
    """

    type: ClassVar[str] = "concatenate"
    arity: ClassVar[tuple[int, int]] = (1, 10_000)

    axis: int = option("integer", "the axis that grows, counted from 0; -1 is the last", -1, aliases="dim")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        first = inputs[0]
        if not -len(first) <= self.axis < len(first) or self.axis in (0, -len(first)):
            message = f"expected axis to be one after the batch of {shown(first)}, got {self.axis}"
            raise Mismatch(message, kind="wrong-rank", field="axis")
        axis = self.axis % len(first)
        for shape in inputs[1:]:
            if len(shape) != len(first) or any(one.holds is False for one in self.alike(first, shape)):
                got = " and ".join(shown(shape) for shape in inputs[:6])
                message = f"expected inputs that are equal except for axis {axis}, got {got}"
                hint = "give their layers the same sizes there, or name the axis in which they differ"
                raise Mismatch(message, kind="merge-mismatch", hint=hint)
        sizes = zip(*inputs, strict=True)
        return (tuple(total(size) if number == axis else decided(size) for number, size in enumerate(sizes)),)

    def alike(self, first: Shape, other: Shape) -> Iterator[Condition]:
        """That two inputs are equal but for the axis along which they are joined."""
        axis = self.axis % len(first)
        yield from equal_shapes(first[:axis], other[:axis])
        yield from equal_shapes(first[axis + 1 :], other[axis + 1 :])

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        return (condition for shape in inputs[1:] for condition in self.alike(inputs[0], shape))

    def masks(self, masks: Masks, *inputs: Array) -> Masks:
        import numpy as np

        if all(mask is None for mask in masks):
            return (None,)
        full = [
            np.ones(x.shape, bool) if mask is None else widened(mask, x) for mask, x in zip(masks, inputs, strict=True)
        ]
        return (np.any(np.concatenate(full, axis=self.axis), axis=-1),)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        axis = self.axis % len(inputs[0])
        sizes = " + ".join(readable(shape[axis]) for shape in inputs[:8]) + " + ..." * (len(inputs) > 8)
        return (f"{len(inputs)} inputs side by side along axis {axis}: {sizes} = {readable(outputs[0][axis])}",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        return (np.concatenate(inputs, axis=self.axis),)


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Merge(Layer):
    """Inputs joined number by number. As in Keras an axis of 1 is stretched; a lower rank gets axes after the batch."""

    arity: ClassVar[tuple[int, int]] = (2, 10_000)
    joined: ClassVar[str]
    """What happens to the inputs, as a participle."""

    @abstractmethod
    def join(self, arrays: list[Array]) -> Array:
        """The arrays, already of one rank, as one."""

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        if any(condition.holds is False for condition in self.own_conditions(*inputs)):
            got = " and ".join(shown(shape) for shape in inputs[:6])
            hint = "give their layers the same units, or join them with concatenate"
            raise Mismatch(f"expected inputs of the same shape, got {got}", kind="merge-mismatch", hint=hint)
        return (tuple(decided(wide) for wide in self.axes(inputs)),)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        for wide in self.axes(inputs):
            size = decided(wide)
            yield from (Condition(other, "=", size, stretched=True) for other in wide if other != size)

    def axes(self, inputs: tuple[Shape, ...]) -> Iterator[list[Size]]:
        """The sizes of each axis, those aside that are stretched."""
        rank = max(len(shape) for shape in inputs)
        widened = [(*shape[:1], *(1,) * (rank - len(shape)), *shape[1:]) for shape in inputs]
        return ([size for size in sizes if size != 1] or [1] for sizes in zip(*widened, strict=True))

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"{len(inputs)} inputs {self.joined}, number by number",)

    def masks(self, masks: Masks, *inputs: Array) -> Masks:
        present = [mask for mask in masks if mask is not None]
        return (reduce(lambda a, b: a | b, present) if len(present) == len(masks) else None,)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return (self.join(of_one_rank(inputs)),)


@dataclass(frozen=True, kw_only=True)
class Add(Merge):
    """The sum of the inputs.

    >>> Add().outputs((5, 8), (5, 8))
    ((5, 8),)
    """

    type: ClassVar[str] = "add"
    joined: ClassVar[str] = "added"

    def join(self, arrays: list[Array]) -> Array:
        return reduce(lambda a, b: a + b, arrays)


@dataclass(frozen=True, kw_only=True)
class Multiply(Merge):
    """The product of the inputs, number by number.

    >>> Multiply().outputs((5, 10, 8), (5, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "multiply"
    joined: ClassVar[str] = "multiplied"

    def join(self, arrays: list[Array]) -> Array:
        return reduce(lambda a, b: a * b, arrays)

    def run_masked(self, weights: Weights, inputs: tuple[Array, ...], masks: Masks) -> tuple[tuple[Array, ...], Masks]:
        import numpy as np

        rank = max(x.ndim for x in inputs)
        # Keras 3.15: an input that gets axes for the product loses its mask there, but not on the output
        full = [widened(mask, x) for mask, x in zip(masks, inputs, strict=True) if mask is not None and x.ndim == rank]
        factors = [
            x if mask is None or x.ndim < rank else np.where(widened(mask, x), x, 1)
            for mask, x in zip(masks, inputs, strict=True)
        ]
        product = self.join(of_one_rank(factors))
        if len(full) == len(inputs):
            product = np.where(reduce(lambda a, b: a | b, full), product, 0)
        return (product,), self.masks(masks, *inputs)


@dataclass(frozen=True, kw_only=True)
class Average(Merge):
    """The mean of the inputs.

    >>> Average().outputs((5, 8), (5, 8))
    ((5, 8),)
    """

    type: ClassVar[str] = "average"
    joined: ClassVar[str] = "averaged"

    def join(self, arrays: list[Array]) -> Array:
        return reduce(lambda a, b: a + b, arrays) / len(arrays)


@dataclass(frozen=True, kw_only=True)
class Subtract(Merge):
    """The first input less the second.

    >>> Subtract().outputs((5, 8), (5, 8))
    ((5, 8),)
    """

    type: ClassVar[str] = "subtract"
    arity: ClassVar[tuple[int, int]] = (2, 2)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return ("the first input less the second, number by number",)

    def join(self, arrays: list[Array]) -> Array:
        return arrays[0] - arrays[1]


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Extremum(Merge):
    """The largest or the smallest of the inputs; where one of two is masked, the other counts."""

    def run_masked(self, weights: Weights, inputs: tuple[Array, ...], masks: Masks) -> tuple[tuple[Array, ...], Masks]:
        import numpy as np

        # Keras 3.15, base_merge.py: an input that gets axes for the comparison loses its mask there
        rank = max(x.ndim for x in inputs)
        full = [
            None if mask is None or x.ndim < rank else widened(mask, x) for mask, x in zip(masks, inputs, strict=True)
        ]
        (result, *others), (seen, *more) = of_one_rank(inputs), full
        for x, mask in zip(others, more, strict=True):
            x = x if mask is None else np.where(mask, x, result)
            result = result if seen is None else np.where(seen, result, x)
            seen = None if seen is None or mask is None else seen | mask
            result = self.join([result, x])
        return (result,), self.masks(masks, *inputs)


@dataclass(frozen=True, kw_only=True)
class Maximum(Extremum):
    """The largest of the inputs at every position.

    >>> Maximum().outputs((5, 10, 8), (5, 1, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "maximum"
    joined: ClassVar[str] = "compared, the largest kept"

    def join(self, arrays: list[Array]) -> Array:
        import numpy as np

        return reduce(np.maximum, arrays)


@dataclass(frozen=True, kw_only=True)
class Minimum(Extremum):
    """The smallest of the inputs at every position.

    >>> Minimum().outputs((5, 10, 8), (5, 8))
    ((5, 10, 8),)
    """

    type: ClassVar[str] = "minimum"
    joined: ClassVar[str] = "compared, the smallest kept"

    def join(self, arrays: list[Array]) -> Array:
        import numpy as np

        return reduce(np.minimum, arrays)


def of_one_rank(arrays: Sequence[Array]) -> list[Array]:
    """The arrays with axes of 1 after the batch, so that all have as many."""
    rank = max(array.ndim for array in arrays)
    return [array.reshape(array.shape[:1] + (1,) * (rank - array.ndim) + array.shape[1:]) for array in arrays]


def widened(mask: Array, x: Array) -> Array:
    """The mask of a tensor in its full shape."""
    import numpy as np

    return np.broadcast_to(mask[..., None] if mask.ndim < x.ndim else mask, x.shape)
