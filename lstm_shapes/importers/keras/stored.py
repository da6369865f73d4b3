"""The arrays of a Keras file by the layer that they belong to: in an archive of Keras 3, an .h5 file, or TensorFlow.js.

An archive has a group for each layer, called by its class and a number, with its arrays under ``vars/0``, ``vars/1``...
(keras/src/saving/saving_lib.py). An .h5 file has a group called as the layer and the attribute ``weight_names``
(legacy_h5_format.py). The state of optimizers, metrics and random generators is left out: it is no parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Mark
from lstm_shapes.importers.keras.entries import Entry, entry, every
from lstm_shapes.importers.keras.recognition import find_config
from lstm_shapes.importers.keras.translation import Translation
from lstm_shapes.spec.imported import Stored

Attributes = Mapping[str, Mapping[str, Any]]
Arrays = dict[Route, tuple[Stored, ...]]
CONTAINERS = ("layers", "_layer_checkpoint_dependencies", "_self_tracked_trackables")
"""What the group of a model's layers is called: Keras 3, tf.keras 2.12 and later, before them."""
_NUMBERED = re.compile(r"(.*?)(?:_(\d+))?")
_ORDER = ("vars", "forward_layer", "cell", "cells", "layer", "query_dense", "key_dense", "gate_dense", "value_dense")
"""The parts of a layer in the order of its weights; others come after them, by name."""
_RECURRENT = frozenset("LSTM GRU SimpleRNN RNN ConvLSTM1D ConvLSTM2D ConvLSTM3D Bidirectional TimeDistributed".split())
"""Classes whose states, if they keep them, are stored with their weights."""
_NO_WEIGHTS = ("optimizer", "optimizer_weights", "top_level_model_weights")


class Model(NamedTuple):
    """A model of a file: its config, and the routes of its layers in the spec by those in the config."""

    entry: Entry
    routes: Mapping[Route, Route]

    def route(self, entry: Entry) -> Route | None:
        """The route in the spec of a layer, or of the nearest that contains it; None where it is not in the spec."""
        for length in range(len(entry.route), len(self.entry.route), -1):
            if entry.route[:length] in self.routes:
                return self.routes[entry.route[:length]]
        return None


def with_routes(config: Any, found: Translation) -> Model:
    """The model's config with the routes of its layers in the spec, from the places where they were found."""
    inner = find_config(config)
    routes: dict[Route, Route] = {}
    for route, place in found.routes.items():
        if (
            route
            and isinstance(place, tuple)
            and not isinstance(place, Mark)
            and len(routes.get(place, (0,) * 99)) > len(route)
        ):
            routes[place] = route
    data = inner.data
    if isinstance(data, list) or "class_name" not in data:
        data = {"class_name": "Sequential", "config": data}
    return Model(entry(data, inner.route), routes)


def manifest(data: Any) -> list[dict[str, Any]]:
    """The arrays in TensorFlow.js' ``weightsManifest``, a list of groups of weights; what is no array is left out."""
    groups = data if isinstance(data, list) else []
    weights = [group.get("weights") for group in groups if isinstance(group, Mapping)]
    listed = [weight for each in weights if isinstance(each, list) for weight in each if isinstance(weight, Mapping)]
    return [
        {"path": weight["name"], "shape": weight["shape"], "dtype": str(weight.get("dtype", ""))[:40]}
        for weight in listed
        if isinstance(weight.get("name"), str) and _is_shape(weight.get("shape"))
    ]


def _is_shape(value: Any) -> bool:
    return isinstance(value, list) and all(type(size) is int and size >= 0 for size in value)


def stored_arrays(model: Model, arrays: Iterable[Mapping[str, Any]], attributes: Attributes) -> Arrays:
    """The arrays by the route of their layer in the spec, those that no layer has under ()."""
    listed = listed_arrays(arrays)
    root = "model_weights" if "model_weights" in attributes else ""
    if "layer_names" in attributes.get(root, {}) or "layer_names0" in attributes.get(root, {}):
        return _merged(_of_groups(model, listed, attributes, root))
    if any(array.name.partition("/")[0] in CONTAINERS for array in listed):
        return _merged(_of_archive(model, tree_of(listed), attributes, ""))
    return _merged(_by_name(model, listed))


def listed_arrays(arrays: Iterable[Mapping[str, Any]]) -> list[Stored]:
    """The arrays of a document without the states of random generators; Keras on Windows wrote `\\` between groups."""
    return [
        Stored(array["path"].replace("\\", "/"), tuple(array["shape"]), array["dtype"])
        for array in arrays
        if "seed_generator" not in array["path"]
    ]


def _merged(pairs: Iterable[tuple[Route, tuple[Stored, ...]]]) -> Arrays:
    """The arrays of each layer, those that several parts of it have in their order."""
    merged: Arrays = {}
    for route, arrays in ((route, arrays) for route, arrays in pairs if route or arrays):
        merged[route] = (*merged.get(route, ()), *arrays)
    return merged


def _of_groups(
    model: Model, arrays: list[Stored], attributes: Attributes, root: str
) -> Iterator[tuple[Route, tuple[Stored, ...]]]:
    """The arrays of an .h5 file: a group for each layer, by its name."""
    entries = {layer.name: layer for layer in reversed([*every(model.entry)])}
    prefix = f"{root}/" if root else ""
    by_path = {array.name: array for array in arrays}
    by_group: dict[str, list[Stored]] = {}
    for array in arrays:
        by_group.setdefault(array.name.removeprefix(prefix).partition("/")[0], []).append(array)
    names = [name for name in texts(attributes.get(root, {}), "layer_names") if name not in _NO_WEIGHTS]
    unnamed = [layer for layer in model.entry.layers() if layer.is_model and not layer.name]
    entries |= dict(zip((name for name in names if name not in entries), unnamed, strict=False))
    for name in names:
        group = f"{prefix}{name}"
        paths = [f"{group}/{weight}" for weight in texts(attributes.get(group, {}), "weight_names")]
        own = [by_path[path] for path in paths if path in by_path] or by_group.get(name, [])
        yield _route(model, entries.get(name)), tuple(own)


def texts(attributes: Mapping[str, Any], name: str) -> list[str]:
    """An attribute that is a list of texts; a long one is in parts: ``weight_names0``, ``weight_names1`` ...

    >>> texts({"layer_names0": ["a", "b"], "layer_names1": "c"}, "layer_names")
    ['a', 'b', 'c']
    """
    parts = [attributes[name]] if name in attributes else []
    while not parts or f"{name}{len(parts)}" in attributes:
        if f"{name}{len(parts)}" not in attributes:
            return []
        parts.append(attributes[f"{name}{len(parts)}"])
    listed = [item for part in parts for item in (part if isinstance(part, list) else [part])]
    return [item for item in listed if isinstance(item, str)]


def _route(model: Model, entry: Entry | None) -> Route:
    """The route of a layer; () where it is not in the spec."""
    return (entry and model.route(entry)) or ()


def tree_of(arrays: Iterable[Stored]) -> dict[str, Any]:
    """The arrays by the parts of their paths."""
    tree: dict[str, Any] = {}
    for array in arrays:
        *groups, name = array.name.split("/")
        level = tree
        for group in groups:
            inner = level.setdefault(group, {})
            level = inner if isinstance(inner, dict) else {}
        level[name] = array
    return tree


def _of_archive(
    model: Model, tree: dict[str, Any], attributes: Attributes, path: str
) -> Iterator[tuple[Route, tuple[Stored, ...]]]:
    """The arrays of a model in an archive, whose groups are in ``tree``."""
    container = next((name for name in CONTAINERS if isinstance(tree.get(name), dict)), "")
    path = f"{path}{container}/"
    empty = (name.removeprefix(path).partition("/")[0] for name in attributes if name.startswith(path))
    groups: dict[str, Any] = {name: {} for name in empty} | tree.get(container, {})
    layers = model.entry.layers()
    names = _by_attribute(layers, groups, attributes, path) or _by_class(layers, groups)
    for number, layer in enumerate(layers):
        group = groups.get(names.get(number, ""))
        if isinstance(group, dict):
            yield from _of_layer(model, layer, group, attributes, f"{path}{names[number]}/")
    for name in groups.keys() - set(names.values()):
        yield (), tuple(in_order(groups[name]))


def _of_layer(
    model: Model, layer: Entry, group: dict[str, Any], attributes: Attributes, path: str
) -> Iterator[tuple[Route, tuple[Stored, ...]]]:
    """The arrays of a layer; of a model, those of its layers."""
    if layer.is_model:
        yield from _of_archive(model._replace(entry=layer), group, attributes, path)
        return
    inner = layer.inner("layer")
    if inner and inner.is_model and isinstance(group.get("layer"), dict):
        yield from _of_archive(model._replace(entry=inner), group["layer"], attributes, f"{path}layer/")
        return
    yield _route(model, layer), tuple(in_order(group, stateful=layer.class_name in _RECURRENT))


def _by_attribute(
    layers: Iterable[Entry], groups: Mapping[str, Any], attributes: Attributes, path: str
) -> dict[int, str]:
    """The group of each layer by its number, from the names that Keras 3.10 and later write to the groups."""
    named = {attributes.get(f"{path}{group}/vars", {}).get("name"): group for group in groups}
    names = {number: named[layer.name] for number, layer in enumerate(layers) if layer.name in named}
    return names if len(names) == len(groups) else {}


def _by_class(layers: Iterable[Entry], groups: Mapping[str, Any]) -> dict[int, str]:
    """The group of each layer by its number: called by the class, and counted for each class.

    tf.keras counts a layer with weights twice, so that a class has groups with every other number.
    """
    numbered: dict[str, list[int]] = {}
    for number, layer in enumerate(layers):
        numbered.setdefault(layer.group, []).append(number)
    present: dict[str, list[tuple[int, str]]] = {}
    for group in groups:
        match = _NUMBERED.fullmatch(group)
        base, count = (match[1].replace("_", ""), match[2]) if match else (group, None)
        name, place = (base, int(count or 0)) if base in numbered else (group.replace("_", ""), 0)
        present.setdefault(name, []).append((place, group))
    names: dict[int, str] = {}
    for base, numbers in numbered.items():
        found = sorted(present.get(base, ()))
        if all(place < len(numbers) for place, _ in found):
            names |= {numbers[place]: group for place, group in found}
        else:
            names |= {number: group for number, (_, group) in zip(numbers, found, strict=False)}
    return names


def in_order(group: Any, *, stateful: bool = True) -> Iterator[Stored]:
    """The arrays of a layer in the order of its weights.

    A ``stateful`` layer has its states next to its cell, which are no weights.
    """
    if isinstance(group, Stored):
        yield group
        return
    for name in sorted(group, key=_place):
        if name != "vars" or "cell" not in group or not stateful:
            yield from in_order(group[name], stateful=stateful)


def _place(name: str) -> tuple[int, str, int]:
    """Where a part of a layer stands among the others."""
    plain = name.lstrip("_")
    if plain.isdecimal():
        return 0, "", int(plain)
    match = _NUMBERED.fullmatch(plain)
    base, number = (match[1], int(match[2] or 0)) if match else (plain, 0)
    return (_ORDER.index(base) if base in _ORDER else len(_ORDER)), base, number


def _by_name(model: Model, arrays: Iterable[Stored]) -> Iterator[tuple[Route, tuple[Stored, ...]]]:
    """Arrays without groups, as TensorFlow.js lists them: the name of a layer is a part of theirs."""
    entries: dict[str, Entry] = {}
    for layer in every(model.entry):
        inside = layer.inner("layer")
        inner = inside.name if inside and not inside.is_model else ""
        for name in (layer.name, inner, f"forward_{inner}", f"backward_{inner}"):
            entries.setdefault(name, layer)
    for array in arrays:
        parts = array.name.split("/")
        entry = next((entries[part] for part in parts if part and part in entries), None)
        yield _route(model, entry), (array,)
