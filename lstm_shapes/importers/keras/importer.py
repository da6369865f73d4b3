"""A JSON document with a Keras model -> the spec: ``model.to_json()``, TensorFlow.js' model.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Document, Origin
from lstm_shapes.importers.keras.translation import Translation, translate_config
from lstm_shapes.spec.imported import Imported, Stored


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
            stored=_stored(document.data, found),
            recorded=found.recorded,
            notes=found.notes,
        ),
    )


def _stored(data: Any, found: Translation) -> Mapping[Route, tuple[Stored, ...]]:
    """The arrays that TensorFlow.js lists next to the model."""
    if not isinstance(data, dict) or "weightsManifest" not in data:
        return {}
    from lstm_shapes.importers.keras.stored import manifest, stored_arrays, with_routes

    return stored_arrays(with_routes(data, found), manifest(data["weightsManifest"]), {})
