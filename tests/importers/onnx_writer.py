"""ONNX models as bytes, written by hand: what no exporter writes, and what nobody should trust."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

FLOAT, INT8, INT32, INT64, BOOL = 1, 3, 6, 7, 9
Size = int | str | None


def varint(value: int) -> bytes:
    """A number in groups of seven bits, the last first; a negative one in 64 bits."""
    value &= 2**64 - 1
    groups = bytearray()
    while value > 127:
        groups.append(value & 127 | 128)
        value >>= 7
    return bytes([*groups, value])


def field(number: int, value: int | float | bytes | str) -> bytes:
    """A field of a message."""
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def fields(number: int, values: Iterable[Any]) -> bytes:
    """A field for each value."""
    return b"".join(field(number, value) for value in values)


class Tensor(NamedTuple):
    """A tensor that is an attribute."""

    raw: bytes


class Graph(NamedTuple):
    """A graph that is an attribute."""

    raw: bytes


class Ref(NamedTuple):
    """An attribute of a function's call."""

    name: str


def tensor(
    name: str, dims: Sequence[int], dtype: int = FLOAT, values: Sequence[Any] | None = None, more: bytes = b""
) -> bytes:
    """A TensorProto with these numbers: ones of their own where none are given, none at all for an empty list."""
    count = 1
    for size in dims:
        count *= size
    code = {FLOAT: "f", INT8: "b", INT32: "i", INT64: "q", BOOL: "?"}[dtype]
    numbers = [0.5 + index for index in range(count)] if values is None else values
    data = field(9, struct.pack(f"<{len(numbers)}{code}", *numbers)) if numbers else b""
    return fields(1, dims) + field(2, dtype) + field(8, name) + data + more


def value(name: str, dims: Sequence[Size] | None, dtype: int = FLOAT) -> bytes:
    """A ValueInfoProto: sizes are numbers, names or None."""
    each = [b"" if size is None else field(1 if isinstance(size, int) else 2, size) for size in dims or ()]
    shape = b"" if dims is None else field(2, fields(1, each))
    return field(1, name) + field(2, field(1, field(1, dtype) + shape))


def attribute(name: str, item: Any) -> bytes:
    """An AttributeProto of the type that the value asks for."""
    kinds = {float: (2, 1), int: (3, 2), str: (4, 3), Tensor: (5, 4), Graph: (6, 5)}
    if isinstance(item, Ref):
        return field(1, name) + field(21, item.name)
    if isinstance(item, list):
        number, kind = {float: (7, 6), int: (8, 7), str: (9, 8)}[type(item[0]) if item else int]
        return field(1, name) + fields(number, item) + field(20, kind)
    number, kind = kinds[type(item)]
    return field(1, name) + field(number, item.raw if isinstance(item, Tensor | Graph) else item) + field(20, kind)


def node(op: str, inputs: str, outputs: str, name: str = "", domain: str = "", **attributes: Any) -> bytes:
    """A NodeProto; names are separated by spaces, ``-`` is one that is left out."""
    read, made = (["" if word == "-" else word for word in words.split()] for words in (inputs, outputs))
    listed = fields(5, [attribute(key, item) for key, item in attributes.items()])
    return fields(1, read) + fields(2, made) + field(3, name or op.lower()) + field(4, op) + field(7, domain) + listed


def graph(
    nodes: Iterable[bytes],
    inputs: Iterable[bytes] = (),
    outputs: Iterable[bytes] = (),
    initializers: Iterable[bytes] = (),
) -> bytes:
    """A GraphProto."""
    return fields(1, nodes) + field(2, "main") + fields(5, initializers) + fields(11, inputs) + fields(12, outputs)


def function(
    name: str, domain: str, inputs: str, outputs: str, nodes: Iterable[bytes], keys: Sequence[str] = ()
) -> bytes:
    """A FunctionProto."""
    head = field(1, name) + fields(4, inputs.split()) + fields(5, outputs.split()) + fields(6, keys) + fields(7, nodes)
    return head + field(9, field(1, "") + field(2, 17)) + field(10, domain)


def model(main: bytes, opset: int = 17, functions: Iterable[bytes] = (), domains: Sequence[str] = ()) -> bytes:
    """A ModelProto."""
    opsets = [field(1, "") + field(2, opset), *(field(1, domain) + field(2, 1) for domain in domains)]
    return field(1, 8) + field(2, "by hand") + field(7, main) + fields(8, opsets) + fields(25, functions)


def recurrent(op: str = "LSTM", d: int = 3, h: int = 4, ways: int = 1, more: str = "", **attributes: Any) -> bytes:
    """A model that is one recurrent node with W, R and B."""
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[op]
    shapes = {"W": (ways, gates * h, d), "R": (ways, gates * h, h), "B": (ways, 2 * gates * h)}
    made = node(op, f"X W R B{more}", "Y Y_h", **{"hidden_size": h, **attributes})
    stored = [tensor(name, shape) for name, shape in shapes.items()]
    return model(graph([made], [value("X", ["T", "B", d])], [value("Y", None), value("Y_h", None)], stored))
