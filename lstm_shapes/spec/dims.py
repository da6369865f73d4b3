"""The values of symbols: those under ``dims`` and those given from outside, each put in wherever another needs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.spec.context import MISSING, Context, read_mapping, read_value
from lstm_shapes.spec.order import cycles, in_order
from lstm_shapes.spec.values import InvalidValue, quoted, size, with_dims
from lstm_shapes.symbolic.size import Size, is_symbol, names, symbol


def read_dims(context: Context, data: Mapping[str, Any], given: Mapping[str, Size]) -> dict[str, Size]:
    """The value of each symbol; ``given`` takes precedence over what the file has: as itself, it stays a symbol."""
    written = _written(context, data) if "dims" in data else {}
    free = {name for name, value in given.items() if value == symbol(name)}
    values = {name: value for name, value in {**written, **given}.items() if name not in free}
    needs = {name: [other for other in sorted(names(value)) if other in values] for name, value in values.items()}
    ordered = in_order(needs)
    for cycle in cycles(needs, set(ordered)):
        shown = " needs ".join([*cycle[:6], *(["..."] if len(cycle) > 6 else []), cycle[0]])
        message = f"dims: a symbol that needs itself: {shown}"
        context.errors.add("cycle", message, _place(data, cycle[0]), "write a number for one of them")
    resolved: dict[str, Size] = {}
    for name in ordered:
        try:
            resolved[name] = with_dims(values[name], resolved)
        except InvalidValue as problem:
            context.errors.add("wrong-value", f"{name}: {problem.message}", _place(data, name), problem.hint)
    return resolved


def _place(data: Mapping[str, Any], name: str) -> Route:
    dims = data.get("dims")
    return ("dims", name) if isinstance(dims, dict) and name in dims else ()


def _written(context: Context, data: Mapping[str, Any]) -> dict[str, Size]:
    lines = read_mapping(context, data["dims"], "symbols with their sizes, as {H: 64}", ("dims",)) or {}
    written: dict[str, Size] = {}
    for name, value in lines.items():
        if not isinstance(name, str) or not is_symbol(name) or name == "None":
            message = f"dims: expected a symbol, got {quoted(name)}"
            context.errors.add("wrong-value", message, ("dims", name), key=True)
            continue
        own = read_value(context, size, value, ("dims",), name)
        if own is not MISSING:
            written[name] = own
    return written
