"""What an author writes under ``expect`` and ``budget``, on the model or on a layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from lstm_shapes.findings.route import Route
from lstm_shapes.spec.context import MISSING, Context, read_mapping, read_value
from lstm_shapes.spec.keys import BUDGET_KEYS, EXPECTED_KEYS
from lstm_shapes.spec.reading import Expectation
from lstm_shapes.spec.values import InvalidValue, count, quoted, rounded_count, shape, shape_or_shapes


def read_expectations(context: Context, data: dict[Any, Any], route: Route) -> None:
    """Add the expectations and budgets of the layer at ``route``, or of the model at (), to the context."""
    if "expect" in data or "budget" in data:
        context.expectations.extend(_read_lines(context, data, route))


def _read_lines(context: Context, data: dict[Any, Any], route: Route) -> Iterator[Expectation]:
    for key, keys in (("expect", EXPECTED_KEYS), ("budget", BUDGET_KEYS)):
        if key not in data:
            continue
        here = (*route, key)
        lines = read_mapping(context, data[key], f"{key} as a mapping, such as {{params: 5248}}", here) or {}
        for what, value in lines.items():
            if what not in keys:
                context.errors.unknown_key(what, keys, key, here)
                continue
            if key == "budget" and what != "bytes":
                expected = read_value(context, rounded_count, value, here, what)
            else:
                expected = _read_expected(context, what, value, here)
            if expected is not MISSING:
                yield Expectation(route, what, expected, (*here, what), key == "budget")


def _read_expected(context: Context, what: str, value: Any, route: Route) -> Any:
    if what != "states":
        return read_value(context, shape_or_shapes if what == "output" else count, value, route, what)
    if not isinstance(value, dict):
        return read_value(context, _no_states, value, route, what)
    here = (*route, what)
    states = tuple((name, read_value(context, shape, sizes, here, name)) for name, sizes in value.items())
    return MISSING if any(sizes is MISSING for _, sizes in states) else states


def _no_states(value: Any) -> NoReturn:
    message = f"expected a mapping of states to shapes, got {quoted(value)}"
    raise InvalidValue(message, "write it as {h: [B, 32], c: [B, 32]}")
