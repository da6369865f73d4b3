"""A PyTorch checkpoint as releases before 1.6 wrote it -> Document: five pickles, then the numbers, which are not read.

torch/serialization.py: the magic number, the protocol, facts of the system, the object, the keys of the storages. Any
other pickle is refused in words.
"""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

from lstm_shapes.formats.document import Document
from lstm_shapes.formats.pickle_opcodes import MAX_PICKLE, Walk
from lstm_shapes.formats.pickled import RefusedPickle, Truncated
from lstm_shapes.formats.torch_document import checkpoint, refused
from lstm_shapes.formats.without_gc import without_gc

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
_WINDOWS = (2**18, 2**24, MAX_PICKLE)
"""How much of the beginning is read: more only where the pickles go on."""
_PLAIN = "a Python pickle, which is never loaded, and not one that PyTorch wrote"
_NEITHER = "not a PyTorch checkpoint: neither a zip archive nor a pickle"
_HINT = "save the weights: `torch.save(model.state_dict(), 'weights.pt')`"


def read(source: str, file: BinaryIO) -> Document:
    """The checkpoint in an open file. Raises nothing."""
    beginning = file.read(_WINDOWS[0])
    if beginning.startswith(b"version https://git-lfs"):
        return refused(source, "not-a-model", "a git-LFS pointer, not the file itself", "run `git lfs pull`")
    for window in _WINDOWS:
        beginning += file.read(window - len(beginning))
        try:
            return _read(source, BytesIO(beginning))
        except Truncated as end:
            if len(beginning) < window:
                return refused(source, end.kind, end.message)
        except RefusedPickle as refusal:
            return refused(source, refusal.kind, refusal.message)
    return refused(source, "too-large", f"a pickle larger than {MAX_PICKLE // 2**20} MiB")


def _begins_with_magic(stream: BytesIO) -> bool:
    """Whether the first pickle is PyTorch's magic number."""
    try:
        return bool(Walk(stream).value == MAGIC)
    except RefusedPickle:
        return False


def _is_pickle(stream: BytesIO) -> bool:
    """Whether the first bytes are those of a pickle, or one was read."""
    content, end = stream.getbuffer(), stream.tell()
    return bytes(content[:1]) == b"\x80" or bytes(content[end - 1 : end]) == b"."


def _read(source: str, stream: BytesIO) -> Document:
    """Raises ``RefusedPickle``."""
    with without_gc():
        if not _begins_with_magic(stream):
            return refused(source, "not-a-model", *((_PLAIN, _HINT) if _is_pickle(stream) else (_NEITHER, "")))
        protocol = Walk(stream).value
        if protocol != PROTOCOL:
            return refused(source, "not-a-model", "a PyTorch checkpoint of an unknown protocol")
        Walk(stream)
        return checkpoint(source, Walk(stream))
