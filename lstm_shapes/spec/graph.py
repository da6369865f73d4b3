"""The layers of a model, or of a model inside it, read entry by entry and wired into a graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from lstm_shapes.findings.finding import Edit
from lstm_shapes.findings.route import Route
from lstm_shapes.findings.spelling import certain
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Framework
from lstm_shapes.graph.model import UNKNOWN, Graph
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.layers.base import Layer
from lstm_shapes.spec.context import MISSING, Context, read_mapping, read_value
from lstm_shapes.spec.directions import check_wrapped, with_directions, wrap
from lstm_shapes.spec.draft import Draft, read_asserted_width, read_draft, read_names
from lstm_shapes.spec.fields import check_passed_through, read_fields
from lstm_shapes.spec.keys import (
    BLOCK_KEYS,
    CELL_KEYS,
    NODE_KEYS,
    PASSTHROUGH_KEYS,
    SHARED_KEYS,
    canonical,
    cell_fields,
    layer_fields,
    spellings,
)
from lstm_shapes.spec.layer_names import MAX_NAME, UniqueNames, default_name, given_names
from lstm_shapes.spec.reading import Unread
from lstm_shapes.spec.values import flag, quoted, size, text
from lstm_shapes.spec.wiring import Names, wire
from lstm_shapes.spec.words import KEY_HINTS, TYPE_HINTS, without_module
from lstm_shapes.symbolic.size import Poly, Size


class GraphReading(NamedTuple):
    """A graph, and the layers that could not be read into it."""

    graph: Graph
    unread: tuple[Unread, ...] = ()


def read_graph(context: Context, data: dict[Any, Any], route: Route, inputs: tuple[str, ...]) -> GraphReading | None:
    """The graph of the layers in ``data``, the mapping at ``route``; None if there are none.

    Raises ``TooManyLayers``.
    """
    entries = data.get("layers")
    if not isinstance(entries, list) or not entries:
        got = "an empty list" if entries == [] else quoted(entries)
        message = f"layers: expected a list of layers, got {got}"
        context.errors.add("wrong-value", message, (*route, "layers"), "write `- {type: lstm, units: 32}`")
        return None
    names = _draft_layers(context, entries, (*route, "layers"), inputs)
    outputs = read_names(context, data, "outputs", route) if "outputs" in data else []
    graph = wire(context.errors, names, outputs, len(route))
    read, drafts = {node.name for node in graph.nodes}, names.drafts.values()
    return GraphReading(
        graph=graph,
        unread=tuple(Unread(draft.name, draft.type, draft.route) for draft in drafts if draft.name not in read),
    )


def _draft_layers(context: Context, entries: list[Any], route: Route, inputs: tuple[str, ...]) -> Names:
    """A draft for every layer, the copies of a repeated entry included.

    The layers inside a block count as often as it is repeated or used again.
    """
    given = given_names(context.errors, inputs, entries, route)
    unique = UniqueNames((*inputs, *given.values())).unique
    drafts: dict[str, Draft] = {}
    last_copies: dict[str, str] = {}
    above = inputs[0] if len(inputs) == 1 else "" if inputs else UNKNOWN.name
    for number, entry in enumerate(entries):
        here = (*route, number)
        times = _repeat(context, entry, here)
        name = given.get(number) or unique(default_name(entry))
        before = context.layer_count.total
        used = None
        if isinstance(entry, dict) and "use" in entry:
            used = _used(context, entry, here, drafts)
            layer = used.layer if used else None
        else:
            layer = read_layer(context, entry, here)
        if isinstance(times, Poly):
            layer, times = _repeated(context, layer, times, here), 1
        inside = used.inside if used else context.layer_count.total - before
        context.count_layers(times * (1 + inside) - (context.layer_count.total - before), here)
        first = name if times == 1 else unique(f"{name}_1")
        draft = read_draft(context, first, layer, entry, here, above, used, inside)
        drafts[first], above = draft, first
        for copy in range(2, times + 1):
            own = unique(f"{name}_{copy}")
            drafts[own], above = draft.copy(own, above, layer), own
            last_copies[name] = own
    return Names(inputs=inputs, drafts=drafts, last_copies=last_copies)


def _repeat(context: Context, entry: Any, route: Route) -> Size:
    if not isinstance(entry, dict) or "repeat" not in entry:
        return 1
    times: Any = read_value(context, size, entry["repeat"], route, "repeat")
    return 1 if times is MISSING else times


def _repeated(context: Context, layer: Layer | None, times: Size, route: Route) -> Layer | None:
    """The layer as often as a symbol says. Its weights are its own: no other layer's can be among them."""
    from lstm_shapes.layers.repeated import Repeated

    if layer is not None and _has_ties(layer):
        message = f"repeat: expected a number, got {times}, for layers inside that have tied_to"
        context.errors.add("wrong-value", message, (*route, "repeat"), "write a number, or remove tied_to")
        return None
    return layer and Repeated(layer=layer, times=times)


def _has_ties(layer: Layer) -> bool:
    nested = layer.nested()
    return nested is not None and any(node.ties or _has_ties(node.layer) for node in nested.graph.nodes)


def _used(context: Context, entry: dict[Any, Any], route: Route, drafts: Mapping[str, Draft]) -> Draft | None:
    """The draft of the layer that the entry uses again."""
    for key in entry.keys() - set(SHARED_KEYS):
        context.errors.unknown_key(key, SHARED_KEYS, "a layer used again", route)
    name = entry["use"]
    if isinstance(name, str) and name in drafts:
        return drafts[name]
    close = context.errors.nearest(name, list(drafts)) if isinstance(name, str) and len(drafts) < 5_000 else ""
    message = f"use: expected the name of a layer above, got {quoted(name)}"
    context.errors.add("unknown-layer", message, (*route, "use"), f"write {close}" if close else "")
    return None


class Wrapped(NamedTuple):
    """The place of a layer inside another: in a wrapper of this ``type``, in the node whose entry is at ``node``.

    ``reads`` is how many features reach it, where that is not what reaches the node: those of the cell below.
    """

    type: str
    node: Route
    reads: Size | None = None


def read_layer(context: Context, entry: Any, route: Route, wrapped: Wrapped | None = None) -> Layer | None:
    """The layer of an entry, or None if something of it is wrong; ``wrapped`` says that it is inside another."""
    mapping = read_mapping(context, entry, "a layer (a mapping with a type)", route)
    type_and_fields = None if mapping is None else _read_type(context, mapping, route)
    if mapping is None or type_and_fields is None:
        return None
    type_, implied = type_and_fields
    before = context.errors.count
    if "bidirectional" in implied:
        implied, mapping = {}, _with_directions(context, mapping, route)
    if wrapped:
        check_wrapped(context, mapping, type_, wrapped.type, route)
        read_asserted_width(context, type_, mapping, route, wrapped.node, wrapped.reads)
    if type_ == "model":
        return _read_block(context, mapping, route)
    values = read_fields(context, type_, mapping, route, implied)
    frozen = []
    for name in layer_fields(type_):
        if name in values:
            here, place = (*route, name), Wrapped(type_, wrapped.node if wrapped else route)
            frozen += [name] if _is_frozen(context, values[name], here) else []
            values[name] = read_layer(context, values[name], here, place)
    for name in cell_fields(type_):
        if isinstance(values.get(name), list):
            key = next(key for key in mapping if key in spellings(type_) and spellings(type_)[key].field == name)
            node = wrapped.node if wrapped else route
            values[name], frozen = _read_cells(context, mapping[key], (*route, key), Wrapped(type_, node))
    if frozen:
        values["frozen"] = tuple(frozen)
    if context.errors.count > before:
        return None
    defaults = context.framework.defaults.get(type_, {})
    if wrapped and wrapped.type == "time_distributed":  # a single tensor leaves it, in any framework
        defaults = {name: value for name, value in defaults.items() if name != "return_state"}
    settings = {**defaults, **implied, **values}
    if type_ == "bidirectional":
        return wrap(context, settings, route)
    layer = family(type_)(**settings)
    directed = layer.recurrent and not (wrapped and wrapped.type == "bidirectional")
    return with_directions(context, layer, mapping, route, wrapped.type if wrapped else "") if directed else layer


def _read_cells(
    context: Context, value: Any, route: Route, wrapped: Wrapped
) -> tuple[tuple[Layer | None, ...], list[str]]:
    """The cells of a stack, and the numbers of those that are not trained."""
    cells: list[Layer | None] = []
    frozen: list[str] = []
    entries = enumerate(value) if isinstance(value, list) else [(None, value)]
    for number, entry in entries:
        here = route if number is None else (*route, number)
        cell = read_layer(context, entry, here, wrapped)
        if cell is not None and not cell.one_timestep:
            message = f"expected a cell (lstm_cell, gru_cell, rnn_cell), got {cell.type}"
            hint = f"write `type: {cell.type}_cell`" if f"{cell.type}_cell" in FAMILIES else ""
            context.errors.add("wrong-value", message, (*here, "type"), hint)
        elif cell is not None:
            wrapped = wrapped._replace(reads=cell.field_values()["units"])
        frozen += [str(number)] if _is_frozen(context, entry, here) else []
        cells.append(cell)
    return tuple(cells), frozen


def _with_directions(context: Context, entry: dict[Any, Any], route: Route) -> dict[Any, Any]:
    """The entry of a BiLSTM as that of a bidirectional lstm."""
    if entry.get("bidirectional", True) is False:
        message = f"bidirectional: false on a layer of type {quoted(entry['type'])}"
        context.errors.add("conflicting-keys", message, (*route, "bidirectional"), "remove it", key=True)
    return {"bidirectional": True, **entry}


def _is_frozen(context: Context, entry: Any, route: Route) -> bool:
    """Whether the entry of a layer inside another says that it is not trained."""
    written = isinstance(entry, dict) and "trainable" in entry
    return written and read_value(context, flag, entry["trainable"], route, "trainable") is False


def _read_type(context: Context, entry: dict[Any, Any], route: Route) -> tuple[str, dict[str, Any]] | None:
    """The entry's type in our words, and the fields that its name implies."""
    text = entry.get("type")
    if text is None:
        key = next((key for key in ("class_name", "_target_") if isinstance(entry.get(key), str)), "")
        hint = f"write `type: {entry[key][:MAX_NAME]}` instead of {key}" if key else "write `type: lstm`"
        edit = Edit("fix", "key", (*route, key), "type") if key else None
        context.errors.add("missing-key", "a layer without a type", (*route, key) if key else route, hint, edit=edit)
        return None
    type_and_fields = canonical(text) if isinstance(text, str) else None
    if type_and_fields and type_and_fields[0] == "rnn" and not CELL_KEYS.isdisjoint(entry):
        type_and_fields = ("stacked_cells", {})
    owner = without_module(text)[1] if isinstance(text, str) else ""
    if type_and_fields and owner and owner != context.framework.name:
        message = (
            f"{quoted(text)} is a class of {FRAMEWORKS[owner].title}, and the model's is {context.framework.title}"
        )
        hint = f"write `framework: {owner}` on the model, or `type: {type_and_fields[0]}`"
        context.errors.add("not-in-framework", message, (*route, "type"), hint)
        return None
    if type_and_fields is None:
        types = [*FAMILIES, "model", "linear", "simple_rnn"]
        close = context.errors.nearest(str(text), types)
        plain = without_module(str(text))[0].lower().replace("_", "").replace("-", "")
        own = "a layer of your own is `type: custom` with its output and params"
        hint = TYPE_HINTS.get(plain) or (f"write {close}" if close else own)
        clear = hint == f"write {close}" and isinstance(text, str) and certain(text, close, types)
        edit = Edit("fix", "value", (*route, "type"), close) if clear else None
        context.errors.add("unknown-type", f"no layer type {quoted(text)}", (*route, "type"), hint, edit=edit)
    elif type_and_fields[0] in FAMILIES and not context.framework.has(family(type_and_fields[0])):
        message, hint = _not_in_framework(context.framework, type_and_fields[0])
        context.errors.add("not-in-framework", message, (*route, "type"), hint)
        return None
    return type_and_fields


def _not_in_framework(framework: Framework, type_: str) -> tuple[str, str]:
    """What is said of a type that a framework has not, and the hint: the first framework that has it.

    A framework may have the layer over time alone: an LSTM of ONNX reads a sequence, of one timestep too.
    """
    message = f"{framework.title} has no {type_}"
    having = (name for name, other in FRAMEWORKS.items() if other.has(family(type_)))
    hint = next((f"write `framework: {name}`" for name in having), "")
    over_time = type_.removesuffix("_cell")
    if not family(type_).one_timestep or not framework.has(family(over_time)):
        return message, hint
    instead = f"write `type: {over_time}`, which reads a sequence of one timestep as well, or {hint}"
    return f"{message}: its {over_time} reads a sequence", instead


def _read_block(context: Context, entry: dict[Any, Any], route: Route) -> Layer | None:
    """A model inside the model; its layers know what it reads by the names under its ``inputs``."""
    from lstm_shapes.graph.block import Block

    for key in entry.keys() - {*NODE_KEYS, *BLOCK_KEYS}:
        if key in PASSTHROUGH_KEYS:
            check_passed_through(context, key, entry[key], route)
        else:
            context.errors.unknown_key(key, [*NODE_KEYS, *BLOCK_KEYS], "a nested model", route, KEY_HINTS)
    value = entry.get("inputs", "input")
    names = [name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)]
    before = context.errors.count
    reading = read_graph(context, entry, route, tuple(names) if len(names) > 1 else ("input",))
    branch = read_value(context, text, entry["branch"], route, "branch") if "branch" in entry else ""
    fits = context.errors.count == before
    return Block(graph=reading.graph, branch=branch) if reading and fits else None
