"""TensorFlowOpLayer's ``node_def``: the name and the arguments of a node of a TensorFlow graph."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lstm_shapes.importers.keras.calls import Call

_MAX_TEXT = 100_000
_LISTS = {"StridedSlice": ("begin", "end", "strides")}


def node_arguments(config: Mapping[str, Any], call: Call) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """The operation's name, its operands in order, and its attributes."""
    node = _node(config.get("node_def"))
    name, attributes = str(node.get("op", "")), _attributes(node.get("attr"))
    constants = config.get("constants")
    constants = constants if isinstance(constants, Mapping) else {}
    args: list[Any] = list(call.tensors)
    for position in sorted(constants, key=_position):
        value = constants[position]
        args.insert(_position(position), tuple(value) if isinstance(value, list) else value)
    if name == "StridedSlice" and len(args) == 4:
        return name, tuple(args[:1]), {"slice_spec": _keys(args[1], args[2], args[3], attributes)}
    if name == "Squeeze":
        attributes["axis"] = attributes.get("squeeze_dims")
    if name == "Pack":
        name = "stack"
    return name, tuple(args), attributes


def _node(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str) and len(value) <= _MAX_TEXT:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, Mapping) else {}


def _position(text: Any) -> int:
    return (
        int(text)
        if isinstance(text, int) or (isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 5)
        else 0
    )


def _attributes(value: Any) -> dict[str, Any]:
    """The attributes of a node as plain values: an integer is written as text."""
    plain: dict[str, Any] = {}
    for name, attribute in value.items() if isinstance(value, Mapping) else ():
        if not isinstance(attribute, Mapping):
            continue
        if "b" in attribute:
            plain[name] = attribute["b"]
        elif "i" in attribute:
            plain[name] = _integer(attribute["i"])
        elif isinstance(attribute.get("list"), Mapping):
            plain[name] = tuple(map(_integer, attribute["list"].get("i", ())))
    return plain


def _integer(value: Any) -> Any:
    try:
        return int(value) if isinstance(value, str) and len(value) < 20 else value
    except ValueError:
        return value


def _keys(begin: Any, end: Any, strides: Any, attributes: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The keys of a subscript from the numbers and masks of StridedSlice (tensorflow/core/ops/array_ops.cc)."""
    if not all(isinstance(part, tuple) for part in (begin, end, strides)) or not len(begin) == len(end) == len(strides):
        return None

    def has(mask: str, axis: int) -> bool:
        value = attributes.get(mask, 0)
        return isinstance(value, int) and bool(value >> axis & 1)

    keys: list[Any] = []
    for axis, (start, stop, step) in enumerate(zip(begin, end, strides, strict=True)):
        if has("ellipsis_mask", axis):
            keys.append(Ellipsis)
        elif has("new_axis_mask", axis):
            keys.append(None)
        elif has("shrink_axis_mask", axis):
            keys.append(start)
        else:
            keys.append(
                slice(None if has("begin_mask", axis) else start, None if has("end_mask", axis) else stop, step)
            )
    return tuple(keys)
