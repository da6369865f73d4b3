"""The same loop with arrays: a graph run node by node, masks carried along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lstm_shapes.graph.model import Graph, Node
from lstm_shapes.layers.base import Weights
from lstm_shapes.symbolic.size import Size

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

RunNode = Callable[[Node, Weights, "tuple[Array, ...]", "Array | None"], "tuple[Array, ...]"]


def _run(node: Node, weights: Weights, inputs: tuple[Array, ...], mask: Array | None) -> tuple[Array, ...]:
    return node.layer.run(weights, *inputs, mask=mask)


def run_graph(
    graph: Graph, weights: Weights, inputs: Sequence[Array], call: RunNode = _run
) -> dict[str, tuple[Array, ...]]:
    """Every node's outputs; ``weights`` has a part for each owner; ``call`` runs a node, and may watch what passes."""
    tensors: dict[str, tuple[Array, ...]] = {name: (array,) for name, array in zip(graph.inputs, inputs, strict=True)}
    masks: dict[str, Array | None] = {}
    for node in graph.nodes:
        arrays = tuple(tensors[ref.name][ref.output] for ref in (*node.inputs, *node.states))
        mask = masks.get(node.inputs[0].name)
        tensors[node.name] = call(node, weights.sublayer(node.owner or node.name), arrays, mask)
        masks[node.name] = node.layer.mask(mask, *arrays)
    return tensors


def vocab_size(graph: Graph, name: str) -> Size | None:
    """How many token ids the input called ``name`` has, where a layer reads it as tokens; the fewest of several."""
    readers = ((node, index) for node in graph.nodes for index, ref in enumerate(node.inputs) if ref.name == name)
    counts = [count for node, index in readers if (count := node.layer.vocab_size(index)) is not None]
    numbers = [count for count in counts if isinstance(count, int)]
    return min(numbers) if numbers else counts[0] if counts else None
