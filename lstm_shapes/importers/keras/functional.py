"""A functional model: each layer names the outputs that it reads, once for every call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lstm_shapes.findings.route import Route
from lstm_shapes.importers.keras.calls import Call, Tensor, read_calls, tensor, tensors
from lstm_shapes.importers.keras.inputs import own_shape
from lstm_shapes.importers.keras.layers import translate_layer
from lstm_shapes.importers.keras.model import Model, is_opaque, is_recurrent, output_names
from lstm_shapes.importers.keras.piece import Given, Piece, Recorded, text
from lstm_shapes.importers.keras.sequential import with_width

_NOT_DATA = frozenset(
    "mask attention_mask query_mask value_mask key_mask padding_mask training constants initial_state".split()
)
_ATTENTION = ("query", "value", "key")
_OPERATIONS = ("keras.src.ops", "keras.ops")


class Layer(NamedTuple):
    """A layer with its calls; ``names`` are what a spec calls each, ``nodes`` the numbers that Keras gives them."""

    given: Given
    name: str
    calls: tuple[Call, ...]
    names: tuple[str, ...]
    nodes: tuple[int, ...]
    piece: Piece


def functional(given: Given) -> Model:
    """The layers of a functional model in the order of the file."""
    entries = given.config.get("layers", [])
    listed = [given.inner(entry, "layers", number) for number, entry in enumerate(entries)]
    calls = {number: read_calls(layer.entry.get("inbound_nodes")) for number, layer in enumerate(listed)}
    outputs = _triples(given.config.get("output_layers"))
    inputs = _inputs(given, listed)
    needed, nodes = _needed(listed, calls, outputs), _nodes(calls, outputs)
    shapes = _shapes(calls)
    taken = {*inputs.values(), *(_name(layer) for layer in listed)}
    layers: dict[str, Layer] = {}
    opaque = False
    for number, layer in enumerate(listed):
        name = _name(layer)
        if name in inputs or (name not in needed and _is_operation(layer)):
            continue
        own = calls[number]
        seen = shapes.get(name, {})
        layer = layer._replace(call=own[0] if own else Call(), output=seen.get((0, 0)))
        piece = translate_layer(layer)
        opaque = opaque or is_opaque(piece.data)
        piece = with_width(piece, layer, opaque)
        if seen:
            shapes_of_first = _recorded(seen, min(nodes.get(name, (0,))))
            piece = piece._replace(recorded={**piece.recorded, (): shapes_of_first})
        names = _names(name, max(len(own), 1), taken, {*inputs.values()})
        layers.setdefault(name, Layer(layer, name, own, names, nodes.get(name, ()), piece))
    return _model(given, layers, inputs, outputs, listed)


def _model(
    given: Given, layers: dict[str, Layer], inputs: dict[str, str], outputs: list[Tensor], listed: list[Given]
) -> Model:
    pieces: list[Piece] = []
    names: list[str] = []
    for layer in layers.values():
        for number, call in enumerate(layer.calls or (Call(),)):
            pieces.append(_entry(layer, number, call, layers, inputs, pieces))
            names.append(layer.name)
    passed_on = tuple(_reference(output, layers, inputs) for output in outputs)
    last: Mapping[str, Any] = pieces[-1].data if pieces else {}
    alone = len(passed_on) == 1 and passed_on[0] == last.get("name") and len(output_names(last)) == 1
    listed_apart = all(isinstance(triple, list) for triple in _list(given.config.get("output_layers"))[:1])
    places = tuple(given.at("output_layers", *[number][:listed_apart]) for number in range(len(outputs)))
    return Model(
        tuple(pieces),
        tuple((inputs[_name(layer)], own_shape(layer.config, layer.at())) for layer in _input_layers(given, listed)),
        () if alone else passed_on,
        tuple(names),
        () if alone else places,
    )


def _entry(
    layer: Layer, number: int, call: Call, layers: dict[str, Layer], inputs: dict[str, str], above: list[Piece]
) -> Piece:
    """One call of a layer as an entry: the layer itself, or for a later call its use."""
    states: tuple[Tensor, ...] = ()
    given = tuple(_data(call))
    if is_recurrent(layer.piece.data):
        given, states = given[:1], (*given[1:], *tensors(call.kwargs.get("initial_state")))
    elif "initial_state" in call.kwargs:
        given = (*given, *tensors(call.kwargs["initial_state"]))
    reads = [_reference(source, layers, inputs) for source in given]
    starts = [_reference(source, layers, inputs) for source in states]
    data: dict[str, Any] = {"name": layer.names[number]}
    if number == 0:
        data = {"type": layer.piece.data.get("type"), **data, **_renamed_inputs(layer.piece.data, reads)}
    else:
        data = {"use": layer.names[0], **data}
    previous = above[-1].data if above else None
    obvious = previous.get("name") if previous and len(output_names(previous)) == 1 else None
    first = not above and len(inputs) == 1
    if reads and reads != [obvious] and not (first and reads == [*inputs.values()]):
        data["inputs"] = reads[0] if len(reads) == 1 else reads
    elif len(reads) <= 1:
        data.pop("inputs", None)
    if starts:
        data["initial_state"] = starts
    node = (*layer.given.route, "inbound_nodes", number)
    places: dict[Route, Route] = {
        (): layer.given.route,
        ("name",): layer.given.at("name"),
        ("inputs",): node,
        ("initial_state",): node,
    }
    if number:
        return Piece(data, places)
    return layer.piece._replace(data=data, routes={**places, **layer.piece.routes})


def _renamed_inputs(data: Mapping[str, Any], reads: list[str]) -> Mapping[str, Any]:
    """A model inside whose inputs have the names of what they read, as a spec's blocks have them."""
    placeholders = data.get("inputs")
    if data.get("type") != "model" or not isinstance(placeholders, list):
        return data
    renamed = dict(zip(placeholders, reads, strict=False))
    renamed |= {name: name.rpartition("\0")[2] for name in placeholders[len(reads) :]}
    result: dict[str, Any] = rename(data, renamed)
    return result


def rename(data: Any, names: Mapping[str, str]) -> Any:
    """The entries of a model with other names for what they read."""
    renamed = dict(data)
    for key in ("inputs", "initial_state", "outputs"):
        value = renamed.get(key)
        if isinstance(value, list):
            renamed[key] = [names.get(name, name) for name in value]
        elif isinstance(value, str):
            renamed[key] = names.get(value, value)
    if data.get("type") == "model":
        renamed["layers"] = [rename(layer, names) for layer in data["layers"]]
    return renamed


def _data(call: Call) -> Iterator[Tensor]:
    """The tensors that a layer reads in a call, in the order in which ours takes them."""
    yield from call.tensors
    if not call.kwargs:
        return
    for key in _ATTENTION:
        yield from tensors(call.kwargs.get(key))
    for key, value in call.kwargs.items():
        if key not in _NOT_DATA and key not in _ATTENTION:
            yield from tensors(value)


def _reference(source: Tensor, layers: dict[str, Layer], inputs: dict[str, str]) -> str:
    """What a spec calls an output: a name, or a name with the output's own after it."""
    if source.layer in inputs:
        return inputs[source.layer]
    if source.layer not in layers:
        return source.layer
    layer = layers[source.layer]
    number = layer.nodes.index(source.node) if source.node in layer.nodes else 0
    name = layer.names[min(number, len(layer.names) - 1)]
    outputs = output_names(layer.piece.data)
    if source.output == 0 and layer.piece.data.get("type") != "model":
        return name
    return f"{name}.{outputs[source.output]}" if len(outputs) > max(source.output, 1) else name


def _needed(listed: list[Given], calls: dict[int, tuple[Call, ...]], outputs: list[Tensor]) -> set[str]:
    """The layers that an output depends on, other than by a mask."""
    reads: dict[str, set[str]] = {}
    for number, layer in enumerate(listed):
        names = reads.setdefault(_name(layer), set())
        for call in calls[number]:
            names |= {source.layer for source in _data(call)}
            names |= {source.layer for source in tensors(call.kwargs.get("initial_state"))}
    pending = [output.layer for output in outputs]
    needed: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in needed:
            needed.add(name)
            pending += reads.get(name, ())
    return needed


def _is_operation(layer: Given) -> bool:
    module = layer.entry.get("module")
    return isinstance(module, str) and module.startswith(_OPERATIONS)


def _nodes(calls: dict[int, tuple[Call, ...]], outputs: list[Tensor]) -> dict[str, tuple[int, ...]]:
    """The numbers by which the calls of each layer are referred to: a model inside begins with 1 before Keras 3."""
    numbers: dict[str, set[int]] = {}
    used = (source for own in calls.values() for call in own for source in _all(call))
    for source in (*used, *outputs):
        numbers.setdefault(source.layer, set()).add(source.node)
    return {name: _consecutive(found) for name, found in numbers.items()}


def _consecutive(numbers: set[int]) -> tuple[int, ...]:
    """0, 1, 2 ... up to the largest, without 0 where nothing refers to it."""
    return (
        tuple(range(min(numbers), max(numbers) + 1)) if max(numbers) - min(numbers) < 10_000 else tuple(sorted(numbers))
    )


def _all(call: Call) -> Iterator[Tensor]:
    yield from call.tensors
    for value in call.kwargs.values():
        yield from tensors(value)


def _shapes(calls: dict[int, tuple[Call, ...]]) -> dict[str, dict[tuple[int, int], tuple[int | None, ...]]]:
    """The shapes that Keras 3 records where a tensor is read, by layer, then by node and index."""
    shapes: dict[str, dict[tuple[int, int], tuple[int | None, ...]]] = {}
    for own in calls.values():
        for source in (source for call in own for source in _all(call)):
            if source.shape is not None:
                shapes.setdefault(source.layer, {})[source.node, source.output] = source.shape
    return shapes


def _recorded(shapes: dict[tuple[int, int], tuple[int | None, ...]], node: int) -> Recorded:
    """The shapes of a layer's outputs in its first call."""
    known = {index: shape for (number, index), shape in shapes.items() if number == node}
    return tuple(known.get(index) for index in range(min(max(known, default=-1) + 1, 100)))


def _inputs(given: Given, listed: list[Given]) -> dict[str, str]:
    """What a spec calls each input: its own name; inside a model ``input``, or a placeholder until it is called."""
    names = [_name(layer) for layer in _input_layers(given, listed)]
    if not given.depth:
        return {name: name for name in names}
    if len(names) == 1:
        return {names[0]: "input"}
    return {name: f"\0{given.depth}\0{name}" for name in names}


def _input_layers(given: Given, listed: list[Given]) -> list[Given]:
    """The InputLayers in the order of the model's inputs."""
    layers = {_name(layer): layer for layer in listed if layer.class_name == "InputLayer"}
    ordered = [
        layers.pop(source.layer) for source in _triples(given.config.get("input_layers")) if source.layer in layers
    ]
    return [*ordered, *layers.values()]


def _triples(value: Any) -> list[Tensor]:
    """The tensors of input_layers or output_layers: a list of triples, or one alone; or a mapping of them (Keras 3)."""
    if isinstance(value, Mapping):
        value = [value[key] for key in sorted(value, key=str)]
    alone = tensor(value)
    if alone:
        return [alone]
    return [found for found in map(tensor, value) if found] if isinstance(value, list) else []


def _names(name: str, count: int, taken: set[str], inputs: set[str]) -> tuple[str, ...]:
    """A name for each call of a layer."""
    names = [f"{name}_inner" if name in inputs else name]
    for number in range(2, count + 1):
        own = f"{name}_call_{number}"
        while own in taken:
            own += "_"
        taken.add(own)
        names.append(own)
    return tuple(names)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _name(layer: Given) -> str:
    return text(layer.entry.get("name")) or text(layer.config.get("name"))
