"""Attributes and items of values."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from lstm_shapes.importers.script.lines import line_of
from lstm_shapes.importers.script.names import canonical
from lstm_shapes.importers.script.run import Arguments, Run
from lstm_shapes.importers.script.shapes import shape_of
from lstm_shapes.importers.script.tensors import dimensions, subscript
from lstm_shapes.importers.script.values import (
    Bound,
    Class,
    Copies,
    External,
    Function,
    Functional,
    Instance,
    MadeLayer,
    Method,
    Opaque,
    Record,
    Sequential,
    Super,
    Tensor,
    Value,
)
from lstm_shapes.symbolic.size import Poly

MAX_CHOICES = 6
"""The values among which a key that is not known chooses."""
_SETTINGS: dict[str, tuple[str, Any]] = {
    **dict.fromkeys("hidden_size out_features embedding_dim units".split(), ("units", None)),
    **dict.fromkeys("input_size in_features in_channels".split(), ("input_dim", None)),
    "num_embeddings": ("vocab", None),
    "num_layers": ("num_layers", 1),
    "proj_size": ("proj_size", 0),
    "bidirectional": ("bidirectional", False),
    "batch_first": ("batch_first", False),
    "out_channels": ("filters", None),
}
"""An attribute of a layer -> the setting of its entry, and the value where it is not set."""
_PLAIN = (str, int, float, type(None))
_OF_MAXIMUM = ("values", "indices")
"""What PyTorch's ``max`` and ``min`` along an axis give."""
_SHAPES = ("shape", "_keras_shape", "output_shape")


def attribute(run: Run, value: Value, name: str, node: ast.AST) -> Value:
    """The value of ``value.name``."""
    line = line_of(node)
    match value:
        case External():
            return External(canonical(f"{value.path}.{name}"))
        case Opaque():
            return value.member(f".{name}", line)
        case Record() if value.source.source == "argument parser":
            return Method(value, name)
        case Record() if name == "update" and name not in value.values:
            return Method(value, name)
        case Record() if name == "__dict__":
            return value
        case Record():
            return value.values[name] if name in value.values else value.source.member(f".{name}", line)
        case Instance():
            return _of_instance(run, value, name, node)
        case Super():
            return _of_super(value, name)
        case Class():
            return _of_class(run, value, name, node)
        case Tensor():
            if name in _SHAPES:
                return dimensions(run, value, node)
            return value if name in ("data", "real") else Method(value, name)
        case MadeLayer() | Sequential() | Functional():
            return _of_layer(run, value, name, node)
        case (Tensor() as largest, places) if name in _OF_MAXIMUM:
            return largest if name == "values" else places
        case list() | tuple() | dict() | str() | Function():
            return Method(value, name)
    return run.opaque(node)


def _of_instance(run: Run, value: Instance, name: str, node: ast.AST) -> Value:
    if name in value.attributes:
        member = value.attributes[name]
        weight = isinstance(member, MadeLayer) and member.class_name == "Parameter"
        return Tensor(None, shape=member.input_shape) if weight else member
    for cls in value.cls.mro():
        if isinstance(cls, Class) and name in cls.values:
            return _bound(run, cls.values[name], value, cls, node)
    if name in ("__class__", "__dict__"):
        return value.cls if name == "__class__" else value.attributes
    if value.cls.externals():
        return Method(value, name)
    value.attributes[name] = run.opaque(node, run.source_of(node))
    return value.attributes[name]


def _bound(run: Run, member: Value, receiver: Value, cls: Class, node: ast.AST) -> Value:
    if not isinstance(member, Function):
        return member
    if "staticmethod" in member.decorators:
        return member
    bound = Bound(member, cls if "classmethod" in member.decorators else receiver, cls)
    if {"property", "cached_property"} & set(member.decorators):
        return run.invoke(bound, Arguments(ast.Call(func=ast.Name("property"), args=[], keywords=[], lineno=1)))
    return bound


def _of_super(value: Super, name: str) -> Value:
    cls = value.receiver.cls if isinstance(value.receiver, Instance) else value.receiver
    order = list(cls.mro()) if isinstance(cls, Class) else []
    above = order[order.index(value.cls) + 1 :] if value.cls in order else []
    for other in above:
        if isinstance(other, Class) and isinstance(other.values.get(name), Function):
            return Bound(other.values[name], value.receiver, other)
    return Method(value, name)


def _of_class(run: Run, value: Class, name: str, node: ast.AST) -> Value:
    for cls in value.mro():
        if isinstance(cls, Class) and name in cls.values:
            member = cls.values[name]
            if isinstance(member, Function) and "classmethod" in member.decorators:
                return Bound(member, value, cls)
            return member
    return value.name if name == "__name__" else run.opaque(node)


def _of_layer(run: Run, value: Any, name: str, node: ast.AST) -> Value:
    if isinstance(value, Functional) and name in ("input", "inputs", "output", "outputs"):
        tensors = value.inputs if name.startswith("input") else value.outputs
        return tensors[0] if len(tensors) == 1 and not name.endswith("s") else list(tensors)
    if isinstance(value, Sequential) and name == "layers":
        return value.layers
    if isinstance(value, MadeLayer) and name in _SETTINGS:
        key, default = _SETTINGS[name]
        stated = value.reads_width if key == "input_dim" else value.entry.get(key, default)
        known = isinstance(stated, int | Poly)
        return stated if known else run.opaque(node)
    return Method(value, name)


def item(run: Run, value: Value, index: Value, node: ast.AST) -> Value:
    """The value of ``value[index]``."""
    line = line_of(node)
    if isinstance(value, Tensor):
        return subscript(run, value, index, node)
    if isinstance(value, Opaque):
        plain = isinstance(index, int) and not isinstance(index, bool) and index >= 0
        if value.rest is not None and plain:
            owner, start = value.rest
            return owner.member(f"[{start + index}]", line)
        member = value.member(f"[{_text(run, index, node)}]", line)
        if isinstance(index, slice) and isinstance(index.start, int) and index.start >= 0 and index.stop is None:
            member.rest = (value, index.start) if index.step in (None, 1) else None
        return member
    if isinstance(value, Record):
        known = isinstance(index, str) and index in value.values
        return value.values[index] if known else value.source.member(f"[{_text(run, index, node)}]", line)
    if isinstance(value, Copies):
        return value.item if isinstance(index, int | Opaque) else run.opaque(node)
    if isinstance(value, Sequential):
        return item(run, value.layers, index, node)
    if isinstance(value, dict) and isinstance(index, Opaque) and 0 < len(value) <= MAX_CHOICES:
        return chosen(run, index, value, node)
    if isinstance(value, list | tuple | dict | str | range):
        try:
            return value[index]
        except (KeyError, IndexError, TypeError, ValueError):
            return run.opaque(node)
    return run.opaque(node)


def chosen(run: Run, index: Opaque, choices: Mapping[Any, Value], node: ast.AST) -> Value:
    """The value that an index chooses: a decision, as where the code compares it with each key."""
    *others, last = choices
    for key in others:
        if run.truth(index.member(f" == {key!r}", line_of(node)), node):
            return choices[key]
    return choices[last]


def _text(run: Run, index: Value, node: ast.AST) -> str:
    if isinstance(index, Opaque):
        return index.label or index.source
    if isinstance(index, slice):
        return run.source_of(node.slice) if isinstance(node, ast.Subscript) else "slice"
    if isinstance(index, Poly):
        return str(index)[:60]
    if all(isinstance(part, _PLAIN) for part in (index if isinstance(index, tuple) else (index,))):
        return repr(index)[:60]
    source = run.source_of(node.slice) if isinstance(node, ast.Subscript) else type(index).__name__
    return f"{source} {run.number()}"  # other values of these names may lead elsewhere


__all__ = ["attribute", "item", "shape_of"]
