"""The entries of a spec as they are made from nodes: names, inputs, and which stored numbers each layer counts.

Each stored tensor is counted once, with the layer that first reads it. A layer whose own count is not that of the
tensors that reach its node is written as an `operator` with their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Document
from lstm_shapes.frameworks.onnx import ONNX
from lstm_shapes.importers.onnx.node import Node
from lstm_shapes.importers.onnx.value import Symbols, Value, Weight
from lstm_shapes.layers.base import Layer, NotKnown
from lstm_shapes.spec.context import Context
from lstm_shapes.spec.errors import Errors
from lstm_shapes.spec.graph import read_layer
from lstm_shapes.spec.imported import Stored
from lstm_shapes.spec.layer_names import MAX_NAME, UniqueNames
from lstm_shapes.symbolic.size import Poly, Shape, Size, symbol, total

Entry = dict[str, Any]


class Ledger:
    """What the graphs of one file share: names, symbols, the tensors that are counted, and what is to be said."""

    def __init__(self, document: Document, taken: Sequence[str] = ()) -> None:
        self.document = document
        self.names = UniqueNames(("unknown", "input", *taken))
        self.symbols = Symbols()
        self.counted: set[str] = set()
        self.reached: dict[str, Weight] = {}
        self.notes: dict[str, None] = {}
        self.routes: dict[Route, str] = {}
        self.stored: dict[Route, tuple[Stored, ...]] = {}
        self.states: set[str] = set()
        self.problems: list[tuple[str, str, Route]] = []

    def note(self, text: str) -> None:
        """Something that people should know of the translation; said once."""
        self.notes.setdefault(text)

    def owed(self, values: Sequence[Value | None]) -> list[Weight]:
        """The stored tensors of these values that no layer has counted yet."""
        weights = {weight.name: weight for value in values if value is not None for weight in value.weights}
        return [weight for weight in weights.values() if weight.name not in self.counted]

    def start_from(self, states: Sequence[Weight]) -> None:
        """Record that these tensors are initial states, which are no weights."""
        self.states.update(weight.name for weight in states)
        self.settle(states)

    def settle(self, weights: Sequence[Weight]) -> None:
        """Record that these tensors are counted."""
        self.counted.update(weight.name for weight in weights)


class Measured(NamedTuple):
    """What a layer of an entry is at the shapes that reach it; None where it is not known."""

    layer: Layer | None
    outputs: tuple[Shape, ...] | None
    params: Size | None


class Builder:
    """The layers of one graph of the spec."""

    def __init__(self, ledger: Ledger, route: Route, inputs: Sequence[str]) -> None:
        self.ledger = ledger
        self.route = (*route, "layers")
        self.entries: list[Entry] = []
        self.captured: dict[str, Shape | None] = {}
        self._above = inputs[0] if len(inputs) == 1 else ""
        self._calls: dict[Any, tuple[str, Measured]] = {}

    def layer(
        self,
        node: Node,
        entry: Entry,
        inputs: Sequence[Value],
        states: Sequence[Value] = (),
        exact: bool = False,
        compared: bool = True,
    ) -> list[Value]:
        """The outputs of a layer that the node is; of an operator of this name where its count is another.

        ``exact`` says that it counts its weights itself, whatever the file stores; ``compared`` that the stored tensors
        are given to whoever compares them with its weights.
        """
        if not any(value.runtime for value in (*inputs, *states)):
            return self.computed(node, entry, inputs)
        values = [value for value in node.inputs if value is not None]
        measured = measure(self.ledger.document, entry, [*inputs, *states])
        owed = self.ledger.owed(values)
        key = self._key(entry, values)
        if key in self._calls and not owed:
            name, _ = self._calls[key]
            return self._outputs(self.append(node, {"use": name}, inputs, states), measured)
        weights = tuple(weight for value in values for weight in value.weights if self._is_weight(weight))
        params = total(weight.params for weight in owed)
        wrong = measured.params is not None and measured.params != params
        if wrong and not exact:
            shape = measured.outputs[0] if measured.outputs else None
            return [self.operator(node, shape, inputs)]
        name = self.append(node, entry, inputs, states)
        self.ledger.settle(owed)
        if weights and compared:
            self._calls[key] = name, measured
            self.ledger.stored[*self.route, len(self.entries) - 1] = tuple(
                Stored(weight.name, weight.shape, weight.dtype) for weight in dict.fromkeys(weights)
            )
        return self._outputs(name, measured)

    def _is_weight(self, weight: Weight) -> bool:
        return weight.params > 0 and weight.name not in self.ledger.states

    def fits(self, entry: Entry, inputs: Sequence[Value]) -> bool:
        """Whether a layer of ours takes these shapes, as far as they are known."""
        known = all(value.shape is not None for value in inputs)
        return not known or measure(self.ledger.document, entry, inputs).outputs is not None

    def operator(
        self, node: Node, shape: Shape | None, inputs: Sequence[Value] | None = None, macs: Size | None = None
    ) -> Value:
        """What the node passes on as an operation that is not described: its shape, and the numbers stored for it."""
        reading = [value for value in (node.runtime if inputs is None else inputs) if value.runtime]
        if not reading:
            return Value(shape, "", None, self.sources(node))
        owed = self.ledger.owed(node.inputs)
        params = sum(weight.params for weight in owed)
        entry: Entry = {"type": "operator", "op": node.op}
        if shape is not None:
            entry["output"] = written(shape)
        if params:
            entry["params"] = params
        if macs is not None:
            entry["macs"] = _written(macs)
        name = self.append(node, entry, reading)
        self.ledger.settle(owed)
        return Value(shape, name)

    def unknown(self, node: Node, class_name: str) -> Value:
        """What an operator passes on of which nothing is known."""
        inputs = node.runtime
        self.ledger.settle(self.ledger.owed(node.inputs))
        entry = {"type": "unknown", "class": class_name[:MAX_NAME], **({} if inputs else {"inputs": "unknown"})}
        name = self.append(node, entry, inputs)
        self.ledger.note(f"{name}: what {class_name[:MAX_NAME]} does is not known, nor what it passes on")
        return Value(None, name)

    def computed(self, node: Node, entry: Entry, inputs: Sequence[Value]) -> list[Value]:
        """The outputs of a node that reads no input of the model: no layer, but the numbers stored for it."""
        measured = measure(self.ledger.document, entry, inputs)
        weights = self.sources(node)
        zero = all(value.zero for value in inputs)
        shapes: Sequence[Shape | None] = measured.outputs or (None,)
        return [Value(shape, "", None, weights, zero) for shape in shapes]

    def sources(self, node: Node) -> tuple[Weight, ...]:
        """The stored tensors from which a node computes."""
        return tuple(dict.fromkeys(weight for value in node.inputs if value is not None for weight in value.weights))

    def append(self, node: Node, entry: Entry, inputs: Sequence[Value], states: Sequence[Value] = ()) -> str:
        """Add a layer; its name."""
        name = self.ledger.names.unique(layer_name(node))
        head: Entry = {key: entry[key] for key in ("type", "use", "op", "class") if key in entry}
        rest = {key: value for key, value in entry.items() if key not in head}
        full = {**head, "name": name}
        refs = [value.ref for value in inputs]
        if refs and refs != [self._above]:
            full["inputs"] = refs[0] if len(refs) == 1 else refs
        full |= rest
        if states:
            full["initial_state"] = [value.ref for value in states]
        self.ledger.routes[self.next_route] = node.name or node.op
        self.entries.append(full)
        self._above = name if entry.get("type") not in ("split", "model") else ""
        return name

    @property
    def next_route(self) -> Route:
        """The route of the layer that is added next."""
        return (*self.route, len(self.entries))

    def rename(self, ref: str, name: str) -> None:
        """Call what the layers read by another name."""
        for entry in self.entries:
            for key in ("inputs", "initial_state"):
                if key in entry:
                    refs = entry[key] if isinstance(entry[key], list) else [entry[key]]
                    new = [name if each == ref else each for each in refs]
                    entry[key] = new if isinstance(entry[key], list) else new[0]

    def _outputs(self, name: str, measured: Measured) -> list[Value]:
        names = measured.layer.output_names if measured.layer else ("output",)
        shapes: Sequence[Shape | None] = measured.outputs or [None] * len(names)
        main = names[0] if names[0] != "output" else ""
        refs = [name if number == 0 and not main else f"{name}.{output}" for number, output in enumerate(names)]
        return [Value(shape, ref) for shape, ref in zip(shapes, refs, strict=True)]

    def _key(self, entry: Entry, values: Sequence[Value]) -> Any:
        weights = tuple(weight.name for value in values for weight in value.weights)
        return (repr(sorted(entry.items(), key=lambda item: item[0])), weights) if weights else None


def measure(document: Document, entry: Entry, inputs: Sequence[Value]) -> Measured:
    """The layer of an entry, what it passes on and its count; each None where it is not known."""
    errors = Errors(Document(source=document.source, data={}))
    layer = read_layer(Context(errors=errors, framework=ONNX), entry, ())
    shapes = [value.shape for value in inputs]
    if layer is None or None in shapes:
        return Measured(layer, None, None if layer is None else _count(layer, entry))
    known = [shape for shape in shapes if shape is not None]
    try:
        return Measured(layer, layer.outputs(*known), layer.count(*known))
    except (Mismatch, NotKnown):
        return Measured(layer, None, None)


_RANKS = (3, 2, 4, 5)
"""The ranks that are tried where only the features are known: a sequence first."""


def _count(layer: Layer, entry: Entry) -> Size | None:
    """The count of a layer at any shape with as many features as its entry says; None where it depends on more."""
    if not layer.weight_docs:
        return 0
    width = entry.get("input_dim", 0)
    for rank in _RANKS if isinstance(width, int) else ():
        shape: list[Size] = [symbol("not_known")] * rank
        shape[min(layer.feature_axis, rank - 1)] = int(width)
        try:
            count = layer.count(*[tuple(shape)] * layer.arity[0])
        except (Mismatch, NotKnown):
            continue
        return count if isinstance(count, int) else None
    return None


def layer_name(node: Node) -> str:
    """The name of a node, or of what it does, as a layer can have it."""
    name = node.name.strip("/") or node.op.lower()
    return name[: MAX_NAME - 10] or "node"


def written(shape: Shape) -> list[int | str]:
    """A shape as a spec writes it."""
    return [_written(size) for size in shape]


def _written(size: Size) -> int | str:
    return str(size) if isinstance(size, Poly) else size
