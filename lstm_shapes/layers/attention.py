"""Attention and AdditiveAttention: a mean of the values for each query timestep, weighted by how the keys suit it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.conditions import Condition, equal_shapes
from lstm_shapes.layers.fields import choice, flag, rate
from lstm_shapes.layers.phrases import count_of
from lstm_shapes.symbolic.size import Shape, Size, product, readable, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array, Masks


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Attending(Layer):
    """A layer that reads a query, a value and a key, in Keras' order; without a key the value is the key as well.

    It passes on something for each timestep of the query, and the query's mask.
    """

    arity: ClassVar[tuple[int, int]] = (2, 3)
    attends: ClassVar[bool] = True

    dropout: float = rate("the fraction of weights dropped in training")
    causal: bool = flag("a timestep attends to none after it", False, aliases="use_causal_mask")
    return_attention_scores: bool = flag(
        "pass on the weights of the mean as well, as scores", False, aliases="need_weights"
    )

    @property
    def output_names(self) -> tuple[str, ...]:
        return ("output", "scores") if self.return_attention_scores else ("output",)

    @abstractmethod
    def attend(self, weights: Weights, inputs: tuple[Array, ...], masks: Masks) -> tuple[Array, Array]:
        """The output and the scores; ``inputs`` are query, value and key, each with its mask."""

    def masks(self, masks: Masks, *inputs: Array) -> Masks:
        return (masks[0],)

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return self.run_masked(weights, inputs, (mask, *(None,) * (len(inputs) - 1)))[0]

    def run_masked(self, weights: Weights, inputs: tuple[Array, ...], masks: Masks) -> tuple[tuple[Array, ...], Masks]:
        key = inputs[2:] or inputs[1:]
        made = self.attend(weights, (*inputs[:2], *key), (*masks[:2], masks[2] if masks[2:] else None))
        return made[: len(self.output_names)], self.masks(masks, *inputs)


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class SingleHead(Attending):
    """Attention with a single set of weights: scores, softmax along the keys, a weighted mean of the values."""

    @abstractmethod
    def scores(self, weights: Weights, query: Array, key: Array) -> Array:
        """How well each query timestep suits each key timestep."""

    @abstractmethod
    def score_macs(self, query: Shape, key: Shape) -> Size:
        """The multiply-accumulates of the scores."""

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        query, value, key = self.triple(inputs)
        match("batch ... time in", query)
        for name, shape in (("value", value), ("key", key)):
            if len(shape) != len(query):
                message = f"expected a {name} with as many axes as the query {shown(query)}, got {shown(shape)}"
                raise Mismatch(message, kind="wrong-rank", hint="give query, value and key the same axes")
        for condition, message, hint in self.requirements(inputs):
            if condition.holds is False:
                raise Mismatch(message, kind="merge-mismatch", hint=hint)
        return ((*query[:-1], value[-1]), (*query[:-1], key[-2]))[: len(self.output_names)]

    @staticmethod
    def triple(inputs: tuple[Shape, ...]) -> tuple[Shape, Shape, Shape]:
        """The shapes of query, value and key."""
        return (inputs[0], inputs[1], inputs[2] if inputs[2:] else inputs[1])

    def requirements(self, inputs: tuple[Shape, ...]) -> Iterator[tuple[Condition, str, str]]:
        """What must be equal, each with the message and the hint where it is not."""
        query, value, key = self.triple(inputs)
        got = " and ".join(shown(shape) for shape in inputs)
        for shape in inputs[1:]:
            for condition in equal_shapes(query[:-2], shape[:-2]):
                yield condition, f"expected inputs of one batch, got {got}", "write the same batch in their shapes"
        message = f"expected query and {'key' if inputs[2:] else 'value'} of one width, got {got}"
        yield (
            Condition(query[-1], "=", key[-1]),
            message,
            f"put a dense with `units: {query[-1]}` before the {'key' if inputs[2:] else 'value'}",
        )
        message = f"expected value and key with as many timesteps, got {shown(value)} and {shown(key)}"
        yield Condition(value[-2], "=", key[-2]), message, "let them read the same sequence"

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        return (condition for condition, _, _ in self.requirements(inputs) if condition.left != condition.right)

    def own_macs(self, *inputs: Shape) -> Size:
        query, value, key = self.triple(inputs)
        return self.score_macs(query, key) + product(query[:-1]) * product(value[-2:])

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        query, value, key = self.triple(inputs)
        width = readable(value[-1])
        return (
            f"each of {count_of(query[-2], 'timestep')} of the query gets a mean of the value's "
            f"{count_of(value[-2], 'timestep')}, {width} wide",
            f"the mean is weighted by the softmax of {self.explain_scores()} with the {readable(key[-2])} of the key",
        )

    @abstractmethod
    def explain_scores(self) -> str:
        """What the scores are of a query timestep."""

    def attend(self, weights: Weights, inputs: tuple[Array, ...], masks: Masks) -> tuple[Array, Array]:
        import numpy as np

        query, value, key = inputs
        scores = self.scores(weights, query, key)
        allowed = masks[1] if masks[1] is None or masks[1].ndim != 2 else masks[1][:, None, :]
        if self.causal:
            earlier = np.tri(scores.shape[-2], scores.shape[-1], dtype=bool)
            allowed = earlier if allowed is None else allowed & earlier
        if allowed is not None:  # Keras 3.15 takes 1e9 off, so that where all is masked all count
            scores = np.where(allowed, scores, scores - 1e9)
        shares = softmax_in_place(scores)
        output = shares @ value
        return (output if masks[0] is None else np.where(masks[0][..., None], output, 0)), shares


@dataclass(frozen=True, kw_only=True)
class Attention(SingleHead):
    """Scores are dot products of query and key (Luong et al. 2015), or with ``concat`` sums of tanh(query + key).

    >>> layer = Attention(use_scale=True)
    >>> layer.outputs((5, 10, 8), (5, 7, 8)), layer.count((5, 10, 8), (5, 7, 8)), layer.macs((5, 10, 8), (5, 7, 8))
    (((5, 10, 8),), 1, 5600)
    """

    type: ClassVar[str] = "attention"
    weight_docs: ClassVar[Mapping[str, str]] = {
        "scale": "multiplies the scores, or with concat query + key",
        "concat_score_weight": "multiplies the sums of tanh",
    }

    use_scale: bool = flag("learn a number that scales", False, off="nothing scales")
    score_mode: str = choice("dot products, or sums of tanh(query + key)", "dot concat", "dot")

    def weight_axes(self) -> Mapping[str, str]:
        learned = {"scale": self.use_scale, "concat_score_weight": self.score_mode == "concat"}
        return {role: "" for role, there in learned.items() if there}

    def score_macs(self, query: Shape, key: Shape) -> Size:
        return product(query) * key[-2] if self.score_mode == "dot" else 0

    def explain_scores(self) -> str:
        return "its dot products" if self.score_mode == "dot" else "the sums of tanh of its sums"

    def scores(self, weights: Weights, query: Array, key: Array) -> Array:
        import numpy as np

        if self.score_mode == "dot":
            products: Array = query @ key.swapaxes(-1, -2)
            return products * weights["scale"] if self.use_scale else products
        sums = query[..., :, None, :] + key[..., None, :, :]
        scores: Array = np.tanh(weights["scale"] * sums if self.use_scale else sums).sum(axis=-1)
        return weights["concat_score_weight"] * scores


@dataclass(frozen=True, kw_only=True)
class AdditiveAttention(SingleHead):
    """Scores are ``sum(scale * tanh(query + key))`` (Bahdanau et al. 2015).

    >>> layer = AdditiveAttention()
    >>> layer.count((5, 10, 8), (5, 7, 8)), layer.macs((5, 10, 8), (5, 7, 8))
    (8, 5600)
    """

    type: ClassVar[str] = "additive_attention"
    weight_docs: ClassVar[Mapping[str, str]] = {"scale": "multiplies tanh(query + key), summed to a score"}

    use_scale: bool = flag("learn the numbers that weight the sum", True, off="the sum is not weighted")

    def weight_axes(self) -> Mapping[str, str]:
        return {"scale": "in"} if self.use_scale else {}

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        return {"in": inputs[0][-1]}

    def score_macs(self, query: Shape, key: Shape) -> Size:
        return product(query) * key[-2] if self.use_scale else 0

    def explain_scores(self) -> str:
        return f"the {'weighted ' if self.use_scale else ''}sums of tanh of its sums"

    def scores(self, weights: Weights, query: Array, key: Array) -> Array:
        import numpy as np

        curves = np.tanh(query[..., :, None, :] + key[..., None, :, :])
        scores: Array = curves @ weights["scale"] if self.use_scale else curves.sum(axis=-1)
        return scores


def softmax_in_place(scores: Array) -> Array:
    """Softmax along the last axis, in the memory of the scores."""
    import numpy as np

    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores
