"""The Document of a PyTorch checkpoint, from the walk over its pickle; or the finding that refuses it."""

from __future__ import annotations

from io import BytesIO

from lstm_shapes.formats.document import Document, located
from lstm_shapes.formats.pickle_opcodes import Walk
from lstm_shapes.formats.pickled import RefusedPickle
from lstm_shapes.formats.without_gc import without_gc


def walked(source: str, stream: BytesIO) -> Walk | Document:
    """The walk over the pickle at the stream's position, or the Document that refuses it."""
    try:
        with without_gc():
            return Walk(stream)
    except RefusedPickle as refusal:
        return refused(source, refusal.kind, refusal.message)


def checkpoint(source: str, walk: Walk) -> Document:
    """The Document of a checkpoint.

    ``data`` is ``{"tree", "holders"}``: the plain values of the file, with ``TensorInfo`` and ``Opaque`` in places of
    objects, and the names of those objects that hold tensors and are not built.
    """
    return Document(source=source, data={"tree": walk.value, "holders": tuple(walk.holders)}, format="torch")


def refused(source: str, kind: str, message: str, hint: str = "") -> Document:
    """The Document of a file that is not read, with the reason."""
    finding = located(source, "", kind, message, None, hint=hint)
    return Document(source=source, data=None, findings=(finding,), format="torch")
