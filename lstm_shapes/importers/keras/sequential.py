"""A Sequential: each layer reads the one above."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.importers.keras.inputs import Axes, built_shape, first_shape
from lstm_shapes.importers.keras.layers import translate_layer
from lstm_shapes.importers.keras.model import Input, Model, is_opaque, takes_width
from lstm_shapes.importers.keras.piece import Given, Piece, text


def sequential(given: Given) -> Model:
    """The layers of a Sequential, whose first layer may be a Merge of several models (Keras 1)."""
    layers = given.config.get("layers", [])
    base = given.at() if isinstance(given.entry.get("config"), list) else given.at("layers")
    first = layers[0] if layers else None
    inputs = _inputs(given, first, base)
    pieces: list[Piece] = []
    names: list[str] = []
    taken = {name for name, _ in inputs}
    width_needed = any(shape is None for _, shape in inputs)
    width: int | None = None
    for number, entry in enumerate(layers):
        layer = given.inner(entry)._replace(route=(*base, number))
        if layer.class_name == "InputLayer":
            continue
        above = layers[number + 1] if number + 1 < len(layers) else None
        layer = layer._replace(output=_after(above))
        if layer.class_name == "Merge" and isinstance(layer.config.get("layers"), list):
            branches = _branches(layer, inputs)
            pieces, names = [*pieces, *branches], [*names, *(text(piece.data.get("name")) for piece in branches)]
        if layer.class_name == "Highway":
            layer = layer._replace(output=(None, width) if width else None)
        piece = _translated(layer, width_needed)
        width_needed = width_needed or is_opaque(piece.data)
        width = _width(piece.data, width)
        if layer.class_name == "Merge" and pieces:
            piece = piece.having("inputs", [name for name in names if name], layer.at("layers"))
        name = text(layer.config.get("name")) or text(layer.entry.get("name"))
        if name:
            own = name
            while own in taken:
                own += "_inner"
            piece = piece.having("name", own, layer.at("name"))
        if layer.output:
            piece = piece._replace(recorded={**piece.recorded, (): (layer.output,)})
        pieces.append(_ordered(piece, layer.route))
        names.append(name)
    return Model(tuple(pieces), inputs, names=tuple(names))


def _inputs(given: Given, first: Any, base: Route) -> tuple[Input, ...]:
    """The input, called as its InputLayer; for a Merge of models, that of each."""
    entry = first if isinstance(first, Mapping) else {}
    config = entry.get("config")
    if entry.get("class_name") == "Merge" and isinstance(config, Mapping) and isinstance(config.get("layers"), list):
        branches = enumerate(config["layers"])
        return tuple(
            (f"input_{number + 1}", first_shape(branch, (*base, 0, "config", "layers", number)))
            for number, branch in branches
        )
    shape = first_shape(first, (*base, 0)) if not _has_free_input(entry) else None
    for key in ("batch_input_shape", "build_input_shape"):
        shape = shape or _own(given, key)
    shape = shape or (_built(given))
    is_input = entry.get("class_name") == "InputLayer"
    name = text(config.get("name")) if is_input and isinstance(config, Mapping) else ""
    return (("input" if given.depth else name or "input", shape),)


def _has_free_input(entry: Mapping[str, Any]) -> bool:
    return entry.get("class_name") == "InputLayer" and not isinstance(entry.get("config"), Mapping)


def _own(given: Given, key: str) -> tuple[Axes, Route] | None:
    from lstm_shapes.importers.keras.calls import axes

    shape = axes(given.config.get(key))
    return (shape, given.at(key)) if shape else None


def _built(given: Given) -> tuple[Axes, Route] | None:
    shape = built_shape(given.entry)
    return (shape, (*given.route, "build_config", "input_shape")) if shape else None


def _branches(merge: Given, inputs: tuple[Input, ...]) -> list[Piece]:
    """The models whose outputs a Merge of Keras 1 reads, each with an input of its own."""
    pieces = []
    for number, entry in enumerate(merge.config["layers"]):
        layer = merge.inner(entry, "layers", number)
        name = text(layer.config.get("name")) or f"branch_{number + 1}"
        piece = translate_layer(layer).having("name", name, layer.at("name"))
        pieces.append(_ordered(piece.having("inputs", inputs[number][0], layer.route), layer.route))
    return pieces


def _translated(layer: Given, width_needed: bool) -> Piece:
    """The entry, with the features that reach it where nothing above says them."""
    return with_width(translate_layer(layer), layer, width_needed)


def with_width(piece: Piece, layer: Given, needed: bool) -> Piece:
    """The entry with ``input_dim`` where it is needed, and the file says it."""
    if not needed or not takes_width(piece.data):
        return piece
    built, own = built_shape(layer.entry), layer.config.get("input_dim")
    if built and built[-1]:
        return piece.having("input_dim", built[-1], (*layer.route, "build_config", "input_shape"))
    return piece.having("input_dim", own, layer.at("input_dim")) if type(own) is int else piece


def _after(entry: Any) -> Axes | None:
    """What a layer passes on, as the next layer was built with it."""
    return built_shape(entry) if isinstance(entry, Mapping) else None


def _width(data: Mapping[str, Any], above: int | None) -> int | None:
    """The width that a layer passes on, as far as its own settings say it."""
    units = data.get("units", data.get("filters"))
    if type(units) is int:
        return units * (1 + (data.get("bidirectional") is True and data.get("merge", "concat") == "concat"))
    kept = ("dropout", "activation", "batch_normalization", "gaussian_noise", "model")
    return above if data.get("type") in kept else None


def _ordered(piece: Piece, route: Route) -> Piece:
    """The entry with its type and name in front, and its place."""
    front: dict[str, Any] = {key: piece.data[key] for key in ("type", "class", "name") if key in piece.data}
    return piece._replace(data={**front, **piece.data}, routes={(): route, **piece.routes})
