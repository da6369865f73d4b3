"""ONNX bytes as plain data: every form in which numbers are stored, and tensors that are not read whole."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest

from lstm_shapes.formats.onnx import read
from lstm_shapes.formats.onnx_tensor import MAX_NUMBERS, tensor
from lstm_shapes.formats.protobuf import Malformed, Range, Wire

from ..importers.onnx_writer import field, fields, graph, model, varint

FLOAT, INT8, INT32, INT64, FLOAT16, DOUBLE, BFLOAT16 = 1, 3, 6, 7, 10, 11, 16


def stored(raw: bytes) -> dict[str, Any]:
    wire = Wire(io.BytesIO(raw))
    return tensor(wire, wire.all, lambda span: wire.bytes(span).decode())


def packed(number: int, values: list[int]) -> bytes:
    return field(number, b"".join(map(varint, values)))


FORMS: dict[str, tuple[bytes, list[float]]] = {
    "raw float": (field(2, FLOAT) + field(9, struct.pack("<3f", 1, 0, -2)), [1, 0, -2]),
    "raw double": (field(2, DOUBLE) + field(9, struct.pack("<3d", 1, 0, -2)), [1, 0, -2]),
    "raw half": (field(2, FLOAT16) + field(9, struct.pack("<3e", 1, 0, -2)), [1, 0, -2]),
    "raw int64": (field(2, INT64) + field(9, struct.pack("<3q", 1, 0, -2)), [1, 0, -2]),
    "packed float_data": (field(2, FLOAT) + field(4, struct.pack("<3f", 1, 0, -2)), [1, 0, -2]),
    "loose float_data": (field(2, FLOAT) + fields(4, [1.0, 0.0, -2.0]), [1, 0, -2]),
    "packed int64_data": (field(2, INT64) + packed(7, [1, 0, -2]), [1, 0, -2]),
    "loose int64_data": (field(2, INT64) + fields(7, [1, 0, -2]), [1, 0, -2]),
    "int8 in int32_data": (field(2, INT8) + packed(5, [1, 0, -2]), [1, 0, -2]),
    "half in int32_data": (field(2, FLOAT16) + packed(5, [0x3C00, 0, 0xC000]), [1, 0, -2]),
    "double_data": (field(2, DOUBLE) + field(10, struct.pack("<3d", 1, 0, -2)), [1, 0, -2]),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dims", [field(1, 3), packed(1, [3])], ids=["loose sizes", "packed sizes"])
def test_numbers_are_read_in_every_form(form: str, dims: bytes) -> None:
    raw, values = FORMS[form]
    found = stored(dims + raw)
    assert (found["shape"], found["values"], found["zero"]) == ([3], values, False)


LARGE = MAX_NUMBERS * 3


@pytest.mark.parametrize(
    ("dtype", "code", "numbers", "zero"),
    [
        (FLOAT, "f", [0.0] * LARGE, True),
        (FLOAT, "f", [-0.0] * LARGE, True),
        (FLOAT, "f", [0.0] * (LARGE - 1) + [1e-30], False),
        (DOUBLE, "d", [0.0] * (LARGE - 1) + [-5e-324], False),
        (FLOAT16, "e", [0.0] * (LARGE - 1) + [6e-8], False),
        (BFLOAT16, "H", [0x8000] * LARGE, True),
        (BFLOAT16, "H", [0] * (LARGE - 1) + [0x0080], False),
    ],
)
def test_a_large_tensor_is_zero_when_all_its_numbers_are(dtype: int, code: str, numbers: list[Any], zero: bool) -> None:
    raw = field(1, LARGE) + field(2, dtype) + field(9, struct.pack(f"<{LARGE}{code}", *numbers))
    found = stored(raw)
    assert (found["values"], found["zero"]) == (None, zero)


class Counting(io.BytesIO):
    """A file that counts the bytes that are read."""

    total = 0

    def read(self, size: int | None = -1) -> bytes:
        chunk = super().read(size)
        self.total += len(chunk)
        return chunk


def test_of_a_large_tensor_little_is_read() -> None:
    kernel = field(1, 2**20) + field(2, FLOAT) + field(8, "K") + field(9, struct.pack("<f", 0.5) * 2**20)
    file = Counting(model(graph([], initializers=[kernel])))
    found = read("m.onnx", file).data["graph"]["initializers"]
    assert found[0]["shape"] == [2**20]
    assert file.total < 2**18 < 2**22


@pytest.mark.parametrize("raw", [b"\x0a", b"\x0a\x7f", b"\x00\x01", b"\x0b", b"\xff" * 11])
def test_what_is_no_message_is_said_to_be(raw: bytes) -> None:
    wire = Wire(io.BytesIO(raw))
    with pytest.raises(Malformed):
        list(wire.fields(wire.all))


def test_a_value_across_blocks_is_read() -> None:
    text = bytes(range(256)) * 1_000
    wire = Wire(io.BytesIO(field(1, text) + field(2, 300)))
    first, second = wire.fields(wire.all)
    assert wire.bytes(first.range, len(text)) == text
    assert wire.bytes(Range(first.range.start + 65_530, first.range.start + 65_540)) == text[65_530:65_540]
    assert second.value == 300
