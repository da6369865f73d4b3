"""Pooling over windows along one to three axes of space: MaxPooling1D to 3D, AveragePooling1D to 3D."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.channels import as_before, data_format, join
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import flag, option
from lstm_shapes.layers.phrases import per_axis
from lstm_shapes.layers.spatial import Padding, Spatial, ends_of, padding_words, space_words
from lstm_shapes.layers.window import PerAxis, Window, fit_conditions, for_axes, seen, space_after
from lstm_shapes.symbolic.size import Shape, Size, fixed, readable

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Pooling(Spatial):
    """A number for each window and channel. No weights, and no multiply-accumulates of matrices."""

    pool_size: PerAxis
    strides: PerAxis | None = option(
        "optional_sizes_or_one",
        "how far the pool moves on, along each axis of space; default: pool_size",
        None,
        aliases="stride",
    )
    padding: Padding = option(
        "padding", "valid: none; same: so much that a stride of 1 keeps the space; or the size of it", "valid"
    )
    ceil_mode: bool = flag("a last pool may reach over the end of an axis", False)
    data_format: str = data_format()

    @property
    def dilation(self) -> PerAxis:
        """How far the pool reaches from tap to tap."""
        return 1

    @property
    def moves(self) -> PerAxis:
        """The strides: those of the setting, or the size of the pool."""
        return self.pool_size if self.strides is None else self.strides

    def windows(self) -> tuple[Window, ...]:
        """The pool along each axis of space. Raises ``Mismatch`` on settings that do not go together."""
        axes = self.axes
        sizes = for_axes("pool_size", self.pool_size, axes)
        strides = for_axes("strides", self.moves, axes)
        dilation = for_axes("dilation_rate", self.dilation, axes)
        word = self.padding if isinstance(self.padding, str) else "valid"
        ends = ((0, 0),) * len(axes) if isinstance(self.padding, str) else ends_of(self.padding, tuple(axes))
        return tuple(
            Window(axis, size, stride, far, word, before, after, ceil=self.ceil_mode, field="pool_size")
            for axis, size, stride, far, (before, after) in zip(axes, sizes, strides, dilation, ends, strict=True)
        )

    def space(self, x: Shape) -> Shape:
        """The output's space. Raises ``Mismatch`` on an input that does not fit."""
        windows, space = self.windows(), self.parted(x).space
        for condition in self.half_conditions():
            if condition.holds is False:
                most = readable(condition.right)
                message = f"expected padding of at most {most}, half of what the pool spans, got {condition.left}"
                raise Mismatch(message, kind="wrong-setting", field="padding", hint=f"set `padding: {most}`")
        return space_after(windows, space)

    def half_conditions(self) -> Iterator[Condition]:
        """That padding is at most half of the pool, so that each pool sees numbers; PyTorch refuses more."""
        for window in self.windows():
            for zeros in {window.before, window.after} - {0}:
                yield Condition(zeros, "<=", window.reach // 2, "padding")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        parted = self.parted(inputs[0])
        return (join(parted.batch, self.space(inputs[0]), parted.channels, self.data_format),)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield from super().own_conditions(*inputs)
        yield from fit_conditions(self.windows(), self.parted(inputs[0]).space)
        yield from self.half_conditions()

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        before, after = self.parted(inputs[0]).space, self.space(inputs[0])
        settings = {
            "pool_size": per_axis(self.pool_size),
            "strides": per_axis(self.moves),
            "padding": padding_words(self.padding),
            **({"dilation_rate": per_axis(self.dilation)} if self.dilation != 1 else {}),
            **({"ceil_mode": "true"} if self.ceil_mode else {}),
        }
        moves = ", ".join(f"{name} {value}" for name, value in settings.items())
        return (f"{space_words(self.space_axes, before, after)}: {moves}", self.explain_numbers())

    def explain_numbers(self) -> str:
        """What each number is of those that its window sees."""
        raise NotImplementedError

    def taps(self, x: Array, fill: float = 0.0) -> tuple[Array, tuple[int, ...]]:
        """What each window sees of ``x`` (batch, *places, in, *taps), and the axes of the taps; ``fill`` is padding."""
        import numpy as np

        numbers = x if np.issubdtype(x.dtype, np.floating) else x.astype(np.float64)
        last = np.moveaxis(numbers, self.feature_axis, -1)
        view = seen(last, self.windows(), constant_values=fill)
        return view, tuple(range(x.ndim, view.ndim))


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class MaxPooling(Pooling):
    """The largest number that each window sees, of each channel."""

    pool_size: PerAxis = option(
        "sizes_or_one", "how many positions the pool sees, along each axis of space", 2, aliases="kernel_size"
    )
    dilation_rate: PerAxis = option("sizes_or_one", "how far the pool reaches from tap to tap", 1, aliases="dilation")

    @property
    def dilation(self) -> PerAxis:
        return self.dilation_rate

    def explain_numbers(self) -> str:
        return "of each channel, the largest number that the pool sees; padding is never the largest"

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        view, taps = self.taps(inputs[0], fill=-float("inf"))
        return (as_before(view.max(axis=taps), self.data_format),)


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class AveragePooling(Pooling):
    """The mean of the numbers that each window sees, of each channel."""

    pool_size: PerAxis = option(
        "sizes_or_one", "how many positions the pool sees, along each axis of space", aliases="kernel_size"
    )
    count_include_pad: bool = flag(
        "the mean counts the zeros of padding", False, off="the zeros of padding are not counted"
    )

    @property
    def divisor(self) -> Size | None:
        """What the sum is divided by instead of how many numbers the window sees."""
        return None

    def explain_numbers(self) -> str:
        if self.divisor is not None:
            return f"of each channel, the sum of what the pool sees divided by {readable(self.divisor)}"
        counted = "counted as zeros" if self.count_include_pad else "not counted"
        return f"of each channel, the mean of what the pool sees; padding is {counted}"

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        view, taps = self.taps(inputs[0])
        sums = view.sum(axis=taps)
        divisor = self.counts(inputs[0]) if self.divisor is None else self.divisor
        return (as_before(sums / divisor, self.data_format),)

    def counts(self, x: Array) -> Array:
        """How many numbers each window sees (*places, 1): those of the axis, or those of its padding as well."""
        import numpy as np

        first = 2 if self.data_format == "channels_first" else 1
        counts = np.ones((1,) * (len(self.axes) + 1), x.dtype if np.issubdtype(x.dtype, np.floating) else np.float64)
        for number, window in enumerate(self.windows()):
            length = x.shape[first + number]
            along = (-1,) + (1,) * (len(self.axes) - number)
            counts = counts * counted_by(window, length, self.count_include_pad).reshape(along).astype(counts.dtype)
        return counts


def counted_by(window: Window, length: int, padding: bool) -> Array:
    """How many positions of an axis, or of its ``padding`` too, the window sees at each of its places.

    What lies beyond the padding, where a last window reaches over the end, is never counted.

    >>> counted_by(Window("length", 3, stride=2, before=1, after=1), 5, False).tolist()
    [2.0, 3.0, 2.0]
    """
    import numpy as np

    before, after = window.margins(length)
    last = after if window.padding == "same" else window.after
    inside = np.zeros((1, before + length + after, 1))
    inside[:, before : before + length] = 1
    if padding:
        inside[:, : before + length + fixed(last)] = 1
    # The padding is in the array already.
    alone = window._replace(padding="valid", before=0, after=0, ceil=False)
    sums: Array = seen(inside, [alone]).sum(axis=-1)[0, :, 0]
    return sums


@dataclass(frozen=True, kw_only=True)
class MaxPooling1D(MaxPooling):
    """The largest number of each window over (batch, length, channels); PyTorch's reads (batch, channels, length).

    >>> MaxPooling1D(pool_size=3, strides=2).outputs((5, 20, 8))
    ((5, 9, 8),)
    """

    type: ClassVar[str] = "max_pooling1d"
    space_axes: ClassVar[str] = "length"


@dataclass(frozen=True, kw_only=True)
class MaxPooling2D(MaxPooling):
    """The largest number of each window over (batch, height, width, channels).

    >>> MaxPooling2D(pool_size=(2, 3)).outputs((5, 20, 30, 8))
    ((5, 10, 10, 8),)
    """

    type: ClassVar[str] = "max_pooling2d"
    space_axes: ClassVar[str] = "height width"


@dataclass(frozen=True, kw_only=True)
class MaxPooling3D(MaxPooling):
    """The largest number of each window over (batch, depth, height, width, channels).

    >>> MaxPooling3D(data_format="channels_first").outputs((5, 8, 4, 20, 31))
    ((5, 8, 2, 10, 15),)
    """

    type: ClassVar[str] = "max_pooling3d"
    space_axes: ClassVar[str] = "depth height width"


@dataclass(frozen=True, kw_only=True)
class AveragePooling1D(AveragePooling):
    """The mean of each window over (batch, length, channels); PyTorch's reads (batch, channels, length).

    >>> AveragePooling1D(pool_size=2, padding="same").outputs((5, 21, 8))
    ((5, 11, 8),)
    """

    type: ClassVar[str] = "average_pooling1d"
    space_axes: ClassVar[str] = "length"


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Divided(AveragePooling):
    """A mean whose divisor can be set, as in PyTorch for pictures and volumes."""

    divisor_override: Size | None = option(
        "optional_size", "what sums are divided by; default: how many numbers the pool sees", None
    )

    @property
    def divisor(self) -> Size | None:
        return self.divisor_override


@dataclass(frozen=True, kw_only=True)
class AveragePooling2D(Divided):
    """The mean of each window over (batch, height, width, channels).

    >>> AveragePooling2D(pool_size=2, strides=1).outputs((5, 20, 30, 8))
    ((5, 19, 29, 8),)
    """

    type: ClassVar[str] = "average_pooling2d"
    space_axes: ClassVar[str] = "height width"


@dataclass(frozen=True, kw_only=True)
class AveragePooling3D(Divided):
    """The mean of each window over (batch, depth, height, width, channels).

    >>> AveragePooling3D(pool_size=2).outputs((5, 4, 20, 31, 8))
    ((5, 2, 10, 15, 8),)
    """

    type: ClassVar[str] = "average_pooling3d"
    space_axes: ClassVar[str] = "depth height width"
