"""Models of Keras as the layers of a spec: Sequential and functional, at the top of a file or inside another model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.importers.keras.functional import functional
from lstm_shapes.importers.keras.layers import unknown, with_trainable
from lstm_shapes.importers.keras.model import Model
from lstm_shapes.importers.keras.piece import Given, Piece
from lstm_shapes.importers.keras.sequential import sequential


def is_model(class_name: str, config: Any) -> bool:
    """Whether a configuration is a model's: a Sequential, or one with layers of its own."""
    if class_name == "Sequential":
        return isinstance(config, list) or (isinstance(config, Mapping) and isinstance(config.get("layers"), list))
    return isinstance(config, Mapping) and isinstance(config.get("layers"), list) and "input_layers" in config


def read_model(given: Given) -> Model:
    """The layers of a model, what it reads and what it passes on."""
    if "input_layers" in given.config:
        return functional(given)
    return sequential(given)


def nested(given: Given) -> Piece:
    """A model inside a model, as a block of layers."""
    given = sequence_config(given)
    if not is_model(given.class_name, given.config):
        return unknown(given, f"{given.class_name}: its layers are not in the file")
    model = read_model(given)
    if not model.pieces:
        return Piece({"type": "activation", "activation": "linear"}, {("type",): (*given.route, "class_name")})
    data: dict[str, Any] = {"type": "model", "layers": [piece.data for piece in model.pieces]}
    if len(model.inputs) > 1:
        data["inputs"] = [name for name, _ in model.inputs]
    if model.outputs:
        data["outputs"] = list(model.outputs)
    routes: dict[Route, Route] = {("type",): (*given.route, "class_name")}
    return with_trainable(given, Piece(data, routes | model.routes(), model.notes, model.paths(), model.recorded()))


def sequence_config(given: Given) -> Given:
    """A Sequential whose configuration is the bare list of its layers, with it under ``layers``."""
    config = given.entry.get("config")
    return given._replace(config={"layers": config}) if isinstance(config, list) else given
