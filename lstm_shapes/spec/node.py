"""The recurrent layer of an ONNX node: direction and layout, whose outputs have an axis of directions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.layers.base import Layer
from lstm_shapes.spec.context import MISSING, Context, read_value
from lstm_shapes.spec.keys import NODE_ATTRIBUTES
from lstm_shapes.spec.values import InvalidValue, choice, flag, quoted

_SHORT = {"direction": "bidirectional", "layout": "batch_first"}
"""An attribute of a node -> the key that says the same in other words."""


def read_node(context: Context, layer: Any, entry: dict[Any, Any], route: Route, wrapped: str = "") -> Layer | None:
    """The layer in the direction and with the order of axes that its entry gives it."""
    from lstm_shapes.layers.directions_apart import DIRECTIONS, apart

    for key, hint in (
        ("num_layers", f"write {quoted(entry.get('num_layers'))} layers, each a node that reads the one above"),
        ("directions", "write `direction: bidirectional`"),
        ("merge", "remove it, and merge what the layer passes on"),
        ("merge_mode", "remove it, and merge what the layer passes on"),
    ):
        if key in entry and entry[key] != 1:
            title = context.framework.title
            what = (
                "a node is one layer" if key == "num_layers" else "the directions stay apart, on an axis of their own"
            )
            context.errors.add("wrong-setting", f"{key}: in {title} {what}", (*route, key), hint, key=True)
            return None
    for key, other in _SHORT.items():
        if key in entry and other in entry:
            message = f"{other} and {key} are both set, and say the same"
            context.errors.add("conflicting-keys", message, (*route, other), "keep one of them", key=True)
            return None
    both = read_value(context, flag, entry.get("bidirectional", False), route, "bidirectional")
    default = "bidirectional" if both is True else "forward"
    direction = read_value(
        context, lambda value: choice(value, DIRECTIONS), entry.get("direction", default), route, "direction"
    )
    first = read_value(context, flag, entry.get("batch_first", True), route, "batch_first")
    layout = read_value(context, _layout, entry.get("layout", 1 if first is True else 0), route, "layout")
    if MISSING in (both, direction, first, layout):
        return None
    if wrapped and layout == 0:
        key = "layout" if "layout" in entry else "batch_first"
        message = f"{key}: inside {wrapped} the batch stands first"
        context.errors.add("wrong-setting", message, (*route, key), "remove it", key=True)
        return None
    return replace(apart(layer, direction), batch_first=layout == 1)


def _layout(value: Any) -> int:
    """0 or 1."""
    if type(value) is int and value in (0, 1):
        return value
    raise InvalidValue(f"expected 0 (time first) or 1 (batch first), got {quoted(value)}", "write 0 or 1")


def refuse_attributes(context: Context, entry: dict[Any, Any], route: Route) -> None:
    """Report attributes of ONNX nodes where the framework has none."""
    instead = {
        ("direction", "forward"): "remove it",
        ("direction", "reverse"): "write `go_backwards: true`",
        ("direction", "bidirectional"): "write `bidirectional: true`",
        ("layout", "0"): "write `batch_first: false`" if context.framework.stacks else "put a transpose before it",
        ("layout", "1"): "remove it",
    }
    for key in sorted(NODE_ATTRIBUTES & entry.keys()):
        message = f"{key} is an attribute of ONNX nodes, and the model's framework is {context.framework.title}"
        hint = instead.get((key, str(entry[key])), "write `framework: onnx`")
        context.errors.add("wrong-setting", message, (*route, key), hint, key=True)
