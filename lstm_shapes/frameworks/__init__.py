"""Frameworks: how each keeps its tensors, and its defaults, as data. ``NAMES`` is the list; one file describes one.

A framework's file is imported when its description is read: the command line needs only the names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lstm_shapes.frameworks.layout import Framework

NAMES = ("keras", "torch", "onnx", "flax", "flax-linen")
"""The module of the same name, with _ for -, has the description: ``flax_linen.py`` has ``FLAX_LINEN``."""


class _Frameworks(Mapping[str, "Framework"]):
    """The description of each framework by name, loaded when it is asked for."""

    def __getitem__(self, name: str) -> Framework:
        if name not in NAMES:
            raise KeyError(name)
        return _load(name)

    def __contains__(self, name: object) -> bool:
        return name in NAMES

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


@cache
def _load(name: str) -> Framework:
    module = name.replace("-", "_")
    framework: Framework = vars(import_module(f"{__name__}.{module}"))[module.upper()]
    return framework


FRAMEWORKS: Mapping[str, Framework] = _Frameworks()
"""Every framework by name.

>>> FRAMEWORKS["torch"].title
'PyTorch'
"""
