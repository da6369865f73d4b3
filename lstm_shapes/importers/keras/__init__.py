"""Keras models -> our spec: ``to_json()``, and the same data inside .keras, .h5 and TensorFlow.js files."""

from __future__ import annotations

from lstm_shapes.formats.document import Document
from lstm_shapes.spec.imported import Imported


def translate(document: Document) -> tuple[Imported, ...]:
    """The model of a JSON document; none where it holds no model of Keras."""
    from lstm_shapes.importers.keras.importer import translate as read

    return read(document)
