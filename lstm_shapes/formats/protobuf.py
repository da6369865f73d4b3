"""Protocol Buffers on the wire: the fields of a message in a file, read without the bytes of large values.

https://protobuf.dev/programming-guides/encoding. A message in a message is a range of the file, so that a tensor of a
gigabyte costs as much as an empty one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from lstm_shapes.findings.errors import LstmShapesError

_BLOCK = 2**16
"""How much of the file is in memory at a time, besides a value that is read."""
_VARINT = 10
"""The most bytes of a varint: 64 bits, 7 in each."""
_FIXED = {1: 8, 5: 4}
"""The wire types of numbers with a fixed width, and their bytes."""


class Malformed(LstmShapesError):
    """Bytes that are no message; the text says which and where."""


class Range(NamedTuple):
    """The bytes of a value in the file, the end exclusive."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """The number of bytes."""
        return self.end - self.start


class Field(NamedTuple):
    """A field: its number, and its value, which is a number where ``wire`` is a varint or fixed, else a range."""

    number: int
    wire: int
    value: int
    range: Range


class Wire:
    """Reads messages of a file. Raises ``Malformed``.

    >>> from io import BytesIO
    >>> wire = Wire(BytesIO(b"\\x08\\x07\\x12\\x02hi"))
    >>> [(field.number, field.value) for field in wire.fields(wire.all)]
    [(1, 7), (2, 0)]
    >>> wire.bytes(Range(4, 6))
    b'hi'
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.all = Range(0, file.seek(0, 2))
        self._block, self._base = b"", 0

    def fields(self, message: Range) -> Iterator[Field]:
        """The fields of a message in their order."""
        at, end = message
        while at < end:
            key, at = self.varint(at, end)
            number, wire = key >> 3, key & 7
            value, start = 0, at
            if wire == 0:
                value, at = self.varint(at, end)
            elif wire == 2:
                size, start = self.varint(at, end)
                at = start + size
            elif wire in _FIXED:
                at += _FIXED[wire]
            else:
                raise Malformed(f"a field of wire type {wire} at byte {start}")
            if number == 0 or at > end:
                what = "field 0" if number == 0 else "a field that ends after the message that holds it"
                raise Malformed(f"{what} at byte {start}")
            if wire in _FIXED:
                value = int.from_bytes(self.bytes(Range(start, at)), "little")
            yield Field(number, wire, value, Range(start, at))

    def bytes(self, value: Range, most: int = _BLOCK) -> bytes:
        """The bytes of a value, at most ``most`` of them."""
        size = min(value.size, most)
        if not (self._base <= value.start and value.start + size <= self._base + len(self._block)):
            self._load(value.start, max(size, _BLOCK))
        offset = value.start - self._base
        return self._block[offset : offset + size]

    def varint(self, at: int, end: int) -> tuple[int, int]:
        """The number at a place, not below 0, and the place after it."""
        offset = at - self._base
        if not 0 <= offset <= len(self._block) - _VARINT:
            self._load(at, _BLOCK)
            offset = 0
        value, shift, block = 0, 0, self._block
        last = min(len(block), offset + _VARINT, end - self._base)
        for place in range(offset, last):
            byte = block[place]
            value |= (byte & 127) << shift
            if byte < 128:
                return value & (2**64 - 1), self._base + place + 1
            shift += 7
        raise Malformed(f"a number that does not end at byte {at}")

    def varints(self, packed: Range) -> Iterator[int]:
        """The numbers that stand one after the other."""
        at = packed.start
        while at < packed.end:
            value, at = self.varint(at, packed.end)
            yield value

    def _load(self, start: int, size: int) -> None:
        self._file.seek(start)
        self._block, self._base = self._file.read(size), start


def signed(value: int) -> int:
    """A varint as a signed number.

    >>> signed(2**64 - 1), signed(3)
    (-1, 3)
    """
    return value - 2**64 if value >= 2**63 else value
