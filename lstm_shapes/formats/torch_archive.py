"""A PyTorch checkpoint, a zip archive -> Document: the tree of its pickle, without the numbers.

torch/serialization.py: ``NAME/data.pkl`` is the pickle, ``NAME/data/0`` and the others are the storages, which are not
read. An archive with code, as torch.jit.save writes, is refused.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from lstm_shapes.formats.document import Document
from lstm_shapes.formats.pickle_opcodes import MAX_PICKLE
from lstm_shapes.formats.torch_document import checkpoint, refused, walked

if TYPE_CHECKING:
    from lstm_shapes.formats.archive import Archive

_SCRIPT = (
    "a TorchScript archive, which holds code that is never run",
    "save the weights: `torch.save(model.state_dict(), 'weights.pt')`",
)


def read(source: str, archive: Archive) -> Document:
    """The checkpoint in an archive. Raises what reading a member raises."""
    name = next(name for name in archive.names if name.split("/")[1:] == ["data.pkl"])
    folder = name.removesuffix("data.pkl")
    if any(other.startswith(f"{folder}code/") for other in archive.names) or f"{folder}constants.pkl" in archive.names:
        return refused(source, "not-a-model", *_SCRIPT)
    walk = walked(source, BytesIO(archive.bytes(name, MAX_PICKLE)))
    return walk if isinstance(walk, Document) else checkpoint(source, walk)
