"""The spec of a model as a file holds it: what its author wrote, or an importer, under our own names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstm_shapes.layers import family
from lstm_shapes.spec.keys import (
    CELL_KEYS,
    RECURRENT_KEYS,
    TOP_KEYS,
    WIDTH_KEYS,
    canonical,
    other_keys,
    required,
    spellings,
)
from lstm_shapes.spec.layer_names import default_name
from lstm_shapes.spec.values import InvalidValue
from lstm_shapes.spec.words import framework_name, without_module
from lstm_shapes.symbolic.size import Size, symbol

_FIRST = ("type", "use", "name")
_DOCUMENTED = {"declared_macs": "macs", "class_name": "class"}
"""Fields whose key in a file is another than their own name."""


def written(data: Mapping[Any, Any], *, framework: str = "", dims: Mapping[str, Size] | None = None) -> dict[str, Any]:
    """The data of a spec with canonical types and keys in their usual order, read again as the same model.

    ``framework`` and ``dims`` are written over the file's own, as options of the command line are. What is wrong with a
    spec stays as it is.

    >>> written({"layers": [{"units": 2, "use_bias": False, "type": "nn.LSTM"}], "framework": "pytorch"})
    {'framework': 'torch', 'layers': [{'type': 'lstm', 'units': 2, 'bias': False}]}
    """
    name = framework or _framework(data)
    result = _renamed(dict(data), "input_size", "input_dim")
    if framework or "framework" in data:
        result["framework"] = name or data["framework"]
    if dims:
        result["dims"] = _dims(data.get("dims"), dims)
        if not result["dims"]:
            del result["dims"]
    if isinstance(data.get("layers"), list):
        result["layers"] = [_layer(entry, name or "keras") for entry in data["layers"]]
    return _ordered(result, TOP_KEYS)


def _framework(data: Mapping[Any, Any]) -> str:
    """The model's framework by its own name; '' where it is no framework."""
    try:
        return framework_name(data.get("framework", "keras"))
    except InvalidValue:
        return ""


def _dims(own: Any, given: Mapping[str, Size]) -> dict[str, Any]:
    """The values of symbols; one that is given as itself has none."""
    values = {**(own if isinstance(own, dict) else {}), **given}
    free = {name for name, value in given.items() if value == symbol(name)}
    return {
        name: value if isinstance(value, int | str) else str(value)
        for name, value in values.items()
        if name not in free
    }


def _layer(entry: Any, framework: str) -> Any:
    """An entry under ``layers``, ``layer`` or ``cells`` with the names of its type and its keys."""
    if not isinstance(entry, dict):
        return entry
    if "use" in entry or not isinstance(entry.get("type"), str):
        return _ordered(entry, _FIRST)
    type_, implied = canonical(entry["type"]) or ("", {})
    owner = without_module(entry["type"])[1]
    if not type_ or owner not in ("", framework):
        return _ordered(entry, _FIRST)
    if type_ == "model":
        return _block(entry, framework)
    family = "stacked_cells" if type_ == "rnn" and not CELL_KEYS.isdisjoint(entry) else type_
    result = _keys(entry, family, framework)
    if _says_the_same(entry, family, implied):
        renamed = {**result, "type": family, **implied}
        same_name = "name" in entry or default_name(renamed) == default_name(entry)
        result = renamed if same_name else {**result, "type": type_}
    return _ordered(result, _FIRST)


def _says_the_same(entry: dict[Any, Any], type_: str, implied: Mapping[str, Any]) -> bool:
    """Whether what the name of a type implies can be written next to our name for it."""
    settable = spellings(type_).keys() | (RECURRENT_KEYS if family(type_).recurrent else frozenset())
    return implied.keys() <= settable and implied.keys().isdisjoint(entry)


def _block(entry: dict[Any, Any], framework: str) -> dict[Any, Any]:
    """A nested model."""
    result = {**_renamed(entry, "input_size", "input_dim"), "type": "model"}
    if isinstance(entry.get("layers"), list):
        result["layers"] = [_layer(inner, framework) for inner in entry["layers"]]
    return _ordered(result, _FIRST)


def _keys(entry: dict[Any, Any], type_: str, framework: str) -> dict[Any, Any]:
    """The settings of a layer under the names of its fields, the layers inside it too."""
    fields, others = spellings(type_), other_keys(type_)
    names = {key: _DOCUMENTED.get(fields[key].field, fields[key].field) for key in entry if key in fields}
    names |= {key: "input_dim" for key in entry if key in WIDTH_KEYS and key in others and key not in fields}
    if "merge_mode" in entry and "merge_mode" in others:
        names["merge_mode"] = "merge"
    result: dict[Any, Any] = {}
    needed = [key for name in required(type_) for key in entry if key in fields and fields[key].field == name]
    for key, value in _ordered(entry, needed).items():
        kind = fields[key].kind if key in fields else ""
        twice = sum(name == names.get(key) for name in names.values()) > 1 or names.get(key) in entry.keys() - {key}
        result[key if twice else names.get(key, key)] = _inside(value, kind, framework)
    return result


def _inside(value: Any, kind: str, framework: str) -> Any:
    """A value of a layer: a layer itself, a list of cells, or what it is."""
    if kind == "layer" or (kind == "cells" and isinstance(value, dict)):
        return _layer(value, framework)
    if kind == "cells" and isinstance(value, list):
        return [_layer(cell, framework) for cell in value]
    return value


def _renamed(entry: dict[Any, Any], old: str, new: str) -> dict[Any, Any]:
    """The mapping with a key under its other name, unless it has both."""
    return {new if key == old and new not in entry else key: value for key, value in entry.items()}


def _ordered(entry: dict[Any, Any], first: tuple[str, ...] | list[str]) -> dict[Any, Any]:
    """The mapping with these keys first, the others as they stand."""
    listed = {key: entry[key] for key in first if key in entry}
    return {**listed, **entry}
