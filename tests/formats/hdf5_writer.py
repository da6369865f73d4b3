"""Writes small HDF5 files, well-formed and not: groups, arrays without numbers, attributes of text, links of all kinds.

Version 2 of the superblock and of object headers; the section numbers are those of the format's specification.
"""

from __future__ import annotations

from struct import pack

SIGNATURE = b"\x89HDF\r\n\x1a\n"
NOWHERE = 2**64 - 1
FLOAT32 = bytes((0x11, 0x20, 0x1F, 0)) + pack("<IHHBBBBI", 4, 0, 32, 23, 8, 0, 23, 127)


def checksum(data: bytes) -> int:
    """Jenkins' lookup3, which HDF5 compares when it opens an object."""
    a = b = c = (0xDEADBEEF + len(data)) & 0xFFFFFFFF

    def turn(x: int, k: int) -> int:
        return ((x << k) | (x >> (32 - k))) & 0xFFFFFFFF

    padded = data + bytes(-len(data) % 12)
    for at in range(0, len(padded), 12):
        x, y, z = (int.from_bytes(padded[at + n : at + n + 4], "little") for n in (0, 4, 8))
        a, b, c = (a + x) & 0xFFFFFFFF, (b + y) & 0xFFFFFFFF, (c + z) & 0xFFFFFFFF
        if at + 12 < len(padded):
            for k in (4, 6, 8, 16, 19, 4):
                a, b, c = (a - c) & 0xFFFFFFFF ^ turn(c, k), b, (c + b) & 0xFFFFFFFF
                a, b, c = b, c, a
    for k in (14, 11, 25, 16, 4, 14, 24):
        c = ((c ^ b) - turn(b, k)) & 0xFFFFFFFF
        a, b, c = b, c, a
    return b


def message(kind: int, content: bytes) -> bytes:
    """A message of an object header (IV.A.1.b)."""
    return pack("<BHB", kind, len(content), 0) + content


def hard(name: str, address: int) -> bytes:
    """A link to an object of the file (IV.A.2.g)."""
    return message(6, pack("<BBB", 1, 0, len(name)) + name.encode() + pack("<Q", address))


def soft(name: str, path: str) -> bytes:
    """A link to a path."""
    value = path.encode()
    return message(6, pack("<BBBB", 1, 8, 1, len(name)) + name.encode() + pack("<H", len(value)) + value)


def external(name: str, file: str, path: str) -> bytes:
    """A link to an object of another file."""
    value = b"\0" + file.encode() + b"\0" + path.encode() + b"\0"
    return message(6, pack("<BBBB", 1, 8, 64, len(name)) + name.encode() + pack("<H", len(value)) + value)


def attribute(name: str, *texts: str, count: int | None = None) -> bytes:
    """An attribute (IV.A.2.m): a text, or a list of several; ``count`` is declared in place of their number."""
    raw = [text.encode() for text in texts]
    width = max((1, *map(len, raw)))
    datatype = bytes((0x13, 0, 0, 0)) + pack("<I", width)
    single = len(raw) == 1 and count is None
    space = bytes((2, 0, 0, 0)) if single else bytes((2, 1, 0, 1)) + pack("<Q", len(raw) if count is None else count)
    head = pack("<BBHHHB", 3, 0, len(name) + 1, len(datatype), len(space), 0)
    return message(
        12, head + name.encode() + b"\0" + datatype + space + b"".join(one.ljust(width, b"\0") for one in raw)
    )


def array(*shape: int, storage: bytes = b"") -> bytes:
    """The messages of an array of float32; ``storage`` in place of that it has none."""
    layout = storage or message(8, pack("<BBQQ", 3, 1, NOWHERE, 0))
    return message(1, bytes((2, len(shape), 0, 1)) + pack(f"<{len(shape)}Q", *shape)) + message(3, FLOAT32) + layout


class Writer:
    """A file that grows object by object; the root is added last.

    >>> writer = Writer()
    >>> kernel = writer.add(array(8, 128))
    >>> len(writer.file(hard("kernel", kernel)))
    195
    """

    def __init__(self, before: bytes = b"") -> None:
        self.before, self.raw = before, bytearray(48)

    @property
    def next(self) -> int:
        """The address of the next object."""
        return len(self.raw)

    def add(self, *messages: bytes) -> int:
        """An object with these messages; its address."""
        address, content = self.next, b"".join(messages)
        header = b"OHDR" + bytes((2, 2)) + pack("<I", len(content)) + content
        self.raw += header + pack("<I", checksum(header))
        return address

    def group(self, *messages: bytes) -> int:
        """A group with these links and attributes."""
        return self.add(message(2, pack("<BBQQ", 0, 0, NOWHERE, NOWHERE)), message(10, b"\0\0"), *messages)

    def tree(self, items: dict[str, object], *attributes: bytes) -> int:
        """A group of groups (dicts) and arrays (tuples: their shapes); bytes are messages of the group itself."""
        links = []
        for name, item in items.items():
            if isinstance(item, bytes):
                links.append(item)
            elif isinstance(item, dict):
                links.append(hard(name, self.tree(item)))
            elif isinstance(item, tuple):
                links.append(hard(name, self.add(array(*item))))
        return self.group(*links, *attributes)

    def file(self, *messages: bytes) -> bytes:
        """The file whose root has these links and attributes."""
        return self.with_root(self.group(*messages))

    def with_root(self, root: int) -> bytes:
        """The file with this group as its root."""
        block = SIGNATURE + bytes((2, 8, 8, 0)) + pack("<QQQQ", len(self.before), NOWHERE, len(self.raw), root)
        self.raw[:48] = block + pack("<I", checksum(block))
        return self.before + bytes(self.raw)


def h5(items: dict[str, object], *attributes: bytes) -> bytes:
    """A file with these groups and arrays."""
    writer = Writer()
    return writer.with_root(writer.tree(items, *attributes))
