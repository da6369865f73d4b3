"""A TensorProto -> name, shape, dtype, the numbers of a small one, and whether all are 0.

External data are never opened: such a tensor has its declared shape.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice
from math import prod
from typing import Any

from lstm_shapes.formats.protobuf import Malformed, Range, Wire, signed

DTYPES = {
    **dict(enumerate("float32 uint8 int8 uint16 int16 int32 int64 string bool float16 float64".split(), 1)),
    **dict(enumerate("uint32 uint64 complex64 complex128 bfloat16 float8_e4m3fn float8_e4m3fnuz".split(), 12)),
    **dict(enumerate("float8_e5m2 float8_e5m2fnuz uint4 int4 float4_e2m1 float8_e8m0 uint2 int2".split(), 19)),
}
"""TensorProto.DataType."""
_CODES = {
    **{"float32": "f", "float64": "d", "float16": "e", "bool": "?"},
    **dict(zip("int8 uint8 int16 uint16 int32 uint32 int64 uint64".split(), "bBhHiIqQ", strict=True)),
}
"""The struct code of each dtype whose numbers can be wanted."""
MAX_NUMBERS = 4_096
"""As many numbers as a shape, a permutation or a list of indices has are read."""
MAX_AXES = 64
_FIRST_CHUNK, _CHUNK = 2**12, 2**20
"""The numbers of most tensors begin with others than 0: little is read first."""
_MAX_SCAN = 2**28
"""The most bytes of a tensor that are looked at to tell whether all are 0."""
_NUMBERS = {4: "f", 10: "d"}
"""float_data and double_data: fields of numbers with a fixed width, and their struct codes."""
_VARINTS = (5, 7, 11)
"""int32_data (the narrow types too), int64_data, uint64_data."""


def tensor(wire: Wire, message: Range, text: Any) -> dict[str, Any]:
    """The tensor as plain data; ``values`` and ``zero`` are None where they are not known. Raises ``Malformed``.

    ``text`` reads the text of a range.
    """
    dims: list[int] = []
    name, code, raw, external = "", 0, None, False
    typed: list[tuple[int, Range]] = []
    for number, kind, value, span in wire.fields(message):
        if number == 1:
            dims += [signed(value)] if kind == 0 else map(signed, islice(wire.varints(span), MAX_AXES + 1))
        elif number == 2:
            code = value
        elif number == 8:
            name = text(span)
        elif number == 9:
            raw = span
        elif number in _NUMBERS or number in _VARINTS:
            typed.append((number, span))
        elif number == 13 or (number == 14 and value == 1):
            external = True
        if len(dims) > MAX_AXES:
            raise Malformed(f"a tensor of more than {MAX_AXES} axes")
    if any(size < 0 for size in dims):
        raise Malformed(f"the tensor {name!r} has a negative size: {dims}")
    dtype = DTYPES.get(code, f"type {code}")
    found: dict[str, Any] = {"name": name, "shape": dims, "dtype": dtype, "external": external}
    found |= {"values": None, "zero": None}
    if external or dtype == "string":
        return found
    _check_size(wire, found, raw, typed)
    if prod(dims) <= MAX_NUMBERS and dtype in _CODES:
        found["values"] = _values(wire, dtype, raw, typed)
        found["zero"] = not any(found["values"])
    elif dtype in ("float32", "float64", "float16", "bfloat16"):
        found["zero"] = all(_is_zero(wire, part, found, raw is None) for part in _parts(raw, typed))
    return found


def _parts(raw: Range | None, typed: list[tuple[int, Range]]) -> list[tuple[int, Range]]:
    return typed if raw is None else [(9, raw)]


def _check_size(wire: Wire, found: dict[str, Any], raw: Range | None, typed: list[tuple[int, Range]]) -> None:
    """Raise ``Malformed`` where the bytes are not those of so many numbers."""
    count, dtype = prod(found["shape"]), found["dtype"]
    code = _CODES.get(dtype, "h" if dtype == "bfloat16" else "")
    if raw is not None and code and raw.size != count * struct.calcsize(code):
        got = f"{raw.size:,} bytes"
    elif raw is None and typed and all(number in _NUMBERS for number, _ in typed):
        present = sum(span.size // struct.calcsize(_NUMBERS[number]) for number, span in typed)
        got = f"{present:,} numbers" if present != count else ""
    else:
        got = "no numbers" if raw is None and not typed and count else ""
    if got:
        raise Malformed(f"the tensor {found['name']!r} of {dtype} {found['shape']} has {got}")


def _values(wire: Wire, dtype: str, raw: Range | None, typed: list[tuple[int, Range]]) -> list[int | float]:
    """The numbers of a small tensor."""
    if raw is not None:
        return [value for (value,) in struct.iter_unpack(f"<{_CODES[dtype]}", wire.bytes(raw))]
    values: list[int | float] = []
    for number, span in typed:
        values += islice(_typed(wire, number, dtype, span), MAX_NUMBERS + 1)
        if len(values) > MAX_NUMBERS:
            raise Malformed("a tensor with more numbers than its shape has")
    return values


def _typed(wire: Wire, number: int, dtype: str, span: Range) -> Iterator[int | float]:
    if number in _NUMBERS:
        yield from (value for (value,) in struct.iter_unpack(f"<{_NUMBERS[number]}", wire.bytes(span)))
        return
    for value in wire.varints(span):
        if dtype == "float16":
            yield struct.unpack("<e", (value & 0xFFFF).to_bytes(2, "little"))[0]
        else:
            yield value if dtype.startswith("u") else signed(value)


def _is_zero(wire: Wire, part: tuple[int, Range], found: dict[str, Any], typed: bool) -> bool | None:
    """Whether all numbers are 0, of either sign: reads up to the first that is not."""
    number, span = part
    if number in _VARINTS:
        return span.size <= _CHUNK and not any(wire.varints(span))
    code = _NUMBERS[number] if typed else _CODES.get(found["dtype"], "h")
    width = struct.calcsize(code)
    start, size = span.start, _FIRST_CHUNK
    while start < min(span.end, span.start + _MAX_SCAN):
        chunk = wire.bytes(Range(start, min(span.end, start + size)), size)
        start, size = start + size, min(2 * size, _CHUNK)
        zeros = chunk.count(0)
        if zeros < len(chunk) and zeros + chunk[width - 1 :: width].count(0x80) < len(chunk):
            return False
    return span.size <= _MAX_SCAN
