"""MultiHeadAttention: query, key and value projected for each head, attention, and a projection of what is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.attention import Attending, softmax_in_place
from lstm_shapes.layers.axes import find_axes, match
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.conditions import Condition, divisor, equal_shapes
from lstm_shapes.layers.fields import flag, option, size
from lstm_shapes.layers.phrases import count_of
from lstm_shapes.symbolic.formula import Factor
from lstm_shapes.symbolic.size import Shape, Size, product, readable, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array, Masks


class Triple(NamedTuple):
    """The shapes of query, value and key, the batch first."""

    query: Shape
    value: Shape
    key: Shape


class Requirement(NamedTuple):
    """A condition of the layer, and what is said where it does not hold."""

    condition: Condition
    message: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class MultiHeadAttention(Attending):
    """Attention in ``num_heads`` projections at once (Vaswani et al. 2017).

    Heads are ``key_dim`` wide, and ``value_dim`` for the value; PyTorch says how wide they are together: ``embed_dim``.
    Parameters with biases and one width D of all inputs: ``4*D*num_heads*key_dim + 3*num_heads*key_dim + D``.

    >>> layer = MultiHeadAttention(num_heads=2, key_dim=4)
    >>> query, value = (5, 10, 8), (5, 7, 6)
    >>> layer.outputs(query, value), layer.count(query, value), layer.macs(query, value)
    (((5, 10, 8),), 256, 15360)
    """

    type: ClassVar[str] = "multi_head_attention"
    common_axes: ClassVar[int] = 2
    either: ClassVar[tuple[str, ...]] = ("key_dim", "embed_dim")
    weight_docs: ClassVar[Mapping[str, str]] = {
        "query_kernel": "multiplies the query, for each head",
        "query_bias": "added to the projected query",
        "key_kernel": "multiplies the key, for each head",
        "key_bias": "added to the projected key",
        "gate_kernel": "multiplies the query for the gates of the heads",
        "gate_bias": "added to the gates before their sigmoid",
        "value_kernel": "multiplies the value, for each head",
        "value_bias": "added to the projected value",
        "output_kernel": "multiplies what all heads found",
        "output_bias": "added to the output",
    }

    num_heads: Size = size("how many heads attend")
    key_dim: Size | None = size("the width of a head's query and key", None)
    value_dim: Size | None = size("the width of a head's value; left out: key_dim", None)
    embed_dim: Size | None = size("the width of the query and of all heads together", None)
    kdim: Size | None = size("how many features the key has; left out: embed_dim", None)
    vdim: Size | None = size("how many features the value has; left out: embed_dim", None)
    bias: bool = flag("add biases", True, off="no biases are added", aliases="use_bias")
    output_shape: tuple[Size, ...] = option("optional_sizes", "the last axes of the output; left out: the query's", ())
    attention_axes: tuple[int, ...] = option("optional_axes", "the axes attended along; left out: all but the ends", ())
    sliding_window: Size | None = size("attend to timesteps less than this many away; left out: to all", None)
    use_gate: bool = flag("multiply what each head found by a gate of the query", False)
    average_scores: bool = flag(
        "pass on the mean of the heads' scores, not those of each head",
        False,
        off="the scores of each head are passed on",
        aliases="average_attn_weights",
    )
    batch_first: bool = flag(
        "the batch is the first axis", True, off="the batch is the second axis, after the timesteps"
    )

    @property
    def time_axis(self) -> int:
        return int(self.batch_first)

    @property
    def head_dim(self) -> Size:
        """The width of a head's query and key. Raises ``Mismatch`` where nothing says it."""
        if self.embed_dim is not None:
            return self.embed_dim // self.num_heads
        if self.key_dim is None:
            message = "expected key_dim or embed_dim, got neither"
            raise Mismatch(message, kind="missing-key", hint="write `key_dim: 32`")
        return self.key_dim

    @property
    def head_value_dim(self) -> Size:
        """The width of a head's value."""
        return self.head_dim if self.value_dim is None else self.value_dim

    def triple(self, inputs: tuple[Shape, ...]) -> Triple:
        """Query, value and key with the batch first."""
        query, value, key = inputs if inputs[2:] else (*inputs, inputs[1])
        if self.batch_first:
            return Triple(query, value, key)
        return Triple(*((shape[1], shape[0], *shape[2:]) for shape in (query, value, key)))

    def axes(self, query: Shape) -> tuple[int, ...]:
        """The axes attended along, counted from 0. Raises ``Mismatch`` on one that is not between the ends."""
        if not self.attention_axes:
            return tuple(range(1, len(query) - 1))
        axes = find_axes(query, self.attention_axes, "attention_axes")
        if 0 in axes or len(query) - 1 in axes:
            message = f"expected axes between the first and the last of {shown(query)}, got {list(self.attention_axes)}"
            raise Mismatch(message, kind="wrong-rank", field="attention_axes", hint="write `attention_axes: [1]`")
        return axes

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        for shape in inputs:
            match("batch time ... in", shape)
        query, value, key = self.triple(inputs)
        for name, shape in (("value", value), ("key", key)):
            if len(shape) != len(query):
                message = f"expected a {name} with as many axes as the query {shown(query)}, got {shown(shape)}"
                raise Mismatch(message, kind="wrong-rank", hint="give query, value and key the same axes")
        if self.embed_dim is not None and len(query) != 3:
            message = f"expected inputs (batch, time, features) with embed_dim, as PyTorch does, got {shown(query)}"
            hint = f"write `key_dim: {self.embed_dim // self.num_heads}` for Keras' attention over several axes"
            raise Mismatch(message, kind="wrong-rank", field="embed_dim", hint=hint)
        for condition, message, hint in self.requirements(inputs):
            if condition.holds is False:
                kind = "size-mismatch" if condition.field else "merge-mismatch"
                raise Mismatch(message, kind=kind, field=condition.field, hint=hint)
        for field, given in (("causal", self.causal), ("sliding_window", self.sliding_window)):
            if given and len(query) != 3:
                message = f"expected inputs (batch, time, features) with {field}, got {shown(query)}"
                raise Mismatch(message, kind="wrong-setting", field=field, hint=f"remove {field}")
        output = (*query[:-1], *(self.output_shape or query[-1:]))
        if not self.batch_first:
            output = (output[1], output[0], *output[2:])
        return (output, self.scores_shape(query, key))[: len(self.output_names)]

    def declared_inputs(self, other: Shape) -> tuple[Shape, ...]:
        if self.embed_dim is None:
            return ()
        widths = (self.embed_dim, self.vdim or self.embed_dim, self.kdim or self.embed_dim)
        return tuple((*other[:2], width) for width in widths)

    def scores_shape(self, query: Shape, key: Shape) -> Shape:
        """The shape of the scores, the batch first; Keras 3.15 states it with the query's axes for the key's."""
        axes = self.axes(query)
        others = [query[axis] for axis in range(len(query) - 1) if axis not in axes]
        heads = () if self.average_scores else (self.num_heads,)
        return (*others, *heads, *(query[axis] for axis in axes), *(key[axis] for axis in axes))

    def requirements(self, inputs: tuple[Shape, ...]) -> Iterator[Requirement]:
        """What must hold of the inputs and of the settings that describe them."""
        triple = self.triple(inputs)
        query, value, key = triple
        axes, got = self.axes(query), " and ".join(shown(shape) for shape in inputs)
        others = [axis for axis in range(len(query) - 1) if axis not in axes]
        for shape in (value, key):
            for axis in others:
                message = f"expected inputs equal along the axes that are not attended along, got {got}"
                yield Requirement(Condition(query[axis], "=", shape[axis]), message, "write the same sizes there")
        for condition in equal_shapes(value[1:-1], key[1:-1]):
            message = f"expected value and key with as many timesteps, got {shown(value)} and {shown(key)}"
            yield Requirement(condition, message, "let them read the same sequence")
        for name, field, declared, shape in self.declared_widths(triple):
            if declared is not None:
                message = f"expected the {name} to have {readable(declared)} features ({field}), got {shown(shape)}"
                yield Requirement(Condition(declared, "=", shape[-1], field), message, f"write `{field}: {shape[-1]}`")
        if self.embed_dim is not None:
            message = (
                f"expected num_heads to divide embed_dim {readable(self.embed_dim)}, got {readable(self.num_heads)}"
            )
            both = isinstance(self.embed_dim, int) and isinstance(self.num_heads, int)
            hint = f"write `num_heads: {divisor(self.embed_dim, self.num_heads)}`" if both else ""  # type: ignore[arg-type]
            yield Requirement(Condition(self.num_heads, "divides", self.embed_dim, "num_heads"), message, hint)

    def declared_widths(self, triple: Triple) -> tuple[tuple[str, str, Size | None, Shape], ...]:
        """The inputs in their order, each with the setting that says how many features it has, and its value."""
        return (
            ("query, the first input,", "embed_dim", self.embed_dim, triple.query),
            ("value, the second,", "vdim", self.embed_dim if self.vdim is None else self.vdim, triple.value),
            ("key, the third,", "kdim", self.embed_dim if self.kdim is None else self.kdim, triple.key),
        )

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        conditions = (requirement.condition for requirement in self.requirements(inputs))
        return (condition for condition in conditions if condition.left != condition.right)

    def weight_axes(self) -> Mapping[str, str]:
        out = " ".join(self.output_axes)
        kernels = {"query": "head unit in", "key": "head unit key_in", "gate": "head value in"}
        kernels |= {"value": "head value value_in", "output": f"{out} from_head from_value"}
        if not self.use_gate:
            del kernels["gate"]
        weights: dict[str, str] = {}
        for name, axes in kernels.items():
            weights[f"{name}_kernel"] = axes
            if self.bias:
                weights[f"{name}_bias"] = out if name == "output" else axes.rpartition(" ")[0]
        return weights

    @property
    def output_axes(self) -> tuple[str, ...]:
        """The names of the output's last axes."""
        count = len(self.output_shape)
        return tuple(f"out_{number}" for number in range(count)) if count > 1 else ("out",)

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        query, value, key = self.triple(inputs)
        return {
            "head": self.num_heads,
            "unit": self.head_dim,
            "value": self.head_value_dim,
            "in": query[-1],
            "key_in": key[-1],
            "value_in": value[-1],
            "from_head": self.num_heads,
            "from_value": self.head_value_dim,
            **dict(zip(self.output_axes, self.output_shape or query[-1:], strict=True)),
        }

    def axis_names(self) -> Mapping[str, Factor]:
        words = {"head": "num_heads", "unit": "key_dim", "value": "value_dim" if self.value_dim else "key_dim"}
        words |= {"in": "query_width", "key_in": "key_width", "value_in": "value_width"}
        words |= {"from_head": words["head"], "from_value": words["value"], "out": "output_width"}
        return {**words, **{axis: axis for axis in self.output_axes if axis != "out"}}

    def own_macs(self, *inputs: Shape) -> Size:
        query, _, key = self.triple(inputs)
        sizes = {weight.role: weight.params for weight in self.own_weights(*inputs)}
        asking = sizes["query_kernel"] + sizes.get("gate_kernel", 0) + sizes["output_kernel"]
        projections = asking * product(query[:-1]) + (sizes["key_kernel"] + sizes["value_kernel"]) * product(key[:-1])
        keys = product(key[axis] for axis in self.axes(query))
        return projections + product(query[:-1]) * keys * self.num_heads * (self.head_dim + self.head_value_dim)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        query, _, key = self.triple(inputs)
        axes, heads = self.axes(query), count_of(self.num_heads, "head")
        asked, found = (readable(product(shape[axis] for axis in axes)) for shape in (query, key))
        width = readable(product(self.output_shape or query[-1:]))
        return (
            f"{heads}, each {readable(self.head_dim)} wide, attend from {asked} timesteps of the query to {found} "
            "of the key",
            f"what they find of the value is projected to the output's width, {width}",
        )

    def attend(self, weights: Weights, inputs: tuple[Array, ...], masks: Masks) -> tuple[Array, Array]:
        import numpy as np

        if not self.batch_first:
            inputs = tuple(x.swapaxes(0, 1) for x in inputs)
        x = inputs[0]
        axes = self.axes(x.shape)
        query, value, key = (self.heads(weights, role, x, axes) for role, x in zip(ROLES, inputs, strict=True))
        query *= query.shape[-1] ** -0.5
        scores = query @ key.swapaxes(-1, -2)
        lengths = [[array.shape[axis] for axis in axes] for array in (x, inputs[2])]
        allowed = self.allowed(masks, x.shape[1], inputs[2].shape[1]) if x.ndim == 3 else None
        if allowed is not None:
            allowed = allowed[:, None]
            scores = np.where(allowed, scores, np.finfo(scores.dtype).min / 2)
        shares = softmax_in_place(scores)
        if allowed is not None and (self.dropout or self.return_attention_scores):
            # Keras 3.15: the fused kernel, used without these, spreads a query that may attend to nothing over all keys
            shares = np.where(allowed, shares, 0)
        output = self.joined(weights, x, shares @ value, axes)
        shares = shares.reshape(*shares.shape[:-2], *lengths[0], *lengths[1])
        if self.average_scores:
            shares = shares.mean(axis=len(x.shape) - 1 - len(axes))
        return (output if self.batch_first else output.swapaxes(0, 1)), shares

    def heads(self, weights: Weights, role: str, x: Array, axes: tuple[int, ...]) -> Array:
        """The projection of ``x`` (batch, ..., in) for each head: (batch, others, head, attended axes, width)."""
        loose = self.projected(weights, role, x)
        others = [axis for axis in range(x.ndim - 1) if axis not in axes]
        ordered = loose.transpose(*others, x.ndim - 1, *axes, x.ndim)
        return ordered.reshape(*ordered.shape[: len(others) + 1], -1, ordered.shape[-1])

    def projected(self, weights: Weights, role: str, x: Array) -> Array:
        """``x`` (batch, ..., in) as (batch, ..., head, width)."""
        kernel = weights[f"{role}_kernel"]
        flat = x.reshape(-1, x.shape[-1]) @ kernel.reshape(-1, kernel.shape[-1]).T
        if self.bias:
            flat += weights[f"{role}_bias"].reshape(-1)
        return flat.reshape(*x.shape[:-1], *kernel.shape[:-1])

    def joined(self, weights: Weights, x: Array, found: Array, axes: tuple[int, ...]) -> Array:
        """What the heads found, (batch, others, head, attended axes as one, width), as the output."""
        from lstm_shapes.layers.activations import activation

        others = [axis for axis in range(x.ndim - 1) if axis not in axes]
        loose = found.reshape(*found.shape[: len(others) + 1], *(x.shape[axis] for axis in axes), found.shape[-1])
        order = [*others, x.ndim - 1, *axes, x.ndim]
        loose = loose.transpose([order.index(axis) for axis in range(x.ndim + 1)])
        if self.use_gate:
            loose = loose * activation("sigmoid")(self.projected(weights, "gate", x))
        kernel = weights["output_kernel"]
        width = loose.shape[-1] * loose.shape[-2]
        flat = loose.reshape(-1, width) @ kernel.reshape(-1, width).T
        if self.bias:
            flat += weights["output_bias"].reshape(-1)
        return flat.reshape(*x.shape[:-1], *kernel.shape[:-2])

    def allowed(self, masks: Masks, asked: int, keys: int) -> Array | None:
        """True where a query timestep may attend to a key timestep: (batch, query, key); None where it always may.

        Keras 3.15 masks inputs with a single axis of timesteps only.
        """
        import numpy as np

        query, value, key = masks
        parts = [None if query is None else query[:, :, None]]
        parts += [None if mask is None else mask[:, None, :] for mask in (value, key)]
        parts.append(np.tri(asked, keys, dtype=bool)[None] if self.causal else None)
        if isinstance(self.sliding_window, int):
            distance = np.abs(np.arange(asked)[:, None] - np.arange(keys))
            parts.append((distance < self.sliding_window)[None])
        there = [part for part in parts if part is not None]
        return np.logical_and.reduce(np.broadcast_arrays(*there)) if there else None


ROLES = ("query", "value", "key")
"""What the inputs are, in Keras' order."""
