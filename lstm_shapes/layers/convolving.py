"""What every convolution shares: its kernel along the axes of space, its channels, the space that it leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.channels import as_before, channels_last, data_format, join
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import activation_name, flag, option, size
from lstm_shapes.layers.phrases import per_axis
from lstm_shapes.layers.spatial import Padding, Spatial, ends_of, padding_words, space_words
from lstm_shapes.layers.window import PerAxis, Window, fit_conditions, for_axes, seen, space_after
from lstm_shapes.symbolic.formula import Formula
from lstm_shapes.symbolic.size import Shape, Size, product, readable

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Convolving(Spatial):
    """A layer whose kernel is laid at every place of one to three axes of space; a family names them."""

    common_axes: ClassVar[int] = 2
    weight_docs: ClassVar[Mapping[str, str]] = {"kernel": "multiplies what it is laid on", "bias": "added"}

    kernel_size: PerAxis = option("sizes_or_one", "how many positions the kernel sees, along each axis of space")
    strides: PerAxis = option(
        "sizes_or_one", "how far the kernel moves on, along each axis of space", 1, aliases="stride"
    )
    dilation_rate: PerAxis = option("sizes_or_one", "how far the kernel reaches from tap to tap", 1, aliases="dilation")
    bias: bool = flag("add a bias", True, off="no bias is added", aliases="use_bias")
    activation: str = activation_name("the function of the output", "linear")
    data_format: str = data_format()

    @property
    def _numbers(self) -> tuple[tuple[Size, ...], ...]:
        """The kernel's size, its strides and its dilation along each axis of space."""
        return _numbers(self.space_axes, self.kernel_size, self.strides, self.dilation_rate)

    def taps(self) -> dict[str, Size]:
        """The kernel's size along each axis of space."""
        return dict(zip(self.axes, self._numbers[0], strict=True))

    def tap_names(self) -> dict[str, str]:
        """What a formula calls the kernel's sizes."""
        single = len(self.axes) == 1
        return {axis: "kernel_size" if single else f"kernel_{axis}" for axis in self.axes}

    def space(self, x: Shape) -> Shape:
        """The output's space. Raises ``Mismatch`` on an input that does not fit."""
        raise NotImplementedError

    def channels(self, x: Shape) -> Size:
        """The output's channels."""
        raise NotImplementedError

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        parted = self.parted(inputs[0])
        return (join(parted.batch, self.space(inputs[0]), self.channels(inputs[0]), self.data_format),)

    def explain_space(self, x: Shape, padding: str) -> str:
        """What the kernel makes of the axes of space, and by which settings."""
        before, after = self.parted(x).space, self.space(x)
        moves = f"kernel_size {per_axis(self.kernel_size)}, strides {per_axis(self.strides)}"
        return (
            f"{space_words(self.space_axes, before, after)}: {moves}, padding {padding}, "
            f"dilation_rate {per_axis(self.dilation_rate)}"
        )

    def finished(self, y: Array, bias: Array | None) -> tuple[Array, ...]:
        """The output (batch, *space, channels) with its bias, in the layer's format, its function applied."""
        from lstm_shapes.layers.activations import activation

        if bias is not None:
            y = y + bias.reshape(-1)
        return (activation(self.activation)(as_before(y, self.data_format)),)


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Grouped(Convolving):
    """A convolution that sums over channels, or over those of each of its groups.

    Parameters: ``filters*(kernel*input_dim/groups + 1)``, where ``kernel`` is the number of taps.
    """

    filters: Size = size("how many numbers the layer passes on per position", aliases="out_channels")
    groups: Size = size("in how many parts the channels are split, each with filters of its own", 1)

    def channels(self, x: Shape) -> Size:
        if self.groups != 1:
            check_groups(self.groups, self.parted(x).channels, self.filters)
        return self.filters

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield from super().own_conditions(*inputs)
        if self.groups != 1:
            yield from group_conditions(self.groups, self.parted(inputs[0]).channels, self.filters)

    def weight_axes(self) -> Mapping[str, str]:
        kernel = {"kernel": f"group filter {self.space_axes} in"}
        return {**kernel, "bias": "group filter"} if self.bias else kernel

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        groups, channels = self.groups, inputs[0][self.feature_axis]
        return {"group": groups, "filter": self.filters // groups, "in": channels // groups, **self.taps()}

    def formula(self, *inputs: Shape) -> Formula:
        sizes, names = self.axis_sizes(*inputs), self.tap_names()
        channels = "input_dim" if self.groups == 1 else "input_dim/groups"
        products = [("filters", *names.values(), channels), *([("filters",)] if self.bias else [])]
        values = {name: sizes[axis] for axis, name in names.items()}
        filters = sizes["group"] * sizes["filter"]
        return Formula.of(products, shared=1, values={"filters": filters, **values, channels: sizes["in"]})

    def explain_filters(self, x: Shape) -> str:
        """How many numbers a position has, and what each is made from."""
        filters, groups, channels = self.filters, self.groups, self.parted(x).channels
        numbers = f"filters is {readable(filters)}: so many numbers at each position"
        if groups == 1:
            return f"{numbers}, each from all {readable(channels)} channels that the kernel is laid on"
        share, own = readable(channels // groups), readable(filters // groups)
        return f"{numbers}, in {readable(groups)} groups of {own}, each from its own {share} channels"


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Sliding(Convolving):
    """A convolution that slides over its input, as opposed to a transposed one."""

    padding: Padding = option(
        "padding", "valid: none; same: zeros, so that a stride of 1 keeps the space; or their number", "valid"
    )

    @property
    def windows(self) -> tuple[Window, ...]:
        """The kernel along each axis of space. Raises ``Mismatch`` on settings that do not go together."""
        return _windows(self.space_axes, self.kernel_size, self.strides, self.dilation_rate, self.padding)

    def space(self, x: Shape) -> Shape:
        return space_after(self.windows, self.parted(x).space)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield from super().own_conditions(*inputs)
        yield from fit_conditions(self.windows, self.parted(inputs[0]).space)

    def positions(self, *inputs: Shape) -> Size:
        return product((*self.parted(inputs[0]).batch, *self.space(inputs[0])))

    def explain_padding(self) -> str:
        """The padding in words."""
        return padding_words(self.padding)

    def columns(self, x: Array, mode: str = "constant") -> Array:
        """What the kernel sees of ``x`` at each place: (batch, *places, *taps, channels), a view."""
        views = seen(channels_last(x, self.data_format), self.windows, mode)
        rank = len(self.axes)
        return views.transpose(*range(1 + rank), *range(2 + rank, 2 + 2 * rank), 1 + rank)


@lru_cache(maxsize=256)
def _numbers(space: str, *settings: PerAxis) -> tuple[tuple[Size, ...], ...]:
    names, axes = ("kernel_size", "strides", "dilation_rate"), space.split()
    return tuple(for_axes(name, value, axes) for name, value in zip(names, settings, strict=True))


@lru_cache(maxsize=256)
def _windows(
    space: str, kernel_size: PerAxis, strides: PerAxis, dilation_rate: PerAxis, padding: Padding
) -> tuple[Window, ...]:
    axes, numbers = space.split(), _numbers(space, kernel_size, strides, dilation_rate)
    word = padding if isinstance(padding, str) else "valid"
    ends = ((0, 0),) * len(axes) if isinstance(padding, str) else ends_of(padding, tuple(axes))
    return tuple(
        Window(axis, taps, stride, dilation, word, before, after)
        for axis, taps, stride, dilation, (before, after) in zip(axes, *numbers, ends, strict=True)
    )


def group_conditions(groups: Size, channels: Size, filters: Size) -> Iterator[Condition]:
    """That groups divide the channels that come in and those that go out."""
    yield Condition(groups, "divides", channels, "groups")
    yield Condition(groups, "divides", filters, "groups")


def check_groups(groups: Size, channels: Size, filters: Size) -> None:
    """Raise ``Mismatch`` where groups certainly divide the one or the other not."""
    for condition, what in zip(
        group_conditions(groups, channels, filters), ("input channels", "filters"), strict=False
    ):
        if condition.holds is False:
            sizes = [size for size in (groups, channels, filters) if isinstance(size, int)]
            message = f"expected groups to divide the {condition.right} {what}, got {groups}"
            raise Mismatch(message, kind="wrong-setting", field="groups", hint=f"set `groups: {gcd(*sizes)}`")
