"""A model as data: layers with names, and who reads whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lstm_shapes.findings.route import Route
from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Shape, Size

Extras = tuple[tuple[str, str], ...]
"""Fields that change neither shape nor count, as they were written."""


class Ref(NamedTuple):
    """An output of a node, or an input of the graph: ``output`` counts from 0."""

    name: str
    output: int = 0


class Tie(NamedTuple):
    """A weight, by its key, that is another layer's: ``source`` names it, ``embedding.embeddings``."""

    weight: str
    source: str


UNKNOWN = Ref("unknown", -1)
"""What a node reads of which nothing is known."""


class Node(NamedTuple):
    """One call of a layer. ``owner`` is the node whose weights it uses: itself, unless the layer is shared.

    ``input_dim`` is the number of features that reach it as its author says; it is counted by them where nothing else
    says what arrives.
    """

    name: str
    layer: Layer
    inputs: tuple[Ref, ...]
    states: tuple[Ref, ...] = ()
    route: Route = ()
    owner: str = ""
    trainable: bool = True
    extras: Extras = ()
    input_dim: Size | None = None
    ties: tuple[Tie, ...] = ()

    @property
    def shared(self) -> bool:
        """Whether the weights are another node's, so that they are not counted again."""
        return self.owner not in ("", self.name)


class Graph(NamedTuple):
    """Nodes in an order in which they can be run; every Ref names an input or a node before."""

    inputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[Ref, ...]

    def scaled(self, times: int) -> Graph:
        """The graph with every layer passing on ``times`` as many features."""
        return self._replace(nodes=tuple(node._replace(layer=node.layer.scaled(times)) for node in self.nodes))

    def references(self) -> Iterator[Ref]:
        """Every Ref by which something is read or passed on."""
        for node in self.nodes:
            yield from node.inputs
            yield from node.states
        yield from self.outputs


class Lengths(NamedTuple):
    """The timesteps of each example of a padded batch, and the axes of the input that count both."""

    steps: tuple[int, ...]
    batch_axis: int = 0
    time_axis: int = 1


class Model(NamedTuple):
    """A graph with the shapes that enter it; None for a graph that could not be read."""

    graph: Graph
    shapes: tuple[Shape | None, ...]
    name: str = ""
    framework: str = "keras"
    dtype: str = "float32"
    lengths: Lengths | None = None
