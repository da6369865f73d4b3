"""The layer of a framework that is the same as ours, with the same numbers in it: what each framework builds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.frameworks.layout import Framework, pack, tensors
from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Shape, fixed, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

Call = Callable[..., "tuple[Any, ...]"]
"""Tensors in, as the layer takes them; ``states`` has the initial ones, none or all."""
Arrays = Mapping[str, "Array"]
"""The numbers of a layer's weights by key."""


class NotCompared(LstmShapesError):
    """The framework has no such layer, or not with these settings."""


class Differs(LstmShapesError):
    """The framework's weights are not those that were predicted."""


class Twin(NamedTuple):
    """A framework's layer: how it is called, how many weights it has, and what a reader must know of the comparison.

    ``params`` leaves out what ``notes`` say that only the framework has. ``exact`` is false where the framework
    computes in float32 whatever it is given; ``stated`` are the shapes that it gives without a run, where it does.
    """

    call: Call
    params: int = 0
    notes: tuple[str, ...] = ()
    exact: bool = True
    stated: Callable[[Sequence[Shape]], tuple[Shape, ...]] | None = None
    known_fault: str = ""
    real: Any = None


class Builder(Protocol):
    """A framework, imported."""

    name: str
    title: str
    version: str

    def session(self) -> AbstractContextManager[None]:
        """While it lasts, the framework computes in float64 if it can; then its settings are as they were."""

    def build(self, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
        """The layer for these shapes, the numbers packed into it. Raises ``NotCompared`` and ``Differs``."""

    def tensor(self, array: Array, mask: Array | None) -> Any:
        """A tensor of the framework with these numbers, and the mask that it carries."""

    def array(self, tensor: Any) -> Array:
        """The numbers of a tensor."""


def check_settings(framework: Framework, layer: Layer, expressed: frozenset[str] = frozenset()) -> None:
    """Raise ``NotCompared`` on a layer or a setting that the framework does not have; ``expressed`` are not asked."""
    title, settings = framework.title, layer.field_values()
    if not framework.has(type(layer)):
        raise NotCompared(f"{title} has no {layer.type}")
    for name, value in settings.items():
        only, why = framework.lacks.get((layer.type, name), ((), ""))
        default = only or (None,)
        if why and name not in expressed and value not in default:
            raise NotCompared(f"{title} has no {layer.type} with {name} {plain(value)}")
    for refusal in framework.refuses.get(layer.type, ()):
        if refusal.field not in expressed and refusal.refused(settings):
            raise NotCompared(f"{title} has no {layer.type} with {refusal.field} {plain(settings[refusal.field])}")


def check_directions(title: str, layer: Layer) -> None:
    """Raise ``NotCompared`` on the recurrent layer of an ONNX node, whose outputs have an axis of directions."""
    if ("direction",) in layer.settings():
        raise NotCompared(f"{title} has no {layer.type} with an axis of directions")


def without(title: str, what: str, settings: Mapping[str, Any], **only: Any) -> None:
    """Raise ``NotCompared`` on a setting with another value than the only one that the framework has."""
    for name, value in only.items():
        if settings.get(name, value) != value:
            raise NotCompared(f"{title} has no {what} with {name} {plain(settings[name])}")


def each(value: Any, rank: int) -> tuple[int, ...]:
    """A setting's number for each axis of space."""
    return value if isinstance(value, tuple) else (value,) * rank


def plain(value: Any) -> str:
    """A setting as a file has it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(plain, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def packed(framework: Framework, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> dict[str, Array]:
    """Our numbers as the framework's tensors, by name and in its order."""
    return {tensor.name: pack(tensor, arrays) for tensor in tensors(framework, layer, *shapes)}


def check_tensors(title: str, ours: Mapping[str, Array], theirs: Mapping[str, Sequence[int]]) -> None:
    """Raise ``Differs`` unless names, order and shapes are the same."""
    for name, array in ours.items():
        if name not in theirs:
            raise Differs(f"{title} has no weight {name}, predicted {shown(array.shape)}")
        if array.shape != tuple(theirs[name]):
            raise Differs(f"{name}: predicted {shown(array.shape)}, {title} has {shown(tuple(theirs[name]))}")
    for name, shape in theirs.items():
        if name not in ours:
            raise Differs(f"{title} has a weight {name} {shown(tuple(shape))}, which was not predicted")
    if list(ours) != list(theirs):
        raise Differs(f"the order of weights: predicted {', '.join(ours)}, {title} has {', '.join(theirs)}")


def numbers(shapes: Sequence[Shape]) -> tuple[tuple[int, ...], ...]:
    """Shapes without symbols, as integers."""
    return tuple(tuple(map(fixed, shape)) for shape in shapes)


def inside(arrays: Arrays, part: str) -> Arrays:
    """The numbers of a part of a layer, by the keys that it has by itself."""
    start = f"{part}/" if part else ""
    return {key[len(start) :]: array for key, array in arrays.items() if key.startswith(start)}
