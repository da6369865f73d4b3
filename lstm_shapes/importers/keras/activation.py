"""The name of an activation function as Keras writes it: a word, an object with class_name and config, or null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstm_shapes.importers.keras.dialect import Dialect
from lstm_shapes.layers.activation_names import ALIASES, NAMES

_CLASSES = {
    "LeakyReLU": "leaky_relu",
    "ReLU": "relu",
    "ELU": "elu",
    "Softmax": "softmax",
    "PReLU": "leaky_relu",
}
"""Layers that Keras takes as an activation -> the function."""


_KNOWN = frozenset(NAMES)


def activation(value: Any, dialect: Dialect) -> tuple[str, str]:
    """The name of a function, and what is not known of it: shapes and counts do not depend on the function.

    >>> activation({"class_name": "function", "config": "relu"}, Dialect(3)), activation("hard_sigmoid", Dialect(2))
    (('relu', ''), ('hard_sigmoid_keras2', ''))
    """
    if isinstance(value, str) and value in _KNOWN:
        return dialect.activation(value), ""
    name = _name(value)
    plain = ALIASES.get(name.lower(), name.lower())
    plain = plain if plain in NAMES else ALIASES.get(plain.replace("_", ""), plain.replace(" ", "_"))
    if plain in NAMES:
        return dialect.activation(plain), ""
    return "linear", f"the activation {name[:60]!r} is not known: written as linear, which changes no shape or count"


def _name(value: Any) -> str:
    if value is None:
        return "linear"
    if isinstance(value, str):
        return value.rpartition(">")[2] if ">" in value else value.rpartition(".")[2] or value
    if isinstance(value, Mapping):
        class_name, config = value.get("class_name"), value.get("config")
        if isinstance(class_name, str) and class_name in _CLASSES:
            return _CLASSES[class_name]
        if isinstance(config, str):
            return _name(config)
        if isinstance(config, Mapping) and "activation" in config:
            return _name(config["activation"])
        if isinstance(class_name, str):
            return class_name
    return str(value)
