"""A node of an ONNX graph with the values that reach it."""

from __future__ import annotations

from typing import Any, NamedTuple

from lstm_shapes.importers.onnx.value import Value


class Node(NamedTuple):
    """An operator: ``inputs`` are None where an optional one is left out, ``opset`` is the release of its domain."""

    op: str
    name: str
    inputs: tuple[Value | None, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]
    opset: int

    def input(self, number: int) -> Value | None:
        """An input; None where it is left out."""
        return self.inputs[number] if number < len(self.inputs) else None

    def output(self, number: int) -> str:
        """The name of an output; '' where it is not used."""
        return self.outputs[number] if number < len(self.outputs) else ""

    def integer(self, key: str, default: int) -> int:
        """An attribute that is a number."""
        value = self.attributes.get(key, default)
        return value if type(value) is int else default

    def integers(self, key: str) -> tuple[int, ...] | None:
        """An attribute that is a list of numbers; None where it is left out."""
        value = self.attributes.get(key)
        return tuple(value) if isinstance(value, list) and all(type(item) is int for item in value) else None

    def text(self, key: str, default: str) -> str:
        """An attribute that is a text."""
        value = self.attributes.get(key, default)
        return value if isinstance(value, str) else default

    def list_from(self, key: str, number: int) -> tuple[int, ...] | None:
        """Integers that are an attribute in older opsets, an input in newer ones; None where they are not known."""
        value = self.input(number)
        return self.integers(key) if value is None else value.integers

    @property
    def runtime(self) -> list[Value]:
        """The inputs that depend on what enters the model."""
        return [value for value in self.inputs if value is not None and value.runtime]
