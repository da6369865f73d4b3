"""A model from a file of another kind: the spec that it was translated into, and what the file says of it besides."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Document
from lstm_shapes.symbolic.size import Size

KINDS = ("spec", "keras-json", "keras", "keras-h5", "torch", "safetensors", "onnx", "script", "notebook")
"""What a file is: a spec of ours, or what another program or a person wrote."""

CODE = ("script", "notebook")
"""Kinds that are followed as code: their names can be given values."""

RecordedShape = tuple[Size | None, ...]
"""A shape that the writer of a file recorded; None is an axis that it left open."""


EXPORTED = ("onnx",)
"""Kinds that a program made of another model: what is left in them that nothing reads is nobody's mistake."""


class Stored(NamedTuple):
    """An array in the file, by the name that it has there."""

    name: str
    shape: tuple[int, ...]
    dtype: str


class Imported(NamedTuple):
    """A model of a file, as a spec; ``kind`` is one of ``KINDS``, ``version`` that of the program that wrote it.

    ``name`` tells the models of a file apart. ``stored`` has the arrays of each layer by its route in the spec, those
    of no layer under (), ``recorded`` the output shapes that the writer recorded itself. ``notes`` are what had to be
    assumed and what is not known, ``symbols`` the text and the line that a symbol stands for,
    ``branch`` the condition under which code builds the model, where it builds another besides; ``name`` ends with it.
    """

    document: Document
    kind: str = "spec"
    version: str = ""
    name: str = ""
    stored: Mapping[Route, tuple[Stored, ...]] = MappingProxyType({})
    recorded: Mapping[Route, tuple[RecordedShape | None, ...]] = MappingProxyType({})
    notes: tuple[str, ...] = ()
    symbols: Mapping[str, tuple[str, int]] = MappingProxyType({})
    branch: str = ""
