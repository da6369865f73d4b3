"""Recurrent layers with more than one direction or depth: bidirectional, merge, num_layers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer
from lstm_shapes.spec.context import MISSING, Context, read_value
from lstm_shapes.spec.keys import NODE_ATTRIBUTES, OUTSIDE_KEYS, RECURRENT_KEYS, spellings
from lstm_shapes.spec.node import read_node, refuse_attributes
from lstm_shapes.spec.values import InvalidValue, flag, quoted, size
from lstm_shapes.symbolic.size import Size, is_symbol, same


def check_wrapped(context: Context, entry: dict[Any, Any], type_: str, wrapper: str, route: Route) -> None:
    """Report the keys that the entry of a layer inside a wrapper cannot have."""
    directions = sorted(RECURRENT_KEYS) if wrapper == "bidirectional" else []
    if entry.get("batch_first") is True and directions:
        directions.remove("batch_first")
    for key in (*OUTSIDE_KEYS, *directions):
        if key in entry and (type_, key) != ("model", "inputs"):
            message = f"a layer inside {wrapper} has no {key} of its own"
            hint = f"remove {key}" if key == "bidirectional" else f"write {key} on the {wrapper}"
            if key == "batch_first":
                hint = "remove it: the batch stands first"
            if key == "num_layers":
                hint = f"write `{{type: {type_}, num_layers: {quoted(entry[key])}, bidirectional: true}}`"
            context.errors.add("wrong-setting", message, (*route, key), hint, key=True)


def wrap(context: Context, settings: dict[str, Any], route: Route) -> Layer | None:
    """A bidirectional of these settings; its backward layer defaults to a copy that reads the other way."""
    for name in ("layer", "backward_layer"):
        if name in settings and not settings[name].recurrent:
            type_ = settings[name].type
            message = f"expected a recurrent layer (lstm, gru, rnn, conv_lstm2d), got {type_}"
            hint = f"write `type: {type_.removesuffix('_cell')}`" if settings[name].one_timestep else ""
            context.errors.add("wrong-value", message, (*route, name), hint)
            return None
    if "backward_layer" not in settings:
        forward = settings["layer"]
        frozen = ("layer", "backward_layer") if settings.get("frozen") else ()
        backward = replace(forward, go_backwards=not forward.go_backwards)
        settings = {**settings, "backward_layer": backward, "frozen": frozen}
    return family("bidirectional")(**settings)


def with_directions(
    context: Context, layer: Layer, entry: dict[Any, Any], route: Route, wrapped: str = ""
) -> Layer | None:
    """The recurrent layer with the directions, depth and order of axes of its entry, inside ``wrapped`` if not ''."""
    if context.framework.apart:
        return read_node(context, layer, entry, route, wrapped)
    stacks = context.framework.stacks
    if not stacks and RECURRENT_KEYS.isdisjoint(entry):
        return layer
    if not NODE_ATTRIBUTES.isdisjoint(entry):
        refuse_attributes(context, entry, route)
        return None
    merge_key = "merge" if "merge" in entry else "merge_mode"
    read_merge = spellings("bidirectional")["merge"].read
    ways = _ways(context, entry, route)
    merge = read_value(context, read_merge, entry.get(merge_key, "concat"), route, merge_key)
    depth = read_value(context, size, entry.get("num_layers", 1), route, "num_layers")
    batch_first = read_value(context, flag, entry.get("batch_first", True), route, "batch_first")
    if MISSING in (ways, merge, depth, batch_first) or not _fit_together(context, entry, merge_key, ways != 1, route):
        return None
    if not batch_first and (wrapped or not stacks):
        where = f"inside {wrapped}" if wrapped else f"in {context.framework.title}"
        message = f"{where} the batch stands first"
        context.errors.add("wrong-setting", f"batch_first: {message}", (*route, "batch_first"), "remove it")
        return None
    if stacks:
        stack = _stack(context, layer, depth, ways, merge, route)
        return replace(stack, batch_first=batch_first) if stack else None
    if depth != 1:
        title = context.framework.title
        message = f"num_layers is a PyTorch setting; a {title} layer is a single layer"
        hint = f"write {depth} layers, or `repeat: {depth}`, with return_sequences: true"
        context.errors.add("wrong-setting", message, (*route, "num_layers"), hint)
        return None
    if ways not in (1, 2):
        message = f"directions: expected 1 or 2, got {ways}; as a symbol it is a setting of a PyTorch module"
        context.errors.add("wrong-setting", message, (*route, "directions"), "write 1 or 2, or give it in dims")
        return None
    return wrap(context, {"layer": layer, "merge": merge}, route) if ways == 2 else layer


def _ways(context: Context, entry: dict[Any, Any], route: Route) -> Any:
    """How many directions a layer has: 1, 2, or a size with a symbol; MISSING if it cannot be read."""
    if "directions" not in entry:
        both = read_value(context, _both, entry.get("bidirectional", False), route, "bidirectional")
        return MISSING if both is MISSING else 1 + both
    if "bidirectional" in entry:
        message = "directions and bidirectional are both set, and each follows from the other"
        context.errors.add("conflicting-keys", message, (*route, "directions"), "keep one of them", key=True)
        return MISSING
    ways = read_value(context, size, entry["directions"], route, "directions")
    if ways is not MISSING and same(ways, 1) is False and same(ways, 2) is False:
        message = f"directions: expected 1 or 2, got {ways}"
        context.errors.add("wrong-value", message, (*route, "directions"), "write 2 for `bidirectional: true`, or 1")
        return MISSING
    return ways


def _both(value: Any) -> bool:
    """True or false; a symbol is a number of directions."""
    try:
        return flag(value)
    except InvalidValue as problem:
        if isinstance(value, str) and is_symbol(value) and problem.literal is None:
            raise InvalidValue(problem.message, f"write `directions: {value}`, 1 or 2, instead") from None
        raise


def _fit_together(context: Context, entry: dict[Any, Any], merge_key: str, both: bool, route: Route) -> bool:
    """Whether ``merge`` is there once, and only on a layer with two directions."""
    if "merge" in entry and "merge_mode" in entry:
        key, hint = "merge_mode", "keep one of them"
        message = "merge_mode is another name of merge, which is already set"
    elif merge_key in entry and not both:
        key, hint = merge_key, "add `bidirectional: true`, or remove it"
        message = f"{merge_key} without bidirectional"
    else:
        return True
    context.errors.add("conflicting-keys", message, (*route, key), hint, key=True)
    return False


def _stack(context: Context, layer: Any, depth: Size, ways: Size, merge: str, route: Route) -> Any:
    """A torch module: ``depth`` layers, each with one or two directions."""
    from lstm_shapes.layers.stack import MAX_DEPTH, stacked

    if isinstance(depth, int) and depth > MAX_DEPTH:
        message = f"num_layers: expected a number up to {MAX_DEPTH:,}, got {depth}"
        context.errors.add("wrong-value", message, (*route, "num_layers"))
        return None
    if merge != "concat":
        message = f"{context.framework.title} concatenates the directions, got merge {merge}"
        context.errors.add("wrong-setting", message, (*route, "merge"), "remove merge")
        return None
    if isinstance(depth, int) and isinstance(ways, int):
        return stacked(layer, depth, ways)
    from lstm_shapes.layers.open_stack import OpenStack

    ends = {"return_sequences": layer.return_sequences, "return_state": layer.return_state}
    return OpenStack(cell=layer, num_layers=depth, directions=ways, **ends)
