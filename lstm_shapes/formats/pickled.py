"""What the walk over a pickle leaves: tensors as shapes, and names in place of objects that are never built."""

from __future__ import annotations

from typing import NamedTuple

from lstm_shapes.findings.errors import LstmShapesError


class Opaque(NamedTuple):
    """A class, function or object by its name in the file; the name is never looked up."""

    name: str


class StorageInfo(NamedTuple):
    """The flat array that tensors are views of: its key in the file, its dtype, how many numbers it has.

    ``dtype`` is empty for a storage of bytes, of which each tensor says what they are.
    """

    key: str
    dtype: str
    size: int


class TensorInfo(NamedTuple):
    """A tensor's shape and dtype, and where its numbers are: two with the same place are the same tensor.

    >>> storage = StorageInfo("0", "float32", 12)
    >>> TensorInfo((4, 3), "float32", storage, 0, (3, 1)).elements
    12
    """

    shape: tuple[int, ...]
    dtype: str
    storage: StorageInfo | None = None
    offset: int = 0
    strides: tuple[int, ...] = ()

    @property
    def elements(self) -> int:
        """How many numbers it has."""
        count = 1
        for size in self.shape:
            count *= size
        return count

    @property
    def place(self) -> tuple[object, ...] | None:
        """What two names of the same tensor have in common; None where the file does not say."""
        return None if self.storage is None else (self.storage.key, self.offset, self.shape, self.strides)

    @property
    def reach(self) -> int:
        """How many numbers of its storage it needs: up to the last that it reads."""
        if not self.elements:
            return 0
        return self.offset + sum((size - 1) * stride for size, stride in zip(self.shape, self.strides, strict=True)) + 1


class RefusedPickle(LstmShapesError):
    """The pickle is damaged or asks for too much: the kind of finding, and the message."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


class Truncated(RefusedPickle):
    """The bytes end before the pickle does."""

    def __init__(self, message: str = "the pickle ends in the middle") -> None:
        super().__init__("syntax", message)
