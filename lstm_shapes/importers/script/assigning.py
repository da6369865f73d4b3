"""Assignments: names, attributes, items, and what is forgotten where a branch or a loop is not followed."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import Any

from lstm_shapes.importers.script.computing import binary
from lstm_shapes.importers.script.run import Run
from lstm_shapes.importers.script.shapes import shape_of
from lstm_shapes.importers.script.tensors import give_rank
from lstm_shapes.importers.script.values import (
    Class,
    Functional,
    Instance,
    MadeLayer,
    Method,
    ModuleDict,
    ModuleList,
    Opaque,
    Ratio,
    Record,
    Scope,
    Sequential,
    Tensor,
    Value,
)
from lstm_shapes.symbolic.size import Poly

_PATH = re.compile(r"[\w.]+(\[[^:\]]*\])*")
"""The source of a value that is called after itself, not after the variable: ``args.units``, ``x.shape[1]``."""
_PLAIN = (bool, int, float, str, list, tuple, dict, set, range, type(None), Poly, Ratio, Opaque)


def assign(run: Run, target: ast.expr, value: Value, scope: Scope) -> None:
    """Give a target a value."""
    match target:
        case ast.Name():
            owner = _owner(target.id, scope)
            if owner is not scope and run.uncertain and isinstance(value, _PLAIN) and target.id in owner.values:
                value = Opaque(target.id, target.lineno)
            owner.values[target.id] = _labelled(value, target.id, owner.outer is None)
        case ast.Tuple() | ast.List():
            unpack(run, target, value, scope)
        case ast.Attribute():
            _assign_attribute(run, target, value, scope)
        case ast.Subscript():
            _assign_item(run, target, value, scope)
        case ast.Starred():
            assign(run, target.value, value, scope)


def unpack(run: Run, target: ast.expr, value: Value, scope: Scope) -> None:
    """Give the targets of a tuple their values; they are not known where the value is not."""
    if not isinstance(target, ast.Tuple | ast.List):
        assign(run, target, value, scope)
        return
    values = list(value) if isinstance(value, list | tuple | str | range) else None
    stars = [isinstance(part, ast.Starred) for part in target.elts]
    if values is not None and any(stars) and len(values) >= len(stars) - 1:
        at, more = stars.index(True), len(values) - len(stars) + 1
        values = [*values[:at], values[at : at + more], *values[at + more :]]
    if isinstance(value, Opaque) and value.tensor is not None and not any(stars):
        give_rank(run, value.tensor, len(target.elts))
        if value.tensor.shape is not None:
            values = list(value.tensor.shape)
    if values is None or len(values) != len(target.elts):
        values = [_part(run, value, number, part) for number, part in enumerate(target.elts)]
    for part, one in zip(target.elts, values, strict=True):
        assign(run, part, one, scope)


def _part(run: Run, value: Value, number: int, target: ast.expr) -> Value:
    if isinstance(value, Tensor):
        return value if shape_of(value) is None else Tensor(None)
    if isinstance(value, Opaque) and value.derived:
        return value.member(f"[{number}]", target.lineno)
    return run.opaque(target, run.source_of(target))


def _labelled(value: Value, name: str, outermost: bool = False) -> Value:
    """The value; one that is called after an expression of its own is called after the variable."""
    if isinstance(value, Opaque) and not value.label and not _PATH.fullmatch(value.source):
        value.label = name
    if isinstance(value, Sequential | Functional):
        value.variable = value.variable or (name if outermost else "")
        value.local = value.local or name
    return value


def _owner(name: str, scope: Scope) -> Scope:
    """The scope in which a name is set: an outer one where it was declared so."""
    if name in scope.shared:
        outer = scope.outer
        while outer is not None:
            if name in outer.values or outer.outer is None:
                return outer
            outer = outer.outer
    return scope


def _assign_attribute(run: Run, target: ast.Attribute, value: Value, scope: Scope) -> None:
    owner = run.evaluate(target.value, scope)
    if isinstance(owner, Instance):
        before = owner.attributes.get(target.attr, run)
        doubtful = run.uncertain > owner.doubt and before is not run and before is not value
        if doubtful and isinstance(value, _PLAIN) and isinstance(before, _PLAIN):
            value = Opaque(run.source_of(target), target.lineno)
        owner.attributes[target.attr] = _labelled(value, target.attr)
    elif isinstance(owner, Class):
        plain = isinstance(value, _PLAIN) and isinstance(owner.values.get(target.attr), _PLAIN)
        owner.values[target.attr] = Opaque(run.source_of(target), target.lineno) if run.uncertain and plain else value
    elif isinstance(owner, Record):
        owner.values[target.attr] = value
    elif isinstance(owner, Opaque):
        key = f"|.{target.attr}"
        if isinstance(value, Opaque):
            owner.members[key] = value
    elif isinstance(owner, MadeLayer) and target.attr == "weight":
        tied = isinstance(value, Method) and isinstance(value.receiver, MadeLayer) and value.name == "weight"
        owner.tied = (value.receiver, "weight") if tied else None
    elif isinstance(owner, Method) and target.attr == "requires_grad" and value is False:
        embedding = isinstance(owner.receiver, MadeLayer) and owner.receiver.type == "embedding"
        if embedding and owner.name == "weight":
            owner.receiver.entry["trainable"] = False
    elif isinstance(owner, MadeLayer) and target.attr == "trainable" and isinstance(value, bool):
        owner.entry["trainable"] = value


def _assign_item(run: Run, target: ast.Subscript, value: Value, scope: Scope) -> None:
    owner, index = run.evaluate(target.value, scope), run.evaluate(target.slice, scope)
    if isinstance(owner, Record) and isinstance(index, str):
        owner.values[index] = value
    elif isinstance(owner, dict):
        run.change(owner, target.value)
        if isinstance(index, str | int | float | bool):
            owner[index] = value
        else:
            lose(run, owner, target.value)
    elif isinstance(owner, list) and isinstance(index, int) and -len(owner) <= index < len(owner):
        run.change(owner, target.value)
        owner[index] = value
    elif isinstance(owner, list) and not any(isinstance(item, Tensor) for item in owner):
        lose(run, owner, target.value)
    elif isinstance(owner, Sequential) and isinstance(index, int) and -len(owner.layers) <= index < len(owner.layers):
        owner.layers[index] = value
    elif isinstance(owner, Sequential):
        lose(run, owner, target.value)


def lose(run: Run, container: Any, node: ast.AST) -> None:
    """Forget what a container holds: code that cannot be read changes it."""
    items = container.layers if isinstance(container, Sequential) else container
    run.change(items, node, known=False)
    layer = MadeLayer({"type": "unknown", "class": "layers"}, "layers", "torch", node)
    if isinstance(container, Sequential):
        container.layers[:], container.names[:] = [layer], ["layers"]
    elif isinstance(container, ModuleList):
        container[:] = [layer]
    elif isinstance(container, ModuleDict):
        container.clear()
        container["layers"] = layer


def delete(run: Run, target: ast.expr, scope: Scope) -> None:
    """``del x``, ``del self.fc``, ``del sizes[0]``."""
    if isinstance(target, ast.Name):
        scope.values.pop(target.id, None)
    elif isinstance(target, ast.Attribute):
        owner = run.evaluate(target.value, scope)
        if isinstance(owner, Instance | Record | Class):
            (owner.attributes if isinstance(owner, Instance) else owner.values).pop(target.attr, None)
    elif isinstance(target, ast.Subscript):
        owner, index = run.evaluate(target.value, scope), run.evaluate(target.slice, scope)
        items = owner.layers if isinstance(owner, Sequential) else owner
        if not isinstance(items, list | dict):
            return
        run.change(items, target.value)
        try:
            del items[index]
            if isinstance(owner, Sequential) and owner.names:
                del owner.names[index]
        except (LookupError, TypeError, ValueError):
            lose(run, owner, target.value)
    elif isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            delete(run, part, scope)


def assign_in_place(run: Run, node: ast.AugAssign, scope: Scope) -> None:
    """``x += 1``."""
    target: Any = node.target
    before = run.evaluate(target, scope)
    more = run.evaluate(node.value, scope)
    if isinstance(before, list) and isinstance(node.op, ast.Add) and isinstance(more, list | tuple):
        if not all(isinstance(item, Tensor | MadeLayer) for item in more):
            run.change(before, target)
        before += list(more)
        return
    if isinstance(before, list) and not any(isinstance(item, Tensor) for item in before):
        lose(run, before, target)
        return
    assign(run, target, binary(run, node.op, before, more, node), scope)


def forget(run: Run, node: ast.AST, scope: Scope) -> None:
    """Make unknown what a statement sets, where it is not followed whether or how often."""
    for inner in stored(node):
        if isinstance(inner, ast.Name):
            owner = _owner(inner.id, scope)
            before = owner.values.get(inner.id)
            if isinstance(before, Tensor):
                owner.values[inner.id] = Tensor(None)
            elif isinstance(before, _PLAIN):
                owner.values[inner.id] = Opaque(inner.id, inner.lineno, varying=True)
        elif isinstance(inner.value, ast.Name):
            instance = scope.values.get(inner.value.id)
            if isinstance(instance, Instance) and isinstance(instance.attributes.get(inner.attr), _PLAIN):
                instance.attributes[inner.attr] = Opaque(f"{inner.value.id}.{inner.attr}", inner.lineno)


@lru_cache(maxsize=4096)
def stored(node: ast.AST) -> tuple[ast.Name | ast.Attribute, ...]:
    """The names and attributes that a statement sets."""
    inside = (inner for inner in ast.walk(node) if isinstance(inner, ast.Name | ast.Attribute))
    return tuple(inner for inner in inside if isinstance(inner.ctx, ast.Store))
