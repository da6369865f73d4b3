"""Layers that pass on a part of what they read: Select, Slice, Split."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.axes import find_axis
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import option
from lstm_shapes.layers.phrases import bracketed, count_of
from lstm_shapes.layers.ranges import Range
from lstm_shapes.symbolic.size import Shape, Size, fixed, readable, same, shown, total

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class Select(Layer):
    """What is at one index of an axis; the axis is removed. ``x[:, -1, :]`` is axis 1, index -1.

    >>> Select(axis=1, index=-1).outputs((5, 10, 8))
    ((5, 8),)
    """

    type: ClassVar[str] = "select"

    axis: int = option("integer", "the axis that is removed, counted from 0; -1 is the last", aliases="dim")
    index: int = option("integer", "which of its positions is passed on, counted from 0; -1 is the last")

    @property
    def keeps_time(self) -> bool:  # type: ignore[override]
        return self.axis == -1 or self.axis > 1

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        axis = find_axis(inputs[0], self.axis)
        length = inputs[0][axis]
        if self.fits(length).holds is False:
            message = f"expected an index of axis {axis} of {shown(inputs[0])}, which has {length}, got {self.index}"
            raise Mismatch(message, field="index", hint=f"write an index from -{length} to {length - 1}")
        return ((*inputs[0][:axis], *inputs[0][axis + 1 :]),)

    def fits(self, length: Size) -> Condition:
        """That the axis has the index."""
        return Condition(self.index + 1 if self.index >= 0 else -self.index, "<=", length, "index")

    def chosen(self, *inputs: Shape) -> tuple[int, int] | None:
        axis = find_axis(inputs[0], self.axis)
        return axis, -1 if self.index + 1 == inputs[0][axis] else self.index

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield self.fits(inputs[0][find_axis(inputs[0], self.axis)])

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        axis = find_axis(inputs[0], self.axis)
        which = {0: "the first", -1: "the last"}.get(self.index, f"number {self.index}")
        positions = count_of(inputs[0][axis], "position")
        return (f"{which} of the {positions} of axis {axis} (index {self.index}): the axis is removed",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        return (np.take(inputs[0], self.index, axis=self.axis),)


@dataclass(frozen=True, kw_only=True)
class Slice(Layer):
    """Every ``step``-th position of an axis from ``start`` up to ``stop``, as in Python: ``x[:, start:stop:step]``.

    Negative positions count from the end, and what is beyond an end is cut off.

    >>> Slice(axis=1, start=2).outputs((5, 10, 8)), Slice(axis=-1, stop=-2, step=2).outputs((5, 10, 8))
    (((5, 8, 8),), ((5, 10, 3),))
    """

    type: ClassVar[str] = "slice"

    axis: int = option("integer", "the axis that becomes shorter, counted from 0; -1 is the last", aliases="dim")
    start: Size | None = option("position", "the first position; negative: counted from the end", None)
    stop: Size | None = option("position", "the position before which it ends; negative: counted from the end", None)
    step: int = option("integer", "the distance from one position to the next; -1 reverses the axis", 1)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        axis = find_axis(inputs[0], self.axis)
        if self.step == 0:
            raise Mismatch("expected a step that is not 0, got 0", field="step", hint="write `step: 1`")
        positions = self.range(inputs[0][axis])
        if any(condition.holds is False for condition in positions.conditions):
            field = "start" if self.stop is None else "stop"
            message = f"expected a range with at least 1 position of axis {axis} of {shown(inputs[0])}, got {self}"
            raise Mismatch(message, field=field, hint="write a start before the stop, both within the axis")
        return ((*inputs[0][:axis], positions.length, *inputs[0][axis + 1 :]),)

    def __str__(self) -> str:
        start, stop = ("" if end is None else str(end) for end in (self.start, self.stop))
        return f"{start}:{stop}" + (f":{self.step}" if self.step != 1 else "")

    def range(self, length: Size) -> Range:
        """The positions on an axis of this length."""
        return Range.of(self.start, self.stop, self.step, length)

    def chosen(self, *inputs: Shape) -> tuple[int, int] | None:
        axis = find_axis(inputs[0], self.axis)
        length = inputs[0][axis]
        if self.range(length).length != 1:
            return None
        first = self.start if self.start is not None else 0 if self.step > 0 else -1
        last = first == -1 or same(first + 1, length)
        return (axis, -1) if last else (axis, first) if isinstance(first, int) else None

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield from self.range(inputs[0][find_axis(inputs[0], self.axis)]).conditions

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        axis = find_axis(inputs[0], self.axis)
        length, kept = readable(inputs[0][axis]), readable(outputs[0][axis])
        return (f"{kept} of the {length} positions of axis {axis}: {self}",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        (x,) = inputs
        chosen = range(x.shape[self.axis])[self.start : self.stop : self.step]  # type: ignore[index]
        return (np.take(x, chosen, axis=self.axis),)


@dataclass(frozen=True, kw_only=True)
class Split(Layer):
    """The parts of an axis, one after the other, as outputs of their own: ``part_1``, ``part_2`` ...

    ``sections`` is a number of equal parts, ``sizes`` gives the size of each; a single -1 is what remains.

    >>> Split(axis=-1, sizes=(3, -1)).outputs((5, 10, 8)), Split(axis=1, sections=2).output_names
    (((5, 10, 3), (5, 10, 5)), ('part_1', 'part_2'))
    """

    type: ClassVar[str] = "split"

    axis: int = option("integer", "the axis that is split, counted from 0; -1 is the last", aliases="dim")
    sections: int | None = option("positive", "into how many equal parts", None, aliases="chunks")
    sizes: tuple[Size, ...] | None = option("target", "the size of each part; a single -1 is what remains", None)

    @property
    def output_names(self) -> tuple[str, ...]:
        count = len(self.sizes or ()) or self.sections or 1
        return ("output",) if count == 1 else tuple(f"part_{number + 1}" for number in range(count))

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        axis = find_axis(inputs[0], self.axis)
        if (self.sections is None) == (self.sizes is None):
            message = f"expected either sections or sizes, got {'neither' if self.sizes is None else 'both'}"
            field = "" if self.sizes is None else "sections"
            raise Mismatch(message, kind="wrong-setting", field=field, hint="write `sections: 2`, or `sizes: [3, -1]`")
        length = inputs[0][axis]
        if any(condition.holds is False for condition in self.conditions(length)):
            raise self.misfit(axis, inputs[0])
        return tuple((*inputs[0][:axis], part, *inputs[0][axis + 1 :]) for part in self.parts(length))

    def misfit(self, axis: int, x: Shape) -> Mismatch:
        """What is wrong with the parts of an axis that is not as long."""
        if self.sections is not None:
            parts = f"{self.sections} equal parts"
            message = f"expected axis {axis} of {shown(x)} to be divisible into {parts}, got {x[axis]}"
            return Mismatch(message, field="sections", hint="write `sizes:` with the size of each part")
        sizes = ", ".join(map(str, self.sizes or ()))
        message = f"expected sizes that add up to the {x[axis]} of axis {axis} of {shown(x)}, got {sizes}"
        return Mismatch(message, field="sizes", hint="write -1 for one of them: it is what remains")

    def parts(self, length: Size) -> tuple[Size, ...]:
        """The size of each part of an axis of this length."""
        if self.sections is not None:
            return (length // self.sections,) * self.sections
        sizes = self.sizes or ()
        rest = length - total(size for size in sizes if size != -1)
        return tuple(rest if size == -1 else size for size in sizes)

    def conditions(self, length: Size) -> Iterator[Condition]:
        """That the parts are as long as the axis, and none is empty."""
        if self.sections is not None:
            yield Condition(self.sections, "divides", length, "sections")
            return
        given = total(size for size in self.sizes or () if size != -1)
        if -1 in (self.sizes or ()):
            yield Condition(given, "<", length, "sizes")
        else:
            yield Condition(given, "=", length, "sizes")

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield from self.conditions(inputs[0][find_axis(inputs[0], self.axis)])

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        axis = find_axis(inputs[0], self.axis)
        sizes = " + ".join(bracketed(shape[axis]) for shape in outputs[:8]) + " + ..." * (len(outputs) > 8)
        count = count_of(len(outputs), "output")
        return (f"the first of {count}: axis {axis} is split, {readable(inputs[0][axis])} = {sizes}",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        (x,) = inputs
        if self.sections is not None:
            return tuple(np.split(x, self.sections, axis=self.axis))
        known = sum(int(size) for size in self.sizes or () if isinstance(size, int) and size != -1)
        sizes = [x.shape[self.axis] - known if size == -1 else fixed(size) for size in self.sizes or ()]
        return tuple(np.split(x, np.cumsum(sizes)[:-1], axis=self.axis))
