"""The state of a module, put back after a function that the file never calls was followed: it may change it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lstm_shapes.importers.script.values import Class, Instance, Record, Scope, Sequential, Value

MAX_KEPT = 20_000
"""The lists and dicts that are put back."""


class Kept:
    """What the names of a scope refer to, as it is now.

    >>> scope = Scope({"sizes": [3, 4]})
    >>> kept = Kept(scope)
    >>> scope.values["sizes"].append(5)
    >>> kept.restore()
    >>> scope.values
    {'sizes': [3, 4]}
    """

    def __init__(self, scope: Scope) -> None:
        self._copies: list[tuple[Any, Any]] = []
        seen: set[int] = set()
        todo: list[Any] = [scope.values]
        while todo and len(self._copies) < MAX_KEPT:
            container = todo.pop()
            if id(container) not in seen:
                seen.add(id(container))
                self._copies.append((container, list(container) if isinstance(container, list) else dict(container)))
                items = container if isinstance(container, list) else container.values()
                todo += [inner for item in items for inner in _containers(item)]

    def restore(self) -> None:
        """Put back what each list and dict held."""
        for container, copy in self._copies:
            container.clear()
            container.extend(copy) if isinstance(container, list) else container.update(copy)


def _containers(value: Value) -> Iterator[Any]:
    """The lists and dicts in which a value keeps what can be changed."""
    if isinstance(value, list | dict):
        yield value
    elif isinstance(value, Instance):
        yield value.attributes
    elif isinstance(value, Class | Record):
        yield value.values
    elif isinstance(value, Sequential):
        yield value.layers
        yield value.names
