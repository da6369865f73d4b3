"""Layers that add zeros to the ends of axes of space, or cut them: ZeroPadding1D to 3D, Cropping1D to 3D."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.channels import as_before, channels_last, data_format, join
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import option
from lstm_shapes.layers.spatial import Ends, Spatial, space_words
from lstm_shapes.symbolic.size import Shape, Size, at_most, fixed

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

GivenEnds = Size | tuple[Size | tuple[Size, Size], ...]
"""One size for both ends of every axis; the two ends of a single axis; or for each of several a size or its ends."""


def ends_given(field: str, given: GivenEnds, axes: list[str]) -> Ends:
    """The sizes before and after each axis. Raises ``Mismatch`` on another number of them.

    Twice as many sizes as axes are those of PyTorch: the ends of the last axis first.

    >>> ends_given("padding", (1, 2), ["length"]), ends_given("padding", (1, 2), ["height", "width"])
    (((1, 2),), ((1, 1), (2, 2)))
    >>> ends_given("padding", (1, 2, 3, 4), ["height", "width"])
    ((3, 4), (1, 2))
    """
    if not isinstance(given, tuple):
        return ((given, given),) * len(axes)
    flat = tuple(size for size in given if not isinstance(size, tuple))
    if len(given) == len(flat) == 2 * len(axes):
        return tuple((flat[place], flat[place + 1]) for place in range(2 * len(axes) - 2, -2, -2))
    if len(given) == len(axes) > 1:
        return tuple(pair if isinstance(pair, tuple) else (pair, pair) for pair in given)
    wanted = (
        "a size, or the sizes before and after the length"
        if len(axes) == 1
        else f"a size, or for each axis ({', '.join(axes)}) a size or those before and after it"
    )
    example = "1, 1" if len(axes) == 1 else ", ".join(["[1, 1]"] * len(axes))
    message = f"expected {field} to be {wanted}, got a list of {len(given)}"
    raise Mismatch(message, kind="wrong-setting", field=field, hint=f"set `{field}: [{example}]`")


def written_ends(ends: Ends) -> str:
    """The ends of the axes as a file has them.

    >>> written_ends(((1, 2),)), written_ends(((1, 1), (0, 2)))
    ('[1, 2]', '[[1, 1], [0, 2]]')
    """
    each = [f"[{before}, {after}]" for before, after in ends]
    return each[0] if len(each) == 1 else f"[{', '.join(each)}]"


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Ending(Spatial):
    """A layer that changes the ends of the axes of space. No weights."""

    mixes_time: ClassVar[bool] = False

    def ends(self) -> Ends:
        """How much is added or cut before and after each axis of space."""
        raise NotImplementedError

    def space(self, x: Shape) -> Shape:
        """The output's space. Raises ``Mismatch`` on an input that does not fit."""
        raise NotImplementedError

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        parted = self.parted(inputs[0])
        return (join(parted.batch, self.space(inputs[0]), parted.channels, self.data_format),)

    def explain_ends(self, x: Shape, what: str) -> str:
        """What becomes of space, and which ends it has."""
        each = [f"{axis} {before} and {after}" for axis, (before, after) in zip(self.axes, self.ends(), strict=True)]
        words = space_words(self.space_axes, self.parted(x).space, self.space(x))
        return f"{words}: {what} before and after the {', the '.join(each)}"


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class ZeroPadding(Ending):
    """Zeros before and after each axis of space."""

    padding: GivenEnds = option("ends", "the zeros at both ends of every axis; or a list of those of each", 1)
    data_format: str = data_format()

    def ends(self) -> Ends:
        return ends_given("padding", self.padding, self.axes)

    def space(self, x: Shape) -> Shape:
        sizes = zip(self.parted(x).space, self.ends(), strict=True)
        return tuple(length + before + after for length, (before, after) in sizes)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (self.explain_ends(inputs[0], "zeros"),)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        ends = [(fixed(before), fixed(after)) for before, after in self.ends()]
        around = [(0, 0), (0, 0), *ends] if self.data_format == "channels_first" else [(0, 0), *ends, (0, 0)]
        return (np.pad(inputs[0], around),)


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Cropping(Ending):
    """The ends of each axis of space cut off."""

    cropping: GivenEnds
    data_format: str = data_format()

    def ends(self) -> Ends:
        return ends_given("cropping", self.cropping, self.axes)

    def space(self, x: Shape) -> Shape:
        space, ends = self.parted(x).space, self.ends()
        for condition, axis, (before, after) in zip(self.conditions(space), self.axes, ends, strict=True):
            if condition.holds is False:
                message = (
                    f"expected a {axis} of at least {condition.right}, of which 1 is left when {before} before it and "
                    f"{after} after it are cut off, got {condition.left}"
                )
                fitting = tuple(map(_fitting, space, ends))
                raise Mismatch(message, field="cropping", hint=f"set `cropping: {written_ends(fitting)}`")
        return tuple(length - before - after for length, (before, after) in zip(space, ends, strict=True))

    def conditions(self, space: Shape) -> Iterator[Condition]:
        """That of each axis something is left."""
        for length, (before, after) in zip(space, self.ends(), strict=True):
            yield Condition(length, ">=", before + after + 1, "cropping")

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield from super().own_conditions(*inputs)
        yield from self.conditions(self.parted(inputs[0]).space)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return (self.explain_ends(inputs[0], "cut off"),)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        x = channels_last(inputs[0], self.data_format)
        kept = [slice(fixed(a), n - fixed(b)) for n, (a, b) in zip(x.shape[1:-1], self.ends(), strict=True)]
        return (as_before(x[(slice(None), *kept)], self.data_format),)


def _fitting(length: Size, ends: tuple[Size, Size]) -> tuple[Size, Size]:
    """The ends, or as much of them as leaves 1 of an axis of this length."""
    before, after = ends
    if at_most(before + after + 1, length) is not False:
        return ends
    if at_most(before + 1, length):
        return before, length - 1 - before
    return (length - 1, 0) if at_most(after + 1, length) is not True else (length - 1 - after, after)


@dataclass(frozen=True, kw_only=True)
class ZeroPadding1D(ZeroPadding):
    """Zeros before and after the length.

    >>> ZeroPadding1D(padding=(2, 0)).outputs((5, 20, 8))
    ((5, 22, 8),)
    """

    type: ClassVar[str] = "zero_padding1d"
    space_axes: ClassVar[str] = "length"


@dataclass(frozen=True, kw_only=True)
class ZeroPadding2D(ZeroPadding):
    """Zeros around a picture.

    >>> ZeroPadding2D(padding=((1, 2), 3)).outputs((5, 20, 30, 8))
    ((5, 23, 36, 8),)
    """

    type: ClassVar[str] = "zero_padding2d"
    space_axes: ClassVar[str] = "height width"


@dataclass(frozen=True, kw_only=True)
class ZeroPadding3D(ZeroPadding):
    """Zeros around a volume.

    >>> ZeroPadding3D().outputs((5, 4, 20, 30, 8))
    ((5, 6, 22, 32, 8),)
    """

    type: ClassVar[str] = "zero_padding3d"
    space_axes: ClassVar[str] = "depth height width"


@dataclass(frozen=True, kw_only=True)
class Cropping1D(Cropping):
    """The length without its ends.

    >>> Cropping1D(cropping=(2, 0)).outputs((5, 20, 8))
    ((5, 18, 8),)
    """

    type: ClassVar[str] = "cropping1d"
    space_axes: ClassVar[str] = "length"

    cropping: GivenEnds = option("ends", "how much is cut off at both ends; or a list: before and after", 1)


@dataclass(frozen=True, kw_only=True)
class Cropping2D(Cropping):
    """A picture without its edges; nothing is cut off unless it is set.

    >>> Cropping2D(cropping=((1, 2), 3)).outputs((5, 20, 30, 8))
    ((5, 17, 24, 8),)
    """

    type: ClassVar[str] = "cropping2d"
    space_axes: ClassVar[str] = "height width"

    cropping: GivenEnds = option("ends", "how much is cut off at both ends of every axis; or a list of that of each", 0)


@dataclass(frozen=True, kw_only=True)
class Cropping3D(Cropping):
    """A volume without its faces.

    >>> Cropping3D().outputs((5, 4, 20, 30, 8))
    ((5, 2, 18, 28, 8),)
    """

    type: ClassVar[str] = "cropping3d"
    space_axes: ClassVar[str] = "depth height width"

    cropping: GivenEnds = option("ends", "how much is cut off at both ends of every axis; or a list of that of each", 1)
