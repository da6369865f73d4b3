"""How a layer is called, from the three forms in which Keras writes ``inbound_nodes``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

_CONSTANT = "_CONSTANT_VALUE"
_MAX_DEPTH = 8


class Tensor(NamedTuple):
    """An output of a layer's call; ``shape`` as Keras 3 records it."""

    layer: str
    node: int
    output: int
    shape: tuple[int | None, ...] | None = None


class Call(NamedTuple):
    """The arguments of a call: tensors, constants, and tuples of them."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = MappingProxyType({})

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """The tensors among the positional arguments, in order."""
        if len(self.args) == 1 and isinstance(self.args[0], Tensor):
            return self.args
        return tuple(tensors(self.args))


def tensors(value: Any) -> Iterator[Tensor]:
    """The tensors in a value, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from tensors(item)
    elif isinstance(value, dict):  # inputs by name, which Keras flattens in the order of their names
        for key in sorted(value, key=str):
            yield from tensors(value[key])


def read_calls(nodes: Any) -> tuple[Call, ...]:
    """The calls of a layer, from the value of ``inbound_nodes``.

    >>> read_calls([[["lstm", 0, 0, {}]]])[0].tensors
    (Tensor(layer='lstm', node=0, output=0, shape=None),)
    >>> read_calls([["relu", 0, 0, {"y": ["dense", 0, 0]}]])[0].kwargs["y"].layer
    'dense'
    """
    return tuple(_call(node) for node in nodes) if isinstance(nodes, list) else ()


def _call(node: Any) -> Call:
    if isinstance(node, dict):  # Keras 3
        args, kwargs = node.get("args"), node.get("kwargs")
        return Call(
            tuple(_value(item) for item in args) if isinstance(args, list) else (),
            {key: _value(item) for key, item in kwargs.items()} if isinstance(kwargs, dict) else {},
        )
    if not isinstance(node, list) or not node:
        return Call()
    if isinstance(node[0], str):  # one call of a tf.keras operator
        return Call((_old(node),), _settings(node))
    entries = tuple(_old(entry) for entry in node if isinstance(entry, list))
    return Call(entries if len(entries) == 1 else (entries,), _settings(node[0]))


def _settings(entry: Any) -> dict[str, Any]:
    """The keyword arguments of a call, which follow a tensor's layer, node and index."""
    settings = entry[3] if isinstance(entry, list) and len(entry) > 3 else None
    return {key: _value(item) for key, item in settings.items()} if isinstance(settings, dict) else {}


def _old(entry: list[Any]) -> Any:
    if entry[:1] == [_CONSTANT]:
        return entry[2] if len(entry) > 2 else None
    return tensor(entry[:3])


def tensor(value: Any) -> Any:
    """``[layer, node, index]`` as a Tensor; None for anything else."""
    if isinstance(value, list | tuple) and len(value) >= 3 and isinstance(value[0], str):
        node, index = value[1], value[2]
        if type(node) is int and type(index) is int:
            return Tensor(value[0], node, index)
    return None


def _value(value: Any, depth: int = 0) -> Any:
    """A value with its tensors and slices decoded; lists become tuples."""
    if depth > _MAX_DEPTH:
        return None
    if isinstance(value, dict):
        config = value.get("config")
        if "class_name" not in value:
            return {key: _value(item, depth + 1) for key, item in value.items()}
        if value["class_name"] == "__ellipsis__":
            return Ellipsis
        if not isinstance(config, dict):
            return value
        if value.get("class_name") == "__keras_tensor__":
            history = tensor(config.get("keras_history"))
            return history._replace(shape=axes(config.get("shape"))) if history else None
        if value.get("class_name") == "__slice__":
            return slice(config.get("start"), config.get("stop"), config.get("step"))
        return value
    if isinstance(value, list):
        found = tensor(value) if len(value) == 3 else None
        if found:
            return found
        if len(value) == 3 and value[0] == _CONSTANT:
            return value[2]
        return tuple(_value(item, depth + 1) for item in value)
    return value


def axes(value: Any) -> tuple[int | None, ...] | None:
    """A shape that Keras recorded, perhaps as a TensorShape or a tuple with its items; None where it is none."""
    if isinstance(value, dict):
        value = value.get("items")
    if isinstance(value, list | tuple) and all(axis is None or (type(axis) is int and axis >= 0) for axis in value):
        return tuple(value)
    return None
