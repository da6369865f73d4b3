"""ONNX files -> the graph as plain data, read from the bytes without the package `onnx`.

Why our own reader: a ModelProto has few messages, and `onnx` (0.3 s to import) reads all weights into memory, cannot
read a model of more than 2 GiB, and needs to be told not to open external data. This one reads names, shapes and the
numbers of small tensors, in a few milliseconds, and opens nothing. The field numbers are those of onnx/onnx.proto.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.kinds import KINDS
from lstm_shapes.formats.document import Document
from lstm_shapes.formats.limits import MAX_NODES as MAX_VALUES
from lstm_shapes.formats.onnx_tensor import DTYPES, MAX_AXES, tensor
from lstm_shapes.formats.protobuf import Field, Malformed, Range, Wire, signed

MAX_DEPTH = 32
"""As deep as graphs are nested in graphs: a ModelProto of `onnx` itself cannot be nested deeper."""
MAX_TEXT = 4_096
MAX_NODES = 20_000
"""The most nodes of a file, those of a function as often as it is called."""


class _TooLarge(Malformed):
    """More than a file may ask for."""


def read(source: str, file: BinaryIO) -> Document:
    """The model in an open file; what is wrong with it is a finding. Raises nothing but ``OSError``.

    >>> from io import BytesIO
    >>> read("m.onnx", BytesIO(bytes.fromhex("08083a021200"))).data["graph"]["nodes"]
    []
    """
    try:
        return Document(source=source, data=_Reader(Wire(file)).model(), format="onnx")
    except Malformed as problem:
        kind = "too-large" if isinstance(problem, _TooLarge) else "unreadable"
        message = f"an ONNX file that cannot be read: {problem}"
        finding = Finding(rule=KINDS[kind], message=message, source=source, place=None, excerpt="")
        return Document(source=source, data=None, findings=(finding,), format="onnx")


class _Reader:
    """Reads the messages of one file and counts what they hold."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._count = 0

    def model(self) -> dict[str, Any]:
        """The ModelProto."""
        found: dict[str, Any] = {"ir_version": 0, "producer": "", "producer_version": "", "opsets": {}, "functions": []}
        graph: Range | None = None
        for field in self._fields(self._wire.all):
            match field.number:
                case 1:
                    found["ir_version"] = signed(field.value)
                case 2:
                    found["producer"] = self._text(field.range)
                case 3:
                    found["producer_version"] = self._text(field.range)
                case 7 if graph is not None:
                    raise Malformed("two graphs in one model")
                case 7:
                    graph = field.range
                case 8:
                    found["opsets"] |= self._opset(field.range)
                case 25:
                    found["functions"].append(self._function(field.range))
        if graph is None:
            raise Malformed("a model without a graph")
        return {**found, "graph": self._graph(graph, 0)}

    def _opset(self, message: Range) -> dict[str, int]:
        domain, version = "", 0
        for field in self._fields(message):
            if field.number == 1:
                domain = self._text(field.range)
            elif field.number == 2:
                version = signed(field.value)
        return {"" if domain == "ai.onnx" else domain: version}

    def _function(self, message: Range) -> dict[str, Any]:
        found: dict[str, Any] = {"name": "", "domain": "", "inputs": [], "outputs": [], "nodes": [], "attributes": {}}
        for field in self._fields(message):
            match field.number:
                case 1:
                    found["name"] = self._text(field.range)
                case 4:
                    found["inputs"].append(self._text(field.range))
                case 5:
                    found["outputs"].append(self._text(field.range))
                case 7:
                    found["nodes"].append(self._node(field.range, 0))
                case 10:
                    found["domain"] = self._text(field.range)
                case 11:
                    found["attributes"] |= self._attribute(field.range, 0)
        return found

    def _graph(self, message: Range, depth: int) -> dict[str, Any]:
        if depth > MAX_DEPTH:
            raise _TooLarge(f"graphs nested more than {MAX_DEPTH} deep")
        found: dict[str, Any] = {"name": "", "nodes": [], "inputs": [], "outputs": [], "values": [], "initializers": []}
        lists = {11: "inputs", 12: "outputs", 13: "values"}
        if sum(field.number == 1 for field in self._wire.fields(message)) > MAX_NODES:
            raise _TooLarge(f"more than {MAX_NODES:,} nodes")
        for field in self._fields(message):
            match field.number:
                case 1:
                    found["nodes"].append(self._node(field.range, depth))
                case 2:
                    found["name"] = self._text(field.range)
                case 5:
                    found["initializers"].append(tensor(self._wire, field.range, self._text))
                case 11 | 12 | 13:
                    found[lists[field.number]].append(self._value_info(field.range))
                case 15:
                    found["initializers"].append(self._sparse(field.range))
        return found

    def _node(self, message: Range, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {"op": "", "domain": "", "name": "", "inputs": [], "outputs": [], "attributes": {}}
        keys = {3: "name", 4: "op", 7: "domain"}
        for field in self._fields(message):
            match field.number:
                case 1:
                    found["inputs"].append(self._text(field.range))
                case 2:
                    found["outputs"].append(self._text(field.range))
                case 3 | 4 | 7:
                    found[keys[field.number]] = self._text(field.range)
                case 5:
                    attribute = self._attribute(field.range, depth)
                    if not attribute.keys().isdisjoint(found["attributes"]):
                        raise Malformed(f"two attributes {next(iter(attribute))!r} of one node")
                    found["attributes"] |= attribute
        if found["domain"] == "ai.onnx":
            found["domain"] = ""
        return found

    def _attribute(self, message: Range, depth: int) -> dict[str, Any]:
        """The name of an attribute with its value: number, text, list, ``{"tensor": ..}`` or ``{"graph": ..}``."""
        name, value, items, kind = "", None, [], 0
        for field in self._fields(message):
            match field.number:
                case 1:
                    name = self._text(field.range)
                case 2 | 3 | 4 | 5 | 6:
                    value = self._attribute_value(field, depth)
                case 7 | 8 | 9:
                    items += self._attribute_items(field)
                case 20:
                    kind = field.value
                case 21:
                    value = {"ref": self._text(field.range)}
                case 22:
                    value = {"tensor": self._sparse(field.range)}
        if value is None:
            value = items if items or kind not in (1, 2, 3) else {1: 0.0, 2: 0, 3: ""}[kind]
        return {name: value}

    def _attribute_value(self, field: Field, depth: int) -> Any:
        match field.number:
            case 2:
                return _float(field.value)
            case 3:
                return signed(field.value)
            case 4:
                return self._text(field.range)
            case 5:
                return {"tensor": tensor(self._wire, field.range, self._text)}
        return {"graph": self._graph(field.range, depth + 1)}

    def _attribute_items(self, field: Field) -> list[Any]:
        """The items of a list, which stand alone or packed."""
        if field.number == 9:
            return [self._text(field.range)]
        if field.number == 8:
            self._add(field.range.size)
            numbers = [field.value] if field.wire == 0 else list(self._wire.varints(field.range))
            return [signed(number) for number in numbers]
        if field.wire == 5:
            return [_float(field.value)]
        self._add(field.range.size // 4)
        starts = range(field.range.start, field.range.end - 3, 4)
        return [_float(int.from_bytes(self._wire.bytes(Range(at, at + 4)), "little")) for at in starts]

    def _value_info(self, message: Range) -> dict[str, Any]:
        """A tensor's name, with its dtype and shape where they are declared: sizes are numbers, texts or None."""
        found: dict[str, Any] = {"name": "", "dtype": "", "shape": None}
        for field in self._fields(message):
            if field.number == 1:
                found["name"] = self._text(field.range)
            elif field.number == 2:
                found |= self._type(field.range)
        return found

    def _type(self, message: Range) -> dict[str, Any]:
        for field in self._fields(message):
            if field.number == 1:
                return self._tensor_type(field.range)
            if field.number in (4, 5, 8, 9):
                return {"dtype": {4: "sequence", 5: "map", 8: "sparse_tensor", 9: "optional"}[field.number]}
        return {}

    def _tensor_type(self, message: Range) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for field in self._fields(message):
            if field.number == 1:
                found["dtype"] = DTYPES.get(field.value, f"type {field.value}")
            elif field.number == 2:
                found["shape"] = [self._size(each.range) for each in self._fields(field.range) if each.number == 1]
        if len(found.get("shape") or ()) > MAX_AXES:
            raise Malformed(f"a tensor of more than {MAX_AXES} axes")
        return found

    def _size(self, message: Range) -> int | str | None:
        size: int | str | None = None
        for field in self._fields(message):
            if field.number == 1:
                size = signed(field.value)
            elif field.number == 2:
                size = self._text(field.range) or None
        return size

    def _sparse(self, message: Range) -> dict[str, Any]:
        """A SparseTensorProto: the numbers that it stores, under the name that they have."""
        stored: dict[str, Any] = {}
        for field in self._fields(message):
            if field.number == 1:
                stored = tensor(self._wire, field.range, self._text)
        return {**stored, "values": None, "sparse": True}

    def _text(self, span: Range) -> str:
        if span.size > MAX_TEXT:
            raise _TooLarge(f"a text of {span.size:,} bytes")
        return self._wire.bytes(span).decode("utf-8", "replace")

    def _fields(self, message: Range) -> Iterator[Field]:
        for field in self._wire.fields(message):
            self._add(1)
            yield field

    def _add(self, count: int) -> None:
        self._count += count
        if self._count > MAX_VALUES:
            raise _TooLarge(f"more than {MAX_VALUES:,} values")


def _float(bits: int) -> float:
    import struct

    number: float = struct.unpack("<f", bits.to_bytes(4, "little"))[0]
    return number
