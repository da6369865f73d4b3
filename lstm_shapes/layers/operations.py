"""Operations without weights on one tensor or two: Reduce, Elementwise, Gather, Stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.axes import find_axes, find_axis
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.broadcasting import broadcast, broadcast_conditions
from lstm_shapes.layers.conditions import Condition, decided, equal_shapes
from lstm_shapes.layers.fields import choice, flag, option
from lstm_shapes.layers.phrases import count_of
from lstm_shapes.symbolic.size import Shape, product, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

UNARY = "abs ceil cos exp floor log negative reciprocal round rsqrt sign sin sqrt square".split()
BINARY = "add subtract multiply divide power maximum minimum".split()
COMPARISONS = "equal not_equal greater greater_equal less less_equal".split()


@dataclass(frozen=True, kw_only=True)
class Reduce(Layer):
    """The mean, the sum, the largest or the smallest number along axes, which are removed; by default along all.

    >>> Reduce(op="mean", axis=(1,)).outputs((5, 10, 8)), Reduce(op="max", keepdims=True).outputs((5, 10, 8))
    (((5, 8),), ((1, 1, 1),))
    """

    type: ClassVar[str] = "reduce"

    op: str = choice("what becomes of the numbers along the axes", "mean sum max min")
    axis: tuple[int, ...] | None = option("axes", "the axis to reduce, or a list; left out: all", None, aliases="dim")
    keepdims: bool = flag("keep the axes, with size 1", False, aliases="keepdim")

    @property
    def keeps_time(self) -> bool:  # type: ignore[override]
        return self.axis is not None and all(axis == -1 or axis > 1 for axis in self.axis)

    def removed(self, x: Shape) -> tuple[int, ...]:
        """The axes along which it reduces, counted from 0."""
        return tuple(range(len(x))) if self.axis is None else find_axes(x, self.axis)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        removed = self.removed(inputs[0])
        kept = (
            1 if axis in removed else size
            for axis, size in enumerate(inputs[0])
            if self.keepdims or axis not in removed
        )
        return (tuple(kept),)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        removed = self.removed(inputs[0])
        word = {"max": "largest", "min": "smallest"}.get(self.op, self.op)
        numbers = count_of(product(inputs[0][axis] for axis in removed), "number")
        axes = f"ax{'is' if len(removed) == 1 else 'es'} {' and '.join(map(str, removed))}"
        return (
            f"the {word} of each {numbers} along {axes}, which {'is' if len(removed) == 1 else 'are'} "
            f"{'kept with size 1' if self.keepdims else 'removed'}",
        )

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        function: Any = {"mean": np.mean, "sum": np.sum, "max": np.max, "min": np.min}[self.op]
        return (np.asarray(function(inputs[0], axis=self.axis, keepdims=self.keepdims)),)


@dataclass(frozen=True, kw_only=True)
class Elementwise(Layer):
    """A function of every number, or of the numbers of two inputs or of an input and ``value``, as NumPy broadcasts.

    >>> Elementwise(op="exp").outputs((5, 10, 8)), Elementwise(op="multiply").outputs((5, 10, 8), (10, 1))
    (((5, 10, 8),), ((5, 10, 8),))
    """

    type: ClassVar[str] = "elementwise"

    arity: ClassVar[tuple[int, int]] = (1, 2)

    op: str = choice("the function", " ".join((*BINARY, *UNARY, *COMPARISONS)))
    value: float | None = option("number", "the second operand, where it is a number and not an input", None)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        operands = len(inputs) + (self.value is not None)
        needed = 1 if self.op in UNARY else 2
        if operands != needed:
            message = f"expected {count_of(needed, 'operand')} of {self.op}, got {operands}: inputs and value"
            field, hint = "", "write `value: 2`, or a second one of its `inputs:`"
            if operands > needed:
                field, hint = ("", "remove one of its inputs") if self.value is None else ("value", "remove value")
            raise Mismatch(message, kind="wrong-setting", field=field, hint=hint)
        return (broadcast(inputs),)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        return broadcast_conditions(inputs)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        if self.op in UNARY:
            return (f"the shape that came in; {self.op} of each number",)
        operands = f"each number and {self.value:g}" if self.value is not None else "the numbers of both inputs"
        return (f"{self.op} of {operands}",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        operands = inputs if self.value is None or self.op in UNARY else (inputs[0], self.value)
        with np.errstate(all="ignore"):  # where a function has no value the number is NaN or infinite, as elsewhere
            return (_functions()[self.op](*operands),)


@dataclass(frozen=True, kw_only=True)
class Gather(Layer):
    """The positions of an axis at ``indices``, or at those in the second input, whose axes take its place.

    ``keras.ops.take``, ``torch.index_select``, ONNX' Gather.

    >>> Gather(axis=1, indices=(0, -1)).outputs((5, 10, 8)), Gather(axis=1).outputs((5, 10, 8), (3, 2))
    (((5, 2, 8),), ((5, 3, 2, 8),))
    """

    type: ClassVar[str] = "gather"
    arity: ClassVar[tuple[int, int]] = (1, 2)

    axis: int = option(
        "integer", "the axis of which positions are taken, counted from 0; -1 is the last", aliases="dim"
    )
    indices: tuple[int, ...] | None = option("integers", "the positions, where they are not the second input", None)

    @property
    def keeps_time(self) -> bool:  # type: ignore[override]
        return self.axis == -1 or self.axis > 1

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        x = inputs[0]
        axis = find_axis(x, self.axis)
        if (len(inputs) == 2) == (self.indices is not None):
            message = f"expected indices, or a second input that has them, got {'both' if self.indices else 'neither'}"
            field, hint = ("indices", "remove indices") if self.indices else ("", "write `indices: [0, -1]`")
            raise Mismatch(message, kind="wrong-setting", field=field, hint=hint)
        for condition in self.own_conditions(*inputs):
            if condition.holds is False:
                message = f"expected indices of axis {axis} of {shown(x)}, which has {x[axis]}, got {condition.left}"
                hint = f"write indices from -{x[axis]} to {x[axis] - 1}"
                raise Mismatch(message, field="indices", hint=hint)
        taken = inputs[1] if self.indices is None else (len(self.indices),)
        return ((*x[:axis], *taken, *x[axis + 1 :]),)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        length = inputs[0][find_axis(inputs[0], self.axis)]
        if self.indices:
            needed = max(index + 1 if index >= 0 else -index for index in self.indices)
            yield Condition(needed, "<=", length, "indices")

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        axis = find_axis(inputs[0], self.axis)
        which = (
            f"at the indices in {shown(inputs[1])}" if self.indices is None else f"{', '.join(map(str, self.indices))}"
        )
        return (f"of the {count_of(inputs[0][axis], 'position')} of axis {axis} those {which}",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        indices = np.asarray(inputs[1]).astype("int64") if self.indices is None else np.array(self.indices)
        return (np.take(inputs[0], indices, axis=self.axis),)


@dataclass(frozen=True, kw_only=True)
class Stack(Layer):
    """Inputs of one shape along a new axis, at the place that it has in the output.

    >>> Stack(axis=1).outputs((5, 8), (5, 8), (5, 8))
    ((5, 3, 8),)
    """

    type: ClassVar[str] = "stack"
    arity: ClassVar[tuple[int, int]] = (1, 10_000)
    keeps_time: ClassVar[bool] = False

    axis: int = option("integer", "the place of the new axis in the output; -1 is the last", 0, aliases="dim")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        rank = len(inputs[0]) + 1
        if any(len(x) != len(inputs[0]) for x in inputs) or any(c.holds is False for c in self.own_conditions(*inputs)):
            message = f"expected inputs of one shape, got {' and '.join(shown(x) for x in inputs[:6])}"
            raise Mismatch(message, kind="merge-mismatch", hint="give their layers the same sizes, or use concatenate")
        if not -rank <= self.axis < rank:
            message = f"expected one of the {rank} axes of the output, got {self.axis}"
            raise Mismatch(message, kind="wrong-rank", field="axis", hint=f"write an axis from -{rank} to {rank - 1}")
        axis = self.axis % rank
        shape = tuple(decided(sizes) for sizes in zip(*inputs, strict=True))
        return ((*shape[:axis], len(inputs), *shape[axis:]),)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        return (condition for x in inputs[1:] for condition in equal_shapes(inputs[0], x))

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (f"{count_of(len(inputs), 'input')} along a new axis, {self.axis % len(outputs[0])}",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        return (np.stack(inputs, axis=self.axis),)


def _functions() -> Mapping[str, Callable[..., Any]]:
    """The function of each op; comparisons give 1 and 0."""
    import numpy as np

    special: dict[str, Callable[..., Any]] = {
        "round": np.rint,
        "reciprocal": lambda x: 1 / x,
        "rsqrt": lambda x: 1 / np.sqrt(x),
    }
    plain = {name: getattr(np, name) for name in (*UNARY, *BINARY) if name not in special}
    compared = {name: _as_numbers(getattr(np, name)) for name in COMPARISONS}
    return {**plain, **special, **compared}


def _as_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, y: function(x, y).astype(x.dtype)
