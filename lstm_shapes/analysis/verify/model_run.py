"""One run of a model whose symbols are numbers, every layer checked as it passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lstm_shapes.analysis.verify.layer_run import LayerRun
from lstm_shapes.analysis.verify.verification import LayerCheck
from lstm_shapes.graph.lengths import LayerSteps, Packed, packed
from lstm_shapes.graph.model import Node
from lstm_shapes.graph.numpy_run import Passed, run_graph, vocab_size
from lstm_shapes.graph.shape_inference import Inferred, InferredNode
from lstm_shapes.graph.ties import final_sources, links
from lstm_shapes.layers.base import Call, Weights
from lstm_shapes.symbolic.size import Shape, Size, fixed

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array, Masks

Progress = Callable[[str, int], None]
"""Called with a layer's name and how many layers there are to do."""


class ModelRun:
    """Predictions are made with symbols (``predicted``) and bound by ``values``; the run knows only ``numbers``."""

    def __init__(
        self, predicted: Inferred, numbers: Inferred, values: Mapping[str, int], seed: int, progress: Progress | None
    ) -> None:
        self.predicted, self.numbers, self.values, self.progress = predicted, numbers, values, progress
        self.random = np.random.default_rng(seed)
        self.checks: list[LayerCheck] = []
        self.arrays: dict[str, dict[str, Array]] = {}
        self.passed = Passed({}, {})
        self.lengths: Sequence[int] = numbers.model.lengths.steps if numbers.model.lengths else ()
        self.steps = [_by_name(packed(inferred)) for inferred in (predicted, numbers)] if self.lengths else []

    def layer_checks(self) -> list[LayerCheck]:
        """Run the whole model; ``check_layer`` sees every layer pass."""
        for node in self.numbers.nodes:
            if not node.node.shared:
                self.arrays[node.owner] = self.allocate(node)
        self.tie()
        inputs = zip(self.numbers.graph.inputs, self.predicted.shapes, strict=True)
        data = [self.data(name, shape) for name, shape in inputs if shape is not None]
        with np.errstate(all="ignore"):
            self.passed = run_graph(self.numbers.graph, Weights({}), data, call=self.check_layer)
        return self.checks

    def tie(self) -> None:
        """Put the array of each tied weight's source in its place."""
        if not self.numbers.has_ties:
            return
        every = links(self.numbers)
        turned = {link.target: link.transposed for link in every}
        sources = {link.target: link.source for link in every if link.source}
        for target, end in final_sources(every).items():
            if end is not None:
                place, times = target, 0
                while place != end:
                    place, times = sources[place], times + bool(turned[place])
                array = self.arrays[end[0]][end[1]]
                self.arrays[target[0]][target[1]] = array.T if times % 2 else array

    def allocate(self, node: InferredNode) -> dict[str, Array]:
        """Random weights of the declared shapes, small enough for no gate to be stuck."""
        arrays = {}
        for weight in node.layer.weights(*(node.inputs or ())):
            scale = float(max((1, *map(fixed, weight.shape[-1:])))) ** 0.5
            array = np.asarray(self.uniform(weight.shape) / scale)
            arrays[weight.key] = np.abs(array) if weight.positive else array
        return arrays

    def uniform(self, shape: Shape) -> Array:
        """Random numbers in an array of this shape."""
        return self.random.uniform(-1, 1, [fixed(size) for size in shape])

    def data(self, name: str, shape: Shape) -> Array:
        """Random numbers for an input, or token ids where an embedding reads it; 0 is left to padding."""
        sizes = [fixed(size, self.values) for size in shape]
        count = vocab_size(self.predicted.graph, name)
        if count is None:
            return self.random.uniform(-1, 1, sizes)
        return self.token_ids(fixed(count, self.values), sizes)

    def token_ids(self, count: int, sizes: list[int]) -> Array:
        """Token ids below ``count`` as numbers, for layers that read them too; 0 is left to padding."""
        return self.random.integers(min(1, count - 1), count, sizes).astype(float)

    def without_padding(self, name: str) -> tuple[Size, tuple[Call, ...]] | None:
        """What a layer computes of the ``lengths``, predicted, and the recurrent layers in it that do."""
        if not self.steps or name not in self.steps[1]:
            return None
        predicted, numbers = (rows[name] for rows in self.steps)
        return predicted.macs, numbers.calls

    def check_layer(
        self, node: Node, weights: Weights, inputs: tuple[Array, ...], masks: Masks
    ) -> tuple[tuple[Array, ...], Masks]:
        """Run a node and check it; what it passes on has the predicted shapes even where it is wrong."""
        predicted = self.predicted.nodes[len(self.checks)]
        if self.progress:
            self.progress(node.name, len(self.predicted.nodes))
        arrays = self.arrays[node.owner or node.name]
        outputs, passed, check = LayerRun(self, predicted, node, arrays).check(inputs, masks)
        self.checks.append(check)
        return outputs, passed


def _by_name(answer: Packed | None) -> dict[str, LayerSteps]:
    return {row.name: row for row in answer.layers} if answer else {}
