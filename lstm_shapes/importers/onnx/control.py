"""If, Loop and Scan: the graph inside as a nested model, counted once; a branch that is decided in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from lstm_shapes.importers.onnx.builder import Builder, layer_name, written
from lstm_shapes.importers.onnx.node import Node
from lstm_shapes.importers.onnx.scope import Scope
from lstm_shapes.importers.onnx.value import Value
from lstm_shapes.symbolic.size import Shape


class Translator(Protocol):
    """Translates the nodes of a graph."""

    def graph(self, graph: dict[str, Any], scope: Scope) -> None:
        """Add the layers of a graph, whose inputs are in ``scope``."""


def if_(translator: Translator, node: Node, scope: Scope) -> list[Value]:
    """Both branches, and what passes on one or the other; only one where the condition follows from shapes."""
    condition = node.input(0)
    decided = condition.integers if condition is not None else None
    if decided:
        return _inline(translator, node, "then_branch" if decided[0] else "else_branch", scope)
    branches = [_block(translator, node, key, scope, {}) for key in ("then_branch", "else_branch")]
    return [_either(scope.build, node, pair) for pair in zip(*branches, strict=False)]


def _either(build: Builder, node: Node, values: Sequence[Value]) -> Value:
    """What If passes on: the shape that both branches have, with a symbol where they differ."""
    first, second = values
    shape: Shape | None = None
    if first.shape is not None and second.shape is not None and len(first.shape) == len(second.shape):
        pairs = zip(first.shape, second.shape, strict=True)
        shape = tuple(a if a == b else build.ledger.symbols.fresh() for a, b in pairs)
    if not first.runtime and not second.runtime:
        condition = node.input(0)
        return build.operator(node, shape, [condition] if condition is not None else [])
    return build.operator(node, shape, [value for value in values if value.runtime])


def _inline(translator: Translator, node: Node, key: str, scope: Scope) -> list[Value]:
    graph = _graph(node, key)
    if graph is None:
        return [scope.build.unknown(node, node.op)]
    inner = Scope(scope.build, scope)
    translator.graph(graph, inner)
    return [inner.find(output["name"]) or Value(None) for output in graph["outputs"]]


def loop(translator: Translator, node: Node, scope: Scope) -> list[Value]:
    """The body once, with what enters the first round; what it carries on, and what it collects along a new axis."""
    graph = _graph(node, "body")
    if graph is None:
        return [scope.build.unknown(node, node.op)]
    carried = list(node.inputs[2:])
    names = [each["name"] for each in graph["inputs"]]
    given: dict[str, Value] = {name: Value(()) for name in names[:2]}
    given |= {name: value or Value(None) for name, value in zip(names[2:], carried, strict=False)}
    outputs = _block(translator, node, "body", scope, given, changed=_changed(graph, names, 1))[1:]
    trips = node.input(0)
    rounds = trips.sizes[0] if trips is not None and trips.sizes and trips.sizes[0] != 0 else None
    if isinstance(rounds, int) and not 0 < rounds < 2**31:
        rounds = None
    return _collected(scope.build, node, outputs, carried, rounds or scope.build.ledger.symbols.fresh())


def scan(translator: Translator, node: Node, scope: Scope) -> list[Value]:
    """The body once, for one position of what is scanned."""
    graph = _graph(node, "body")
    count = node.integer("num_scan_inputs", 0)
    inputs = node.inputs if node.opset >= 9 else node.inputs[1:]
    if graph is None or not 0 < count <= len(inputs) or node.opset < 9:
        return [scope.build.unknown(node, node.op)]
    carried, scanned = list(inputs[:-count]), inputs[-count:]
    axes = node.integers("scan_input_axes") or (0,) * count
    names = [each["name"] for each in graph["inputs"]]
    given = {name: value or Value(None) for name, value in zip(names, carried, strict=False)}
    slices = dict(zip(names[len(carried) :], zip(scanned, axes, strict=False), strict=False))
    outputs = _block(translator, node, "body", scope, given, slices, _changed(graph, names, 0)[: len(carried)])
    first = scanned[0]
    shape = first.shape if first is not None else None
    length = shape[axes[0]] if shape and -len(shape) <= axes[0] < len(shape) else scope.build.ledger.symbols.fresh()
    return _collected(scope.build, node, outputs, carried, length)


def _collected(
    build: Builder, node: Node, outputs: list[Value], carried: Sequence[Value | None], rounds: Any
) -> list[Value]:
    values = []
    for number, value in enumerate(outputs):
        if number < len(carried):
            values.append(value)
        else:
            shape = None if value.shape is None else (rounds, *value.shape)
            values.append(build.operator(node, shape, [value]))
    return values


def _graph(node: Node, key: str) -> dict[str, Any] | None:
    value = node.attributes.get(key)
    return value["graph"] if isinstance(value, dict) and "graph" in value else None


def _block(
    translator: Translator,
    node: Node,
    key: str,
    scope: Scope,
    given: dict[str, Value],
    slices: dict[str, tuple[Value | None, int]] | None = None,
    changed: Sequence[str] = (),
) -> list[Value]:
    """The graph under an attribute as a nested model; what it passes on, as the graph around it reads it."""
    graph = _graph(node, key)
    if graph is None:
        return [scope.build.unknown(node, node.op)]
    outer = scope.build
    build = Builder(outer.ledger, (*outer.route, len(outer.entries)), ())
    inner = Scope(build, scope)
    for name, value in given.items():
        if name in changed and not value.runtime:
            inner.values[name] = _state(build, node, name, value)
            continue
        inner.values[name] = value._replace(numbers=None) if name in changed else value
        if value.runtime:
            build.captured.setdefault(value.ref, value.shape)
    for name, (scanned, axis) in (slices or {}).items():
        inner.values[name] = _position(build, node, scanned, axis)
    translator.graph(graph, inner)
    results = [inner.find(output["name"]) or Value(None) for output in graph["outputs"]]
    return _finished(outer, node, key, build, results)


def _changed(graph: dict[str, Any], names: list[str], first: int) -> list[str]:
    """What a loop carries on and changes: the inputs of its body that are not an output as they came."""
    copies = [each for each in graph["nodes"] if each["op"] == "Identity" and each["inputs"] and each["outputs"]]
    same = {each["outputs"][0]: each["inputs"][0] for each in copies}
    carried, passed = names[2 * first :], [output["name"] for output in graph["outputs"]][first:]
    return [name for name, output in zip(carried, passed, strict=False) if same.get(output, output) != name]


def _state(build: Builder, node: Node, name: str, value: Value) -> Value:
    """A tensor that a loop begins as a constant and changes: a counter has no layer of its own."""
    if value.shape == ():
        return Value((), weights=value.weights)
    step = node._replace(op="Loop state", name=name, inputs=(value,))
    entry: dict[str, Any] = {"type": "operator", "op": "Loop state", "inputs": "unknown"}
    if value.shape is not None:
        entry["output"] = written(value.shape)
    return Value(value.shape, build.append(step, entry, ()), weights=value.weights)


def _position(build: Builder, node: Node, value: Value | None, axis: int) -> Value:
    """One position of an axis that is scanned."""
    if value is None or not value.runtime:
        shape = None if value is None or not value.shape else (*value.shape[:axis], *value.shape[axis:][1:])
        return Value(shape)
    build.captured.setdefault(value.ref, value.shape)
    step = node._replace(op="Select", name="", inputs=(value,))
    return build.layer(step, {"type": "select", "axis": axis, "index": 0}, [value])[0]


def _finished(outer: Builder, node: Node, key: str, build: Builder, results: list[Value]) -> list[Value]:
    """Add the block to the graph around it. A graph without layers passes on what it reads, and is no block."""
    if not build.entries:
        return results
    passed = dict.fromkeys(value.ref for value in results if value.runtime and value.ref not in build.captured)
    renamed = _passed_on(build, node, [ref for ref in passed if ref != "unknown"])
    outputs = list(renamed.values())
    last = build.entries[-1]["name"]
    entry: dict[str, Any] = {"type": "model", "branch": key, "layers": build.entries, "outputs": outputs or [last]}
    captured = [Value(shape, ref) for ref, shape in build.captured.items() if ref != "unknown"]
    if len(captured) == 1:
        build.rename(captured[0].ref, "input")
    if not captured:
        entry["inputs"] = "unknown"
    name = outer.append(node._replace(name=f"{layer_name(node)}.{key}" if node.name else ""), entry, captured)
    refs = {ref: name if len(outputs) == 1 else f"{name}.{inner}" for ref, inner in renamed.items()}
    return [value._replace(ref=refs.get(value.ref, value.ref)) for value in results]


def _passed_on(build: Builder, node: Node, refs: list[str]) -> dict[str, str]:
    """The layers of a block whose outputs it passes on, by what is read: a state by a layer of its own."""
    own = {entry["name"] for entry in build.entries}
    passed: dict[str, str] = {}
    for ref in refs:
        step = node._replace(op="Identity", name="", inputs=())
        linear = {"type": "activation", "activation": "linear"}
        passed[ref] = ref if ref in own else build.append(step, linear, [Value(None, ref)])
    return passed


HANDLERS: dict[str, Callable[[Translator, Node, Scope], list[Value]]] = {"If": if_, "Loop": loop, "Scan": scan}
