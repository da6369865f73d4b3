"""The names of layers: as the author gives them, or the type with a number, as Keras counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.spec.errors import Errors
from lstm_shapes.spec.keys import canonical
from lstm_shapes.spec.values import quoted

MAX_NAME = 200


class UniqueNames:
    """Hands out names that are not taken yet.

    >>> names = UniqueNames(["lstm"])
    >>> names.unique("lstm"), names.unique("lstm"), names.unique("dense")
    ('lstm_1', 'lstm_2', 'dense')
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._counts: dict[str, int] = {}

    def unique(self, name: str) -> str:
        """The name, followed by the first number that makes it unique if it is taken."""
        unique, count = name, self._counts.get(name, 0)
        while unique in self._taken:
            count += 1
            unique = f"{name}_{count}"
        self._counts[name] = count
        self._taken.add(unique)
        return unique


def given_names(errors: Errors, inputs: tuple[str, ...], entries: list[Any], route: Route) -> dict[int, str]:
    """The names that the entries of a graph give themselves, by the entry's number."""
    taken = set(inputs)
    given: dict[int, str] = {}
    for number, entry in enumerate(entries):
        name = entry.get("name") if isinstance(entry, dict) else None
        if name is None:
            continue
        if not isinstance(name, str) or not name or len(name) > MAX_NAME:
            got = f"{len(name):,} characters" if isinstance(name, str) else quoted(name)
            hint = f'write "{name}" in quotes' if isinstance(name, int | float) else ""
            message = f"name: expected text of 1 to {MAX_NAME} characters, got {got}"
            errors.add("wrong-value", message, (*route, number, "name"), hint)
        elif name in taken:
            hint = "give each layer and input its own name"
            errors.add("duplicate-name", f"the name {name!r} is taken", (*route, number, "name"), hint)
        else:
            taken.add(name)
            given[number] = name
    return given


def default_name(entry: Any) -> str:
    """The name of a layer without one, before it is unique: its type, the layer it uses again, an unknown class."""
    text = entry.get("use", entry.get("type")) if isinstance(entry, dict) else None
    if not isinstance(text, str):
        return "layer"
    type_and_fields = canonical(text)
    if type_and_fields and type_and_fields[0] == "unknown":
        class_name = entry.get("class", entry.get("class_name"))
        return class_name[:MAX_NAME] if isinstance(class_name, str) and class_name else "layer"
    return type_and_fields[0] if type_and_fields else text[:MAX_NAME]
