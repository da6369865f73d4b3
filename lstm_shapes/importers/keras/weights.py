"""Weights of Keras without a config -> the spec, as far as names and shapes tell the layers: like a state dict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Document, Mark, Origin
from lstm_shapes.importers.keras.recognition import version_text
from lstm_shapes.importers.keras.stored import CONTAINERS, in_order, listed_arrays, texts, tree_of
from lstm_shapes.importers.keras.weights_layers import is_keras_1, layer_of
from lstm_shapes.spec.imported import Imported, Stored
from lstm_shapes.spec.layer_names import MAX_NAME, UniqueNames

_GENERAL = "a file of weights has no order of calls, no timesteps and no activations: each layer reads `unknown`"
_DTYPES = ("float64", "float32", "float16", "bfloat16")


class Group(NamedTuple):
    """The arrays of a layer; ``kind`` is its class in lower case where the file says it."""

    name: str
    kind: str
    arrays: tuple[Stored, ...]


def of_weights(document: Document) -> tuple[Imported, ...]:
    """The layers whose weights an HDF5 file has; none where they are not weights of Keras."""
    attributes = document.data["attributes"]
    arrays = listed_arrays(document.data["arrays"])
    root = "model_weights" if "model_weights" in attributes else ""
    if any(name.startswith("layer_names") for name in attributes.get(root, {})):
        groups = [*_of_names(arrays, attributes, root)]
    else:
        groups = [*_of_containers(tree_of(arrays), attributes, "", "")]
    groups = [group for group in groups if group.arrays]
    if not groups:
        return ()
    version = version_text((attributes.get(root, {}) | attributes.get("", {})).get("keras_version"))
    old = "1" if any(is_keras_1(group.arrays) for group in groups) else ""
    return (_imported(document, groups, version or old),)


def _imported(document: Document, groups: list[Group], version: str) -> Imported:
    names, layers, notes = UniqueNames(("unknown",)), [], [_GENERAL]
    routes: dict[Route, Route | Mark | str] = {}
    for number, group in enumerate(groups):
        settings, note = layer_of(group.name, group.kind, group.arrays)
        inputs = settings.pop("inputs", "unknown")
        name = names.unique(group.name[: MAX_NAME - 20])
        layers.append({"type": settings.pop("type"), "name": name, **settings, "inputs": inputs})
        routes["layers", number] = group.name
        notes += [f"{group.name}: {note}"] if note else []
    dtypes = {array.dtype for group in groups for array in group.arrays if array.dtype in _DTYPES}
    dtype = dtypes.pop() if len(dtypes) == 1 else "float32"
    data = {**({"dtype": dtype} if dtype != "float32" else {}), "inputs": "unknown", "layers": layers}
    return Imported(
        document._replace(data=data, origin=Origin(document, routes, "python")),
        kind="keras-h5",
        version=version,
        stored={("layers", number): group.arrays for number, group in enumerate(groups)},
        notes=tuple(notes),
    )


def _of_names(arrays: list[Stored], attributes: Mapping[str, Mapping[str, Any]], root: str) -> Iterator[Group]:
    """The groups of an .h5 file, which are called as the layers."""
    prefix = f"{root}/" if root else ""
    by_path = {array.name: array for array in arrays}
    for name in texts(attributes.get(root, {}), "layer_names"):
        weights = texts(attributes.get(f"{prefix}{name}", {}), "weight_names")
        paths = [f"{prefix}{name}/{weight}" for weight in weights]
        yield Group(name, "", tuple(by_path[path] for path in paths if path in by_path))


def _of_containers(
    tree: Mapping[str, Any], attributes: Mapping[str, Mapping[str, Any]], path: str, above: str
) -> Iterator[Group]:
    """The groups of an archive's weights, those of models inside it in place of them."""
    container = next((name for name in CONTAINERS if isinstance(tree.get(name), dict)), "")
    for name, group in tree.get(container, {}).items() if container else ():
        inside = f"{path}{container}/{name}/"
        own = attributes.get(f"{inside}vars", {}).get("name")
        label = f"{above}{own if isinstance(own, str) and own else name}"
        if not isinstance(group, dict):
            continue
        inner = group.get("layer") if isinstance(group.get("layer"), dict) else group
        if isinstance(inner, dict) and any(key in CONTAINERS for key in inner):
            inside += "layer/" if inner is not group else ""
            yield from _of_containers(inner, attributes, inside, f"{label}/")
        else:
            base, _, number = name.rpartition("_")
            kind = base if number.isdecimal() else name
            yield Group(label, kind.replace("_", ""), tuple(in_order(group)))
