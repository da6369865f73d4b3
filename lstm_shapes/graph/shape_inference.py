"""The inferred model that every command reads: shapes, weights, parameters and MACs of every node of a graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.findings.route import Route
from lstm_shapes.graph.model import UNKNOWN, Graph, Model, Node, Ref
from lstm_shapes.graph.once import once
from lstm_shapes.layers.base import Call, Layer, NotKnown, Weight, known_total
from lstm_shapes.layers.conditions import Condition, equal_shapes
from lstm_shapes.symbolic.formula import Formula
from lstm_shapes.symbolic.size import Poly, Shape, Size, SizeError, names, symbol, total

MAX_BITS = 4_096
"""The digits of a shape, in bits: enough for any array, few enough that every figure of a layer can be printed."""
_NOT_KNOWN: Shape = tuple(symbol(f"not_known__{axis}") for axis in range(6))
_NOT_KNOWN_NAMES = frozenset(map(str, _NOT_KNOWN))
_RANKS = (3, 2, 4, 5, 6)
"""The ranks that are tried where only the features are known: a sequence first."""
_NO_SIZES = frozenset(("params", "declared_macs", "start", "stop"))
"""Settings that can be 0 or negative: counts, and positions on an axis."""
_FROM_ZERO = frozenset(("padding", "output_padding", "cropping"))
"""Settings that can be 0."""
Problems = tuple[tuple[Route, Mismatch], ...]
"""What is wrong, each with the route from the layer to the part at fault."""


@dataclass(frozen=True, kw_only=True, eq=False)
class InferredNode:
    """A call of a layer with the shapes that reach it and leave it.

    ``inputs`` is None where something that feeds the node is at fault or unknown, ``outputs`` also where the node
    itself is, unless it declares its output: ``problems`` says why. ``prefix`` is the route from the document's root to
    the node's graph.
    """

    node: Node
    inputs: tuple[Shape, ...] | None
    outputs: tuple[Shape, ...] | None
    problems: Problems = ()
    prefix: Route = ()

    @property
    def name(self) -> str:
        """The node's name."""
        return self.node.name

    @property
    def layer(self) -> Layer:
        """The layer that is called."""
        return self.node.layer

    @property
    def owner(self) -> str:
        """The name of the node whose weights it uses: its own, unless the layer is shared."""
        return self.node.owner or self.node.name

    @property
    def route(self) -> Route:
        """The route from the document's root to the layer's settings."""
        return (*self.prefix, *self.node.route)

    @property
    def known(self) -> bool:
        """Whether its shapes, and with them its figures, could be inferred."""
        return self.outputs is not None

    @property
    def arriving_features(self) -> Size | None:
        """How many features reach the layer; None where that is not known."""
        axis = self.layer.feature_axis
        fits = self.inputs and len(self.inputs[0]) > max(axis, 0)
        return self.inputs[0][axis] if self.inputs and fits else None

    @once
    def count_inputs(self) -> tuple[Shape, ...]:
        """The shapes at which the layer is counted: those that reach it, or symbols that no known figure has.

        Where the author says how many features arrive, the symbols are of a rank that the layer takes.
        """
        if self.inputs is not None and self.known:
            return self.inputs
        count = max(1, len(self.node.inputs))
        if self.node.input_dim is not None:
            for rank in _RANKS:
                inputs = (_with_features(rank, self.layer.feature_axis, self.node.input_dim),) * count
                if infer_layer(self.layer, inputs)[0] is not None:
                    return inputs
        return self._declared_inputs() or (_NOT_KNOWN,) * count

    def _declared_inputs(self) -> tuple[Shape, ...]:
        """The shapes that the layer's own settings say reach it, at a rank that it takes."""
        for rank in _RANKS:
            try:
                inputs = self.layer.declared_inputs(_NOT_KNOWN[:rank])
            except Mismatch:  # the axis that its settings name is not there, or is the batch's
                continue
            if inputs and infer_layer(self.layer, inputs)[0] is not None:
                return inputs
        return ()

    @once
    def params(self) -> Size | None:
        """The number of parameters, tied weights left out; None where it is not known.

        A count may be known where a shape is not.
        """
        if not self.known and self.inside:
            return self.inside.params
        return self._less(self._figure("count"), self.tied)

    @once
    def tied(self) -> tuple[Weight, ...]:
        """The weights of the layer, and of the layers inside it, that are counted with another layer."""
        keys = {tie.weight for tie in self.node.ties}
        counted = bool(keys) and self._figure("count") is not None
        own = [weight for weight in self.layer.weights(*self.count_inputs) if weight.key in keys] if counted else []
        inside = self.inside.nodes if self.inside and self.inside.has_ties else ()
        pairs = ((node.owner, weight) for node in inside if not node.node.shared for weight in node.tied)
        return (*own, *(weight._replace(path=(owner, *weight.path)) for owner, weight in pairs))

    def _less(self, figure: Size | None, weights: Iterable[Weight]) -> Size | None:
        return None if figure is None else figure - total(weight.params for weight in weights)

    @once
    def trainable_params(self) -> Size | None:
        """The parameters that training changes; None where the number is not known."""
        if self.params is None:
            return None
        if not self.node.trainable:
            return 0
        if not self.known and self.inside:
            return self.inside.trainable_params
        if self.layer.trains_all(*self.count_inputs):
            return self.params
        return self._less(self._figure("trainable_count"), (weight for weight in self.tied if weight.trainable))

    @once
    def buffers(self) -> Size | None:
        """The numbers in buffers, which are not parameters; None where it is not known."""
        if not self.known and self.inside:
            return known_total(node.buffers for node in self.inside.nodes if not node.node.shared)
        figure = self._figure("buffer_count")
        return None if figure is None else figure - total(weight.buffered for weight in self.tied)

    @once
    def macs(self) -> Size | None:
        """Multiply-accumulates of the matrix products in this call; None where the number is not known."""
        if not self.known and self.inside:
            return self.inside.macs
        return self._figure("macs") if self.known or self.params is not None else None

    @once
    def formula(self) -> Formula | None:
        """The parameters in the words of the field; None where they are not known or the words ambiguous."""
        return self.layer.formula(*self.count_inputs) if self.params is not None and not self.tied else None

    def _figure(self, name: str) -> Size | None:
        """A figure of the layer; None where it depends on a shape that is not known."""
        if self.inputs is not None and self.known:
            size: Size | None = getattr(self.layer, name)(*self.inputs)
            return size
        return _figure_of_any_shape(self.layer, name, self.count_inputs)

    @once
    def calls(self) -> tuple[Call, ...]:
        """Every innermost layer that the call runs, with the shapes that reach it."""
        return tuple(self.layer.calls(*(self.inputs or ()))) if self.known else ()

    @property
    def cells(self) -> tuple[Call, ...]:
        """The recurrent layers in it, also inside wrappers; without inputs where the node is not known."""
        return tuple(self.layer.recurrent_calls(*(self.inputs or ()) if self.known else ()))

    @once
    def inside(self) -> InferredGraph | None:
        """The graph inside the layer, inferred from what reaches it, if that is known; None where it has none."""
        nested = self.layer.nested(*(self.inputs or ()))
        return nested and infer_graph(nested.graph, nested.inputs, (*self.route, *nested.route))


def _sizes_in(value: Any) -> Iterator[Size]:
    """The sizes in a setting, which may be lists of lists."""
    if isinstance(value, tuple):
        for item in value:
            yield from _sizes_in(item)
    elif isinstance(value, int | Poly):
        yield value


class Reuse(NamedTuple):
    """A layer used again by ``node``: what must hold for ``weight``, made for the input of ``owner``, to fit there."""

    node: InferredNode
    owner: InferredNode
    weight: str
    conditions: tuple[Condition, ...]

    @property
    def fits(self) -> bool | None:
        """Whether it does; None where it depends on symbols."""
        answers = [condition.holds for condition in self.conditions]
        return False if False in answers else None if None in answers else True


@dataclass(frozen=True, kw_only=True, eq=False)
class InferredGraph:
    """The nodes of a graph in order, each inferred; ``shapes`` are those of its inputs, None where not known."""

    graph: Graph
    shapes: tuple[Shape | None, ...]
    nodes: tuple[InferredNode, ...]
    prefix: Route = ()

    @once
    def by_name(self) -> dict[str, InferredNode]:
        """The nodes by name."""
        return {node.name: node for node in self.nodes}

    @once
    def by_owner(self) -> dict[str, tuple[InferredNode, ...]]:
        """The calls of each layer, gathered under the node that owns its weights."""
        calls: dict[str, list[InferredNode]] = {}
        for node in self.nodes:
            calls.setdefault(node.owner, []).append(node)
        return {owner: tuple(nodes) for owner, nodes in calls.items()}

    @once
    def has_ties(self) -> bool:
        """Whether a layer has a weight that is another layer's, at any depth."""
        return any(node.node.ties or (node.inside and node.inside.has_ties) for node in self.nodes)

    @property
    def known(self) -> bool:
        """Whether every node is."""
        return all(node.known for node in self.nodes)

    def shape(self, ref: Ref) -> Shape | None:
        """The shape that a Ref names, of an input or of a node's output; None where it is not known."""
        if ref == UNKNOWN:
            return None
        if ref.name in self.by_name:
            outputs = self.by_name[ref.name].outputs
            return None if outputs is None else outputs[ref.output]
        return self.shapes[self.graph.inputs.index(ref.name)] if ref.name in self.graph.inputs else None

    @property
    def outputs(self) -> tuple[Shape | None, ...]:
        """The shapes of what the graph passes on."""
        return tuple(self.shape(ref) for ref in self.graph.outputs)

    def reuses(self) -> Iterator[Reuse]:
        """The weights of layers used again, also inside nested models, whose sizes are written in another way there."""
        for node in self.nodes:
            owner = self.by_name.get(node.owner) if node.node.shared else None
            if owner and owner.known and owner.inputs and node.known and node.inputs:
                needed, present = node.layer.weights(*node.inputs), owner.layer.weights(*owner.inputs)
                for here, there in zip(needed, present, strict=True):
                    if here.shape != there.shape:
                        yield Reuse(node, owner, there.key, tuple(equal_shapes(here.shape, there.shape)))
            if node.inside:
                yield from node.inside.reuses()

    def sizes(self) -> Iterator[Size]:
        """Every size that has to be at least 1: of inputs, outputs, weights and settings; 1 more of what can be 0."""
        yield from chain.from_iterable(shape for shape in self.shapes if shape)
        for node in self.nodes:
            yield from chain.from_iterable(node.outputs or ())
            if node.known or node.node.input_dim is not None:
                yield from chain.from_iterable(weight.shape for weight in node.layer.weights(*node.count_inputs))
            yield from chain.from_iterable(size for call in node.calls for size in call.inputs)
            for path, value in node.layer.settings().items():
                if path[-1] not in _NO_SIZES:
                    yield from (size + (path[-1] in _FROM_ZERO) for size in _sizes_in(value))

    @property
    def params(self) -> Size | None:
        """The number of parameters, those of a shared layer counted once; None where one is not known."""
        return known_total(node.params for node in self.nodes if not node.node.shared)

    @property
    def trainable_params(self) -> Size | None:
        """The parameters that training changes; None where one number is not known."""
        return known_total(node.trainable_params for node in self.nodes if not node.node.shared)

    @property
    def macs(self) -> Size | None:
        """Multiply-accumulates of all calls; None where one number is not known."""
        return known_total(node.macs for node in self.nodes)


@dataclass(frozen=True, kw_only=True, eq=False)
class Inferred(InferredGraph):
    """A model, inferred: what the report, the rules, the cost, the run and the explanation read."""

    model: Model


def infer(model: Model) -> Inferred:
    """Everything that follows from a model's layers and input shapes. Raises ``SizeError`` on sizes beyond all measure.

    >>> from lstm_shapes.layers.lstm import LSTM
    >>> lstm = Node(name="lstm", layer=LSTM(units=32), inputs=(Ref("x"),))
    >>> inferred = infer(Model(graph=Graph(inputs=("x",), nodes=(lstm,), outputs=(Ref("lstm"),)), shapes=((5, 10, 8),)))
    >>> inferred.outputs, inferred.params, inferred.macs
    (((5, 32),), 5248, 256000)
    """
    return Inferred(
        model=model,
        graph=model.graph,
        shapes=model.shapes,
        nodes=_nodes(model.graph, model.shapes, ()),
    )


def infer_graph(graph: Graph, shapes: Sequence[Shape | None], prefix: Route = ()) -> InferredGraph:
    """The same for a graph inside a layer, whose settings are at ``prefix``."""
    return InferredGraph(graph=graph, shapes=tuple(shapes), nodes=_nodes(graph, shapes, prefix), prefix=prefix)


def _nodes(graph: Graph, shapes: Sequence[Shape | None], prefix: Route) -> tuple[InferredNode, ...]:
    """Carry shapes through a graph, node by node."""
    outputs_of: dict[str, tuple[Shape, ...] | None] = {
        name: None if shape is None else (shape,) for name, shape in zip(graph.inputs, shapes, strict=True)
    }
    nodes = []
    for node in graph.nodes:
        inputs = _inputs(node, outputs_of)
        outputs, problems = infer_layer(node.layer, inputs or ()) if inputs or node.layer.declared else (None, ())
        outputs_of[node.name] = outputs
        nodes.append(InferredNode(node=node, inputs=inputs, outputs=outputs, problems=problems, prefix=prefix))
    return tuple(nodes)


def _with_features(rank: int, axis: int, features: Size) -> Shape:
    """A shape of symbols that no known figure has, but for the features."""
    shape = list(_NOT_KNOWN[:rank])
    shape[min(axis, rank - 1)] = features
    return tuple(shape)


@lru_cache(maxsize=1024)
def _figure_of_any_shape(layer: Layer, name: str, stand_ins: tuple[Shape, ...]) -> Size | None:
    """A figure that the layer has at every shape; None where it depends on one."""
    try:
        size: Size | None = getattr(layer, name)(*stand_ins)
    except (Mismatch, NotKnown):
        return None
    return None if size is None or names(size) & _NOT_KNOWN_NAMES else size


@lru_cache(maxsize=1024)
def infer_layer(layer: Layer, inputs: tuple[Shape, ...]) -> tuple[tuple[Shape, ...] | None, Problems]:
    """The outputs of a layer, or what is wrong. Raises ``SizeError`` on sizes beyond all measure."""
    try:
        outputs = layer.outputs(*inputs)
    except Mismatch:
        return None, layer.problems(*inputs)
    except NotKnown:
        return None, ()
    if any(sum(map(_bits, shape)) > MAX_BITS for shape in outputs):
        raise SizeError(f"a shape whose sizes have more than {MAX_BITS:,} bits")
    return outputs, ()


def _bits(size: Size) -> int:
    return size.bit_length() if isinstance(size, int) else max(factor.bit_length() for _, factor in size.terms)


def _inputs(node: Node, outputs_of: dict[str, tuple[Shape, ...] | None]) -> tuple[Shape, ...] | None:
    """The shapes that reach a node; None where one of them is not known."""
    shapes = []
    for ref in (*node.inputs, *node.states):
        outputs = None if ref == UNKNOWN else outputs_of.get(ref.name)
        if outputs is None:
            return None
        shapes.append(outputs[ref.output])
    return tuple(shapes)
