"""The shape of what a Keras model reads, from the many places in which a file can have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, count
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.importers.keras.calls import axes
from lstm_shapes.importers.keras.classes import CLASSES

Axes = tuple[int | None, ...]
Located = tuple[Axes, Route]
"""A shape, and its place in the file."""
_KEYS = ("batch_input_shape", "batch_shape")
_MAX_DEPTH = 64


def symbols() -> Iterator[str]:
    """The names of axes that are free: T, T_2, T_3 ..."""
    return chain(["T"], (f"T_{number}" for number in count(2)))


def as_written(shape: Axes, free: Iterator[str]) -> list[int | str]:
    """The shape as a spec has it: B for the batch, a symbol of its own for any other free axis.

    >>> as_written((None, None, 8), symbols())
    ['B', 'T', 8]
    """
    first, others = shape[:1], shape[1:]
    batch: list[int | str] = ["B" if axis is None else axis for axis in first]
    return [*batch, *(next(free) if axis is None else axis for axis in others)]


def own_shape(config: Mapping[str, Any], route: Route) -> Located | None:
    """The shape that a layer's configuration says reaches the model."""
    for key in _KEYS:
        shape = axes(config.get(key))
        if shape:
            return shape, (*route, key)
    shape = axes(config.get("input_shape"))
    return ((None, *shape), (*route, "input_shape")) if shape else None


def first_shape(entry: Any, route: Route, depth: int = 0) -> Located | None:
    """What the first layer of a Sequential says of the model's input, itself or a layer inside it."""
    if not isinstance(entry, Mapping) or depth > _MAX_DEPTH:
        return None
    config, here = entry.get("config"), (*route, "config")
    if isinstance(config, list):
        return first_shape(config[0], (*here, 0), depth + 1) if config else None
    if not isinstance(config, Mapping):
        return None
    found = own_shape(config, here)
    if found:
        return found
    layers = config.get("layers")
    if isinstance(layers, list) and layers and entry.get("class_name") != "Merge":
        found = _of_functional(config, layers, here) or first_shape(layers[0], (*here, "layers", 0), depth + 1)
    elif entry.get("class_name") == "Bidirectional":
        found = first_shape(config.get("layer"), (*here, "layer"), depth + 1)
    return found or _built(config, here, "build_input_shape") or _of_build(entry, route) or _of_widths(entry, here)


def _of_functional(config: Mapping[str, Any], layers: list[Any], route: Route) -> Located | None:
    """The shape of the only InputLayer of a functional model, which need not be its first layer."""
    if "input_layers" not in config:
        return None
    inputs = [
        (number, layer["config"])
        for number, layer in enumerate(layers)
        if isinstance(layer, Mapping)
        and layer.get("class_name") == "InputLayer"
        and isinstance(layer.get("config"), Mapping)
    ]
    return own_shape(inputs[0][1], (*route, "layers", inputs[0][0], "config")) if len(inputs) == 1 else None


def _built(config: Mapping[str, Any], route: Route, key: str) -> Located | None:
    shape = axes(config.get(key))
    return (shape, (*route, key)) if shape else None


def _of_build(entry: Mapping[str, Any], route: Route) -> Located | None:
    """The shape with which the layer was built, from Keras 2.13 on."""
    shape = built_shape(entry)
    return (shape, (*route, "build_config", "input_shape")) if shape else None


def built_shape(entry: Mapping[str, Any]) -> Axes | None:
    """The shape with which a layer was built; None where it was built with several, or the file does not say it."""
    build = entry.get("build_config")
    return axes(build.get("input_shape")) or None if isinstance(build, Mapping) else None


def _of_widths(entry: Mapping[str, Any], route: Route) -> Located | None:
    """input_dim and input_length, with which Keras 1 describes the input; tokens for an embedding."""
    config, class_name = entry["config"], entry.get("class_name")
    type_ = CLASSES.get(class_name, "") if isinstance(class_name, str) else ""
    length, width = config.get("input_length"), config.get("input_dim")
    steps = length if type(length) is int and length > 0 else None
    if type_ == "embedding":
        return (None, steps), route
    if type(width) is not int or width < 1:
        return None
    if type_ == "dense" and class_name == "Dense":
        return (None, width), (*route, "input_dim")
    return ((None, steps, width), (*route, "input_dim")) if type_ in ("lstm", "gru", "rnn", "conv1d", "dense") else None
