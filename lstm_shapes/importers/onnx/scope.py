"""The names of the tensors in a graph of ONNX, which sees those of the graphs around it."""

from __future__ import annotations

from lstm_shapes.importers.onnx.builder import Builder
from lstm_shapes.importers.onnx.value import Value


class Scope:
    """The tensors of a graph by name, and those of the graphs around it."""

    def __init__(self, build: Builder, parent: Scope | None = None) -> None:
        self.build = build
        self._parent = parent
        self.values: dict[str, Value] = {}

    def find(self, name: str) -> Value | None:
        """The tensor of a name; one that comes from around the layers' block is noted there as an input of it."""
        if name in self.values:
            return self.values[name]
        value = self._parent.find(name) if self._parent else None
        if value is not None and value.runtime and self._parent and self._parent.build is not self.build:
            self.build.captured.setdefault(value.ref, value.shape)
        return value
