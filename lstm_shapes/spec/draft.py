"""A layer on its way into a graph: read from its entry, while the names that it reads are still text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from lstm_shapes.findings.finding import Edit
from lstm_shapes.findings.route import Route
from lstm_shapes.graph.model import Extras, Tie
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.layers.base import Layer
from lstm_shapes.spec.context import MISSING, Context, read_mapping, read_value
from lstm_shapes.spec.expectations import read_expectations
from lstm_shapes.spec.keys import PASSTHROUGH_KEYS, WIDTH_KEYS, spellings
from lstm_shapes.spec.layer_names import MAX_NAME
from lstm_shapes.spec.reading import AssertedWidth
from lstm_shapes.spec.values import flag, quoted, size
from lstm_shapes.symbolic.size import Size, same

Source = tuple[str, Route]
"""The name of an output that a layer reads, and where it is written."""


class Draft(NamedTuple):
    """A layer that is not yet a Node; ``layer`` is None if it could not be read.

    ``owner`` is the layer whose weights it uses again, ``inside`` the number of layers inside it.
    """

    name: str
    type: str
    route: Route
    layer: Layer | None
    inputs: list[Source]
    states: list[Source]
    owner: str = ""
    trainable: bool = True
    extras: Extras = ()
    inside: int = 0
    input_dim: Size | None = None
    ties: tuple[Tie, ...] = ()

    def copy(self, name: str, above: str, layer: Layer | None) -> Draft:
        """The next layer of a repeated entry: it reads the one above."""
        return self._replace(name=name, inputs=[(above, self.route)], layer=layer)


def read_draft(
    context: Context,
    name: str,
    layer: Layer | None,
    entry: Any,
    route: Route,
    above: str,
    used: Draft | None,
    inside: int,
) -> Draft:
    """The entry as a draft called ``name``, which reads the layer ``above`` unless it names its inputs.

    ``used`` is the draft that the entry uses again, ``inside`` the number of layers inside the layer.
    """
    data = entry if isinstance(entry, dict) else {}
    inputs = [(above, route)] if above else []
    if "inputs" in data:
        inputs = read_names(context, data, "inputs", route)
    elif not above and layer is not None:
        message = f"{name} has no layer above, and the model has several inputs"
        hint = "write `inputs:` with the name of an input"
        context.errors.add("wrong-setting", message, route, hint, layer=name)
        layer = None
    read_expectations(context, data, route)
    width = read_asserted_width(context, layer.type, data, route, route) if layer is not None else None
    before = context.errors.count
    ties = tuple(_ties(context, data, route)) if "tied_to" in data else ()
    if context.errors.count > before:
        layer = None
    return Draft(
        name=name,
        type=layer.type if layer else str(data.get("type", ""))[:MAX_NAME],
        route=route,
        layer=layer,
        inputs=inputs,
        states=read_names(context, data, "initial_state", route) if "initial_state" in data else [],
        owner=(used.owner or used.name) if used else "",
        trainable=_trainable(context, data, route) if "trainable" in data else context.trainable,
        extras=() if PASSTHROUGH_KEYS.isdisjoint(data) else _extras(data),
        inside=inside,
        input_dim=width,
        ties=ties,
    )


def _trainable(context: Context, data: dict[Any, Any], route: Route) -> bool:
    return read_value(context, flag, data["trainable"], route, "trainable") is not False


def _ties(context: Context, data: dict[Any, Any], route: Route) -> Iterator[Tie]:
    """The weights under ``tied_to``, each with the name of the weight that it is."""
    here = (*route, "tied_to")
    lines = read_mapping(context, data["tied_to"], "weights with those that they are", here)
    if lines == {}:
        context.errors.add("wrong-value", "tied_to: expected at least one weight, got none", here, _TIE_HINT)
    for weight, source in (lines or {}).items():
        if isinstance(weight, str) and isinstance(source, str) and "." in source:
            yield Tie(weight.replace(".", "/"), source)
        else:
            message = f"tied_to: expected the name of a layer's weight, got {quoted(source)}"
            context.errors.add("wrong-value", message, (*here, weight), _TIE_HINT)


_TIE_HINT = "write `tied_to: {kernel: embedding.embeddings}`"


def _extras(data: dict[Any, Any]) -> Extras:
    return tuple((key, quoted(value)) for key, value in data.items() if key in PASSTHROUGH_KEYS)


def read_asserted_width(
    context: Context, type_: str, data: dict[Any, Any], route: Route, node: Route, reads: Size | None = None
) -> Size | None:
    """Add what the settings at ``route`` say of the features that reach the layer at ``node``, which holds them.

    Where it is known that ``reads`` features reach the layer inside, they are compared with these. Returns the number
    that reaches the node; None where nothing says it.
    """
    if "input_shape" in data and not stands_first(node):
        message = "input_shape is that of the model's input, so it belongs to the first layer"
        hint = "remove it; `input_dim: 8` asserts the features that arrive"
        context.errors.add("wrong-setting", message, (*route, "input_shape"), hint, key=True)
    fields = spellings(type_) if type_ in FAMILIES else {}
    key, *others = [key for key in WIDTH_KEYS if key in data and key not in fields] or [""]
    if not key:
        return None
    if fields and family(type_).reads_tokens:
        message = f"{key} counts features, but {type_} reads tokens"
        edit = Edit("fix", "remove", (*route, key))
        context.errors.add("wrong-setting", message, (*route, key), f"remove {key}", key=True, edit=edit)
        return None
    for other in others:
        message = f"{other} is another name of {key}, which is already set"
        context.errors.add("conflicting-keys", message, (*route, other), "keep one of them", key=True)
    width = read_value(context, size, data[key], route, key)
    if width is MISSING:
        return None
    if reads is not None:
        if same(width, reads) is False:
            message = f"{key} is {width}, but the cell below passes on {reads} features"
            context.errors.add("input-dim", message, (*route, key), f"write {reads}, or remove {key}")
        return None
    asserted = AssertedWidth(node, key, width, (*route, key))
    context.asserted_widths.append(asserted)
    return asserted.size


def stands_first(route: Route) -> bool:
    """Whether the layer at a route is the model's first, or the first of a model that is."""
    return all(step in (0, "layers") for step in route)


def read_names(context: Context, data: dict[Any, Any], key: str, route: Route) -> list[Source]:
    """The names under ``key``: a single name or a list."""
    value, here = data[key], (*route, key)
    names: list[Source] = [(value, here)] if isinstance(value, str) else []
    if isinstance(value, list):
        names = [(name, (*here, number)) for number, name in enumerate(value)]
    if names and all(isinstance(name, str) for name, _ in names):
        return names
    message = f"{key}: expected a name or a list of names, got {quoted(value)}"
    context.errors.add("wrong-value", message, here, f"write `{key}: [a, b]` with names of layers")
    return []
