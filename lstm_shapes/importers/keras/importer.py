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
    if found is None or not found.data["layers"]:
        message = _refusal(document.data) if found is None else "a Keras model without layers"
        return (_refused(document, message),) if message else ()
    stored = _stored(document.data, found)
    data, more = _filled(found, stored)
    translated = document._replace(
        data=data,
        marks=None,
        findings=document.findings,
        origin=Origin(document, found.routes, "yaml" if document.format == "yaml" else "json"),
    )
    return (
        Imported(
            document=translated,
            kind="keras-json",
            version=found.version,
            stored=stored,
            recorded=found.recorded,
            notes=(*found.notes, *more),
        ),
    )


def _refusal(data: Any) -> str:
    """What a document of TensorFlow.js is that holds no layers; '' for others."""
    topology = data.get("modelTopology") if isinstance(data, dict) else None
    if isinstance(topology, dict) and ("node" in topology or data.get("format") == "graph-model"):
        return "a graph model of TensorFlow.js: it holds operations, and no layers of Keras"
    return ""


def _refused(document: Document, message: str) -> Imported:
    findings = (*document.findings, document.finding("not-a-model", message, ()))
    return Imported(document=document._replace(data=None, findings=findings), kind="keras-json")


def _filled(found: Translation, stored: Mapping[Route, tuple[Stored, ...]]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The spec with what the arrays tell of layers, and notes on it."""
    if not stored:
        return found.data, ()
    from lstm_shapes.importers.keras.filled import filled

    return filled(found.data, dict(stored), found.notes)


def _stored(data: Any, found: Translation) -> Mapping[Route, tuple[Stored, ...]]:
    """The arrays that TensorFlow.js lists next to the model."""
    if not isinstance(data, dict) or "weightsManifest" not in data:
        return {}
    from lstm_shapes.importers.keras.stored import manifest, stored_arrays, with_routes

    return stored_arrays(with_routes(data, found), manifest(data["weightsManifest"]), {})
