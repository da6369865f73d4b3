"""The fields of one layer, read under any of their names."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.layers import family
from lstm_shapes.spec.context import Context, read_value
from lstm_shapes.spec.keys import (
    DTYPES,
    NODE_KEYS,
    PASSTHROUGH_KEYS,
    RECURRENT_KEYS,
    REFUSED,
    either,
    other_keys,
    required,
    spellings,
)
from lstm_shapes.spec.values import quoted
from lstm_shapes.spec.words import KEY_HINTS

EXAMPLES = {
    "size": "32",
    "shape": "[T, 32]",
    "target": "[T, 32]",
    "layer": "{type: lstm, units: 32}",
    "cells": "[{type: lstm_cell, units: 32}]",
    "activation": "relu",
    "integers": "[2, 1]",
    "integer": "-1",
    "axes": "-1",
    "text": "name",
}
"""A value of each kind, for the hint about a field that is missing."""


def check_passed_through(context: Context, key: str, value: Any, route: Route) -> None:
    """Report a setting that is passed through, but at this value would change a figure."""
    if key == "dtype" and value not in (None, context.dtype):
        message = f"dtype: all layers have the dtype of the model, {context.dtype}; got {quoted(value)}"
        same = f"write `dtype: {value}` on the model" if isinstance(value, str) and value in DTYPES else "remove dtype"
        context.errors.add("wrong-setting", message, (*route, key), same, key=True)
    if key in REFUSED and value != REFUSED[key][0]:
        message = f"{key}: {REFUSED[key][1]}"
        context.errors.add("wrong-setting", message, (*route, key), f"remove {key}", key=True)


def read_fields(
    context: Context, type_: str, entry: dict[Any, Any], route: Route, implied: Mapping[str, Any]
) -> dict[str, Any]:
    """The values of the fields that the entry sets; those that ``implied`` has need not be set."""
    fields, others = spellings(type_), other_keys(type_)
    values: dict[str, Any] = {}
    meant: set[str] = set()
    for key, value in entry.items():
        spelling = fields.get(key)
        if spelling is None:
            if key in PASSTHROUGH_KEYS or key in REFUSED:
                check_passed_through(context, key, value, route)
            elif key not in others:
                close = _unknown_key(context, type_, key, route)
                meant |= {fields[close].field} if close in fields else set()
        elif spelling.field in values:
            message = f"{key} is another name of {spelling.field}, which is already set"
            context.errors.add("conflicting-keys", message, (*route, key), "keep one of them", key=True)
        else:
            values[spelling.field] = read_value(context, spelling.read, value, route, key)
    for name in required(type_):
        if name not in values and name not in implied and name not in meant:
            choices = fields[name].choices
            hint = f"write `{name}: {choices[0] if choices else EXAMPLES.get(fields[name].kind, '3')}`"
            context.errors.add("missing-key", f"{type_} needs {name}", route, hint)
    _check_either(context, type_, entry, route, values.keys() | meant)
    return values


def _check_either(context: Context, type_: str, entry: dict[Any, Any], route: Route, given: Set[str]) -> None:
    """Report the fields of which one must be set where none is, or several are."""
    names = either(type_)
    chosen = [name for name in names if name in given]
    if names and not chosen:
        lacks = context.framework.lacks
        name = next((name for name in names if (type_, name) not in lacks), names[0])
        hint = f"write `{name}: {EXAMPLES[spellings(type_)[name].kind]}`"
        context.errors.add("missing-key", f"{type_} needs {' or '.join(names)}", route, hint)
    for name in chosen[1:]:
        key = next(key for key in entry if key in spellings(type_) and spellings(type_)[key].field == name)
        message = f"{key} and {chosen[0]} are both set, and each follows from the other"
        context.errors.add("conflicting-keys", message, (*route, key), "keep one of them", key=True)


def _unknown_key(context: Context, type_: str, key: Any, route: Route) -> str:
    more = RECURRENT_KEYS if family(type_).recurrent else ()
    hints = KEY_HINTS
    if family(type_).one_timestep:
        over_time = type_.removesuffix("_cell")
        fields = {*spellings(over_time), *RECURRENT_KEYS}
        hint = f"write `type: {over_time}`: a cell is one timestep, with its states in and out"
        hints = {**KEY_HINTS, **dict.fromkeys(fields - spellings(type_).keys(), hint)}
    return context.errors.unknown_key(key, [*spellings(type_), *NODE_KEYS, *more], type_, route, hints)
