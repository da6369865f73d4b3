"""HDF5 -> Document: the attributes of the groups, and the path, shape and type of every array, without its numbers.

Links are followed inside the file only, and each group is visited once. What pyfive cannot read is one finding.
"""

from __future__ import annotations

import warnings
from typing import Any, BinaryIO

from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats import MissingExtra
from lstm_shapes.formats.bounded import BoundedFile, TooLarge
from lstm_shapes.formats.document import Document, located

INSTALL = "pip install 'lstm-shapes[hdf5]'"
"""The command that installs what is needed to read HDF5."""


def read(source: str, file: BinaryIO) -> Document:
    """The attributes and arrays of an open HDF5 file. Raises ``MissingExtra`` where pyfive is not installed.

    ``data`` is ``{"attributes": {path of a group: {name: value}}, "arrays": [{"path", "shape", "dtype"}]}``.
    """
    data, problem = contents(source, file)
    return Document(source=source, data=data, findings=(problem,) if problem else (), format="hdf5")


def contents(source: str, file: BinaryIO) -> tuple[dict[str, Any] | None, Finding | None]:
    """The attributes and arrays of an HDF5 file, or why it could not be read; ``source`` is its name.

    Raises ``MissingExtra`` where pyfive is not installed.
    """
    try:
        from lstm_shapes.formats.hdf5.objects import attributes_and_arrays
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("pyfive", "numcodecs"):
            raise
        raise MissingExtra(f"{source}: reading an HDF5 file needs pyfive: {INSTALL}") from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyfive warns of types that it does not read, in the words of the file
        try:
            return attributes_and_arrays(BoundedFile(file)), None
        except TooLarge as error:
            return None, located(source, "", "too-large", f"HDF5: {error}", None)
        except (
            Exception
        ) as error:  # pyfive raises what its parser stumbles over: struct.error, KeyError, RecursionError
            message = f"not HDF5 that can be read: {_reason(error)}"
            return None, located(source, "", "unreadable", message, None)


def _reason(error: Exception) -> str:
    """What is wrong, in one line of which nothing comes from the file."""
    named = isinstance(error, NotImplementedError) and str(error)
    return str(error)[:120] if named else f"damaged or cut off ({type(error).__name__})"
