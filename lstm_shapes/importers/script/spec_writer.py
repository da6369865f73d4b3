"""A graph of layers and tensors as a spec, with the place in the code of every layer and setting."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.importers.script.class_names import snake
from lstm_shapes.importers.script.shapes import shape_of, written
from lstm_shapes.importers.script.values import Call, MadeLayer, Tensor
from lstm_shapes.spec.layer_names import UniqueNames

UNKNOWN = "unknown"
_WEIGHTS = {"dense": "kernel", "embedding": "embeddings"}
"""What PyTorch calls weight."""
_READS = {"multi_head_attention": 3, "attention": 2, "additive_attention": 2}
"""How many tensors a layer reads, where it is more than one."""
_HEADINGS = {"torch": {"framework": "torch"}}
"""What a spec says of its framework, where it is not the usual one."""


class Writer:
    """The entries of a graph, and the code of each by its route."""

    def __init__(self, framework: str, inputs: list[Tensor], names: list[str] | None = None) -> None:
        self.framework = framework
        self.entries: list[dict[str, Any]] = []
        self.nodes: dict[Route, ast.AST] = {}
        self.inputs = {id(tensor.call): tensor for tensor in inputs if tensor.call is not None}
        self.input_names = dict(zip(self.inputs, names, strict=False)) if names else {}
        self.names: dict[int, str] = {}
        self.calls: dict[int, str] = {}
        self.written: set[int] = set()

    def write(self, outputs: list[Tensor], loose: Iterable[MadeLayer] = ()) -> None:
        """Write the layers that lead to the outputs, then those that no call reads."""
        calls = reachable([*outputs])
        layers = [call.layer for call in calls if call.layer is not None]
        loose = [layer for layer in loose if not any(layer is other for other in layers)]
        read = {id(one.call): one for call in calls for one in (*call.inputs, *call.states)}
        for call in calls:
            if call.layer is None and id(call) not in self.inputs:
                self.inputs[id(call)] = read.get(id(call), Tensor(call))
        self._name_all([*layers, *loose])
        self.entries = []
        previous = ""
        for call in calls:
            if call.layer is not None:
                previous = self._write_call(call, previous)
        for layer in loose:
            self._write_layer(layer, [UNKNOWN] * _READS.get(layer.type, 1), "")

    def _name_all(self, layers: list[MadeLayer]) -> None:
        """A name for each input and layer: its own, or that which Keras gives it."""
        own = [layer.name for layer in {id(layer): layer for layer in layers}.values() if layer.name]
        unnamed = [key for key, tensor in self.inputs.items() if not (tensor.call and tensor.call.name)]
        given = [tensor.call.name for tensor in self.inputs.values() if tensor.call and tensor.call.name]
        unique = UniqueNames((*own, *self.input_names.values(), *given))
        numbers = [""] if len(unnamed) == 1 else [f"_{number}" for number in range(1, len(unnamed) + 1)]
        for key, tensor in self.inputs.items():
            if key not in self.input_names:
                own_name = tensor.call.name if tensor.call else ""
                self.input_names[key] = own_name or unique.unique(f"input{numbers.pop(0)}")
        for layer in layers:
            if id(layer) not in self.names:
                self.names[id(layer)] = layer.name or unique.unique(snake(layer.class_name) or "layer")

    def _write_call(self, call: Call, previous: str) -> str:
        layer = call.layer
        assert layer is not None
        inputs = [self.reference(tensor) for tensor in call.inputs] or [UNKNOWN]
        states = [self.reference(tensor) for tensor in call.states]
        if UNKNOWN in states:
            states = []
        name = self.names[id(layer)]
        if id(layer) in self.written:
            entry: dict[str, Any] = {"use": name, "inputs": inputs if len(inputs) > 1 else inputs[0]}
            alias = self._unique_use(name)
            entry["name"] = alias
            self._place(entry, {(): call.span})
        else:
            alias = name
            entry = self._write_layer(layer, inputs, previous)
            if call.span is not layer.span:
                self.nodes[("layers", len(self.entries) - 1, "inputs")] = call.span
        if states:
            entry["initial_state"] = states
        self.calls[id(call)] = alias
        return alias

    def _unique_use(self, name: str) -> str:
        taken = {entry.get("name") for entry in self.entries} | set(self.names.values())
        number = 2
        while f"{name}_call_{number}" in taken:
            number += 1
        return f"{name}_call_{number}"

    def _write_layer(self, layer: MadeLayer, inputs: list[str], previous: str) -> dict[str, Any]:
        entry = deepcopy(layer.entry)
        name = self.names[id(layer)]
        data: dict[str, Any] = {"type": entry.pop("type"), "name": name}
        if "layers" in entry:
            _rename_inputs(entry["layers"], inputs)
        data |= entry
        only_input = next(iter(self.input_names.values())) if len(self.inputs) == 1 else ""
        if inputs != [previous or only_input]:
            data["inputs"] = inputs if len(inputs) > 1 else inputs[0]
        if layer.tied is not None and id(layer.tied[0]) in self.names and layer.type in _WEIGHTS:
            other = layer.tied[0]
            data["tied_to"] = {_WEIGHTS[layer.type]: f"{self.names[id(other)]}.{_WEIGHTS.get(other.type, 'kernel')}"}
        self._place(data, {(): layer.span} | dict(layer.nodes))
        self.written.add(id(layer))
        return data

    def _place(self, entry: dict[str, Any], nodes: dict[Any, ast.AST]) -> None:
        number = len(self.entries)
        self.entries.append(entry)
        for route, node in nodes.items():
            self.nodes[("layers", number, *route)] = node

    def reference(self, tensor: Tensor) -> str:
        """The name of a tensor in the spec."""
        call = tensor.call
        if call is None:
            return UNKNOWN
        if call.layer is None:
            known = self.inputs.get(id(call))
            shape = shape_of(known) if known is not None else None
            return UNKNOWN if shape is None else self.input_names[id(call)]
        name = self.calls.get(id(call), UNKNOWN)
        return f"{name}.{tensor.member}" if tensor.member and name != UNKNOWN else name

    def data(self, name: str, outputs: list[Tensor]) -> dict[str, Any]:
        """The spec."""
        data: dict[str, Any] = {"name": name} if name else {}
        data |= _HEADINGS.get(self.framework, {})
        shapes = {
            self.input_names[key]: written(shape)
            for key, tensor in self.inputs.items()
            if (shape := tensor.shape) is not None
        }
        data["inputs"] = shapes or UNKNOWN
        data["layers"] = self.entries
        names = list(dict.fromkeys(self.reference(tensor) for tensor in outputs))
        last = self.entries[-1].get("name") if self.entries else ""
        if names and UNKNOWN not in names and names != [last] and all(name not in shapes for name in names):
            data["outputs"] = names if len(names) > 1 else names[0]
        for key, tensor in self.inputs.items():
            if tensor.call is not None:
                self.nodes[("inputs", self.input_names[key])] = tensor.call.span
        return data


def reachable(outputs: list[Tensor]) -> list[Call]:
    """The calls that lead to tensors, in the sequence in which they were made."""
    seen: dict[int, Call] = {}
    todo = [tensor.call for tensor in outputs if tensor.call is not None]
    while todo:
        call = todo.pop()
        if id(call) not in seen:
            seen[id(call)] = call
            todo += [tensor.call for tensor in (*call.inputs, *call.states) if tensor.call is not None]
    return sorted(seen.values(), key=lambda call: call.order)


def _rename_inputs(entries: list[dict[str, Any]], names: list[str]) -> None:
    """Put in what the layers of a nested model read: with several inputs, it has the names around it."""
    for entry in entries:
        for key in ("inputs", "initial_state"):
            value = entry.get(key)
            if isinstance(value, str):
                entry[key] = _renamed(value, names)
            elif isinstance(value, list):
                entry[key] = [_renamed(one, names) for one in value]


def _renamed(value: str, names: list[str]) -> str:
    if value[:1] == "\0":
        number = int(value[1:])
        return names[number] if number < len(names) else UNKNOWN
    return value
