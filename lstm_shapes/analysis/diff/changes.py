"""What is set differently on two layers, and what each difference by itself adds to the parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from lstm_shapes.graph.shape_inference import infer_layer
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer
from lstm_shapes.layers.settings import Path
from lstm_shapes.symbolic.size import Shape, Size, SizeError, shown

_NOT_APPLICABLE = (KeyError, TypeError, AttributeError, IndexError)
"""What a change raises in a layer that has no such setting."""


class Change(NamedTuple):
    """Settings that changed as one: ``paths`` lead to them; ``before`` or ``after`` is None where it does not exist."""

    setting: str
    before: Any
    after: Any
    paths: tuple[Path, ...] = ()


class Effect(NamedTuple):
    """What a change by itself adds to a layer; None is not known."""

    params: Size | None
    macs: Size | None


def changes(before: Layer, after: Layer) -> list[Change]:
    """What is set differently, in the order of the fields; both directions of a Bidirectional are one change.

    >>> from lstm_shapes.layers.gru import GRU
    >>> [change[:3] for change in changes(GRU(units=32), GRU(units=32, reset_after=False))]
    [('reset_after', True, False)]
    """
    listed: list[Change] = []
    if before.type != after.type:
        before, after, listed = _unlike(before, after)
    old, new = before.settings(), after.settings()
    alike = type(before) is type(after) and not listed
    compared = old.keys() | new.keys() if alike else old.keys() & new.keys()
    retyped = {path[:-1] for path in old.keys() & new.keys() if path[-1] == "type" and old[path] != new[path]}
    compared = {path for path in compared if path[:-1] not in retyped or (path in old and path in new)}
    composed = before.composed and after.composed
    paths_by_change: dict[tuple[Path, str, str], list[Path]] = {}
    for path in (*old, *(path for path in new if path not in old)):
        if path in compared and old.get(path) != new.get(path):
            shared = path[1:] if composed and len(path) > 1 else path
            values = value_text(old.get(path)), value_text(new.get(path))
            paths_by_change.setdefault((shared, *values), []).append(path)
    for (shared, *_), paths in paths_by_change.items():
        label = ".".join(shared if len(paths) > 1 else paths[0])
        listed.append(Change(label, old.get(paths[0]), new.get(paths[0]), tuple(paths)))
    return listed


def _unlike(before: Layer, after: Layer) -> tuple[Layer, Layer, list[Change]]:
    """Layers of two types: a cell inside a Bidirectional is compared with a cell, all else field by field."""
    if before.composed and before.prototype.type == after.type:
        return before.prototype, after, [Change(before.type, True, False)]
    if after.composed and after.prototype.type == before.type:
        return before, after.prototype, [Change(after.type, False, True)]
    return before, after, [Change("type", before.type, after.type)]


def effect(before: Layer, after: Layer, change: Change, inputs: tuple[Shape, ...]) -> Effect:
    """What the change by itself adds to ``before`` at these inputs."""
    try:
        return difference(figures(before, inputs), figures(_with_only(before, after, change), inputs))
    except _NOT_APPLICABLE:
        return Effect(None, None)


def reshapes(before: Layer, after: Layer, change: Change, inputs: tuple[Shape, ...]) -> bool:
    """Whether the change by itself gives ``before`` other outputs, or none: the layers after it are affected."""
    try:
        changed = _with_only(before, after, change)
        return infer_layer(changed, inputs)[0] != infer_layer(before, inputs)[0]
    except (*_NOT_APPLICABLE, SizeError):
        return True


def figures(layer: Layer, inputs: tuple[Shape, ...]) -> Effect:
    """The parameters and multiply-accumulates at these inputs."""
    try:
        if infer_layer(layer, inputs)[0] is None:
            return Effect(None, None)
        return Effect(layer.count(*inputs), layer.macs(*inputs))
    except (SizeError, ValueError, IndexError):
        return Effect(None, None)


def difference(before: Effect, after: Effect) -> Effect:
    """What was added."""
    return Effect(minus(after.params, before.params), minus(after.macs, before.macs))


def minus(a: Size | None, b: Size | None) -> Size | None:
    """``a - b``; None where one is not known or the expression would be beyond all measure."""
    if a is None or b is None:
        return None
    try:
        return a - b
    except SizeError:
        return None


def _with_only(before: Layer, after: Layer, change: Change) -> Layer:
    """``before`` with only this change. Raises one of ``_NOT_APPLICABLE`` where it has no such setting."""
    if change.setting == "bidirectional" and not change.paths:
        return before.prototype if change.before else _bidirectional(before, after.settings()[("merge",)])
    if change.paths and change.paths[0][-1] == "type":
        return _retyped(before, after, change)
    if change.setting == "type":
        old = before.settings()
        return replace(after, **{name: old.get((name,), value) for name, value in after.field_values().items()})
    layer = before
    for path in change.paths:
        layer = layer.changed(path, change.after)
    return layer


def _retyped(before: Layer, after: Layer, change: Change) -> Layer:
    """``before`` with a layer inside it of the type that ``after`` has there: ``after`` with all else set back."""
    old, new, layer = before.settings(), after.settings(), after
    for path in old:
        if path not in new or path in change.paths or old[path] == new[path]:
            continue
        if path[-1] == "type":
            layer = replace(layer, **{path[0]: before.field_values()[path[0]]})
        else:
            layer = layer.changed(path, old[path])
    return layer


def _bidirectional(cell: Layer, merge: str) -> Layer:
    """Two layers set like ``cell``, one from each end."""
    backward = cell.changed(("go_backwards",), not cell.settings()[("go_backwards",)])
    return family("bidirectional")(layer=cell, backward_layer=backward, merge=merge)  # type: ignore[call-arg]


def value_text(value: Any) -> str:
    """A setting's value as a file has it.

    >>> value_text(True), value_text((2, 3)), value_text(None)
    ('true', '(2, 3)', 'not there')
    """
    if value is None:
        return "not there"
    if isinstance(value, bool):
        return str(value).lower()
    return shown(value) if isinstance(value, tuple) else str(value)
