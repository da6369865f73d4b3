"""A zip archive -> Document: by its members it is a Keras model, a PyTorch checkpoint, or neither."""

from __future__ import annotations

from importlib import import_module
from typing import BinaryIO

from lstm_shapes.formats.archive import Archive, BadArchive
from lstm_shapes.formats.bounded import TooLarge
from lstm_shapes.formats.document import Document, located

READERS = {"config.json": "keras_archive", "data.pkl": "torch_archive"}
"""The name of a member -> the module whose ``read(source, archive)`` gives the Document."""
_MODELS = (".keras", ".h5", ".hdf5", ".pt", ".pth", ".onnx", ".safetensors")


def read(source: str, file: BinaryIO) -> Document:
    """The model in an open zip archive. Raises nothing."""
    try:
        archive = Archive(file)
        module = _reader(archive.names)
        if not module:
            return _refused(source, "not-a-model", *_not_a_model(archive.names))
        document: Document = import_module(f"lstm_shapes.formats.{module}").read(source, archive)
        return document
    except BadArchive as error:
        return _refused(source, "unreadable", str(error))
    except TooLarge as error:
        return _refused(source, "too-large", str(error))


def _reader(names: tuple[str, ...]) -> str:
    """The module that reads an archive with these members: ``data.pkl`` may be in a folder, ``config.json`` not."""
    if "config.json" in names:
        return READERS["config.json"]
    return next((READERS["data.pkl"] for name in names if name.split("/")[1:] == ["data.pkl"]), "")


def _not_a_model(names: tuple[str, ...]) -> tuple[str, str]:
    """The message and the hint about an archive that is no model itself."""
    inside = next((name for name in names if name.lower().endswith(_MODELS)), "")
    inner = next((name for name in names if name.endswith("/config.json")), "")
    message = "a zip archive without config.json (a Keras model) or data.pkl (a PyTorch checkpoint)"
    if inner:
        return message, f"zip what is in the folder {inner.removesuffix('/config.json')[:80]}, not the folder"
    return message, f"unzip it, and name {inside[:80]} that is in it" if inside else ""


def _refused(source: str, kind: str, message: str, hint: str = "") -> Document:
    return Document(source=source, data=None, findings=(located(source, "", kind, message, None, hint=hint),))
