"""Formats: the bytes of a file -> a Document. Nothing here knows a neural network.

``READERS`` has the formats of text by their suffix, ``BINARY`` those that are told by their first bytes, each with the
module that reads it. Only the file that was named is opened, and of a binary one only what says what is in it is read.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from importlib import import_module
from typing import BinaryIO

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.findings.finding import Place
from lstm_shapes.formats.document import BREAK, Document, located
from lstm_shapes.formats.limits import MAX_BYTES
from lstm_shapes.formats.magic import binary_format, describe

_BEGINNING = 2**16
"""How much of a file that is too large is looked at, to tell whether it is a model."""
READERS = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".py": "python", ".pyw": "python", ".ipynb": "notebook"}
BINARY: dict[str, str] = {
    "zip": "zip",
    "hdf5": "hdf5",
    "pickle": "torch_legacy",
    "safetensors": "safetensors",
    "onnx": "onnx",
}
"""What ``magic.binary_format`` says -> the module, whose ``read(source, file)`` gives the Document of an open file."""
BINARY_SUFFIXES = (".keras", ".h5", ".hdf5", ".pt", ".pth", ".tar", ".ckpt", ".bin", ".safetensors", ".onnx")
"""How the files of these formats are mostly called."""


class NoSuchFile(LstmShapesError):
    """The path cannot be opened: a mistake in the command, not in a file."""


class MissingExtra(LstmShapesError):
    """Nothing can be said of a file without a library that is not installed; the message has the command."""


def read(path: str, *, name: str = "") -> Document:
    """The document at ``path``; ``-`` is standard input, called ``name``.

    Raises ``NoSuchFile``, and ``MissingExtra`` where a library is needed that is not installed.
    """
    if path == "-":
        return parse(name or "<stdin>", sys.stdin.buffer.read(MAX_BYTES + 1))
    try:
        with _opened(path) as file:
            return _read(path, file)
    except (OSError, ValueError) as error:
        raise _no_such_file(path, error) from None


def read_bytes(path: str, most: int = MAX_BYTES) -> bytes:
    """The first ``most`` bytes of a file, and the next where it has more. Raises ``NoSuchFile``."""
    try:
        with _opened(path) as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:
        raise _no_such_file(path, error) from None


def _opened(path: str) -> BinaryIO:
    """A regular file, opened. Raises ``NoSuchFile``, ``OSError`` and ``ValueError``."""
    if "\0" in path:
        raise NoSuchFile(f"{path}: a path cannot contain a NUL character")
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode):
        raise NoSuchFile(f"{path}: {_what(mode)}, not a file")
    return open(path, "rb")


def _no_such_file(path: str, error: OSError | ValueError) -> NoSuchFile:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return NoSuchFile(f"{path}: {reason[:1].lower()}{reason[1:]}")


def parse(source: str, raw: bytes) -> Document:
    """The document in these bytes; ``source`` names them. Raises ``MissingExtra``."""
    return _read(source, io.BytesIO(raw))


def _read(source: str, file: BinaryIO) -> Document:
    """The document in an open file: a binary format by its first bytes, else text."""
    beginning = file.read(_BEGINNING)
    module = BINARY.get(binary_format(beginning, os.path.splitext(source)[1].lower()), "")
    if module:
        file.seek(0)
        document: Document = import_module(f"lstm_shapes.formats.{module}").read(source, file)
        return document if document.format else document._replace(format=module)
    return _text(source, beginning + file.read(MAX_BYTES + 1 - len(beginning)))


def _text(source: str, raw: bytes) -> Document:
    """The document in a text; ``source`` names it and its suffix the format (YAML reads JSON's too)."""
    what = describe(raw)
    if what:
        return _refused(source, "not-a-model", f"{what}, not a spec in YAML or JSON")
    if len(raw) > MAX_BYTES:
        beginning = raw[:_BEGINNING].decode("utf-8", "replace")
        return _refused(source, "too-large", f"larger than {MAX_BYTES // 2**20} MiB", beginning)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        *lines, last = BREAK.split(error.object[: error.start].decode("utf-8"))
        line, column = len(lines) + 1, len(last) + 1
        at = Place(line=line, column=column, end_line=line, end_column=column + 1)
        message = f"not UTF-8: byte 0x{error.object[error.start]:02x}"
        return Document(source=source, data=None, findings=(located(source, "", "unreadable", message, at),))
    suffix = os.path.splitext(source)[1].lower()
    module = READERS.get(suffix) or ("json" if text.lstrip()[:1] == "{" and _is_json(text) else "yaml")
    document: Document = import_module(f"lstm_shapes.formats.{module}").read(source, text)
    return document._replace(format=module)


def _is_json(text: str) -> bool:
    return text.lstrip()[1:].lstrip()[:1] in ('"', "}")


def _refused(source: str, kind: str, message: str, text: str = "") -> Document:
    start = Place(line=1, column=1, end_line=1, end_column=1)
    findings = (located(source, text, kind, message, start),)
    return Document(source=source, data=None, text=text, findings=findings)


def _what(mode: int) -> str:
    kinds = {
        stat.S_ISDIR: "a directory",
        stat.S_ISFIFO: "a named pipe",
        stat.S_ISCHR: "a device",
        stat.S_ISSOCK: "a socket",
    }
    return next((what for test, what in kinds.items() if test(mode)), "something else")
