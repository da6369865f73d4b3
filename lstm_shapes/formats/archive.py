"""The members of a zip archive, within limits: nothing is extracted, and nothing of a member is believed beforehand."""

from __future__ import annotations

import io
import zipfile
from typing import BinaryIO

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.formats.bounded import MAX_TOTAL, BoundedFile, TooLarge
from lstm_shapes.formats.limits import MAX_BYTES

MAX_DIRECTORY = 2 * 1024 * 1024
"""Bytes of the list of members: some twenty thousand."""
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1


class BadArchive(LstmShapesError):
    """An archive, or a member, that cannot be read; becomes a finding."""


class Archive:
    """An open zip archive. Raises ``BadArchive`` and ``TooLarge``; a name that occurs twice is an error.

    >>> import io, zipfile
    >>> file = io.BytesIO()
    >>> with zipfile.ZipFile(file, "w") as writer:
    ...     writer.writestr("config.json", "{}")
    >>> archive = Archive(file)
    >>> archive.names, archive.text("config.json")
    (('config.json',), '{}')
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        try:
            self._zip = zipfile.ZipFile(BoundedFile(file, most=MAX_DIRECTORY))
        except TooLarge:
            raise TooLarge(f"a list of members larger than {MAX_DIRECTORY // 2**20} MiB") from None
        except Exception as error:  # zipfile raises what its parser stumbles over
            raise BadArchive(f"not a zip archive that can be read: {_reason(error)}") from None
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in self._zip.infolist():
            if member.filename in self._members:
                raise BadArchive(f"the member {member.filename[:80]!r} appears twice")
            self._members[member.filename] = member

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the members in the order of the archive."""
        return tuple(self._members)

    def bytes(self, name: str, most: int = MAX_BYTES) -> bytes:
        """A member, of at most so many bytes, with its checksum compared."""
        member = self._checked(name)
        if member.file_size > most:
            raise TooLarge(f"{name[:80]}: larger than {most // 2**20} MiB")
        try:
            with self._zip_of(most).open(member) as content:
                raw = content.read(most + 1)
        except Exception as error:  # zipfile and zlib raise what they stumble over
            raise BadArchive(f"{name[:80]}: {_reason(error)}") from None
        if len(raw) != member.file_size:
            raise BadArchive(f"{name[:80]}: {member.file_size:,} bytes declared, {len(raw):,} there")
        return raw

    def text(self, name: str, most: int = MAX_BYTES) -> str:
        """A member as text."""
        try:
            return self.bytes(name, most).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise BadArchive(f"{name[:80]}: not UTF-8: byte 0x{error.object[error.start]:02x}") from None

    def file(self, name: str) -> BinaryIO:
        """A member as a file: in place where it is not compressed, else unpacked in memory."""
        member = self._checked(name)
        if member.compress_type != zipfile.ZIP_STORED:
            return io.BytesIO(self.bytes(name, MAX_TOTAL))
        self._file.seek(member.header_offset)
        header = self._file.read(_LOCAL_HEADER)
        if header[:4] != b"PK\x03\x04" or len(header) < _LOCAL_HEADER:
            raise BadArchive(f"{name[:80]}: no header before it")
        lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        start = member.header_offset + _LOCAL_HEADER + lengths
        return BoundedFile(self._file, start, member.file_size)  # type: ignore[return-value]

    def _checked(self, name: str) -> zipfile.ZipInfo:
        """A member that is neither encrypted nor packed in an unusual way."""
        member = self._members[name]
        if member.flag_bits & _ENCRYPTED:
            raise BadArchive(f"{name[:80]}: encrypted")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BadArchive(f"{name[:80]}: packed in another way than by deflate")
        return member

    def _zip_of(self, most: int) -> zipfile.ZipFile:
        """The archive, of which a member of so many bytes may be read."""
        self._zip.fp = BoundedFile(self._file, most=max(most, MAX_DIRECTORY))  # type: ignore[assignment]
        return self._zip


def _reason(error: Exception) -> str:
    """What is wrong, in words of which nothing comes from the file."""
    if isinstance(error, zipfile.BadZipFile) and "CRC" in str(error):
        return "its checksum is not that of its content"
    return f"damaged or cut off ({type(error).__name__})"
