"""An ONNX graph -> layers of the spec, node by node, with the graphs inside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.formats.onnx import MAX_NODES
from lstm_shapes.importers.onnx import control
from lstm_shapes.importers.onnx.builder import Ledger
from lstm_shapes.importers.onnx.folding import fold
from lstm_shapes.importers.onnx.node import Node
from lstm_shapes.importers.onnx.operators import ALIASES, HANDLERS
from lstm_shapes.importers.onnx.products import matmul
from lstm_shapes.importers.onnx.scope import Scope
from lstm_shapes.importers.onnx.value import Value, Weight, stored
from lstm_shapes.spec.order import cycles, in_order
from lstm_shapes.symbolic.size import SizeError

Graph = dict[str, Any]


class TooManyNodes(LstmShapesError):
    """More than ``MAX_NODES`` nodes, most likely by functions that call functions."""


class Translator:
    """Translates the graphs of one model, which share a ledger, opsets and functions."""

    def __init__(self, model: dict[str, Any], ledger: Ledger) -> None:
        self.ledger = ledger
        self._opsets: dict[str, int] = model["opsets"]
        self._functions = {(each["domain"], each["name"]): each for each in model["functions"]}
        self._calling: list[tuple[str, str]] = []
        self._nodes = self._anonymous = 0

    def graph(self, graph: Graph, scope: Scope) -> None:
        """Translate the nodes of a graph, whose inputs are in ``scope``."""
        for initializer in graph["initializers"]:
            scope.values[initializer["name"]] = stored(initializer)
        self.nodes(graph, scope)

    def nodes(self, graph: Graph, scope: Scope) -> None:
        """The nodes of a graph or function, in an order in which each comes after what it reads."""
        listed = [value for value in (*graph["values"], *graph["outputs"]) if isinstance(value, dict)]
        declared = {value["name"]: value for value in listed if value["shape"]}
        ordered = self._ordered(graph["nodes"], scope)
        readers = _readers(graph)
        skipped: set[int] = set()
        for place, data in enumerate(ordered):
            if place in skipped:
                continue
            self._nodes += 1
            if self._nodes > MAX_NODES:
                raise TooManyNodes
            bias, added = self._bias(ordered, place, readers, scope)
            if added is not None:
                skipped.add(added)
            values = self._node(data, scope, bias)
            names = ordered[added]["outputs"] if added is not None else data["outputs"]
            for name, value in zip(names, values, strict=False):
                if name:
                    scope.values[name] = self._declared(value, declared.get(name))
            for name in filter(None, names[len(values) :]):
                scope.values[name] = Value(None, "unknown")

    def _declared(self, value: Value, declared: dict[str, Any] | None) -> Value:
        """The value; one of unknown shape in our own computation has the shape that the file declares."""
        if value.shape is not None or declared is None or value.runtime or 0 in declared["shape"]:
            return value
        return value._replace(shape=tuple(map(self.ledger.symbols.size, declared["shape"])))

    def _bias(
        self, nodes: list[dict[str, Any]], place: int, readers: Mapping[str, int], scope: Scope
    ) -> tuple[Value | None, int | None]:
        """The stored bias that the next reader of a matrix product adds to it, and the place of that Add."""
        data = nodes[place]
        output = data["outputs"][0] if data["outputs"] else ""
        if data["op"] != "MatMul" or data["domain"] or readers.get(output) != 1 or len(data["inputs"]) != 2:
            return None, None
        kernel, x = scope.find(data["inputs"][1]), scope.find(data["inputs"][0])
        if kernel is None or kernel.runtime or kernel.shape is None or len(kernel.shape) != 2 or x is None:
            return None, None
        for number in range(place + 1, min(place + 64, len(nodes))):
            adding = nodes[number]
            if output in adding["inputs"]:
                other = [name for name in adding["inputs"] if name != output]
                bias = scope.find(other[0]) if len(other) == 1 and adding["op"] == "Add" else None
                fits = bias is not None and not bias.runtime and bias.shape == kernel.shape[1:] and x.runtime
                return (bias, number) if fits and not kernel.zero else (None, None)
        return None, None

    def _ordered(self, nodes: list[dict[str, Any]], scope: Scope) -> list[dict[str, Any]]:
        """The nodes as they stand, or each after what it reads where they stand otherwise."""
        made: set[str] = set()
        by_output = {name: number for number, node in enumerate(nodes) for name in node["outputs"] if name}
        for number, node in enumerate(nodes):
            if any(by_output.get(name, -1) >= number for name in _read(node)):
                break
            made.update(node["outputs"])
        else:
            return nodes
        needs = {
            str(number): [str(by_output[name]) for name in _read(node) if name in by_output]
            for number, node in enumerate(nodes)
        }
        ordered = in_order(needs)
        for cycle in cycles(needs, set(ordered)):
            names = [nodes[int(number)]["name"] or nodes[int(number)]["op"] for number in cycle[:6]]
            self.ledger.problems.append(
                ("cycle", f"a cycle: {' reads '.join(name[:80] for name in [*names, names[0]])}", ())
            )
        return [nodes[int(number)] for number in ordered]

    def _node(self, data: dict[str, Any], scope: Scope, bias: Value | None) -> list[Value]:
        build = scope.build
        inputs = [self._input(name, data, scope) if name else None for name in data["inputs"]]
        node = Node(
            data["op"],
            data["name"],
            tuple(inputs) if bias is None else (*inputs, bias),
            tuple(data["outputs"]),
            data["attributes"],
            self._opsets.get(data["domain"], 1),
        )
        for weight in build.sources(node):
            self.ledger.reached.setdefault(weight.name, weight)
        if (data["domain"], data["op"]) in self._functions:
            return self._call(data, node, scope)
        if data["domain"]:
            return [build.unknown(node, f"{data['domain']}.{data['op']}")]
        try:
            return self._known(node, scope, bias)
        except (SizeError, ArithmeticError, LookupError, ValueError):  # attributes that no release of the operator has
            return [build.unknown(node, node.op)]

    def _known(self, node: Node, scope: Scope, bias: Value | None) -> list[Value]:
        """The outputs of one of ONNX' own operators."""
        if node.op in control.HANDLERS:
            return control.HANDLERS[node.op](self, node, scope)
        if node.op == "Constant":
            return [self._constant(node)]
        folded = fold(node)
        if folded is not None:
            return [folded]
        if node.op in ALIASES:
            return [node.input(0) or Value(None)]
        if node.op not in HANDLERS:
            return [scope.build.unknown(node, node.op or "a node without an operator")]
        return matmul(scope.build, node, bias) if bias is not None else HANDLERS[node.op](scope.build, node)

    def _input(self, name: str, data: dict[str, Any], scope: Scope) -> Value:
        value = scope.find(name)
        if value is None:
            what = data["name"] or data["op"]
            self.ledger.problems.append(("unknown-layer", f"{what[:80]} reads {name[:80]!r}, which nothing makes", ()))
            scope.values[name] = value = Value(None, "unknown")
        return value

    def _constant(self, node: Node) -> Value:
        """The value of a Constant, whose numbers are a tensor or an attribute of their own."""
        for key, value in node.attributes.items():
            if key in ("value", "sparse_value") and isinstance(value, dict) and "tensor" in value:
                self._anonymous += 1
                tensor = {**value["tensor"], "name": f"{node.output(0) or 'constant'} ({self._anonymous})"}
                return stored(tensor)
            if key in ("value_int", "value_float", "value_ints", "value_floats") and not isinstance(value, dict):
                items = tuple(value) if isinstance(value, list) else (value,)
                shape = (len(items),) if isinstance(value, list) else ()
                self._anonymous += 1
                zero = not any(items)
                count = len(items) if "float" in key and not zero else 0
                name = f"{node.output(0)} ({self._anonymous})"
                weight = Weight(name, shape, "float32" if "float" in key else "int64", count)
                return Value(shape, "", items, (weight,), zero)
        return Value(None)

    def _call(self, data: dict[str, Any], node: Node, scope: Scope) -> list[Value]:
        """The nodes of a function in the place of its call."""
        key = (data["domain"], data["op"])
        if key in self._calling:
            self.ledger.problems.append(("cycle", f"the function {data['op'][:80]} calls itself", ()))
            return [scope.build.unknown(node, f"{data['domain']}.{data['op']}")]
        function = self._functions[key]
        inner = Scope(scope.build)
        given = {**function["attributes"], **node.attributes}
        inner.values = {name: node.input(number) or Value(None) for number, name in enumerate(function["inputs"])}
        nodes = [{**each, "attributes": _filled(each["attributes"], given)} for each in function["nodes"]]
        self._calling.append(key)
        self.nodes({"nodes": nodes, "outputs": function["outputs"], "values": []}, inner)
        self._calling.pop()
        return [inner.find(name) or Value(None) for name in function["outputs"]]


def _filled(attributes: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a node in a function, those of the call put in."""
    filled = {}
    for name, value in attributes.items():
        if isinstance(value, dict) and "ref" in value:
            if value["ref"] in given:
                filled[name] = given[value["ref"]]
        else:
            filled[name] = value
    return filled


def _read(node: dict[str, Any]) -> Iterator[str]:
    """The names that a node reads, those of the graphs inside it too."""
    yield from (name for name in node["inputs"] if name)
    for graph in _graphs(node):
        for inner in graph["nodes"]:
            yield from _read(inner)
        yield from (output["name"] for output in graph["outputs"])


def _graphs(node: dict[str, Any]) -> Iterator[Graph]:
    for value in node["attributes"].values():
        if isinstance(value, dict) and "graph" in value:
            yield value["graph"]


def _readers(graph: Graph) -> Mapping[str, int]:
    """How often each tensor is read."""
    read = Counter(name for node in graph["nodes"] for name in _read(node))
    read.update(output["name"] if isinstance(output, dict) else output for output in graph["outputs"])
    return read
