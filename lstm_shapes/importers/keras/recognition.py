"""Tells whether JSON data are a Keras model, and finds the model's configuration inside them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from lstm_shapes.findings.route import Route

WRAPPERS = ("modelTopology", "model_config")
"""The keys under which TensorFlow.js and the attributes of an .h5 file hold the configuration."""
_ENCODED = 3
"""How often a text of JSON may hold another text of JSON."""


class Config(NamedTuple):
    """A model's configuration: its data, its place in the file, and the version of Keras that wrote it.

    ``inside_text`` says that it was read from a JSON text inside the JSON, where no value has a place of its own.
    """

    data: Any
    route: Route = ()
    version: str = ""
    inside_text: bool = False


def looks_like_keras(data: Any) -> bool:
    """Whether data can be a Keras model; looks at no more than the outermost keys.

    >>> looks_like_keras({"class_name": "Sequential", "config": []}), looks_like_keras({"layers": [{"type": "lstm"}]})
    (True, False)
    """
    if isinstance(data, str):
        return data.lstrip()[:1] in ("{", '"', "[") and "class_name" in data
    if isinstance(data, list):
        return bool(data) and _is_entry(data[0])
    if not isinstance(data, dict):
        return False
    if _is_entry(data) or any(isinstance(data.get(key), dict | str) for key in WRAPPERS):
        return True
    layers = data.get("layers")
    return isinstance(layers, list) and bool(layers) and _is_entry(layers[0]) and "type" not in layers[0]


def find_config(data: Any, version: str = "") -> Config:
    """The configuration inside the data of a file."""
    found = Config(data, version=version)
    for _ in range(_ENCODED + len(WRAPPERS)):
        inner = _unwrapped(found)
        if inner is found:
            break
        found = inner
    return found


def _unwrapped(found: Config) -> Config:
    data = found.data
    if isinstance(data, str):
        try:
            return found._replace(data=json.loads(data), inside_text=True)
        except (ValueError, RecursionError):
            return found
    if isinstance(data, dict):
        version = found.version or version_text(data.get("keras_version"))
        for key in WRAPPERS:
            if key in data:
                return found._replace(data=data[key], route=(*found.route, key), version=version)
        if version != found.version:
            return found._replace(version=version)
    return found


def version_text(value: Any) -> str:
    """A version as a file states it: text, or the bytes of an .h5 file's attribute."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value.strip()[:40] if isinstance(value, str) else ""


def _is_entry(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("class_name"), str) and "config" in value
