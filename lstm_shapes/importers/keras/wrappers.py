"""Layers around layers: Bidirectional, TimeDistributed, RNN over cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.importers.keras.layers import plain, translate_layer, unknown, with_trainable
from lstm_shapes.importers.keras.others import function
from lstm_shapes.importers.keras.piece import Given, Piece

_MERGES = {None: "none", "concat": "concat", "sum": "sum", "mul": "mul", "ave": "ave"}
_TIME = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll", "zero_output_for_mask")
_CELLS = {"LSTMCell": "LSTM", "GRUCell": "GRU", "SimpleRNNCell": "SimpleRNN"}


def bidirectional(given: Given) -> Piece:
    """A layer in both directions. Keras 3 writes the backward layer too, which is the same but for its direction."""
    forward = translate_layer(given.inner(given.config.get("layer"), "layer"))
    if _is_opaque(forward):
        return unknown(given, inside=str(forward.data.get("class", forward.data["type"])))
    merge = given.config.get("merge_mode", "concat")
    merge = _MERGES.get(merge, merge) if merge is None or isinstance(merge, str) else merge
    backward = given.config.get("backward_layer")
    other = translate_layer(given.inner(backward, "backward_layer")) if isinstance(backward, Mapping) else None
    same = other is None or _turned(other.data) == forward.data
    notes = forward.notes
    class_name = (*given.route, "class_name")
    if same and forward.data["type"] != "stacked_cells" and "trainable" not in forward.data:
        data: dict[str, Any] = {**forward.data, "bidirectional": True}
        routes: dict[Route, Route] = {**forward.routes, ("bidirectional",): class_name}
    else:
        data = {"type": "bidirectional", "layer": forward.data}
        routes = {("type",): class_name, ("layer",): given.at("layer"), **forward.inside("layer")}
        if other is not None and not same:
            data["backward_layer"] = other.data
            routes |= {("backward_layer",): given.at("backward_layer"), **other.inside("backward_layer")}
            notes += other.notes
    if merge != "concat":
        data["merge"] = merge
        routes["merge",] = given.at("merge_mode")
    return with_trainable(given, Piece(data, routes, notes))


def time_distributed(given: Given) -> Piece:
    """A layer applied to every timestep."""
    inner = translate_layer(given.inner(given.config.get("layer"), "layer"))
    if inner.data.get("type") == "unknown":
        return unknown(given, inside=inner.data["class"])
    if inner.data.get("type") in ("lambda", "operator"):  # without weights: what it passes on is not that of a timestep
        return function(given)
    data = {"type": "time_distributed", "layer": inner.data}
    routes = {("type",): (*given.route, "class_name"), ("layer",): given.at("layer"), **inner.inside("layer")}
    recorded = {("layer", *route): shapes for route, shapes in inner.recorded.items()}
    paths = {path: ("layer", *route) for path, route in inner.paths.items()}
    return with_trainable(given, Piece(data, routes, inner.notes, paths, recorded))


def cells(given: Given) -> Piece:
    """Keras' RNN: one cell, a list of cells, or StackedRNNCells."""
    entries = _entries(given)
    pieces = [_cell(cell) for cell in entries]
    strange = next((piece for piece in pieces if piece is None), 0)
    if not pieces or strange is None:
        return unknown(given, inside=", ".join(cell.class_name for cell in entries))
    known = [piece for piece in pieces if piece is not None]
    data: dict[str, Any] = {"type": "stacked_cells", "cells": [piece.data for piece in known]}
    routes: dict[Route, Route] = {("type",): (*given.route, "class_name")}
    for number, (piece, cell) in enumerate(zip(known, entries, strict=True)):
        routes |= {("cells", number): cell.route, **piece.inside("cells", number)}
    for key in _TIME:
        if given.config.get(key):
            value = given.config[key]
            data[key], routes[key,] = (True if type(value) is int and value == 1 else value), given.at(key)
    return with_trainable(given, Piece(data, routes, tuple(note for piece in known for note in piece.notes)))


def _entries(given: Given) -> list[Given]:
    """The cells, flattened out of StackedRNNCells."""
    value = given.config.get("cell")
    if isinstance(value, list):
        return [given.inner(cell, "cell", number) for number, cell in enumerate(value)]
    cell = given.inner(value, "cell")
    inner = cell.config.get("cells")
    if cell.class_name == "StackedRNNCells" and isinstance(inner, list):
        return [cell.inner(entry, "cells", number) for number, entry in enumerate(inner)]
    return [cell]


def _cell(given: Given) -> Piece | None:
    return with_trainable(given, plain(given)) if given.class_name in _CELLS else None


def _turned(data: Mapping[str, Any]) -> dict[str, Any]:
    """A backward layer as it would be forward."""
    turned = {key: value for key, value in data.items() if key != "go_backwards"}
    return turned if data.get("go_backwards") else {**turned, "go_backwards": True}


def _is_opaque(piece: Piece) -> bool:
    return piece.data.get("type") in ("unknown", "lambda", "model")
