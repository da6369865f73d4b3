"""What is set differently on two layers, and what each difference alone makes of the parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, NamedTuple

from lstm_shapes.graph.shape_inference import infer_layer
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Shape, Size, SizeError, shown

Path = tuple[str, ...]
_ELSEWHERE = (KeyError, TypeError, AttributeError, IndexError, StopIteration)
"""What a change raises when it is put into a layer that has no such setting."""


class Change(NamedTuple):
    """Settings that changed as one: ``paths`` lead to them, ``before`` and ``after`` are None where they are not."""

    setting: str
    before: Any
    after: Any
    paths: tuple[Path, ...] = ()


class Effect(NamedTuple):
    """What a change alone adds to a layer; None is not known."""

    params: Size | None
    macs: Size | None


def settings(layer: Layer) -> dict[Path, Any]:
    """Every setting of a layer, those of the layers inside under their path.

    >>> from lstm_shapes.layers.dense import Dense
    >>> settings(Dense(units=4))
    {('units',): 4, ('bias',): True, ('activation',): 'linear'}
    """
    found: dict[Path, Any] = {}
    for one in fields(layer):
        value = getattr(layer, one.name)
        kind = one.metadata["kind"]
        found |= _INSIDE[kind](one.name, value) if kind in _INSIDE else {(one.name,): value}
    return found


def _layer(name: str, layer: Layer) -> dict[Path, Any]:
    return {(name, "type"): layer.type} | {(name, *path): value for path, value in settings(layer).items()}


def _layers(name: str, layers: tuple[tuple[Layer, ...], ...]) -> dict[Path, Any]:
    """The layers of a torch module, all set alike: what is theirs is the module's."""
    first = {path: value for path, value in settings(layers[0][0]).items() if path not in _WAYS}
    return {("num_layers",): len(layers), ("bidirectional",): len(layers[0]) > 1, **first}


_WAYS = {("return_sequences",), ("return_state",), ("go_backwards",)}
"""Settings of a module's inner layers that follow from the module."""


def _graph(name: str, graph: Any) -> dict[Path, Any]:
    found: dict[Path, Any] = {}
    for node in graph.nodes:
        found |= {(node.name, *path[1:]): value for path, value in _layer(name, node.layer).items()}
        found[node.name, "trainable"] = node.trainable
    return found


_INSIDE: dict[str, Callable[[str, Any], dict[Path, Any]]] = {"layer": _layer, "layers": _layers, "graph": _graph}


def changes(before: Layer, after: Layer) -> list[Change]:
    """What is set differently, in the order of the fields; both directions of a Bidirectional are one change.

    >>> from lstm_shapes.layers.gru import GRU
    >>> [change[:3] for change in changes(GRU(units=32), GRU(units=32, reset_after=False))]
    [('reset_after', True, False)]
    """
    if before.type != after.type:
        before, after, first = _unlike(before, after)
    else:
        first = []
    old, new = settings(before), settings(after)
    kept = old.keys() & new.keys() if first or type(before) is not type(after) else old.keys() | new.keys()
    both = hasattr(before, "backward_layer") and hasattr(after, "backward_layer")
    found: dict[tuple[Path, str, str], list[Path]] = {}
    for path in (*old, *(path for path in new if path not in old)):
        was, now = old.get(path), new.get(path)
        if path in kept and was != now:
            shared = path[1:] if both and len(path) > 1 else path
            found.setdefault((shared, written(was), written(now)), []).append(path)
    for (shared, *_), paths in found.items():
        label = ".".join(shared if len(paths) > 1 else paths[0])
        first.append(Change(label, old.get(paths[0]), new.get(paths[0]), tuple(paths)))
    return first


def _unlike(before: Layer, after: Layer) -> tuple[Layer, Layer, list[Change]]:
    """Layers of two types: one inside a Bidirectional is compared with the other, all else field by field."""
    for one, other, flags in ((before, after, (True, False)), (after, before, (False, True))):
        inner = getattr(one, "layer", None)
        if hasattr(one, "backward_layer") and inner is not None and inner.type == other.type:
            pair = (inner, other) if one is before else (other, inner)
            return (*pair, [Change("bidirectional", *flags)])
    return before, after, [Change("type", before.type, after.type)]


def effect(before: Layer, after: Layer, change: Change, inputs: tuple[Shape, ...]) -> Effect:
    """What the change alone adds to ``before`` at these inputs."""
    try:
        alone = _alone(before, after, change)
    except _ELSEWHERE:
        return Effect(None, None)
    return difference(figures(before, inputs), figures(alone, inputs))


def reshapes(before: Layer, after: Layer, change: Change, inputs: tuple[Shape, ...]) -> bool:
    """Whether the change alone gives ``before`` other outputs, or none: what follows it sees that."""
    try:
        return infer_layer(_alone(before, after, change), inputs)[0] != infer_layer(before, inputs)[0]
    except (*_ELSEWHERE, SizeError):
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
    return Effect(less(after.params, before.params), less(after.macs, before.macs))


def less(a: Size | None, b: Size | None) -> Size | None:
    """``a - b``; None where one is not known or the expression would be beyond all measure."""
    if a is None or b is None:
        return None
    try:
        return a - b
    except SizeError:
        return None


def _alone(before: Layer, after: Layer, change: Change) -> Layer:
    """``before`` with only this change."""
    if change.setting == "bidirectional" and not change.paths:
        return _wrapped(before, after)
    if change.setting == "type":
        kept = settings(before)
        values = {one.name: kept.get((one.name,), getattr(after, one.name)) for one in fields(after)}
        return replace(after, **values)
    layer: Any = before
    for path in change.paths or ((change.setting,),):
        reached = path if _reaches(layer, path) else ("layer", *path)
        layer = _set(layer, reached, change.after)
        if reached != path:
            layer = _set(layer, ("backward_layer", *path), change.after)
    return layer  # type: ignore[no-any-return]


def _reaches(layer: Layer, path: Path) -> bool:
    return path in settings(layer)


def _wrapped(before: Any, after: Any) -> Layer:
    if hasattr(before, "backward_layer"):
        return before.layer  # type: ignore[no-any-return]
    back = replace(before, go_backwards=not before.go_backwards)
    whole: Any = family("bidirectional")
    return whole(layer=before, backward_layer=back, merge=after.merge)  # type: ignore[no-any-return]


def _set(layer: Any, path: Path, value: Any) -> Any:
    """The layer with one setting changed, wherever in it. Raises ``KeyError`` when it has no such setting."""
    kinds = {one.name: one.metadata["kind"] for one in fields(layer)}
    name, *rest = path
    if "layers" in kinds.values():
        return _set_module(layer, name, value, kinds)
    if "graph" in kinds.values():
        node = next(one for one in layer.graph.nodes if one.name == name)
        if rest == ["trainable"]:
            changed = node._replace(trainable=value)
        else:
            changed = node._replace(layer=_set(node.layer, tuple(rest), value))
        nodes = tuple(changed if one is node else one for one in layer.graph.nodes)
        return replace(layer, graph=layer.graph._replace(nodes=nodes))
    if kinds[name] == "layer" and rest:
        value = _set(getattr(layer, name), tuple(rest), value)
    return replace(layer, **{name: value})


def _set_module(layer: Any, name: str, value: Any, kinds: Mapping[str, str]) -> Layer:
    from lstm_shapes.layers.stack import stacked

    if name in kinds:
        return replace(layer, **{name: value})  # type: ignore[no-any-return]
    ends = {one[0]: getattr(layer, one[0]) for one in _WAYS if hasattr(layer, one[0])}
    depth = value if name == "num_layers" else len(layer.layers)
    ways = 1 + value if name == "bidirectional" else len(layer.layers[0])
    first = layer.first if name in ("num_layers", "bidirectional") else replace(layer.first, **{name: value})
    return stacked(replace(first, **ends), depth, ways)


def written(value: Any) -> str:
    """A setting's value as a file has it.

    >>> written(True), written((2, 3)), written(None)
    ('true', '(2, 3)', 'not there')
    """
    if value is None:
        return "not there"
    if isinstance(value, bool):
        return str(value).lower()
    return shown(value) if isinstance(value, tuple) else str(value)
