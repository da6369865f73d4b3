"""The header of a .safetensors file: what it says is compared with itself and with the size of the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from lstm_shapes.formats import parse

ONE: dict[str, Any] = {"fc.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
TWO: dict[str, Any] = {**ONE, "fc.bias": {"dtype": "BF16", "shape": [2], "data_offsets": [24, 28]}}


def file(header: Mapping[str, Any] | bytes, size: int = 24, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + bytes(size)


def test_names_shapes_and_dtypes_are_read() -> None:
    data = parse("m.safetensors", file({"__metadata__": {"format": "pt"}, **TWO}, 28)).data
    assert data["metadata"] == {"format": "pt"}
    assert data["tensors"] == [
        {"name": "fc.weight", "shape": [2, 3], "dtype": "float32"},
        {"name": "fc.bias", "shape": [2], "dtype": "bfloat16"},
    ]


def test_a_header_padded_with_spaces_and_an_empty_tensor_are_read() -> None:
    text = json.dumps({**ONE, "none": {"dtype": "F32", "shape": [0, 3], "data_offsets": [24, 24]}}).encode() + b"    "
    assert len(parse("m.safetensors", file(text)).data["tensors"]) == 2


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (file(ONE, length=2**40), "the header goes beyond the end of the file"),
        (b"\x08\x00", "the header goes beyond the end of the file"),
        (file(ONE, 20), "24 bytes of numbers in the header, 20 in the file"),
        (file(ONE, 28), "24 bytes of numbers in the header, 28 in the file"),
        (file({**TWO, "fc.bias": {**TWO["fc.bias"], "data_offsets": [20, 24]}}), "overlap others"),
        (file({**TWO, "fc.bias": {**TWO["fc.bias"], "data_offsets": [28, 32]}}, 32), "leave a hole before"),
        (file({"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}, 4), "whose sizes are no sizes"),
        (file({"w": {"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}}, 4), "whose sizes are no sizes"),
        (file({"w": {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 4]}}, 4), "its shape needs"),
        (file({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, 4), "has 4 bytes, and its shape needs 8"),
        (file({"w": {"dtype": "Q9", "shape": [2], "data_offsets": [0, 4]}}, 4), "unknown dtype 'Q9'"),
        (file({"w": [1]}, 4), "not described by dtype, shape and data_offsets"),
        (file({"__metadata__": {"a": 1}}, 0), "__metadata__ is no mapping of texts"),
        (file(b' {"a": 1}', 0), "does not begin with {"),
        (file(b'{"a\xff": 1}', 0), "not UTF-8"),
        (file(b'{"w": 1, "w": 1}', 0), "the key 'w' appears twice"),
        (file(b'{"w": ', 0), "not JSON"),
        (file(b'{"w": {"shape": ' + b"[" * 5_000, 0), "nested more than"),
    ],
)
def test_what_is_wrong_is_said(raw: bytes, message: str) -> None:
    (finding,) = parse("m.safetensors", raw).findings[:1]
    assert message in finding.message
    assert parse("m.safetensors", raw).data is None
