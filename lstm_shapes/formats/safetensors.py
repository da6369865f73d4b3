"""A .safetensors file -> Document: only the header, which names every tensor with its shape, dtype and place.

https://github.com/huggingface/safetensors#format: eight bytes for the header's length, the header in JSON, the numbers.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from lstm_shapes.formats import json
from lstm_shapes.formats.document import Document, located
from lstm_shapes.formats.limits import MAX_BYTES, MAX_NODES

_LENGTH = 8
_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("I64", "U64", "F64", "C64"), 64),
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
}
"""The bits of a number of each dtype of the format."""
_NAMES = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "I16": "int16",
    "U16": "uint16",
    "I32": "int32",
    "U32": "uint32",
    "I64": "int64",
    "U64": "uint64",
    "F16": "float16",
    "BF16": "bfloat16",
    "F32": "float32",
    "F64": "float64",
    "C64": "complex64",
}
MAX_SIZE = 2**63 - 1
MAX_TENSORS = 60_000


class _Wrong(ValueError):
    """The header is not what the format says; the text says why."""


def read(source: str, file: BinaryIO) -> Document:
    """The tensors of an open file. Raises nothing.

    ``data`` is ``{"tensors": [{"name", "shape", "dtype"}], "metadata": {...}}``.
    """
    size = file.seek(0, 2)
    file.seek(0)
    try:
        length = _header_length(file.read(_LENGTH), size)
        document = json.read(source, _text(file.read(length)))
        if document.findings or document.data is None:
            problem = document.findings[0]
            found = problem._replace(message=f"the header: {problem.message}", place=None, excerpt="", replacements=())
            return Document(source=source, data=None, findings=(found,), format="safetensors")
        return Document(source=source, data=_data(document.data, size - _LENGTH - length), format="safetensors")
    except _Wrong as wrong:
        finding = located(source, "", "unreadable", f"not a safetensors file that can be read: {wrong}", None)
        return Document(source=source, data=None, findings=(finding,), format="safetensors")


def _header_length(raw: bytes, size: int) -> int:
    length = int.from_bytes(raw, "little")
    if len(raw) < _LENGTH or length > size - _LENGTH:
        raise _Wrong("the header goes beyond the end of the file")
    if length > MAX_BYTES:
        raise _Wrong(f"a header larger than {MAX_BYTES // 2**20} MiB")
    return length


def _text(header: bytes) -> str:
    if header[:1] != b"{":
        raise _Wrong("the header does not begin with {")
    if header.count(b'"data_offsets"') > MAX_TENSORS or header.count(b",") > MAX_NODES:
        raise _Wrong(f"more than {MAX_TENSORS:,} tensors")
    try:
        return header.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Wrong(f"the header is not UTF-8: byte 0x{header[error.start]:02x}") from None


def _data(header: Any, size: int) -> dict[str, Any]:
    """The tensors in the order of their numbers, and the metadata. Raises ``_Wrong``."""
    if not isinstance(header, dict):
        raise _Wrong("the header is no mapping")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _Wrong("__metadata__ is no mapping of texts")
    spans = sorted((*_span(name, tensor), name) for name, tensor in header.items())
    _check_spans(spans, size)
    tensors = [
        {
            "name": name,
            "shape": header[name]["shape"],
            "dtype": _NAMES.get(header[name]["dtype"], header[name]["dtype"].lower()),
        }
        for name in header
    ]
    return {"tensors": tensors, "metadata": metadata}


def _span(name: str, tensor: Any) -> tuple[int, int]:
    """Where the numbers of a tensor begin and end, which its shape and dtype must agree with."""
    match tensor:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [int(begin), int(end)], **others} if (
            not others
        ):
            pass
        case _:
            raise _Wrong(f"{_quoted(name)} is not described by dtype, shape and data_offsets")
    if dtype not in _BITS:
        raise _Wrong(f"{_quoted(name)} has the unknown dtype {_quoted(dtype)}")
    bits = _BITS[dtype]
    for axis in shape:
        if type(axis) is not int or not 0 <= axis <= MAX_SIZE:
            raise _Wrong(f"{_quoted(name)} has a shape whose sizes are no sizes")
        bits = min(bits * axis, MAX_SIZE)
    if type(begin) is not int or type(end) is not int or not 0 <= begin <= end or bits != 8 * (end - begin):
        raise _Wrong(f"{_quoted(name)} has {end - begin:,} bytes, and its shape needs {bits // 8:,}")
    return begin, end


def _check_spans(spans: list[tuple[int, int, str]], size: int) -> None:
    """Raises ``_Wrong`` where numbers overlap, or belong to no tensor, or are not in the file."""
    at = 0
    for begin, end, name in spans:
        if begin != at:
            raise _Wrong(f"the numbers of {_quoted(name)} {'overlap others' if begin < at else 'leave a hole before'}")
        at = end
    if at != size:
        raise _Wrong(f"{at:,} bytes of numbers in the header, {size:,} in the file")


def _quoted(name: str) -> str:
    return repr(name[:80])
