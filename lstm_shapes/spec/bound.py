"""Values of fields read, with what ``dims`` says put in for their symbols."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.spec.errors import Notes
from lstm_shapes.spec.values import bound
from lstm_shapes.symbolic.size import Poly, Size, names


class Bound:
    """Reads values; ``dims`` gives symbols values, ``symbols`` gathers all that are met."""

    def __init__(self, notes: Notes, dims: Mapping[str, Size]) -> None:
        self.notes, self.dims = notes, dims
        self.symbols: set[str] = set()

    def read(self, reader: Callable[[Any], Any], value: Any, route: Route) -> Any:
        """What the reader makes of the value, bound; WRONG when a message has been written."""
        return self.notes.value(lambda raw: self._bind(reader(raw)), value, route)

    def _bind(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self._bind(one) for one in value)
        if not isinstance(value, Poly):
            return value
        self.symbols |= names(value)
        return bound(value, self.dims)
