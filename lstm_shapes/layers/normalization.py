"""BatchNormalization and GroupNormalization: statistics for each channel or each group of channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.activation import Pointwise
from lstm_shapes.layers.axes import find_axis
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.conditions import Condition, divisor
from lstm_shapes.layers.fields import flag, option, size
from lstm_shapes.layers.phrases import count_of
from lstm_shapes.symbolic.formula import Factor
from lstm_shapes.symbolic.size import Shape, Size, readable, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Normalization(Pointwise):
    """A layer that normalizes numbers, then scales and shifts them by learned weights."""

    weight_docs: ClassVar[Mapping[str, str]] = {"gamma": "multiplies the result", "beta": "added to the result"}
    weighted: ClassVar[str] = "channel"
    """The axes of gamma and beta."""

    center: bool = flag("learn what is added to the result: beta", True, off="nothing is added to the result")
    scale: bool = flag("learn what multiplies the result: gamma", True, off="nothing multiplies the result")
    affine: bool = flag(
        "learn gamma and beta", True, off="neither gamma nor beta is learned", aliases="elementwise_affine"
    )

    def weight_axes(self) -> Mapping[str, str]:
        learned = {"gamma": self.affine and self.scale, "beta": self.affine and self.center}
        return {role: self.weighted for role, there in learned.items() if there}

    def scaled_and_shifted(self, x: Array, weights: Weights, axes: tuple[int, ...]) -> Array:
        """The normalized ``x``, multiplied by gamma and with beta added along these axes, in its memory."""
        roles = self.weight_axes()
        if "gamma" in roles:
            x *= along(weights["gamma"], x, axes)
        if "beta" in roles:
            x += along(weights["beta"], x, axes)
        return x


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class ChannelNormalization(Normalization):
    """A normalization whose weights have a number for each channel."""

    channels_field: ClassVar[str]
    """The setting that says how many channels arrive."""
    modules: ClassVar[str]
    """PyTorch's modules for one to three axes of space, ``BatchNorm`` 1d to 3d."""
    without_space: ClassVar[bool] = False
    """Whether the module for one axis of space takes inputs without it as well."""

    axis: int = option("integer", "the axis of the channels, counted from 0, the batch; -1 is the last", -1)
    space: int = option("implied", "the axes of space that PyTorch's module for 1d, 2d or 3d reads", 0)

    def channel_axis(self, x: Shape) -> int:
        """The axis of the channels, counted from 0. Raises ``Mismatch`` on one that is not there, or the batch's."""
        axis = find_axis(x, self.axis)
        if axis == 0:
            message = f"expected axis to be one after the batch of {shown(x)}, got {self.axis}"
            hint = "write `axis: -1` for the last" if len(x) > 1 else ""
            raise Mismatch(message, kind="wrong-rank", field="axis", hint=hint)
        return axis

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        self._check_space(inputs[0])
        channels = inputs[0][self.channel_axis(inputs[0])]
        field = self.channels_field
        for condition in self.own_conditions(*inputs):
            if condition.holds is False and condition.field == field:
                message = (
                    f"expected {field} {condition.left} to be the channels of {shown(inputs[0])}: {readable(channels)}"
                )
                raise Mismatch(message, field=field, hint=f"write `{field}: {channels}`, or remove {field}")
        return inputs

    def _check_space(self, x: Shape) -> None:
        """Raise ``Mismatch`` where the module reads another number of axes."""
        ranks = (2, 3) if self.space == 1 and self.without_space else (self.space + 2,)
        if self.space and len(x) not in ranks:
            message = f"expected {' or '.join(map(str, ranks))} axes, got {len(x)}: {shown(x)}"
            fitting = {2: 1 if self.without_space else 0, 3: 1, 4: 2, 5: 3}.get(len(x))
            hint = f"write {self.modules}{fitting}d" if fitting else ""
            raise Mismatch(message, kind="wrong-rank", field="type", hint=hint)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        declared: Size | None = self.field_values()[self.channels_field]
        if declared is not None:
            yield Condition(declared, "=", inputs[0][self.channel_axis(inputs[0])], self.channels_field)

    def declared_inputs(self, other: Shape) -> tuple[Shape, ...]:
        declared: Size | None = self.field_values()[self.channels_field]
        if declared is None:
            return ()
        axis = self.channel_axis(other)
        return ((*other[:axis], declared, *other[axis + 1 :]),)

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        return {"channel": inputs[0][self.channel_axis(inputs[0])]}

    def axis_names(self) -> Mapping[str, Factor]:
        return {"channel": "channels"}


@dataclass(frozen=True, kw_only=True)
class BatchNormalization(ChannelNormalization):
    """Each channel less its moving mean, over its moving standard deviation (Ioffe & Szegedy 2015).

    The moving statistics are weights that training does not change by gradients: in Keras half of the parameters are
    not trainable. PyTorch and Flax keep them as buffers, which are no parameters. In training it is the batch's
    statistics, and so it is always where ``track_running_stats`` is false.

    >>> layer = BatchNormalization()
    >>> layer.count((5, 10, 8)), layer.trainable_count((5, 10, 8)), str(layer.formula((5, 10, 8)))
    (32, 16, '4*channels')
    >>> layer = BatchNormalization(axis=1, buffers="moving_mean moving_variance batches")
    >>> layer.count((5, 8, 10)), layer.buffer_count((5, 8, 10)), str(layer.formula((5, 8, 10)))
    (16, 17, '2*channels')
    """

    type: ClassVar[str] = "batch_normalization"
    channels_field: ClassVar[str] = "num_features"
    modules: ClassVar[str] = "BatchNorm"
    without_space: ClassVar[bool] = True
    untrained: ClassVar[frozenset[str]] = frozenset(("moving_mean", "moving_variance", "batches"))
    unread: ClassVar[frozenset[str]] = frozenset(("batches",))
    positive: ClassVar[frozenset[str]] = frozenset(("moving_variance",))
    weight_docs: ClassVar[Mapping[str, str]] = {
        **Normalization.weight_docs,
        "moving_mean": "the mean of each channel over the batches of training, taken off",
        "moving_variance": "the variance of each channel over the batches of training, whose root divides",
        "batches": "how many batches of training the statistics have seen; without effect on the output",
    }

    momentum: float = option("number", "how slowly the moving statistics change in training", 0.99)
    epsilon: float = option("number", "what is added to the variance", 1e-3, aliases="eps")
    num_features: Size | None = size("how many channels arrive", None)
    track_running_stats: bool = flag(
        "keep moving statistics of the batches of training",
        True,
        off="no moving statistics: each batch is normalized by its own",
    )
    buffers: str = option("implied", "the statistics that are buffers of the framework, and no parameters", "")

    @property
    def buffer_roles(self) -> frozenset[str]:
        return frozenset(self.buffers.split())

    def weight_axes(self) -> Mapping[str, str]:
        learned = super().weight_axes()
        if not self.track_running_stats:
            return learned
        counted = {"batches": ""} if "batches" in self.buffer_roles else {}
        return {**learned, "moving_mean": "channel", "moving_variance": "channel", **counted}

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        axis = self.channel_axis(inputs[0])
        channels = count_of(inputs[0][axis], "channel")
        each = f"the shape that came in; each of {channels} (axis {axis})"
        if not self.track_running_stats:
            return (f"{each} less its mean in the batch, over its deviation there",)
        kept = "are buffers, in the state dict and not among the parameters"
        return (
            f"{each} less its moving mean, over its deviation",
            f"the moving statistics {kept if self.buffers else 'count as parameters that are not trainable'}",
        )

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        (x,) = inputs
        axes = (self.channel_axis(x.shape),)
        if not self.track_running_stats:
            others = tuple(axis for axis in range(x.ndim) if axis not in axes)
            return (self.scaled_and_shifted(standardized(x, others, self.epsilon), weights, axes),)
        mean, variance = (along(weights[role], x, axes) for role in ("moving_mean", "moving_variance"))
        return (self.scaled_and_shifted((x - mean) / (variance + self.epsilon) ** 0.5, weights, axes),)


@dataclass(frozen=True, kw_only=True)
class GroupNormalization(ChannelNormalization):
    """Each group of channels less its mean, over its deviation, example by example (Wu & He 2018).

    >>> GroupNormalization(groups=2).count((5, 10, 8))
    16
    """

    type: ClassVar[str] = "group_normalization"
    channels_field: ClassVar[str] = "num_channels"
    modules: ClassVar[str] = "InstanceNorm"

    groups: Size = option("size_or_all", "how many groups; -1: a group for each channel", 32, aliases="num_groups")
    epsilon: float = option("number", "what is added to the variance", 1e-3, aliases="eps")
    num_channels: Size | None = size("how many channels arrive", None, aliases="num_features")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        outputs = super().outputs(*inputs)
        for condition in self.own_conditions(*inputs):
            if condition.holds is False:
                channels = condition.right
                message = f"expected groups to divide the {readable(channels)} channels of {shown(inputs[0])}"
                both = isinstance(channels, int) and isinstance(self.groups, int)
                hint = f"write `groups: {divisor(channels, self.groups)}`" if both else "write `groups: 1`"  # type: ignore[arg-type]
                raise Mismatch(f"{message}, got {readable(self.groups)}", field="groups", hint=hint)
        return outputs

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield from super().own_conditions(*inputs)
        if self.groups != -1:
            yield Condition(self.groups, "divides", inputs[0][self.channel_axis(inputs[0])], "groups")

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        axis = self.channel_axis(inputs[0])
        channels = inputs[0][axis]
        groups = count_of(channels if self.groups == -1 else self.groups, "group")
        sentence = f"each of {groups} of the {count_of(channels, 'channel')} (axis {axis}) less its mean"
        return (f"the shape that came in; {sentence}, over its deviation, example by example",)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        (x,) = inputs
        axis = self.channel_axis(x.shape)
        groups = x.shape[axis] if self.groups == -1 else self.groups
        grouped = x.reshape(*x.shape[:axis], groups, -1, *x.shape[axis + 1 :])  # type: ignore[arg-type]
        others = tuple(number for number in range(1, grouped.ndim) if number != axis)
        return (
            self.scaled_and_shifted(standardized(grouped, others, self.epsilon).reshape(x.shape), weights, (axis,)),
        )


def along(array: Array, x: Array, axes: tuple[int, ...]) -> Array:
    """The array, which has these axes of ``x``, with an axis of 1 for each other."""
    return array.reshape([length if axis in axes else 1 for axis, length in enumerate(x.shape)])


def standardized(x: Array, axes: tuple[int, ...], epsilon: float) -> Array:
    """``x`` less its mean over these axes, over its deviation."""
    centered: Array = x - x.mean(axis=axes, keepdims=True)
    centered *= (mean_square(centered, axes) + epsilon) ** -0.5
    return centered


def mean_square(x: Array, axes: tuple[int, ...]) -> Array:
    """The mean of the squares over these axes; over the last axis without an array for the squares."""
    import numpy as np

    if axes != (x.ndim - 1,):
        squares: Array = (x * x).mean(axis=axes, keepdims=True)
        return squares
    total: Array = np.einsum("...i,...i->...", x, x)[..., None]
    total /= x.shape[-1]
    return total
