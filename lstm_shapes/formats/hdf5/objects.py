"""The groups and datasets of an HDF5 file through pyfive's object headers; no other module imports pyfive.

Format specification: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html; its sections are named below.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from pyfive import dataobjects as messages
from pyfive.btree import BTreeV1Groups, BTreeV2GroupNames
from pyfive.dataobjects import DataObjects
from pyfive.misc_low_level import FORMAT_SIGNATURE, FractalHeap, Heap, SuperBlock, SymbolTable
from pyfive.p5t import P5ReferenceType, P5SequenceType, P5VlenStringType

from lstm_shapes.formats.bounded import BoundedFile, TooLarge
from lstm_shapes.formats.limits import MAX_BYTES, MAX_DEPTH

MAX_OBJECTS = 25_000
_NOWHERE = 0xFFFF_FFFF_FFFF_FFFF


class _Object(DataObjects):  # type: ignore[misc]
    """An object header; an attribute with more values than bytes is refused before there is space for it."""

    def _attr_value(self, ptype: Any, buf: bytes, count: int, offset: int) -> Any:
        by_heap = isinstance(ptype, P5SequenceType | P5VlenStringType)
        size = 16 if by_heap else 8 if isinstance(ptype, P5ReferenceType) else ptype.dtype.itemsize
        if count < 0 or count * max(1, size) > len(buf):
            raise TooLarge("an attribute with more values than there is room for")
        return super()._attr_value(ptype, buf, count, offset)

    @property
    def is_group(self) -> bool:
        """Whether it holds links: an empty group of the newer layout has only the message about them."""
        types = {message["type"] for message in self.msgs}
        return bool(types & {messages.SYMBOL_TABLE_MSG_TYPE, messages.LINK_MSG_TYPE, messages.LINK_INFO_MSG_TYPE})


def attributes_and_arrays(file: BoundedFile) -> dict[str, Any]:
    """The attributes, which may be none, of every group by its path ('' is the root), and every array.

    Raises ``TooLarge``, and whatever pyfive raises on a damaged file.
    """
    start = _signature(file)
    block = SuperBlock(file, start)
    base = block._contents["base_address"]
    if base:
        file = file.from_offset(base)
        block = SuperBlock(file, start - base)
    return _Walk(file).contents(block.offset_to_dataobjects)


def _signature(file: BoundedFile) -> int:
    """Where the file begins after a block of the user's own: at 0, 512, 1024, 2048 ... (section II.A)."""
    start = 0
    while start < file.size:
        file.seek(start)
        if file.read(len(FORMAT_SIGNATURE)) == FORMAT_SIGNATURE:
            return start
        start = start * 2 or 512
    raise NotImplementedError("no signature of HDF5 in it")


class _Walk:
    """A walk over the objects of a file: without recursion, each group once, external and soft links not followed."""

    def __init__(self, file: BoundedFile) -> None:
        self.file = file
        self.heaps: dict[int, Any] = {}
        self.attributes: dict[str, dict[str, Any]] = {}
        self.arrays: list[dict[str, Any]] = []
        self.text = 0

    def contents(self, root: int) -> dict[str, Any]:
        """All of it; objects of a group in the order of their names."""
        left, groups, count = [("", root)], set[int](), 0
        while left:
            path, address = left.pop()
            count += 1
            if count > MAX_OBJECTS:
                raise TooLarge(f"more than {MAX_OBJECTS:,} groups and arrays")
            header = _Object(self.file, address, global_heaps=self.heaps)
            if header.is_dataset:
                self._add_array(path, header)
            elif header.is_group and address not in groups:
                groups.add(address)
                self._add_group(path, header)
                links = sorted(dict(self._links(header)).items(), reverse=True)
                left += ((f"{path}/{name}" if path else name, target) for name, target in links)
        return {"attributes": self.attributes, "arrays": self.arrays}

    def _add_array(self, path: str, header: _Object) -> None:
        shape = header.shape
        if shape is not None:
            self.arrays.append({"path": path, "shape": [int(size) for size in shape], "dtype": _dtype(header)})

    def _add_group(self, path: str, header: _Object) -> None:
        if path.count("/") > MAX_DEPTH:
            raise TooLarge(f"groups nested more than {MAX_DEPTH} levels deep")
        values = {name: _plain(value) for name, value in header.get_attributes().items()}
        self.text += sum(len(value) for value in values.values() if isinstance(value, str | list))
        if self.text > MAX_BYTES:
            raise TooLarge(f"attributes larger than {MAX_BYTES // 2**20} MiB")
        self.attributes[path] = values

    def _links(self, group: _Object) -> Iterator[tuple[str, int]]:
        """The name and the address of every object in a group; an external or soft link has no address."""
        for message in group.msgs:
            at = message["offset_to_message"]
            if message["type"] == messages.SYMBOL_TABLE_MSG_TYPE:
                yield from self._symbols(*struct.unpack_from("<QQ", group.msg_data, at))
            elif message["type"] == messages.LINK_MSG_TYPE:
                yield from _hard_link(group.msg_data, at)
            elif message["type"] == messages.LINK_INFO_MSG_TYPE:
                yield from self._dense(group._decode_link_info_msg(group.msg_data, at))

    def _symbols(self, tree: int, heap: int) -> Iterator[tuple[str, int]]:
        """The links of a group of the older layout (section III.A.1 and III.B); type 2 is a soft link."""
        names = Heap(self.file, heap)
        for address in BTreeV1Groups(self.file, tree).symbol_table_addresses():
            for entry in SymbolTable(self.file, address).entries:
                if entry["cache_type"] in (0, 1) and entry["object_header_address"] != _NOWHERE:
                    name = names.get_object_name(entry["link_name_offset"]).decode("utf-8")
                    yield name, entry["object_header_address"]

    def _dense(self, info: dict[str, Any]) -> Iterator[tuple[str, int]]:
        """The links of a group that has many, in a heap (section IV.A.2.c)."""
        if info["name_btree_address"] is not None and info["heap_address"] is not None:
            heap = FractalHeap(self.file, info["heap_address"])
            for record in BTreeV2GroupNames(self.file, info["name_btree_address"]).iter_records():
                link = heap.get_data(record["heapid"])
                if link is not None:
                    yield from _hard_link(link, 0)


def _hard_link(data: bytes, at: int) -> Iterator[tuple[str, int]]:
    """The name and the address in a link message (section IV.A.2.g); nothing where the link leads elsewhere."""
    version, flags = struct.unpack_from("<BB", data, at)
    if version != 1:
        raise NotImplementedError(f"a link message of version {version}")
    at += 2
    kind = data[at] if flags & 8 else 0
    at += bool(flags & 8) + 8 * bool(flags & 4) + bool(flags & 16)
    width = 1 << (flags & 3)
    length = int.from_bytes(data[at : at + width], "little")
    at += width
    if kind == 0:
        yield data[at : at + length].decode("utf-8"), struct.unpack_from("<Q", data, at + length)[0]


def _dtype(header: _Object) -> str:
    """The type of an array as NumPy calls it, 'unknown' where pyfive has no name for it."""
    try:
        return str(header.ptype.dtype.name)[:40]
    except (NotImplementedError, TypeError):
        return "unknown"


def _plain(value: Any) -> Any:
    """An attribute as text, number or list of them; None where it is nothing of the kind."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, str | int | float):
        return value
    if not hasattr(value, "tolist"):
        return None
    values = value.tolist()
    return [_plain(item) for item in values] if isinstance(values, list) else _plain(values)
