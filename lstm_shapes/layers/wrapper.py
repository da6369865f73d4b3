"""What wrappers share: layers inside that training may leave as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from lstm_shapes.layers.base import Layer
from lstm_shapes.layers.fields import option
from lstm_shapes.layers.settings import Path


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Wrapper(Layer):
    """A layer that is made of others; ``frozen`` names the fields whose layers have ``trainable: false``."""

    frozen: tuple[str, ...] = option("frozen", "the layers inside whose weights training does not change", ())

    def settings(self) -> dict[Path, Any]:
        settings = super().settings()
        del settings["frozen",]
        return settings | {(name, "trainable"): False for name in self.frozen}

    def changed(self, path: Path, value: Any) -> Self:
        name, *rest = path
        if rest != ["trainable"]:
            return super().changed(path, value)
        others = [frozen for frozen in self.frozen if frozen != name]
        return replace(self, frozen=tuple(others if value else sorted([*others, name])))
