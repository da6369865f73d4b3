"""A model explained: for each layer what comes in, what goes out and why, where its parameters are, what was set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from lstm_shapes.analysis.explain.counted import explain_count
from lstm_shapes.analysis.explain.settings import explain_settings
from lstm_shapes.analysis.explain.tensors import ExplainedTensor, explained_tensors, params_per_gate
from lstm_shapes.findings.route import Route, as_path
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Framework
from lstm_shapes.graph.model import UNKNOWN, Node
from lstm_shapes.graph.shape_inference import InferredGraph, InferredNode
from lstm_shapes.layers.base import Layer
from lstm_shapes.layers.phrases import count_of
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Shape, SizeError, readable, shown


class Explained(NamedTuple):
    """One layer in sentences; ``layers`` are those inside it. ``known`` says whether its output is."""

    name: str
    type: str
    path: str
    comes_in: tuple[str, ...]
    goes_out: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    tensors: tuple[ExplainedTensor, ...] = ()
    settings: tuple[str, ...] = ()
    layers: tuple[Explained, ...] = ()
    known: bool = True


class Explanation(NamedTuple):
    """A model in sentences; ``counted`` says what the parameter count does and does not depend on."""

    source: str
    name: str
    framework: str
    layers: tuple[Explained, ...]
    counted: tuple[str, ...] = ()


class _Context(NamedTuple):
    """What every layer's sentences need: the framework's names, and the file's data to see what was set."""

    framework: Framework
    data: Any


def explain(reading: Reading) -> Explanation:
    """The model as far as it could be read. Raises nothing.

    >>> from lstm_shapes.formats.document import Document
    >>> from lstm_shapes.spec import reader as spec
    >>> data = {"input_dim": 8, "layers": [{"type": "lstm", "units": 32}]}
    >>> explain(spec.read(Document(source="-", data=data))).layers[0].comes_in[0]
    "(B, T, 8) from the model's input input: B examples of T timesteps, 8 numbers each"
    """
    model = reading.model
    if model is None:
        return Explanation(reading.document.source, "", "", ())
    framework = FRAMEWORKS[model.framework]
    try:
        inferred = reading.inferred
        assert inferred is not None
        layers = list(_layers(inferred, _Context(framework, reading.document.data)))
        counted = tuple(explain_count(inferred))
    except SizeError:
        return Explanation(reading.document.source, model.name, framework.title, ())
    unread = ("not known: it could not be read",)
    layers += [
        Explained(layer.name, layer.type, as_path(layer.route), (), unread, known=False) for layer in reading.unread
    ]
    layers.sort(key=lambda layer: _number(layer.path))
    return Explanation(reading.document.source, model.name, framework.title, tuple(layers), counted)


def _number(path: str) -> int:
    number = path.partition("[")[2].partition("]")[0]
    return int(number) if number.isdecimal() else 0


def _layers(graph: InferredGraph, context: _Context) -> Iterator[Explained]:
    for node in graph.nodes:
        yield _layer(node, tuple(_comes_in(node, graph)), context)


def _layer(node: InferredNode, comes_in: tuple[str, ...], context: _Context) -> Explained:
    layer, path = node.layer, as_path(node.route)
    if node.inputs is None or node.outputs is None:
        why = "the findings say why" if node.problems else "nothing says what it passes on"
        why = why if node.inputs is not None else "what it reads is not known"
        counted = tuple(_parameters(node, (), ())) if node.params is not None and not node.node.shared else ()
        return Explained(node.name, layer.type, path, comes_in, (f"not known: {why}",), counted, known=False)
    goes_out = explain_output(layer, node.inputs, node.outputs)
    if node.node.shared:
        again = f"those of {node.owner}, whose weights it shares: counted once, there"
        return Explained(node.name, layer.type, path, comes_in, goes_out, (again,))
    inside = tuple(_inside(node, node.inputs, context))
    tensors = () if inside else explained_tensors(context.framework, layer, node.inputs)
    return Explained(
        name=node.name,
        type=layer.type,
        path=path,
        comes_in=comes_in,
        goes_out=goes_out,
        parameters=tuple(_parameters(node, tensors, inside)),
        tensors=tensors,
        settings=tuple(_settings(node, node.inputs, context)),
        layers=inside,
    )


def explain_output(layer: Layer, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
    """What the layer says of its outputs, with the shape of the main one in front.

    >>> from lstm_shapes.layers.lstm import LSTM
    >>> explain_output(LSTM(units=32), ((5, 10, 8),), ((5, 32),))[0]
    '(5, 32): the hidden state after the last of 10 timesteps only (return_sequences is false): no time axis is left'
    """
    first, *more = layer.explain_output(inputs, outputs)
    return (f"{shown(outputs[0])}: {first}", *more)


def _settings(node: InferredNode, inputs: tuple[Shape, ...], context: _Context) -> Iterator[str]:
    entry = _at(context.data, node.route)
    if isinstance(entry, dict):
        yield from explain_settings(node.layer, entry, inputs, context.framework)
    if node.node.extras:
        yield f"change neither shape nor count: {', '.join(key for key, _ in node.node.extras)}"


def _inside(node: InferredNode, inputs: tuple[Shape, ...], context: _Context) -> Iterator[Explained]:
    """The layers inside that are explained by themselves: those of a nested model, or the one that a wrapper holds."""
    by_itself = [
        (sublayer, meaning)
        for sublayer in node.layer.sublayers(*inputs)
        if (meaning := node.layer.explain_sublayer(sublayer))
    ]
    for sublayer, meaning in by_itself:
        inner = InferredNode(
            node=Node(name=f"{node.name}, inside", layer=sublayer.layer, inputs=(), route=sublayer.route),
            inputs=sublayer.inputs,
            outputs=sublayer.layer.outputs(*sublayer.inputs),
            prefix=node.route,
        )
        yield _layer(inner, (f"{shown(sublayer.inputs[0])}: {meaning}",), context)
    if node.inside is not None and not by_itself:
        yield from _layers(node.inside, context)


def _comes_in(node: InferredNode, graph: InferredGraph) -> Iterator[str]:
    layer = node.layer
    inputs, states = node.node.inputs, node.node.states
    whose = "the block's input" if graph.prefix else "the model's input"
    for number, ref in enumerate((*inputs, *states)):
        source, shape = graph.by_name.get(ref.name), graph.shape(ref)
        who = f"{whose} {ref.name}" if source is None else ref.name
        if source is not None and (ref.output or source.layer.output_names[0] != "output"):
            who = f"{ref.name}.{source.layer.output_names[ref.output]}"
        if ref == UNKNOWN:
            yield _not_known(node)
        elif shape is None:
            yield f"not known, from {who}"
        elif node.inputs is None:
            yield f"{shown(shape)} from {who}"
        elif number >= len(inputs):
            names = layer.state_names[number - len(inputs) :]
            yield f"{shown(shape)} from {who}, as the initial state {names[0] if names else 'that it has not'}"
        else:
            yield f"{shown(shape)} from {who}{_meaning(layer, number, shape)}"
    if node.known and layer.state_names and not states:
        yield _start(node)


def _not_known(node: InferredNode) -> str:
    """What is known of an input of which the file says nothing but, perhaps, its features."""
    features = node.node.input_dim
    return "not known" if features is None else f"not known, but {count_of(features, 'feature')}, as the file declares"


def _start(node: InferredNode) -> str:
    """Which states a sequence begins with, where none are given."""
    states = node.layer.state_names
    begin = "begin" if len(states) > 1 else "begins"
    if any(cell.layer.stateful for cell in node.cells):
        return f"no initial state: {', '.join(states)} {begin} with what the batch before left (stateful)"
    return f"no initial state: {', '.join(states)} {begin} at zero in every batch"


def _meaning(layer: Layer, number: int, shape: Shape) -> str:
    if layer.vocab_size(number) is not None and len(shape) == 2 and layer.type != "model":
        return f": {count_of(shape[0], 'example')} of {count_of(shape[1], 'token')}"
    if layer.state_names and len(shape) == 3:
        examples, timesteps = (shape[0], shape[1]) if layer.time_axis else (shape[1], shape[0])
        each = count_of(shape[2], "number")
        return f": {count_of(examples, 'example')} of {count_of(timesteps, 'timestep')}, {each} each"
    return ""


def _parameters(
    node: InferredNode, tensors: tuple[ExplainedTensor, ...], inside: tuple[Explained, ...]
) -> Iterator[str]:
    count, formula = node.params, node.formula
    if node.layer.declared and ("params",) in node.layer.settings():
        yield "not known: the author declares none" if count is None else f"{readable(count)}, declared by its author"
    elif count is None:
        yield "not known: a layer inside declares none"
    elif count == 0:
        yield "none"
    elif inside:
        those = f"those of the {len(inside)} layers inside" if len(inside) > 1 else "those of the layer inside"
        yield f"{readable(count)}: {those}"
    else:
        worked = [str(formula), formula.put()] if formula else []
        yield " = ".join(dict.fromkeys((*worked, readable(count))))
        yield from params_per_gate(tensors)
    for tie in node.node.ties:
        yield f"{tie.weight.replace('/', '.')} is {tie.source}: counted once, there"
    if not node.node.trainable and count != 0 and count is not None:
        yield "trainable is false: counted, and not changed by training"


def _at(value: Any, route: Route) -> Any:
    for part in route:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value
