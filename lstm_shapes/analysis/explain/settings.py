"""What each setting that the file writes changed against its default: found by building the layer without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, replace
from typing import Any

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.frameworks.layout import Framework
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.layers.base import Layer
from lstm_shapes.spec.keys import spellings
from lstm_shapes.symbolic.size import Shape, readable, shown

_OFF = {
    "bias": "no bias is added",
    "return_sequences": "the hidden state of the last timestep alone leaves",
    "return_state": "the last states stay inside",
    "recurrent_bias": "no second bias on the recurrent side",
    "reset_after": "the reset gate acts on the state, before the product with the recurrent kernel",
}
"""What a flag that is on by default means when it is off."""


def settings(
    layer: Any, written: Mapping[Any, Any], inputs: tuple[Shape, ...], framework: Framework
) -> tuple[str, ...]:
    """A sentence for each setting that differs from its default, and one for those that are written and do not.

    >>> from lstm_shapes.frameworks import FRAMEWORKS
    >>> from lstm_shapes.layers.lstm import LSTM
    >>> layer = LSTM(units=32, bias=False)
    >>> settings(layer, {"units": 32, "use_bias": False}, ((5, 10, 8),), FRAMEWORKS["keras"])
    ('bias: false (default true): no bias is added; 5,120 parameters instead of 5,248, the shape stays',)
    """
    wrapped = [name for name in ("layer", "backward_layer") if isinstance(written.get(name), dict)]
    if hasattr(layer, "backward_layer") and wrapped:
        lines = [*_short_forms(layer, written, inputs)]
        for name in wrapped:
            inner = getattr(layer, name)
            whole = layer if len(wrapped) == 1 else inner
            lines += [f"{name}: {one}" for one in _fields(whole, inner, written[name], inputs, framework)]
        return tuple(lines)
    if layer.declared or layer.type not in FAMILIES:
        return ()
    return (*_short_forms(layer, written, inputs), *_fields(layer, _cell(layer), written, inputs, framework))


def _cell(layer: Any) -> Any:
    """The layer that has the settings of a short form."""
    if hasattr(layer, "backward_layer"):
        return layer.layer
    return layer.first if hasattr(layer, "first") else layer


def _short_forms(layer: Any, written: Mapping[Any, Any], inputs: tuple[Shape, ...]) -> Iterator[str]:
    if written.get("bidirectional") is True:
        one = layer.layer if hasattr(layer, "backward_layer") else _one_way(layer)
        why = "a second layer reads from the other end"
        yield f"bidirectional: true (default false): {why}{_effect(layer, one, inputs)}"
    elif hasattr(layer, "backward_layer"):
        told = _effect(layer, layer.layer, inputs)
        yield f"the wrapper bidirectional: a second layer reads from the other end{told}"
    if "num_layers" in written and hasattr(layer, "first") and len(layer.layers) > 1:
        shallow = replace(layer, layers=layer.layers[:1])
        why = "that many layers, one upon the other"
        yield f"num_layers: {len(layer.layers)} (default 1): {why}{_effect(layer, shallow, inputs)}"
    merge = getattr(layer, "merge", "concat")
    if merge != "concat":
        side_by_side = replace(layer, merge="concat")
        why = "how the two outputs become one"
        yield f"merge: {merge} (default concat): {why}{_effect(layer, side_by_side, inputs)}"


def _one_way(stack: Any) -> Layer:
    made: Layer = replace(stack, layers=tuple(ways[:1] for ways in stack.layers))
    return made


def _fields(
    layer: Any, cell: Any, written: Mapping[Any, Any], inputs: tuple[Shape, ...], framework: Framework
) -> Iterator[str]:
    """The fields of ``cell`` that ``written`` sets, tried in ``layer``, which is the cell or holds it."""
    known = spellings(cell.type)
    defaults = framework.defaults.get(cell.type, {})
    idle = []
    for one in fields(family(cell.type)):
        set_here = any(key in known and known[key].field == one.name for key in written)
        default = defaults.get(one.name, one.default)
        if not set_here or default is MISSING:
            continue
        value = getattr(layer if hasattr(layer, "first") and hasattr(layer, one.name) else cell, one.name)
        if hasattr(layer, "first") and one.name == "go_backwards":
            continue
        if value == default:
            idle.append(one.name)
        else:
            doc = _meaning(layer, one.name, value, one.metadata["doc"])
            told = _effect(layer, _with(layer, one.name, default), inputs)
            where = f" in {framework.title}" if one.name in defaults else ""
            yield f"{one.name}: {_value(value)} (default {_value(default)}{where}): {doc}{told}"
    if idle:
        yield f"written at {'its' if len(idle) == 1 else 'their'} default, without effect: {', '.join(idle)}"


def _meaning(layer: Any, field: str, value: Any, doc: str) -> str:
    if hasattr(layer, "first") and field == "dropout":
        depth = len(layer.layers)
        between = f"dropped between its {depth} layers in training"
        return between if depth > 1 else "nothing to act on: it is between layers, and there is one"
    return _OFF.get(field, doc) if value is False else doc


def _with(layer: Any, field: str, value: Any) -> Any:
    """The layer with another value for a field, in the cells that it is made of."""
    if hasattr(layer, "first"):
        if field in ("return_sequences", "return_state"):
            return replace(layer, **{field: value})
        layers = tuple(tuple(replace(one, **{field: value}) for one in ways) for ways in layer.layers)
        return replace(layer, layers=layers)
    if hasattr(layer, "backward_layer"):
        turned = not value if field == "go_backwards" else value
        forward = replace(layer.layer, **{field: value})
        return replace(layer, layer=forward, backward_layer=replace(layer.backward_layer, **{field: turned}))
    return replace(layer, **{field: value})


def _effect(layer: Layer, other: Layer, inputs: tuple[Shape, ...]) -> str:
    """How shapes and parameters differ from those of ``other``; nothing where that one cannot be built."""
    if layer.state_names:
        inputs = inputs[:1]
    try:
        now, then = layer.outputs(*inputs), other.outputs(*inputs)
        count, before = layer.count(*inputs), other.count(*inputs)
    except (Mismatch, ValueError, TypeError):
        return ""
    told = []
    if now[0] != then[0]:
        told.append(f"passes on {shown(now[0])} instead of {shown(then[0])}")
    elif len(now) != len(then):
        told.append(f"passes on {len(now)} tensors instead of {len(then)}")
    if count != before and count is not None and before is not None:
        told.append(f"{readable(count)} parameters instead of {readable(before)}")
    if len(told) == 2:
        return f"; {', '.join(told)}"
    if not told:
        return "; neither the shape nor the parameters change"
    return f"; {told[0]}, the {'shape stays' if count != before else 'parameters stay'}"


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case tuple():
            return f"[{', '.join(map(str, value))}]"
    return str(value)
