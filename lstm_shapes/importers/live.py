"""A live ``keras.Model`` or ``torch.nn.Module`` -> the spec, by what the object offers; no framework is imported."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from math import prod
from typing import Any

from lstm_shapes.formats import parse
from lstm_shapes.formats.document import Document, Origin
from lstm_shapes.importers.live_modules import module_data
from lstm_shapes.spec.imported import Imported
from lstm_shapes.spec.layer_names import MAX_NAME, UniqueNames


def translate(model: Any) -> Imported | None:
    """A live model as a spec; None where an object is neither a model of Keras nor a module of PyTorch."""
    if hasattr(model, "get_config") and hasattr(model, "to_json") and hasattr(model, "layers"):
        return _of_keras(model)  # with the backend torch it is a module as well
    if hasattr(model, "named_children") and hasattr(model, "named_parameters"):
        return _imported(model, module_data(model), "torch", "a module has no order of calls and no timesteps")
    return None


def _of_keras(model: Any) -> Imported | None:
    """The model from the configuration that Keras would save."""
    from lstm_shapes.importers.keras import translate as of_config

    try:
        document = parse(_source(model), str(model.to_json()).encode())
    except (NotImplementedError, TypeError, ValueError):  # a class of its own without a configuration
        return _of_layers(model)
    if isinstance(document.data, dict) and (version := _version(model)):
        document = document._replace(data={"keras_version": version, **document.data})
    models = of_config(document._replace(text=""))
    layers = models[0].document.data.get("layers") or [] if models else []
    if all(layer.get("class") == type(model).__name__ for layer in layers):
        return _of_layers(model)
    data = {**models[0].document.data, "layers": list(_counted(layers, model))}
    translated = models[0].document._replace(data=data, origin=Origin(document, {(): ""}, "python"))
    return models[0]._replace(document=translated)


def _version(model: Any) -> str:
    """The version of the Keras that is already imported, which made the model."""
    roots = {class_.__module__.split(".")[0] for class_ in type(model).__mro__} & {"keras", "tf_keras"}
    return next((str(getattr(sys.modules.get(root), "__version__", "")) for root in roots), "")


def _counted(layers: list[dict[str, Any]], model: Any) -> Iterator[dict[str, Any]]:
    """The layers, those of unknown classes with the number of their parameters where training treats all alike."""
    counts = {str(layer.name): _counts(layer) for layer in model.layers if layer.built}
    for layer in layers:
        trained, frozen = counts.get(str(layer.get("name")), (1, 1))
        known = layer.get("type") != "unknown" or (trained and frozen)
        yield layer if known else {**layer, **_params(trained, frozen)}


def _counts(layer: Any) -> tuple[int, int]:
    """How many numbers of a layer training changes, and how many it does not."""
    both = (layer.trainable_weights, layer.non_trainable_weights)
    trained, frozen = (sum(prod(map(int, weight.shape)) for weight in weights) for weights in both)
    return trained, frozen


def _params(trained: int, frozen: int) -> dict[str, Any]:
    return {"params": trained or frozen, **({"trainable": False} if frozen else {})}


def _of_layers(model: Any) -> Imported:
    """The layers of a model that has no configuration, counted by their weights."""
    names = UniqueNames(("unknown",))
    entries = [entry for layer in model.layers for entry in _of_layer(layer, names)]
    data = {"inputs": "unknown", "layers": entries} if entries else None
    return _imported(model, data, "keras-json", "the model has no configuration: only its layers are counted")


def _of_layer(layer: Any, names: UniqueNames) -> Iterator[dict[str, Any]]:
    """The entry of a layer, or two where training changes a part of it."""
    own = str(layer.name)[: MAX_NAME - 20]
    entry = {"type": "unknown", "class": type(layer).__name__[:MAX_NAME], "inputs": "unknown"}
    trained, frozen = _counts(layer) if layer.built else (0, 0)
    if trained or not frozen:
        yield {**entry, "name": names.unique(own), **(_params(trained, 0) if layer.built else {})}
    if frozen:
        yield {**entry, "name": names.unique(f"{own}.frozen" if trained else own), **_params(0, frozen)}


def _imported(model: Any, data: dict[str, Any] | None, kind: str, note: str) -> Imported:
    source = Document(source=_source(model), data=None)
    routes: dict[Any, Any] = {(): ""}
    if data:
        routes |= {("layers", number): str(layer["name"]) for number, layer in enumerate(data["layers"])}
    return Imported(Document(source=source.source, data=data, origin=Origin(source, routes)), kind=kind, notes=(note,))


def _source(model: Any) -> str:
    """What messages call an object: its class."""
    return f"<{type(model).__module__.split('.')[0]} {type(model).__qualname__}>"
