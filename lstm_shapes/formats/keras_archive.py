"""A .keras archive -> Document: the config, the metadata, and the name and shape of every stored array.

https://keras.io/api/models/model_saving_apis/model_saving_and_loading/ says what is in it: config.json, metadata.json
and model.weights.h5, the last one split in several where the model is large. A folder is written without zipping it.
"""

from __future__ import annotations

import re
from typing import Any

from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats import MissingExtra, hdf5, json
from lstm_shapes.formats.archive import Archive
from lstm_shapes.formats.document import Document

_WEIGHTS = re.compile(r"model(_\d+)?\.weights\.h5")
MAX_SHARDS = 100


def read(source: str, archive: Archive) -> Document:
    """The model in an archive. Raises ``BadArchive`` and ``TooLarge``.

    ``data`` is ``{"config", "metadata", "arrays", "attributes"}``, the last two as those of HDF5, or None where pyfive
    is not installed or the weights cannot be read; a finding says so then.
    """
    config, findings = _json(source, archive, "config.json")
    metadata, more = _json(source, archive, "metadata.json") if "metadata.json" in archive.names else (None, ())
    if config is None:
        return Document(source=source, data=None, findings=findings, format="keras")
    data = {"config": config, "metadata": metadata, "arrays": None, "attributes": None}
    try:
        stored, problems = _stored(source, archive)
        data |= stored
    except MissingExtra:
        problems = ()
    return Document(source=source, data=data, findings=(*findings, *more, *problems), format="keras")


def _json(source: str, archive: Archive, name: str) -> tuple[Any, tuple[Finding, ...]]:
    """The data of a member; its mistakes are named without a line, which the archive has not."""
    document = json.read(source, archive.text(name))
    findings = (
        found._replace(message=f"{name}: {found.message}", place=None, excerpt="") for found in document.findings
    )
    return document.data, tuple(findings)


def _stored(source: str, archive: Archive) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """The arrays and attributes of the weights. Raises ``MissingExtra`` where pyfive is not installed."""
    arrays: list[Any] = []
    attributes: dict[str, Any] = {}
    names = [name for name in archive.names if _WEIGHTS.fullmatch(name)][:MAX_SHARDS]
    for name in names:
        data, problem = hdf5.contents(source, archive.file(name))
        if data is None:
            return {}, (problem._replace(message=f"{name}: {problem.message}"),) if problem else ()
        arrays += data["arrays"]
        attributes |= data["attributes"]
    return ({"arrays": arrays, "attributes": attributes} if names else {}), ()
