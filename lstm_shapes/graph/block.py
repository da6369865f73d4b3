"""Block: a model used as a layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.findings.route import Route
from lstm_shapes.graph.model import Graph, Ref
from lstm_shapes.graph.numpy_run import run_graph, vocab_size
from lstm_shapes.graph.shape_inference import InferredGraph, infer_graph
from lstm_shapes.layers.base import Layer, Nested, NotKnown, Sublayer, Weights
from lstm_shapes.layers.fields import option
from lstm_shapes.layers.output_names import distinct
from lstm_shapes.layers.settings import Path, nested_settings
from lstm_shapes.symbolic.formula import Formula
from lstm_shapes.symbolic.size import Shape, Size

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array, Masks


@dataclass(frozen=True, kw_only=True)
class Block(Layer):
    """The layers of ``graph``, from what reaches the block to what it passes on.

    >>> from lstm_shapes.layers.dense import Dense
    >>> from lstm_shapes.graph.model import Node, Ref
    >>> nodes = (Node(name="dense", layer=Dense(units=4), inputs=(Ref("x"),)),)
    >>> Block(graph=Graph(inputs=("x",), nodes=nodes, outputs=(Ref("dense"),))).outputs((5, 8))
    ((5, 4),)
    """

    type: ClassVar[str] = "model"
    arity: ClassVar[tuple[int, int]] = (1, 10_000)

    graph: Graph = option("graph", "the layers inside")
    branch: str = option("text", "the branch of a condition or the loop whose body it is", "")

    @property
    def output_names(self) -> tuple[str, ...]:
        names = [self._output_name(ref) for ref in self.graph.outputs]
        return ("output",) if len(names) == 1 else distinct(names)

    def _output_name(self, ref: Ref) -> str:
        """The name of a layer inside, with that of its output if that is not the first: ``lstm_h``."""
        if ref.output == 0:
            return ref.name
        node = next(node for node in self.graph.nodes if node.name == ref.name)
        return f"{ref.name}_{node.layer.output_names[ref.output]}"

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        inferred = _inferred(self.graph, inputs)
        for node in inferred.nodes:
            for _, problem in node.problems:
                raise problem
        if not inferred.known:
            raise NotKnown("the shape of a layer inside is not known")
        return tuple(shape for shape in inferred.outputs if shape is not None)

    def problems(self, *inputs: Shape) -> tuple[tuple[Route, Mismatch], ...]:
        nodes = _inferred(self.graph, inputs).nodes
        return tuple(((*node.node.route, *route), problem) for node in nodes for route, problem in node.problems)

    def sublayers(self, *inputs: Shape) -> tuple[Sublayer, ...]:
        if not inputs:
            nodes = self.graph.nodes
            return tuple(Sublayer(n.owner or n.name, n.layer, (), n.trainable, n.route) for n in nodes)
        return tuple(
            Sublayer(node.owner, node.layer, node.inputs, node.node.trainable, node.node.route)
            for node in _inferred(self.graph, inputs).nodes
            if node.inputs is not None
        )

    def formula(self, *inputs: Shape) -> Formula | None:
        return None

    def vocab_size(self, index: int) -> Size | None:
        return vocab_size(self.graph, self.graph.inputs[index])

    def nested(self, *inputs: Shape) -> Nested | None:
        return Nested((), self.graph, inputs or (None,) * len(self.graph.inputs))

    def bound(self, values: Mapping[str, int]) -> Self:
        nodes = tuple(node._replace(layer=node.layer.bound(values)) for node in self.graph.nodes)
        return replace(self, graph=self.graph._replace(nodes=nodes))

    def scaled(self, times: int) -> Self:
        return replace(self, graph=self.graph.scaled(times))

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        names = [ref.name for ref in self.graph.outputs]
        condition = f", in the branch {self.branch}" if self.branch else ""
        return (f"what {' and '.join(names[:6])} inside it passes on{condition}",)

    def settings(self) -> dict[Path, Any]:
        settings: dict[Path, Any] = {("branch",): self.branch} if self.branch else {}
        for node in self.graph.nodes:
            settings |= nested_settings(node.name, node.layer)
            settings[node.name, "trainable"] = node.trainable
        return settings

    def changed(self, path: Path, value: Any) -> Self:
        name, *rest = path
        if path == ("branch",):
            return replace(self, branch=value)
        node = {node.name: node for node in self.graph.nodes}[name]
        if rest == ["trainable"]:
            new = node._replace(trainable=value)
        else:
            new = node._replace(layer=node.layer.changed(tuple(rest), value))
        nodes = tuple(new if each is node else each for each in self.graph.nodes)
        return replace(self, graph=self.graph._replace(nodes=nodes))

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return self.run_masked(weights, inputs, (mask,))[0]

    def run_masked(self, weights: Weights, inputs: tuple[Array, ...], masks: Masks) -> tuple[tuple[Array, ...], Masks]:
        return run_graph(self.graph, weights, inputs, masks).read(self.graph.outputs)


@lru_cache(maxsize=16)
def _inferred(graph: Graph, inputs: tuple[Shape, ...]) -> InferredGraph:
    """The graph with these shapes, which every figure of a block needs."""
    return infer_graph(graph, inputs)
