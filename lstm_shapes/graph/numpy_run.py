"""The same loop with arrays: a graph run node by node, masks carried along."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lstm_shapes.graph.model import Graph, Node, Ref
from lstm_shapes.layers.base import Weights
from lstm_shapes.symbolic.size import Size

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array, Masks

RunNode = Callable[[Node, Weights, "tuple[Array, ...]", "Masks"], "tuple[tuple[Array, ...], Masks]"]


def _run(node: Node, weights: Weights, inputs: tuple[Array, ...], masks: Masks) -> tuple[tuple[Array, ...], Masks]:
    return node.layer.run_masked(weights, inputs, masks)


class Passed(NamedTuple):
    """What runs through a graph: the outputs of every node and input by name, each with its mask."""

    arrays: dict[str, tuple[Array, ...]]
    masks: dict[str, Masks]

    def read(self, refs: Iterable[Ref]) -> tuple[tuple[Array, ...], Masks]:
        """The tensors that are read, and their masks."""
        refs = tuple(refs)
        masks = (self.masks[ref.name][ref.output : ref.output + 1] for ref in refs)
        return tuple(self.arrays[ref.name][ref.output] for ref in refs), tuple(
            mask[0] if mask else None for mask in masks
        )


def run_graph(
    graph: Graph, weights: Weights, inputs: Sequence[Array], masks: Masks = (), call: RunNode = _run
) -> Passed:
    """Run every node; ``weights`` has a part for each owner; ``call`` runs a node, and may watch what passes."""
    passed = Passed({}, {})
    for number, (name, array) in enumerate(zip(graph.inputs, inputs, strict=True)):
        passed.arrays[name], passed.masks[name] = (array,), masks[number : number + 1]
    for node in graph.nodes:
        arrays, arriving = passed.read((*node.inputs, *node.states))
        outcome = call(node, weights.sublayer(node.owner or node.name), arrays, arriving)
        passed.arrays[node.name], passed.masks[node.name] = outcome
    return passed


def vocab_size(graph: Graph, name: str) -> Size | None:
    """How many token ids the input called ``name`` has, where a layer reads it as tokens; the fewest of several."""
    readers = ((node, index) for node in graph.nodes for index, ref in enumerate(node.inputs) if ref.name == name)
    counts = [count for node, index in readers if (count := node.layer.vocab_size(index)) is not None]
    numbers = [count for count in counts if isinstance(count, int)]
    return min(numbers) if numbers else counts[0] if counts else None
