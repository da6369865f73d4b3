"""What the reader takes and makes: a layer of a Keras file, and the entry of a spec with the place of each value."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from lstm_shapes.findings.route import Route
from lstm_shapes.importers.keras.calls import Call
from lstm_shapes.importers.keras.dialect import Dialect

MAX_DEPTH = 32
"""How deep layers may be inside each other; one deeper is an unknown layer."""

Recorded = tuple[tuple[int | None, ...] | None, ...]
"""The shapes of a layer's outputs as the writer recorded them; None for an axis that is free, or for a whole shape."""


class Given(NamedTuple):
    """A layer of the file: ``class_name`` and ``config``, which stand at ``route``, and how it is called."""

    class_name: str
    config: Mapping[str, Any]
    route: Route
    dialect: Dialect
    call: Call
    batch: int | str = "B"
    output: tuple[int | None, ...] | None = None
    entry: Mapping[str, Any] = MappingProxyType({})
    depth: int = 0

    def at(self, *keys: str | int) -> Route:
        """The place of a setting in the file."""
        return (*self.route, "config", *keys)

    def inner(self, entry: Any, *keys: str | int) -> Given:
        """A layer inside this one, which stands under these keys of its configuration."""
        data = entry if isinstance(entry, Mapping) else {}
        config = data.get("config")
        return self._replace(
            class_name=text(data.get("class_name")),
            config=config if isinstance(config, Mapping) else {},
            route=self.at(*keys),
            call=Call(),
            output=None,
            entry=data,
            depth=self.depth + 1,
        )


class Piece(NamedTuple):
    """An entry of a spec, or a model: ``routes`` lead from its values to their places in the file.

    ``paths`` lead from a layer inside it, by its path in Keras, to its route here; ``recorded`` has output shapes.
    """

    data: Mapping[str, Any]
    routes: Mapping[Route, Route] = MappingProxyType({})
    notes: tuple[str, ...] = ()
    paths: Mapping[str, Route] = MappingProxyType({})
    recorded: Mapping[Route, Recorded] = MappingProxyType({})

    def having(self, key: str, value: Any, place: Route) -> Piece:
        """The entry with one more setting, which stands at ``place`` in the file."""
        return self._replace(data={**self.data, key: value}, routes={**self.routes, (key,): place})

    def inside(self, *keys: str | int) -> dict[Route, Route]:
        """The routes of this piece where it stands under these keys of another."""
        return {(*keys, *route): place for route, place in self.routes.items()}


def text(value: Any) -> str:
    """A text of the file; '' for anything else."""
    return value if isinstance(value, str) else ""
