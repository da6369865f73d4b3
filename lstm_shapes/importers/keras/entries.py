"""The layers of a Keras config, whatever version wrote it: class, name and place of each, and the layers inside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lstm_shapes.findings.route import Route

_MAX_DEPTH = 64


class Entry(NamedTuple):
    """A layer of a config, which stands at ``route``; ``config`` is a mapping, or the list of a Sequential's layers."""

    class_name: str
    name: str
    route: Route
    config: Any

    @property
    def is_model(self) -> bool:
        """Whether it has layers of its own in order: a Sequential or a functional model."""
        return isinstance(self.config, list) or (
            isinstance(self.config, Mapping)
            and isinstance(self.config.get("layers"), list)
            and self.class_name != "Merge"
        )

    def layers(self) -> tuple[Entry, ...]:
        """The layers of a model; none of anything else."""
        listed: Any = self.config
        route: Route = (*self.route, "config")
        if isinstance(self.config, Mapping):
            listed, route = self.config.get("layers"), (*route, "layers")
        if not isinstance(listed, list):
            return ()
        return tuple(entry(data, (*route, number)) for number, data in enumerate(listed))

    def inner(self, key: str) -> Entry | None:
        """The layer that a wrapper holds under this key; None where it holds none."""
        data = self.config.get(key) if isinstance(self.config, Mapping) else None
        return entry(data, (*self.route, "config", key)) if isinstance(data, Mapping) else None

    @property
    def group(self) -> str:
        """What Keras calls its group in a .keras archive but for underscores and a number: the class in lower case."""
        return re.sub(r"[\W_]", "", self.class_name.rpartition(">")[2]).lower()


def entry(data: Any, route: Route = ()) -> Entry:
    """The entry that these data are; one without a name where they are none.

    >>> entry({"class_name": "ConvLSTM2D", "config": {"name": "conv"}}).group
    'convlstm2d'
    """
    mapping = data if isinstance(data, Mapping) else {}
    config = mapping.get("config")
    inner = config.get("name") if isinstance(config, Mapping) else ""
    name = inner if isinstance(inner, str) and inner else mapping.get("name", "")
    class_name = mapping.get("class_name")
    return Entry(
        class_name if isinstance(class_name, str) else "", name if isinstance(name, str) else "", route, config
    )


def every(model: Entry, depth: int = 0) -> Iterator[Entry]:
    """The layers of a model, those of one inside another after all that are outside it."""
    layers = model.layers() if model.is_model else ()
    yield from layers
    for layer in layers if depth < _MAX_DEPTH else ():
        inside = layer if layer.is_model else layer.inner("layer")
        if inside and inside.is_model:
            yield from every(inside, depth + 1)
