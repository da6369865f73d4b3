"""The one loop: shapes carried through a graph, node by node."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.findings.route import Route
from lstm_shapes.graph.model import Graph, Node
from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Shape, Size, SizeError

MAX_BITS = 4_096
"""The digits of a shape, in bits: enough for any array, few enough that every figure of a layer can be printed."""
Problems = tuple[tuple[Route, Mismatch], ...]


class Step(NamedTuple):
    """A node with the shapes that reach it and leave it; ``outputs`` is None where it or what feeds it is at fault.

    ``problems`` have the route from the node to the part at fault. A node fed by a faulty one stays unjudged.
    """

    node: Node
    inputs: tuple[Shape, ...] | None
    outputs: tuple[Shape, ...] | None
    problems: Problems = ()


def infer_shapes(graph: Graph, shapes: Sequence[Shape | None]) -> tuple[Step, ...]:
    """A step for each node, in order, from the shapes of the graph's inputs; None is a shape not known."""
    known: dict[str, tuple[Shape, ...] | None] = {
        name: None if shape is None else (shape,) for name, shape in zip(graph.inputs, shapes, strict=True)
    }
    steps = []
    for node in graph.nodes:
        arriving = _arriving(node, known)
        outputs, problems = (None, ()) if arriving is None else judge(node.layer, arriving)
        known[node.name] = outputs
        steps.append(Step(node, arriving, outputs, problems))
    return tuple(steps)


@lru_cache(maxsize=1024)
def judge(layer: Layer, inputs: tuple[Shape, ...]) -> tuple[tuple[Shape, ...] | None, Problems]:
    """The outputs of a layer, or what is wrong. Raises ``SizeError`` on sizes beyond all measure."""
    try:
        outputs = layer.outputs(*inputs)
    except Mismatch:
        return None, layer.problems(*inputs)
    if any(sum(map(_bits, shape)) > MAX_BITS for shape in outputs):
        raise SizeError(f"a shape whose sizes have more than {MAX_BITS:,} bits")
    return outputs, ()


def _bits(size: Size) -> int:
    return size.bit_length() if isinstance(size, int) else max(factor.bit_length() for _, factor in size.terms)


def _arriving(node: Node, known: dict[str, tuple[Shape, ...] | None]) -> tuple[Shape, ...] | None:
    shapes = []
    for name, output in (*node.inputs, *node.states):
        source = known.get(name)
        if source is None:
            return None
        shapes.append(source[output])
    return tuple(shapes)
