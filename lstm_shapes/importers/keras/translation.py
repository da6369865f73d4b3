"""A Keras configuration -> the data of a spec, with the place of every value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Document, Mark
from lstm_shapes.importers.keras.calls import Call
from lstm_shapes.importers.keras.dialect import dialect
from lstm_shapes.importers.keras.inputs import as_written, built_shape, symbols
from lstm_shapes.importers.keras.layers import unknown
from lstm_shapes.importers.keras.model import Model
from lstm_shapes.importers.keras.models import is_model, read_model, sequence_config
from lstm_shapes.importers.keras.piece import Given, Recorded, text
from lstm_shapes.importers.keras.recognition import Config, find_config
from lstm_shapes.spec.keys import DTYPES


class Translation(NamedTuple):
    """The data of a spec; ``routes`` lead to the file, ``paths`` from a layer's path in Keras to its route in the spec.

    A layer inside a model has its model's name before its own: ``model_1/lstm_1``. ``recorded`` has the shapes that the
    file records of a layer's outputs, by the layer's route.
    """

    data: dict[str, Any]
    routes: dict[Route, Route | Mark | str]
    paths: dict[str, Route]
    recorded: dict[Route, Recorded]
    notes: tuple[str, ...]
    version: str


def translate_config(config: Any, document: Document, version: str = "", prefix: Route = ()) -> Translation | None:
    """The model in ``config``, the data at ``prefix`` of the document; None where it is no model of Keras.

    ``version`` is that of the Keras that wrote it, '' where only the configuration can tell.

    >>> layer = {"class_name": "LSTM", "config": {"name": "rnn", "units": 2, "batch_input_shape": [None, 5, 3]}}
    >>> model = {"class_name": "Sequential", "config": [layer]}
    >>> found = translate_config(model, Document(source="-", data=None), "2.2.4")
    >>> found.data["inputs"], found.paths
    ({'input': ['B', 5, 3]}, {'rnn': ('layers', 0)})
    """
    found = find_config(config, version)
    given = _given(found, prefix)
    if given is None:
        return None
    notes: tuple[str, ...] = (given.dialect.note,) if given.dialect.note else ()
    if is_model(given.class_name, given.config):
        model = read_model(given)
    else:
        model = _of_unknown(given)
        notes += (f"{given.class_name}: its layers are not in the file",)
    data, routes, more = _assembled(given, model)
    more += _counted_twice(model)
    places: dict[Route, Route | Mark | str] = {
        route: (prefix if found.inside_text else place) for route, place in routes.items()
    }
    return Translation(data, places, model.paths(), model.recorded(), (*notes, *more, *model.notes), found.version)


def _given(found: Config, prefix: Route) -> Given | None:
    """The model as a layer like any other."""
    data, route = found.data, (*prefix, *found.route)
    if isinstance(data, list):
        entry: Mapping[str, Any] = {"class_name": "Sequential", "config": data}
        route = route[:-1] if route else route
    elif isinstance(data, Mapping) and "class_name" not in data and isinstance(data.get("layers"), list):
        entry = {"class_name": "Functional" if "input_layers" in data else "Sequential", "config": data}
    elif isinstance(data, Mapping) and isinstance(data.get("class_name"), str):
        entry = data
    else:
        return None
    config = entry.get("config")
    given = Given(
        text(entry["class_name"]),
        config if isinstance(config, Mapping) else {},
        route,
        dialect(found.version, data),
        Call(),
        entry=entry,
    )
    return sequence_config(given)


def _of_unknown(given: Given) -> Model:
    """A model of a class of somebody's own: nothing is known but its class."""
    shape = built_shape(given.entry)
    piece, name = unknown(given), text(given.config.get("name"))
    piece = piece.having("name", name, given.at("name")) if name else piece
    located = (shape, (*given.route, "build_config", "input_shape")) if shape else None
    return Model((piece,), (("input", located),), names=(name or given.class_name,))


def _assembled(given: Given, model: Model) -> tuple[dict[str, Any], dict[Route, Route], tuple[str, ...]]:
    data: dict[str, Any] = {}
    routes: dict[Route, Route] = {(): given.route, **model.routes()}
    notes: list[str] = []
    name = text(given.config.get("name"))
    if name:
        data["name"], routes["name",] = name[:200], given.at("name")
    kind = _dtype(given, model)
    if kind:
        data["dtype"] = kind
    free = symbols()
    if any(shape is None for _, shape in model.inputs) or not model.inputs:
        data["inputs"] = "unknown"
        notes.append("the shape of the input is not in the file")
    else:
        data["inputs"] = {}
        for label, located in model.inputs:
            if located:
                data["inputs"][label] = as_written(located[0], free)
                routes["inputs", label] = located[1]
    if given.config.get("trainable", True) is False:
        data["trainable"], routes["trainable",] = False, given.at("trainable")
    data["layers"] = [piece.data for piece in model.pieces]
    if model.outputs:
        data["outputs"] = list(model.outputs)
    return data, routes, tuple(notes)


def _counted_twice(model: Model) -> tuple[str, ...]:
    """A note on layers of one name in several models: the file does not say whether they were one layer."""
    places: dict[str, list[str]] = {}
    for path in model.paths():
        if "/" in path:
            owner, _, name = path.rpartition("/")
            places.setdefault(name, []).append(owner)
    return tuple(
        f"{name} is in {', '.join(owners[:4])}: counted in each, as Keras reads the file; it may have been one layer"
        for name, owners in [item for item in places.items() if len(item[1]) > 1][:3]
    )


def _dtype(given: Given, model: Model) -> str:
    """The type of the weights, where all layers have the same and it is not float32."""
    kinds = {_weights_dtype(entry) for entry in _entries(given.config) if entry.get("class_name") != "InputLayer"}
    kinds -= {""}
    kind = kinds.pop() if len(kinds) == 1 else ""
    return "" if kind in ("", "float32") or kind not in DTYPES else kind


def _entries(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    layers = config.get("layers")
    return [entry for entry in layers if isinstance(entry, Mapping)] if isinstance(layers, list) else []


def _weights_dtype(entry: Mapping[str, Any]) -> str:
    """The type of a layer's weights: a mixed policy computes in 16 bits, and keeps its weights in 32."""
    config = entry.get("config")
    kind = config.get("dtype") if isinstance(config, Mapping) else None
    if isinstance(kind, Mapping):
        inner = kind.get("config")
        kind = inner.get("name") if isinstance(inner, Mapping) else None
    if not isinstance(kind, str):
        return ""
    return "float32" if kind.startswith("mixed_") else kind if kind in DTYPES else ""
