"""The state dicts in a checkpoint: mappings of names to tensors, in what people save with optimizers and epochs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lstm_shapes.formats.pickled import Opaque, TensorInfo
from lstm_shapes.importers.state_dict.stored import Tensor

MAX_DEPTH = 50
_NOT_MODELS = re.compile(
    r".*(optim|sched).*|callbacks|loops|.*scaler|amp|.*rng.*|.*random_state.*|opts?", re.IGNORECASE
)
"""Keys under which training keeps tensors of its own."""
_LEARNED = re.compile(r".*\..*|(weight|bias|gamma|beta|embedding)(_.*)?|.*_(weight|bias)")
"""Names of tensors that only a model has."""


class StateDict(NamedTuple):
    """The tensors of a model by name; ``path`` are the keys that lead to it in the file."""

    path: tuple[str, ...]
    tensors: dict[str, Tensor]

    @property
    def name(self) -> str:
        """The keys as a name."""
        return ".".join(self.path)


class Checkpoint(NamedTuple):
    """The state dicts of a file, and the other tensors and collections, by name."""

    models: tuple[StateDict, ...]
    beside: tuple[str, ...]


def state_dicts(tree: Any) -> Checkpoint:
    """The state dicts in the plain values of a file: mappings with names that only a model has, else any with tensors.

    >>> info = TensorInfo((4, 3), "float32")
    >>> [model.name for model in state_dicts({"model": {"fc.weight": info}, "epoch": 3}).models]
    ['model']
    """
    tree = {"tensor": tree} if isinstance(tree, TensorInfo) else tree
    for any_name in (False, True):
        search = _Search(any_name)
        models = tuple(search.models(tree, ())) if isinstance(tree, dict | list | tuple) else ()
        if models:
            return Checkpoint(models, tuple(search.beside))
    return Checkpoint((), ())


class _Search:
    def __init__(self, any_name: bool) -> None:
        self.any_name = any_name
        self.seen: set[int] = set()
        self.beside: list[str] = []

    def _is_weight(self, key: str, tensor: TensorInfo) -> bool:
        """Whether a model has this tensor, by its name: a scalar only where it is in a module."""
        if not tensor.shape:
            return "." in key
        return self.any_name or bool(_LEARNED.fullmatch(key))

    def models(self, value: Any, path: tuple[str, ...]) -> Iterator[StateDict]:
        """The state dicts in a value; a collection that is there several times is looked at once."""
        if id(value) in self.seen or _is_optimizer(value):
            return
        self.seen.add(id(value))
        if len(path) > MAX_DEPTH:
            self.beside.append(".".join(path[:3]))
            return
        items = _items(value)
        tensors = {key: inner for key, inner in items.items() if isinstance(inner, TensorInfo)}
        if any(self._is_weight(key, inner) for key, inner in tensors.items()):
            yield StateDict(path, _with_opaque(items))
        else:
            self.beside += [".".join((*path, key)) for key in tensors]
        for key, inner in items.items():
            if key in tensors or not isinstance(inner, dict | list | tuple):
                continue
            if not _NOT_MODELS.fullmatch(key):
                yield from self.models(inner, (*path, key))
            elif inner:
                self.beside.append(".".join((*path, key)))


def _items(value: Any) -> dict[str, Any]:
    """The values of a collection by their keys, as text: 1 and "1" are two keys of a dict."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    items: dict[str, Any] = {}
    for key, inner in pairs:
        name = str(key)
        items[name if name not in items else f"{name} ({type(key).__name__})"] = inner
    return items


def _is_optimizer(value: Any) -> bool:
    """Whether it is the state of an optimizer of PyTorch."""
    return isinstance(value, dict) and "param_groups" in value and "state" in value


def _with_opaque(items: dict[str, Any]) -> dict[str, Tensor]:
    """The tensors of a state dict in order, with what stands among them and is not built."""
    tensors = {}
    for key, value in items.items():
        if isinstance(value, TensorInfo):
            tensors[key] = Tensor(key, value.shape, value.dtype, value.place)
        elif isinstance(value, Opaque) and "." in key and not key.endswith("_extra_state"):
            tensors[key] = Tensor(key, (), "", opaque=value.name)
    return tensors
