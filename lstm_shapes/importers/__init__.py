"""Foreign documents translated into the spec: a Keras config, an ONNX graph, a state dict, a script.

``IMPORTERS`` is the list: a format and the module that translates its documents. A module is imported when a file needs
it; nothing in a file is executed, followed or believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from lstm_shapes.formats.document import Document
from lstm_shapes.spec.imported import Imported

IMPORTERS: dict[str, str] = {
    "keras-json": "keras",
    "keras": "keras.binary",
    "hdf5": "keras.binary",
    "torch": "state_dict",
    "safetensors": "state_dict",
    "onnx": "onnx",
    "python": "script",
    "notebook": "script",
}
"""A document's format, or what ``_content`` says of its data -> the module whose ``translate`` gives its models."""
_RUN = ("script",)
"""The modules that follow code, for which values can be given."""
_TEXTS = ("json", "yaml")


def translate(document: Document, given: Mapping[str, Any] | None = None) -> tuple[Imported, ...]:
    """The models of a document, each as a spec; a spec is its own translation. None where a file holds no model.

    ``given`` are values of names in a script, by their symbols: they decide its branches and loops.

    >>> translate(Document(source="-", data={"layers": []}))[0].kind
    'spec'
    """
    module = _importer(document)
    if not module:
        return (Imported(document),)
    translation = import_module(f"lstm_shapes.importers.{module}").translate
    models: tuple[Imported, ...] = translation(document, given) if module in _RUN else translation(document)
    return models


def is_foreign(document: Document) -> bool:
    """Whether a document is of another kind than a spec, so that it has to be translated to tell whether it is a model.

    >>> is_foreign(Document(source="-", data={"layers": []}, format="json"))
    False
    """
    return bool(_importer(document))


def _importer(document: Document) -> str:
    return IMPORTERS.get(_content(document) or document.format, "")


def _content(document: Document) -> str:
    """What a text is by its data, such as a Keras config; '' for a spec and other formats."""
    if document.format not in _TEXTS or not any(word in document.text for word in ("class_name", "modelTopology")):
        return ""
    from lstm_shapes.importers.keras.recognition import looks_like_keras

    return "keras-json" if looks_like_keras(document.data) else ""
