"""What a user declares of classes that nothing is known of: their layers are read as custom layers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from lstm_shapes.findings.spelling import nearest
from lstm_shapes.spec.imported import Imported
from lstm_shapes.spec.keys import canonical
from lstm_shapes.spec.layer_names import UniqueNames
from lstm_shapes.spec.values import InvalidValue, count, quoted, shape

_EXAMPLE = "write it as MyAttention=output:[B, 16],params:528"
_READ: dict[str, Callable[[Any], Any]] = {"output": shape, "params": count, "macs": count}
"""What can be declared, and the function that reads it."""
_PART = re.compile(r"\s*(\w+)\s*:\s*(\[[^\]]*\]|[^,:\[\]]+?)\s*(?:,|$)")
_CLASS = ("class", "class_name")


class Assumption(NamedTuple):
    """The ``output``, ``params`` and ``macs`` of every layer of a class, those that are declared."""

    class_name: str
    settings: Mapping[str, Any]


def assumption(text: str) -> Assumption:
    """An assumption as an option has it. Raises ``InvalidValue``.

    >>> assumption("MyAttention=output:[B, T, 16],params:528").settings
    {'output': ['B', 'T', 16], 'params': 528}
    """
    class_name, equals, rest = text.partition("=")
    parts = _PART.findall(rest)
    if not equals or not parts or _PART.sub("", rest):
        raise InvalidValue(f"expected CLASS=output:[...],params:N, got {quoted(text)}", _EXAMPLE)
    keys = [key for key, _ in parts]
    if len(keys) > len(set(keys)):
        raise InvalidValue(f"expected each of {', '.join(_READ)} once, got {', '.join(keys)}", _EXAMPLE)
    return declared(class_name.strip(), {key: _typed(value) for key, value in parts})


def declared(class_name: str, settings: Any) -> Assumption:
    """An assumption as data have it: ``{"output": ["B", 16], "params": 528}``. Raises ``InvalidValue``."""
    if not class_name or not isinstance(settings, Mapping) or not settings:
        raise InvalidValue(f"{class_name}: expected output, params or macs, got {quoted(settings)}", _EXAMPLE)
    for key, value in settings.items():
        if key not in _READ:
            close = nearest(str(key), list(_READ))
            choices = close or f"one of {', '.join(_READ)}"
            raise InvalidValue(f"{class_name}: unknown key {quoted(str(key))}", f"write {choices}")
        try:
            _READ[key](value)
        except InvalidValue as problem:
            raise InvalidValue(f"{class_name}: {key}: {problem.message}", problem.hint) from None
    if "macs" in settings and "output" not in settings:
        raise InvalidValue(f"{class_name}: macs without an output", "add output:[...]")
    return Assumption(class_name, dict(settings))


def _typed(text: str) -> Any:
    """A value as it is typed: a list of sizes in brackets, a number, or an expression."""
    if text.startswith("["):
        return [_typed(item.strip()) for item in text[1:-1].split(",") if item.strip()]
    plain = text.replace("_", "")
    return int(plain) if re.fullmatch("-?[0-9]{1,30}", plain) else text


def assume(assumptions: Sequence[Assumption], imported: Imported) -> tuple[Imported, frozenset[str]]:
    """The model with its unknown layers of these classes declared, and the classes that it has."""
    by_class = {one.class_name: one.settings for one in assumptions}
    if not by_class or not isinstance(imported.document.data, dict):
        return imported, frozenset()
    met: set[str] = set()
    data = _declared(imported.document.data, by_class, met)
    return imported._replace(document=imported.document._replace(data=data)) if met else imported, frozenset(met)


def _declared(value: Any, by_class: Mapping[str, Mapping[str, Any]], met: set[str]) -> Any:
    """The data with every entry of such a class replaced."""
    if isinstance(value, list):
        return [_declared(item, by_class, met) for item in value]
    if not isinstance(value, dict):
        return value
    name = _known_as(_unknown_class(value), by_class)
    if not name:
        entry = {**value, "layers": _named(value["layers"])} if isinstance(value.get("layers"), list) else value
        return {key: _declared(item, by_class, met) for key, item in entry.items()}
    met.add(name)
    if "output" not in by_class[name]:
        return {**value, **by_class[name]}
    kept = {key: item for key, item in value.items() if key not in (*_CLASS, "buffers")}
    return {**kept, "type": "custom", **by_class[name]}


def _named(entries: list[Any]) -> list[Any]:
    """The entries of a graph, those of unknown classes with the names that they have by default."""
    names = UniqueNames(str(entry["name"]) for entry in entries if isinstance(entry, dict) and "name" in entry)
    return [
        {**entry, "name": names.unique(_unknown_class(entry))}
        if isinstance(entry, dict) and _unknown_class(entry) and entry.get("name") is None
        else entry
        for entry in entries
    ]


def _unknown_class(entry: Mapping[Any, Any]) -> str:
    """The class of a layer that nothing is known of; '' for other mappings."""
    type_ = entry.get("type")
    known = canonical(type_) if isinstance(type_, str) else None
    names = (entry.get(key) for key in _CLASS)
    return next((name for name in names if isinstance(name, str)), "") if known and known[0] == "unknown" else ""


def _known_as(class_name: str, by_class: Mapping[str, Any]) -> str:
    """The name under which a class is declared: its own, or without the package or the domain in front."""
    return next((name for name in (class_name, re.split("[.>:]", class_name)[-1]) if name in by_class), "")


def unknown_classes(imported: Iterable[Imported]) -> tuple[str, ...]:
    """The classes of the unknown layers of models."""
    return tuple(dict.fromkeys(name for one in imported for name in _classes(one.document.data)))


def _classes(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        if name := _unknown_class(value):
            yield name
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _classes(item)
