"""A .keras archive or an .h5 file -> the spec, with the stored arrays of each layer; also weights without a config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.route import Route
from lstm_shapes.formats import json
from lstm_shapes.formats.document import Document, Mark, Origin, located
from lstm_shapes.formats.hdf5 import INSTALL
from lstm_shapes.importers.keras.filled import filled
from lstm_shapes.importers.keras.recognition import version_text
from lstm_shapes.importers.keras.stored import stored_arrays, with_routes
from lstm_shapes.importers.keras.translation import Translation, translate_config
from lstm_shapes.importers.keras.weights import of_weights
from lstm_shapes.spec.imported import Imported

KINDS = {"keras": "keras", "hdf5": "keras-h5"}
"""The format of a document -> what its model is."""
_NOT_COMPARED = f"stored arrays were not compared with the layers: {INSTALL}"


def translate(document: Document) -> tuple[Imported, ...]:
    """The model of an archive or a file; none where it holds no model of Keras.

    Its places are the names of its layers: there is no text to point at.
    """
    if document.data is None:
        return (Imported(document, kind=KINDS[document.format]),)
    config, version, problems = _config(document)
    if problems:
        findings = (*document.findings, *problems)
        return (Imported(document._replace(data=None, findings=findings), kind=KINDS[document.format]),)
    if config is None:
        return of_weights(document)
    found = translate_config(config, document, version)
    if found is None or not found.data["layers"]:
        finding = located(document.source, "", "not-a-model", "its config is no model of Keras with layers", None)
        findings = (*document.findings, finding)
        return (Imported(document._replace(data=None, findings=findings), kind=KINDS[document.format]),)
    return (_imported(document, config, found),)


def _config(document: Document) -> tuple[Any, str, tuple[Finding, ...]]:
    """The config of the model, the version of the Keras that wrote it, and what is wrong with the config."""
    if "config" in document.data:
        metadata = document.data["metadata"]
        version = metadata.get("keras_version") if isinstance(metadata, Mapping) else None
        return document.data["config"], version_text(version), ()
    attributes = document.data["attributes"]
    root = attributes.get("", {})
    version = root.get("keras_version") or attributes.get("model_weights", {}).get("keras_version")
    text = root.get("model_config")
    if not isinstance(text, str):
        return None, version_text(version), ()
    read = json.read(document.source, text)
    problems = [
        located(document.source, "", found.rule, f"model_config: {found.message}", None) for found in read.findings
    ]
    return read.data, version_text(version), tuple(problems)


def _imported(document: Document, config: Any, found: Translation) -> Imported:
    """The model with what is stored besides its config."""
    names: dict[Route, Route | Mark | str] = {route: path for path, route in found.paths.items()}
    arrays = document.data["arrays"]
    unread = arrays is None and not document.findings
    stored = {} if arrays is None else stored_arrays(with_routes(config, found), arrays, document.data["attributes"])
    data, notes = filled(found.data, stored, found.notes)
    return Imported(
        document=document._replace(data=data, origin=Origin(document, names, "python")),
        kind=KINDS[document.format],
        version=found.version,
        stored=stored,
        recorded=found.recorded,
        notes=(*found.notes, *notes, *([_NOT_COMPARED] if unread else [])),
    )
