"""What the stored arrays tell of layers that the config does not: how many parameters, how many features arrive."""

from __future__ import annotations

from math import prod
from typing import Any

from lstm_shapes.formats.editing import at, put
from lstm_shapes.importers.keras.model import is_opaque, takes_width
from lstm_shapes.importers.keras.stored import Arrays
from lstm_shapes.spec.imported import Stored

_NONE = "no arrays are stored for it, so it has no parameters"


def filled(data: dict[str, Any], stored: Arrays, known: tuple[str, ...] = ()) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The spec with what the arrays of its layers tell, and a note on each layer that only they tell of.

    ``known`` are the notes of the config: a layer with ``lora_rank`` gets more weights when Keras loads the file.

    >>> spec = {"layers": [{"type": "unknown", "class": "Mine", "name": "mine"}]}
    >>> filled(spec, {("layers", 0): (Stored("mine/w", (3, 4), "float32"),)})
    ({'layers': [{'type': 'unknown', 'class': 'Mine', 'name': 'mine', 'params': 12}]}, ('mine: its 12 parameters ...',))
    """
    notes: list[str] = []
    opaque = [number for number, layer in enumerate(data["layers"]) if is_opaque(layer)]
    for route, arrays in stored.items():
        layer = at(data, route) if route else {}
        if layer.get("type") == "unknown" and "params" not in layer:
            if not _are_all_weights(arrays) or _is_adapted(layer, known):
                continue
            count = sum(prod(array.shape) for array in arrays)
            data = put(data, route, {**layer, "params": count})
            name = layer.get("name", layer.get("class"))
            notes.append(f"{name}: its {count:,} parameters are those that are stored" if count else f"{name}: {_NONE}")
        elif opaque and route[:1] == ("layers",) and int(route[1]) > opaque[0] and len(route) == 2:
            width = _width(arrays)
            if width and "input_dim" not in layer and takes_width(layer.get("layer", layer)):
                data = put(data, route, {**layer, "input_dim": width})
    return data, tuple(notes)


def _width(arrays: tuple[Stored, ...]) -> int:
    """The features that the first array was made for: a kernel (..., features, units), or a vector of them."""
    shape = arrays[0].shape if arrays else ()
    return shape[-2] if len(shape) > 1 else shape[0] if shape else 0


def _is_adapted(layer: dict[str, Any], notes: tuple[str, ...]) -> bool:
    """Whether a layer has weights of its own next to those that are stored."""
    return any(note.startswith(f"{layer.get('name')}: ") and "lora_rank" in note for note in notes)


def _are_all_weights(arrays: tuple[Stored, ...]) -> bool:
    """Whether each array is a weight of its own: an archive has one twice that two parts of a layer hold."""
    groups = {array.name.rpartition("/")[0] for array in arrays}
    counted = all(array.name.rpartition("/")[2].isdecimal() for array in arrays)
    return not counted or len(groups) < 2 or len({array.shape for array in arrays}) == len(arrays)
