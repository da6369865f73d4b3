"""A binary file of which a reader may take only so much: what is declared inside it allocates nothing."""

from __future__ import annotations

from typing import BinaryIO

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.formats.limits import MAX_BYTES

MAX_READS = 500_000
MAX_TOTAL = 4 * MAX_BYTES


class TooLarge(LstmShapesError):
    """A file asks for more than is read; becomes a finding."""


class BoundedFile:
    """A file, or the part of it that begins at ``start`` and has ``size`` bytes, whose positions count from there.

    A read never goes past its end. Raises ``TooLarge`` beyond ``most`` bytes in one read, ``MAX_TOTAL`` in all, or
    ``MAX_READS`` reads.

    >>> import io
    >>> file = BoundedFile(io.BytesIO(b"0123456789"), start=2, size=4)
    >>> file.seek(1), file.read(100)
    (1, b'345')
    """

    def __init__(self, file: BinaryIO, start: int = 0, size: int | None = None, most: int = MAX_BYTES) -> None:
        self._file, self.start, self._most = file, start, most
        self.size = file.seek(0, 2) - start if size is None else size
        self._position = self._reads = self._bytes = 0

    def from_offset(self, start: int) -> BoundedFile:
        """The rest of the file from a position on; what was read counts there too."""
        rest = BoundedFile(self._file, self.start + start, max(0, self.size - start), self._most)
        rest._reads, rest._bytes = self._reads, self._bytes
        return rest

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to a position, which may be past the end."""
        base = {0: 0, 1: self._position, 2: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def seekable(self) -> bool:
        """Whether it can be moved in, which it can."""
        return True

    def tell(self) -> int:
        """The position."""
        return self._position

    def read(self, count: int = -1) -> bytes:
        """The next bytes, at most ``count`` of them."""
        left = max(0, self.size - self._position)
        count = left if count < 0 else min(count, left)
        self._reads, self._bytes = self._reads + 1, self._bytes + count
        if count > self._most:
            raise TooLarge(f"a part larger than {self._most // 2**20} MiB")
        if self._reads > MAX_READS or self._bytes > MAX_TOTAL:
            raise TooLarge(f"more than {MAX_TOTAL // 2**20} MiB in all, or {MAX_READS:,} parts")
        self._file.seek(self.start + self._position)
        content = self._file.read(count)
        self._position += len(content)
        return content
