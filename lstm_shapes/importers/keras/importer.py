"""A JSON document with a Keras model -> the spec: ``model.to_json()``, TensorFlow.js' model.json."""

from __future__ import annotations

from lstm_shapes.formats.document import Document, Origin
from lstm_shapes.importers.keras.translation import translate_config
from lstm_shapes.spec.imported import Imported


def translate(document: Document) -> tuple[Imported, ...]:
    """The model of a document; none where it holds no model of Keras."""
    found = translate_config(document.data, document) if document.data is not None else None
    if found is None:
        return ()
    translated = document._replace(
        data=found.data, marks=None, findings=document.findings, origin=Origin(document, found.routes, "json")
    )
    return (
        Imported(
            document=translated,
            kind="keras-json",
            version=found.version,
            recorded=found.recorded,
            notes=found.notes,
        ),
    )
