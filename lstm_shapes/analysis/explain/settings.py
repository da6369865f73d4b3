"""What each setting in the file changed against its default: the layer is built again without it and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.frameworks.layout import Framework
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.layers.base import Layer
from lstm_shapes.spec.keys import spellings
from lstm_shapes.symbolic.size import Shape, readable, shown


def explain_settings(
    layer: Layer, entry: Mapping[Any, Any], inputs: tuple[Shape, ...], framework: Framework
) -> tuple[str, ...]:
    """A sentence for each setting of the spec's entry that differs from its default, and one for those that do not.

    >>> from lstm_shapes.frameworks import FRAMEWORKS
    >>> from lstm_shapes.layers.lstm import LSTM
    >>> layer = LSTM(units=32, bias=False)
    >>> explain_settings(layer, {"units": 32, "use_bias": False}, ((5, 10, 8),), FRAMEWORKS["keras"])
    ('bias: false (default true): no bias is added; 5,120 parameters instead of 5,248, the shape stays',)
    """
    if layer.declared or layer.type not in FAMILIES:
        return ()
    sentences = [*_compositions(layer, entry, inputs)]
    sublayers = [sublayer for sublayer in layer.sublayers(*inputs) if not layer.explain_sublayer(sublayer)]
    inner = {sublayer.route[0]: sublayer.layer for sublayer in sublayers if sublayer.route}
    entries = {name: entry[name] for name in inner if isinstance(entry.get(name), dict)}
    if not entries:
        return (*sentences, *_fields(layer, layer.prototype, entry, inputs, framework))
    for name, settings in entries.items():
        changed = layer if len(entries) == 1 else inner[name]
        lines = _fields(changed, inner[name], settings, inputs, framework)
        sentences += [f"{name}: {line}" for line in lines]
    return tuple(sentences)


def _compositions(layer: Layer, entry: Mapping[Any, Any], inputs: tuple[Shape, ...]) -> Iterator[str]:
    """The settings that make the layer of several, or the wrapper that does."""
    for composition in layer.compositions():
        setting, value, default = composition[:3]
        is_wrapper = setting == layer.type and setting not in entry
        label = f"the wrapper {setting}" if is_wrapper else f"{setting}: {value} (default {default})"
        yield f"{label}: {composition.doc}{_effect(layer, composition.without, inputs)}"


def _fields(
    layer: Layer, cell: Layer, entry: Mapping[Any, Any], inputs: tuple[Shape, ...], framework: Framework
) -> Iterator[str]:
    """The fields of ``cell`` that the entry sets, tried in ``layer``, which is the cell or is made of it."""
    spelled, values = spellings(cell.type), cell.field_values()
    defaults = framework.defaults.get(cell.type, {})
    at_default = []
    for field in fields(family(cell.type)):
        name, default = field.name, defaults.get(field.name, field.default)
        is_set = any(key in spelled and spelled[key].field == name for key in entry)
        if not is_set or default is MISSING or name in layer.derived:
            continue
        if values[name] == default:
            at_default.append(name)
            continue
        where = f" in {framework.title}" if name in defaults else ""
        effect = _effect(layer, layer.changed((name,), default), inputs)
        doc = layer.setting_doc(name)
        otherwise = "" if default is None else f" (default {_value(default)}{where})"
        yield f"{name}: {_value(values[name])}{otherwise}: {doc}{effect}"
    if at_default:
        whose = "its" if len(at_default) == 1 else "their"
        yield f"written at {whose} default, without effect: {', '.join(at_default)}"


def _effect(layer: Layer, other: Layer, inputs: tuple[Shape, ...]) -> str:
    """How shapes and parameters differ from those of ``other``; empty where that layer cannot be built."""
    if layer.state_names:
        inputs = inputs[:1]
    try:
        now, before = layer.outputs(*inputs), other.outputs(*inputs)
        count, count_before = layer.count(*inputs), other.count(*inputs)
    except (Mismatch, ValueError, TypeError):
        return ""
    changes = []
    if now[0] != before[0]:
        changes.append(f"passes on {shown(now[0])} instead of {shown(before[0])}")
    elif len(now) != len(before):
        changes.append(f"passes on {len(now)} tensors instead of {len(before)}")
    if count != count_before and count is not None and count_before is not None:
        changes.append(f"{readable(count)} parameters instead of {readable(count_before)}")
    if len(changes) == 2:
        return f"; {', '.join(changes)}"
    if not changes:
        return "; neither the shape nor the parameters change"
    return f"; {changes[0]}, the {'shape stays' if count != count_before else 'parameters stay'}"


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case tuple():
            return f"[{', '.join(map(str, value))}]"
    return str(value)
