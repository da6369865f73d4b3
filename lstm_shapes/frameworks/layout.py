"""How a framework keeps a layer's weights: names, shapes, gate order, as data and as arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from lstm_shapes.layers.axes import arrange, build, parse
from lstm_shapes.layers.base import Layer, Weight
from lstm_shapes.symbolic.size import Shape, Size, product

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


class Slot(NamedTuple):
    """One tensor: its ``name`` (``{way}`` and ``{depth}`` filled in), the weights it holds, its layout in our axes.

    Where it holds several weights, which then have one shape, the axis ``role`` counts them. Axes ``...`` are those of
    the weight that are not named, in its order.
    """

    name: str
    roles: str
    axes: str


class Layout(NamedTuple):
    """The tensors of a layer type in order; a slot is there when the layer has all its weights."""

    slots: tuple[Slot, ...]
    gates: str = ""


class Refusal(NamedTuple):
    """Settings that a framework does not take, by themselves or together: where ``refused`` is true of the fields.

    ``kind`` is that of the finding at ``field``: beyond-framework where the figures are right nevertheless.
    """

    field: str
    refused: Callable[[Mapping[str, Any]], bool]
    why: str
    hint: str = ""
    kind: str = "not-in-framework"


class Framework(NamedTuple):
    """A framework as data.

    ``ways`` writes a direction's place in a tensor's name, ``defaults`` are field values by layer type that differ from
    ours, ``stacks`` is whether a module can hold several layers, ``lacks`` what the framework does not have: by layer
    type and field, the only value that it has and what the figures of another are; ``refuses`` are settings of a type
    that it does not take together. ``static`` are flags that need a
    size of the input to be a number: the flag, the size's name and its axis. ``fused`` gives the settings that a type
    needs to run as one cuDNN kernel, ``exporters`` what leads to a target.
    """

    name: str
    title: str
    layouts: Mapping[str, Layout]
    ways: Mapping[str, str]
    defaults: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    stacks: bool = False
    lacks: Mapping[tuple[str, str], tuple[tuple[Any, ...], str]] = MappingProxyType({})
    refuses: Mapping[str, tuple[Refusal, ...]] = MappingProxyType({})
    static: Mapping[str, tuple[str, int]] = MappingProxyType({})
    fused: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    exporters: Mapping[str, str] = MappingProxyType({})

    def has(self, family: type[Layer]) -> bool:
        """Whether the framework has layers of this family: a layout for its weights, or no weights to lay out.

        >>> from lstm_shapes.frameworks import FRAMEWORKS
        >>> from lstm_shapes.layers import family
        >>> [FRAMEWORKS["torch"].has(family(type_)) for type_ in ("lstm", "conv_lstm2d", "dropout")]
        [True, False, True]
        """
        return not family.weight_docs or family.type in self.layouts


class Tensor(NamedTuple):
    """A tensor as the framework names, shapes and orders it; ``axes`` is its layout, ``weights`` the weights in it."""

    name: str
    axes: str
    shape: Shape
    weights: tuple[Weight, ...]
    gates: tuple[str, ...]
    ours: tuple[str, ...]

    @property
    def params(self) -> Size:
        """The number of its elements."""
        return product(self.shape)

    @property
    def trainable(self) -> bool:
        """Whether training changes it."""
        return all(weight.trainable for weight in self.weights)

    def frozen(self) -> Tensor:
        """The tensor, not trainable."""
        return self._replace(weights=tuple(weight._replace(trainable=False) for weight in self.weights))

    @property
    def sizes(self) -> dict[str, Size]:
        """Each axis with its size."""
        return {"role": len(self.weights), "one": 1, **self.weights[0].sizes}


def tensors(framework: Framework, layer: Layer, *inputs: Shape) -> tuple[Tensor, ...]:
    """A layer's tensors, in the framework's order.

    >>> from lstm_shapes.frameworks import FRAMEWORKS
    >>> from lstm_shapes.layers.lstm import LSTM
    >>> [tensor.shape for tensor in tensors(FRAMEWORKS["keras"], LSTM(units=32), (5, 10, 8))]
    [(8, 128), (32, 128), (128,)]
    """
    layers = dict(layer.weighted_layers(*inputs))
    weights: dict[tuple[str, ...], dict[str, Weight]] = {}
    for weight in layer.weights(*inputs):
        weights.setdefault(weight.path, {})[weight.role] = weight
    return tuple(tensor for path, group in weights.items() for tensor in _packed(framework, layers[path], path, group))


def _packed(framework: Framework, layer: Layer, path: tuple[str, ...], weights: dict[str, Weight]) -> Iterator[Tensor]:
    """The tensors of one innermost layer."""
    layout = framework.layouts[layer.type]
    gates, ours = tuple(layout.gates.split()), layer.gate_names
    way = next((part for part in path if part in ("forward", "backward")), "")
    first: dict[Shape, str] = {}
    alike = tuple([(role, first.setdefault(weight.shape, role)) for role, weight in weights.items()])
    for name, axes, roles in _filled(layout, alike, path, way, framework.ways[way]):
        parts = tuple(weights[role] for role in roles)
        axes = _named(axes, parts[0]) if "..." in axes else axes
        sizes = {"role": len(parts), "one": 1, **parts[0].sizes}
        axes = f"copy {axes}" if "copy" in sizes else axes
        yield Tensor(name, axes, build(axes, sizes), parts, gates, ours)


def _named(axes: str, weight: Weight) -> str:
    """The axes of a slot with the weight's own for ``...``."""
    named = {axis for group in parse(axes) for axis in group}
    return axes.replace("...", " ".join(axis for axis in weight.axes.split() if axis not in named))


@lru_cache(maxsize=1024)
def _filled(
    layout: Layout, alike: tuple[tuple[str, str], ...], path: tuple[str, ...], way: str, prefix: str
) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """The slots that a layer with these weights fills: the tensor's name, its axes and what it holds.

    ``alike`` has the first weight of the same shape for each, so that layers of other sizes fill the same slots.
    """
    depth = next((part for part in path if part.isdigit()), "0")
    outer = [part for part in path if part != way and not part.isdigit()]
    left, filled = dict(alike), []
    for slot in layout.slots:
        parts = tuple(slot.roles.split())
        if len({left.get(role) for role in parts}) == 1 and parts[0] in left:
            left = {role: same for role, same in left.items() if role not in parts}
            filled.append(("/".join((*outer, slot.name.format(way=prefix, depth=depth))), slot.axes, parts))
    return tuple(filled)


def pack(tensor: Tensor, arrays: Mapping[str, Array]) -> Array:
    """The tensor as the framework keeps it, from our arrays by weight key."""
    import numpy as np

    parts = np.stack([_ordered(arrays[weight.key], weight, tensor.ours, tensor.gates) for weight in tensor.weights])
    return arrange(parts, f"role {tensor.weights[0].axes}", _loose(tensor), _fixed(tensor)).reshape(_shape(tensor))


def unpack(tensor: Tensor, array: Array) -> dict[str, Array]:
    """Our arrays by weight key, from the tensor as the framework keeps it."""
    sizes = _fixed(tensor)
    loose = array.reshape([sizes[axis] for axis in _loose(tensor).split()])
    parts = arrange(loose, _loose(tensor), f"role {tensor.weights[0].axes}", sizes)
    pairs = zip(tensor.weights, parts, strict=True)
    return {weight.key: _ordered(part, weight, tensor.gates, tensor.ours) for weight, part in pairs}


def _loose(tensor: Tensor) -> str:
    """The tensor's axes in its order, unpacked; a tensor that holds one weight has a role axis of one in front."""
    axes = [axis for axis in tensor.axes.replace("(", "").replace(")", "").split() if axis != "one"]
    return " ".join(axes if "role" in axes else ["role", *axes])


def _fixed(tensor: Tensor) -> dict[str, int]:
    return {axis: size for axis, size in tensor.sizes.items() if isinstance(size, int)}


def _shape(tensor: Tensor) -> list[int]:
    return [size for size in tensor.shape if isinstance(size, int)]


def _ordered(array: Array, weight: Weight, have: tuple[str, ...], want: tuple[str, ...]) -> Array:
    """The array with its gates in another order."""
    if "gate" not in weight.axes.split():
        return array
    return array.take([have.index(gate) for gate in want], axis=weight.axes.split().index("gate"))
