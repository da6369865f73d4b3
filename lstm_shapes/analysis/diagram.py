"""A model as boxes and arrows: a box for each layer, a frame around the layers of a nested model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Literal, NamedTuple

from lstm_shapes.analysis.report import Named
from lstm_shapes.graph.model import Ref
from lstm_shapes.graph.shape_inference import Inferred, InferredGraph, InferredNode
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Size, SizeError

Kind = Literal["layer", "input", "output", "unknown"]


class Box(NamedTuple):
    """A layer, an input or an output of the model, or what nothing is known of."""

    id: str
    kind: Kind
    name: str
    type: str = ""
    outputs: tuple[Named, ...] = ()
    params: Size | None = None


class Frame(NamedTuple):
    """A layer with the layers inside it."""

    id: str
    name: str
    type: str
    items: tuple[Box | Frame, ...]


class Arrow(NamedTuple):
    """What a box reads of another; ``label`` names an output other than the main one, ``state`` an initial state."""

    source: str
    target: str
    label: str = ""
    state: bool = False


class Diagram(NamedTuple):
    """The boxes and frames of a model in the order of its layers, and the arrows between boxes."""

    name: str
    items: tuple[Box | Frame, ...]
    arrows: tuple[Arrow, ...]


class _End(NamedTuple):
    """Where an arrow begins: at a box, or, where that is '', wherever the graph's input ``label`` comes from."""

    box: str
    label: str = ""


_Readers = Sequence[tuple[str, bool]]
"""The boxes that read an input, and whether as an initial state."""


class _Part(NamedTuple):
    """What is drawn of a layer or a graph: the readers of each of its inputs, and the ends of each of its outputs."""

    items: tuple[Box | Frame, ...]
    readers: Mapping[str, _Readers]
    ends: tuple[_End, ...]
    inputs: tuple[str, ...] = ()

    def readers_of(self, number: int, state: bool) -> _Readers:
        """The boxes that read an input of a call, by its number."""
        if not self.inputs:
            return [(self.items[0].id, state)]
        return self.readers.get(self.inputs[number], ()) if number < len(self.inputs) else ()


def diagram(reading: Reading) -> Diagram:
    """The diagram of a model, as far as it could be read.

    >>> from lstm_shapes.formats.document import Document
    >>> from lstm_shapes.spec.reader import read
    >>> data = {"input_dim": 8, "layers": [{"type": "lstm", "units": 32}]}
    >>> [box.name for box in diagram(read(Document(source="-", data=data))).items]
    ['input', 'lstm', 'output']
    """
    drawing = _Drawing({layer.name: layer.type for layer in reading.unread})
    try:
        items = drawing.model(reading.inferred) if reading.inferred else ()
    except SizeError:  # sizes beyond all measure, which the report names
        items = ()
    unread = [drawing.unread(layer.name) for layer in reading.unread if layer.name not in drawing.drawn]
    name = reading.model.name if reading.model else ""
    return Diagram(name, (*items, *unread), tuple(drawing.arrows))


class _Drawing:
    """Numbers the boxes and collects the arrows.

    ``types`` are those of the layers that could not be read; ``drawn`` the boxes of those among them that are read.
    """

    def __init__(self, types: Mapping[str, str]) -> None:
        self._numbers, self._types = count(), types
        self.arrows: list[Arrow] = []
        self.drawn: dict[str, Box] = {}

    def next(self) -> str:
        """An id that no box has."""
        return f"n{next(self._numbers)}"

    def unread(self, name: str) -> Box:
        """The box of a layer that could not be read, or of what nothing is known of."""
        return Box(self.next(), "unknown", name, self._types.get(name, ""))

    def model(self, inferred: Inferred) -> tuple[Box | Frame, ...]:
        """The inputs, the layers and the outputs."""
        graph = inferred.graph
        shapes = dict(zip(graph.inputs, inferred.shapes, strict=True))
        inputs = {
            name: Box(self.next(), "input", name, outputs=(Named("output", shape),)) for name, shape in shapes.items()
        }
        part = self.graph(inferred)
        for name, readers in part.readers.items():
            self.connect(_End(inputs[name].id), readers)
        outputs = []
        for ref, end in zip(graph.outputs, part.ends, strict=True):
            name = "output" if len(graph.outputs) == 1 else ref.name
            outputs.append(Box(self.next(), "output", name, outputs=(Named("output", inferred.shape(ref)),)))
            self.connect(end if end.box else _End(inputs[end.label].id), [(outputs[-1].id, False)])
        return (*inputs.values(), *part.items, *outputs)

    def graph(self, graph: InferredGraph) -> _Part:
        """The layers of a graph, each drawn once, with an arrow for everything that each call reads."""
        ends: dict[Ref, _End] = {Ref(name): _End("", name) for name in graph.graph.inputs}
        readers: dict[str, list[tuple[str, bool]]] = {}
        drawn: dict[str, _Part] = {}
        items: list[Box | Frame] = []
        for node in graph.nodes:
            for ref in (*node.node.inputs, *node.node.states):
                if ref not in ends:
                    items += self.missing(ref, ends)
            if node.owner not in drawn:
                drawn[node.owner] = self.layer(node)
                items += drawn[node.owner].items
            part = drawn[node.owner]
            sources = [ends[ref] for ref in (*node.node.inputs, *node.node.states)]
            for number, source in enumerate(sources):
                reading = part.readers_of(number, number >= len(node.node.inputs))
                if source.box:
                    self.connect(source, reading)
                else:
                    readers.setdefault(source.label, []).extend(reading)
            given = dict(zip(part.inputs, sources, strict=False))
            for number, end in enumerate(part.ends):
                ends[Ref(node.name, number)] = end if end.box else given.get(end.label, end)
        for ref in graph.graph.outputs:
            if ref not in ends:
                items += self.missing(ref, ends)
        return _Part(tuple(items), readers, tuple(ends[ref] for ref in graph.graph.outputs), graph.graph.inputs)

    def missing(self, ref: Ref, ends: dict[Ref, _End]) -> list[Box]:
        """The box of a source that is not in the graph, unless it is drawn; it is added to ``ends``."""
        box = self.drawn.get(ref.name)
        fresh = [] if box else [self.unread(ref.name)]
        self.drawn[ref.name] = box or fresh[0]
        ends[ref] = _End(self.drawn[ref.name].id)
        return fresh

    def layer(self, node: InferredNode) -> _Part:
        """A box, or a frame around the layers inside."""
        names = node.layer.output_names
        inside = node.inside
        if inside is None or not inside.nodes:
            outputs = tuple(Named(name, shape) for name, shape in zip(names, node.outputs or (), strict=False))
            box = Box(self.next(), "layer", node.owner, node.layer.type, outputs, node.params)
            return _Part((box,), {}, tuple(_End(box.id, "" if name == "output" else name) for name in names))
        frame = self.next()
        part = self.graph(inside)
        ends = (*part.ends, *part.ends[-1:] * (len(names) - len(part.ends)))
        return part._replace(items=(Frame(frame, node.owner, node.layer.type, part.items),), ends=ends)

    def connect(self, source: _End, readers: _Readers) -> None:
        """An arrow to each of the readers."""
        self.arrows += [Arrow(source.box, target, source.label, state) for target, state in readers]
