"""Embedding: a row of a table for every token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.fields import flag, size
from lstm_shapes.layers.phrases import count_of
from lstm_shapes.symbolic.formula import Factor
from lstm_shapes.symbolic.size import Shape, Size, readable

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class Embedding(Layer):
    """Looks up token ``i`` as row ``i``: no product, so no MACs. Parameters: ``vocab*units``.

    >>> Embedding(vocab=1000, units=16).outputs((5, 10))
    ((5, 10, 16),)
    """

    type: ClassVar[str] = "embedding"
    keeps_mask: ClassVar[bool] = True
    reads_tokens: ClassVar[bool] = True
    weight_docs: ClassVar[Mapping[str, str]] = {"embeddings": "a row for each token"}

    vocab: Size = size("how many tokens there are: ids from 0 to vocab - 1", aliases="input_dim num_embeddings")
    units: Size = size("the width of a token's vector", aliases="output_dim embedding_dim")
    mask_zero: bool = flag("token 0 is padding: what follows skips it", False)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        match("batch ...", inputs[0])
        return ((*inputs[0], self.units),)

    def weight_axes(self) -> Mapping[str, str]:
        return {"embeddings": "vocab unit"}

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        return {"vocab": self.vocab, "unit": self.units}

    def axis_names(self) -> Mapping[str, Factor]:
        return {"vocab": "vocab", "unit": "units"}

    def vocab_size(self, index: int) -> Size | None:
        return self.vocab

    def mask(self, mask: Array | None, *inputs: Array) -> Array | None:
        return inputs[0] != 0 if self.mask_zero else None

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        rows, width = readable(self.vocab), count_of(self.units, "number")
        return (
            f"each token id becomes one of the {rows} rows of a table, {width}: a last axis of {readable(self.units)}",
        )

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return (weights["embeddings"][inputs[0].astype("int64")],)
