"""The frameworks with which ``verify --against`` compares, each imported only when a comparison needs it."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.spec.values import choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lstm_shapes.analysis.verify.against.twin import Builder


class Requirement(NamedTuple):
    """What has to be installed: all of ``packages``, and one of ``either`` if there are any; and how."""

    title: str
    packages: tuple[str, ...]
    install: str
    either: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """What is not installed; empty where nothing is missing."""
        absent = [package for package in self.packages if not installed(package)]
        if absent:
            return " and ".join(absent)
        if self.either and not any(map(installed, self.either)):
            return f"one of {', '.join(self.either)}"
        return ""


REQUIREMENTS = {
    "keras": Requirement("Keras", ("keras",), "pip install keras torch", ("torch", "jax", "tensorflow")),
    "torch": Requirement("PyTorch", ("torch",), "pip install torch"),
    "onnx": Requirement("ONNX", ("onnx", "onnxruntime"), "pip install onnx onnxruntime"),
    "flax": Requirement("Flax nnx", ("flax", "jax"), "pip install flax"),
    "flax-linen": Requirement("Flax linen", ("flax", "jax"), "pip install flax"),
}
"""A framework's name, which with _ for - is that of its module here -> what it needs."""
NAMES = tuple(REQUIREMENTS)
ALL = "all"
_WORDS = {"pytorch": "torch", "onnxruntime": "onnx"}


class MissingFramework(LstmShapesError):
    """A framework that a comparison needs is not installed."""


class Missing(NamedTuple):
    """A framework that is not installed, and what is said of it."""

    name: str
    title: str
    message: str


def installed(package: str) -> bool:
    """Whether a package can be imported; it is not imported."""
    if package in sys.modules:
        return sys.modules[package] is not None
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def connect(against: Sequence[str]) -> tuple[tuple[Builder, ...], tuple[Missing, ...]]:
    """The frameworks by name, imported, and those of ``all`` that are missing.

    Raises ``InvalidValue`` on a name that there is not, ``MissingFramework`` on one that is not installed, and
    where ``all`` finds none.
    """
    against = [choice(_WORDS.get(name.lower(), name), (*NAMES, ALL)) for name in against]
    wanted = NAMES if ALL in against else tuple(dict.fromkeys(against))
    missing = tuple(filter(None, map(_missing, wanted)))
    if missing and ALL not in against:
        raise MissingFramework("; ".join(absent.message for absent in missing))
    if len(missing) == len(wanted):
        installs = " or ".join(f"`{REQUIREMENTS[name].install}`" for name in wanted)
        raise MissingFramework(f"nothing was compared: no framework is installed; install one with {installs}")
    absent = {one.name for one in missing}
    return tuple(_connected(name) for name in wanted if name not in absent), missing


def _missing(name: str) -> Missing | None:
    needs = REQUIREMENTS[name]
    if not needs.missing:
        return None
    message = f"not compared with {needs.title}: {needs.missing} is not installed; install with `{needs.install}`"
    return Missing(name, needs.title, message)


def _connected(name: str) -> Builder:
    from lstm_shapes.analysis.verify.against.quiet import quiet

    needs = REQUIREMENTS[name]
    try:
        with quiet():
            module: Any = import_module(f"{__name__}.{name.replace('-', '_')}")
            builder: Builder = module.connect()
    except Exception as error:
        reason = str(error).strip().splitlines()[:1]
        text = f"{type(error).__name__}{': ' if reason else ''}{''.join(reason)}"
        message = f"not compared with {needs.title}: importing it fails: {text}; install with `{needs.install}`"
        raise MissingFramework(message) from error
    return builder
