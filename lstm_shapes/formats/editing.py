"""Edits of a YAML or JSON text: the characters of a key or a value change, everything else stays as it is.

An edit is made only where it is certain what it does: the text that it gives is read again, and must have exactly the
data that are wanted. What has an anchor or a tag, a value on several lines, and a merged or complex key are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any

from lstm_shapes.findings.finding import Edit, Place, Replacement
from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import BREAK, Document, text_lines

_PLAIN = re.compile(r"(?:[A-Za-z_(]|\d+[*+/])[\w+*/() .-]*")
"""A text that is its own value in YAML, in a flow collection too, unless it is one of the words below."""
_WORDS = frozenset("true false null yes no on off y n none".split())


class _Refused(Exception):
    """The text does not allow the edit."""


def replacements(document: Document, edit: Edit) -> tuple[Replacement, ...]:
    """The changes of the text that make an edit; none where it is refused.

    >>> from lstm_shapes.formats.yaml import read
    >>> document = read("model.yaml", "layers:\\n  - {type: lstm, unit: 32}  # the encoder\\n")
    >>> (change,) = replacements(document, Edit("fix", "key", ("layers", 0, "unit"), "units"))
    >>> changed(document.text, [change])
    'layers:\\n  - {type: lstm, units: 32}  # the encoder\\n'
    """
    if not document.text or document.origin:
        return ()
    try:
        if edit.action == "key":
            return (_renamed(document, edit.route, str(edit.value)),)
        if edit.action == "set":
            return _set(document, edit.route, edit.key, edit.value)
        if edit.action == "remove":
            return (_removed(document, edit.route),)
        return tuple(_replaced(document, edit.route, at(document.data, edit.route), edit.value))
    except (_Refused, KeyError, IndexError, TypeError):
        return ()


def changed(text: str, changes: Iterable[Replacement]) -> str:
    """The text with all changes, which do not overlap."""
    starts = [0, *(match.end() for match in BREAK.finditer(text))]
    for (line, column, end_line, end_column), new in sorted(set(changes), reverse=True):
        start, end = starts[line - 1] + column - 1, starts[end_line - 1] + end_column - 1
        text = text[:start] + new + text[end:]
    return text


def wanted(data: Any, edit: Edit) -> Any:
    """The data that a text must have after an edit."""
    if edit.action == "key":
        owner = at(data, edit.route[:-1])
        new = {edit.value if key == edit.route[-1] else key: value for key, value in owner.items()}
        return put(data, edit.route[:-1], new)
    if edit.action == "set":
        return put(data, edit.route, {**at(data, edit.route), edit.key: edit.value})
    if edit.action == "remove":
        owner = at(data, edit.route[:-1])
        return put(data, edit.route[:-1], {key: value for key, value in owner.items() if key != edit.route[-1]})
    return put(data, edit.route, edit.value)


def at(data: Any, route: Route) -> Any:
    """The value at a route. Raises ``KeyError``, ``IndexError`` or ``TypeError`` where there is none."""
    for step in route:
        data = data[step]
    return data


def put(data: Any, route: Route, value: Any) -> Any:
    """The data with another value at a route; what is not on the way is shared."""
    if not route:
        return value
    copy = data.copy()
    copy[route[0]] = put(data[route[0]], route[1:], value)
    return copy


def _renamed(document: Document, route: Route, name: str) -> Replacement:
    place, old = _exact(document, route, key=True)
    for quote in ("", '"', "'"):
        if old == f"{quote}{route[-1]}{quote}":
            return Replacement(place, f"{quote}{name}{quote}")
    raise _Refused


def _replaced(document: Document, route: Route, old: Any, new: Any) -> Iterator[Replacement]:
    """The changes that make ``new`` of the value ``old``: those of its items where both have the same."""
    if old == new and type(old) is type(new):
        return
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (here, there) in enumerate(zip(old, new, strict=True)):
            yield from _replaced(document, (*route, number), here, there)
        return
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        for key, value in new.items():
            yield from _replaced(document, (*route, key), old[key], value)
        return
    place, text = _exact(document, route)
    if isinstance(old, list | dict) and (text[:1] != "[" or text[-1:] != "]"):
        raise _Refused
    quote = text[0] if text[:1] in ("'", '"') else ""
    yield Replacement(place, _literal(new, quote or ('"' if _is_json(document) else "")))


def _set(document: Document, route: Route, key: str, value: Any) -> tuple[Replacement, ...]:
    """The change that gives a mapping a key: a value replaced, or an item after another."""
    mapping = at(document.data, route)
    if key in mapping:
        return tuple(_replaced(document, (*route, key), mapping[key], value))
    keys = sorted(mapping, key=lambda name: _exact(document, (*route, name), key=True)[0], reverse=True)
    begin = document.exact(route)
    flow = begin is not None and text_lines(document.text)[begin.line - 1][begin.column - 1] == "{"
    insert = _in_braces if flow else _below
    for after in keys[:1] if flow else keys:
        with suppress(_Refused):
            return (insert(document, (*route, after), key, value),)
    raise _Refused


def _removed(document: Document, route: Route) -> Replacement:
    """The change that takes an item out of a mapping that has others: with its line, or with the comma next to it."""
    parent, key = route[:-1], route[-1]
    items = sorted(
        (_exact(document, (*parent, name), key=True)[0], _exact(document, (*parent, name), lines=True)[0], name)
        for name in at(document.data, parent)
    )
    number = next(number for number, (_, _, name) in enumerate(items) if name == key)
    name, value, _ = items[number]
    if len(items) == 1 or name.line != value.end_line:
        raise _Refused
    row = text_lines(document.text)[name.line - 1]
    last = "" if not _is_json(document) else ","
    if not row[: name.column - 1].strip() and row[value.end_column - 1 :].strip() in (last, ","):
        return Replacement(Place(name.line, 1, name.line + 1, 1), "")
    before, after = items[number - 1 : number], items[number + 1 : number + 2]
    if after and after[0][0].line == name.line and _comma(row[value.end_column - 1 : after[0][0].column - 1]):
        return Replacement(Place(name.line, name.column, name.line, after[0][0].column), "")
    if before and before[0][1].end_line == name.line and _comma(row[before[0][1].end_column - 1 : name.column - 1]):
        return Replacement(Place(name.line, before[0][1].end_column, name.line, value.end_column), "")
    raise _Refused


def _comma(text: str) -> bool:
    """Whether nothing but a comma stands between two items."""
    return text.strip() == ","


def _in_braces(document: Document, after: Route, key: str, value: Any) -> Replacement:
    """The insertion of an item after the last one of a flow mapping, on a line of its own where that is on one."""
    name, quoted = _exact(document, after, key=True)
    end, _ = _exact(document, after, lines=True)
    indent = text_lines(document.text)[name.line - 1][: name.column - 1]
    joint = ", " if indent.strip() else f",{_line_break(document.text, name.line)}{indent}"
    return Replacement(Place(*end[2:], *end[2:]), joint + _item(key, value, quoted))


def _below(document: Document, after: Route, key: str, value: Any) -> Replacement:
    """The insertion of a line below an item of a block mapping that is on one line."""
    name, quoted = _exact(document, after, key=True)
    end, _ = _exact(document, after)
    row = text_lines(document.text)[name.line - 1]
    if name.line != end.line or row[: name.column - 1].replace("-", " ").strip(" "):
        raise _Refused
    new = f"{_line_break(document.text, end.line)}{' ' * (name.column - 1)}{_item(key, value, quoted)}"
    return Replacement(Place(end.line, len(row) + 1, end.line, len(row) + 1), new)


def _item(key: str, value: Any, like: str) -> str:
    """A key and its value, in quotes where the key ``like`` is."""
    quote = like[0] if like[:1] in ("'", '"') else ""
    return f"{quote}{key}{quote}: {_literal(value, quote)}"


def _exact(document: Document, route: Route, *, key: bool = False, lines: bool = False) -> tuple[Place, str]:
    """The place of a key or value and its text. Raises ``_Refused`` where it is on several lines or not plain."""
    place = document.exact(route, key=key)
    if place is None or (place.line != place.end_line and not lines):
        raise _Refused
    rows = text_lines(document.text)
    text = rows[place.line - 1][place.column - 1 : place.end_column - 1 if place.line == place.end_line else None]
    if not text or text[0] in "&*!|>?":
        raise _Refused
    return place, text


def _line_break(text: str, line: int) -> str:
    """The line break after a line, or that of the line above where it is the last."""
    breaks = _line_breaks(text)
    return breaks[min(line, len(breaks)) - 1] if breaks else "\n"


@lru_cache(maxsize=2)
def _line_breaks(text: str) -> tuple[str, ...]:
    return tuple(match.group() for match in BREAK.finditer(text))


def _literal(value: Any, quote: str) -> str:
    """A value as YAML and JSON write it; ``quote`` is what stands around texts."""
    if isinstance(value, list):
        return f"[{', '.join(_literal(item, quote) for item in value)}]"
    if not isinstance(value, str):
        return json.dumps(value)
    if quote == "'" and "'" not in value:
        return f"'{value}'"
    plain = not quote and _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return value if plain else json.dumps(value, ensure_ascii=False)


def _is_json(document: Document) -> bool:
    """Whether the text may be JSON, where every text is in double quotes."""
    return document.text.lstrip()[:1] == "{"
