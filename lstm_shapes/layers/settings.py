"""What is set on a layer: every setting by its path, what its value means, and the layer with another value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple, Self

Path = tuple[str, ...]
"""``("units",)``, or ``("layer", "units")`` for a setting of a layer inside."""


class Composition(NamedTuple):
    """A setting that makes a layer of several, and the layer ``without`` it: that of the ``default``."""

    setting: str
    value: str
    default: str
    doc: str
    without: Any


class Configured:
    """A dataclass whose fields are settings, made by ``fields.py``."""

    type: ClassVar[str]
    derived: ClassVar[frozenset[str]] = frozenset()
    """The settings of the prototype that this layer decides: an entry cannot set them."""

    @property
    def prototype(self) -> Any:
        """The layer that has the settings of a spec's entry: this one, or the cell that a short form repeats."""
        return self

    @property
    def composed(self) -> bool:
        """Whether the layer repeats a cell: its prototype is another layer."""
        return self.prototype is not self

    def settings(self) -> dict[Path, Any]:
        """Every setting, those of the layers inside under their path.

        >>> from lstm_shapes.layers.dense import Dense
        >>> Dense(units=4).settings()
        {('units',): 4, ('bias',): True, ('activation',): 'linear'}
        """
        settings: dict[Path, Any] = {}
        for name, value in self.field_values().items():
            settings |= nested_settings(name, value) if isinstance(value, Configured) else {(name,): value}
        return settings

    def changed(self, path: Path, value: Any) -> Self:
        """The layer with another value for one setting. Raises ``KeyError`` where it has no such setting.

        >>> from lstm_shapes.layers.dense import Dense
        >>> Dense(units=4).changed(("units",), 5).units
        5
        """
        name, *rest = path
        inner = self.field_values()[name]
        return replace(self, **{name: inner.changed(tuple(rest), value) if rest else value})  # type: ignore[type-var]

    def setting_doc(self, name: str) -> str:
        """What the setting does at its present value.

        >>> from lstm_shapes.layers.dense import Dense
        >>> Dense(units=4, bias=False).setting_doc("bias")
        'no bias is added'
        """
        metadata: Mapping[str, Any] = self.metadata()[name]
        off = metadata["off"] if self.field_values()[name] is False else ""
        return off or str(metadata["doc"])

    def compositions(self) -> tuple[Composition, ...]:
        """The settings that make this layer of several; none for a layer that is one."""
        return ()

    def field_values(self) -> dict[str, Any]:
        """The layer's own fields."""
        return {name: getattr(self, name) for name in _field_names(type(self))}  # type: ignore[arg-type]

    def metadata(self) -> dict[str, Mapping[str, Any]]:
        """What ``fields.py`` declares of each field."""
        return {field.name: field.metadata for field in fields(self)}  # type: ignore[arg-type]


@lru_cache(maxsize=256)
def _field_names(family: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(family))


def nested_settings(name: str, layer: Configured) -> dict[Path, Any]:
    """The type and the settings of a layer inside, under its name."""
    return {(name, "type"): layer.type} | {(name, *path): value for path, value in layer.settings().items()}
