"""How a framework keeps a layer's weights: names, shapes, gate order, as data and as arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from lstm_shapes.layers.axes import arrange, build, parse
from lstm_shapes.layers.base import EACH, Layer, Weight
from lstm_shapes.symbolic.size import Shape, Size, fixed, product

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


class Slot(NamedTuple):
    """One tensor: its ``name`` (``{way}`` and ``{depth}`` filled in), the weights it holds, its layout in our axes.

    Where it holds several weights, which then have one shape, the axis ``role`` counts them; where it holds those of
    both directions, ``way``. Axes ``...`` are those of the weight that are not named, in its order. A name with
    ``{gate}`` stands for a tensor a gate, and for the candidate's alone where the weight has no axis of gates.
    ``added`` is what the framework itself adds to a gate, so that the tensor holds that much less.
    """

    name: str
    roles: str
    axes: str
    added: tuple[tuple[str, float], ...] = ()


class Layout(NamedTuple):
    """The tensors of a layer type in order; a slot is there when the layer has all its weights.

    ``gates`` are in the framework's order, ``letters`` what it calls each of them in the name of a tensor.
    """

    slots: tuple[Slot, ...]
    gates: str = ""
    letters: str = ""

    @property
    def joins_ways(self) -> bool:
        """Whether a tensor holds the weights of both directions."""
        return any("way" in slot.axes.split() for slot in self.slots)


class Refusal(NamedTuple):
    """Settings that a framework does not take, by themselves or together: where ``refused`` is true of the fields.

    ``hint`` says what to type, or makes that of the fields. ``kind`` is that of the finding at ``field``:
    beyond-framework where the figures are right nevertheless.
    """

    field: str
    refused: Callable[[Mapping[str, Any]], bool]
    why: str
    hint: str | Callable[[Mapping[str, Any]], str] = ""
    kind: str = "not-in-framework"


class Framework(NamedTuple):
    """A framework as data.

    ``ways`` writes a direction's place in a tensor's name, ``defaults`` are field values by layer type that differ from
    ours, ``stacks`` is whether a module can hold several layers, ``apart`` whether what a recurrent layer passes on has
    an axis of directions, ``lacks`` what the framework does not have: by layer
    type and field, the only value that it has and what the figures of another are; ``refuses`` are settings of a type
    that it does not take together. ``static`` are flags that need a
    size of the input to be a number: the flag, the size's name and its axis. ``fused`` gives the settings that a type
    needs to run as one cuDNN kernel, ``exporters`` what leads to a target. ``missing`` are types that it has not though
    they have no weights of their own. ``unbatched`` is whether a recurrent layer reads a sequence without a batch too.
    ``separator`` stands between the names of a model and of a layer in it.
    """

    name: str
    title: str
    layouts: Mapping[str, Layout]
    ways: Mapping[str, str]
    defaults: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    stacks: bool = False
    apart: bool = False
    lacks: Mapping[tuple[str, str], tuple[tuple[Any, ...], str]] = MappingProxyType({})
    refuses: Mapping[str, tuple[Refusal, ...]] = MappingProxyType({})
    static: Mapping[str, tuple[str, int]] = MappingProxyType({})
    fused: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    exporters: Mapping[str, str] = MappingProxyType({})
    missing: frozenset[str] = frozenset()
    unbatched: bool = False
    separator: str = "."

    def has(self, family: type[Layer]) -> bool:
        """Whether the framework has layers of this family: a layout for its weights, or no weights to lay out.

        >>> from lstm_shapes.frameworks import FRAMEWORKS
        >>> from lstm_shapes.layers import family
        >>> [FRAMEWORKS["torch"].has(family(type_)) for type_ in ("lstm", "conv_lstm2d", "dropout")]
        [True, False, True]
        """
        return family.type not in self.missing and (not family.weight_docs or family.type in self.layouts)


class Tensor(NamedTuple):
    """A tensor as the framework names, shapes and orders it; ``axes`` is its layout, ``weights`` the weights in it.

    ``ways`` is the number of directions whose weights it holds, ``gate`` the only gate that it belongs to, if there is
    one, ``added`` what the framework adds to a gate.
    """

    name: str
    axes: str
    shape: Shape
    weights: tuple[Weight, ...]
    gates: tuple[str, ...]
    ours: tuple[str, ...]
    ways: int = 1
    gate: str = ""
    added: tuple[tuple[str, float], ...] = ()

    @property
    def params(self) -> Size:
        """The number of its parameters, in all copies where a symbol says how many there are; none in a buffer."""
        return 0 if self.buffer else product(self.shape) * self.weights[0].copies

    @property
    def buffered(self) -> Size:
        """The number of its elements if it is a buffer, else none."""
        return product(self.shape) if self.buffer else 0

    @property
    def buffer(self) -> bool:
        """Whether it is in the state dict and is no parameter."""
        return all(weight.buffer for weight in self.weights)

    @property
    def trainable(self) -> bool:
        """Whether training changes it."""
        return all(weight.trainable for weight in self.weights)

    def frozen(self) -> Tensor:
        """The tensor, not trainable."""
        return self._replace(weights=tuple(weight._replace(trainable=False) for weight in self.weights))

    @property
    def roles(self) -> tuple[str, ...]:
        """What the weights in it are, those of one direction."""
        return tuple(weight.role for weight in self.weights[: len(self.weights) // self.ways])

    @property
    def sizes(self) -> dict[str, Size]:
        """Each axis with its size."""
        return {"way": self.ways, "role": len(self.roles), "one": 1, **self.weights[0].sizes}


def tensors(framework: Framework, layer: Layer, *inputs: Shape) -> tuple[Tensor, ...]:
    """A layer's tensors, in the framework's order.

    >>> from lstm_shapes.frameworks import FRAMEWORKS
    >>> from lstm_shapes.layers.lstm import LSTM
    >>> [tensor.shape for tensor in tensors(FRAMEWORKS["keras"], LSTM(units=32), (5, 10, 8))]
    [(8, 128), (32, 128), (128,)]
    """
    layers = dict(layer.weighted_layers(*inputs))
    weights: dict[Path, dict[str, Weight]] = {}
    for weight in layer.weights(*inputs):
        weights.setdefault(weight.path, {})[weight.role] = weight
    listed: list[Tensor] = []
    for paths, way in _nodes(framework, layers, weights):
        groups = tuple([tuple(weights[path].values()) for path in paths])
        first = layers[paths[0]]
        listed += _packed(framework.layouts[first.type], first.gate_names, groups, framework.ways[way])
    return tuple(listed)


Path = tuple[str, ...]
_WAYS = ("forward", "backward")


def _nodes(
    framework: Framework, layers: Mapping[Path, Layer], weights: Mapping[Path, Mapping[str, Weight]]
) -> Iterator[tuple[tuple[Path, ...], str]]:
    """The paths of the layers whose weights stand together, with the direction that names them, '' where it is none.

    Both directions stand together where a tensor of the framework holds both and they are alike; a direction that has
    no other beside it needs no name either.
    """
    done: set[Path] = set()
    for path in weights:
        way = next((part for part in path if part in _WAYS), "")
        if path in done:
            continue
        if not way or not framework.layouts[layers[path].type].joins_ways:
            yield (path,), way
            continue
        other = _opposite(path, way)
        if other not in weights:
            yield (path,), ""
        elif _shapes(weights[path]) == _shapes(weights[other]):
            done.add(other)
            yield (path, other), ""
        else:
            yield (path,), way


def _opposite(path: Path, way: str) -> Path:
    """The path of the other direction."""
    other = _WAYS[way == "forward"]
    return tuple(other if part == way else part for part in path)


def _shapes(weights: Mapping[str, Weight]) -> list[tuple[str, Shape]]:
    return [(role, weight.shape) for role, weight in weights.items()]


@lru_cache(maxsize=1024)
def _packed(
    layout: Layout, ours: tuple[str, ...], groups: tuple[tuple[Weight, ...], ...], prefix: str
) -> tuple[Tensor, ...]:
    """The tensors of one innermost layer with these gates, or of two directions that stand together."""
    return tuple(_tensors(layout, ours, groups, prefix))


def _tensors(
    layout: Layout, ours: tuple[str, ...], groups: tuple[tuple[Weight, ...], ...], prefix: str
) -> Iterator[Tensor]:
    gates = tuple(layout.gates.split())
    first: dict[Shape, str] = {}
    alike = tuple([(weight.role, first.setdefault(weight.shape, weight.role)) for weight in groups[0]])
    by_role = [{weight.role: weight for weight in group} for group in groups]
    for slot, name, roles in _filled(layout, alike, groups[0][0].path, prefix):
        parts = tuple(group[role] for group in by_role for role in roles)
        axes = _named(slot.axes, parts[0]) if "..." in slot.axes else slot.axes
        sizes = {"way": len(groups), "role": len(roles), "one": 1, **parts[0].sizes}
        axes = f"copy {axes}" if "copy" in sizes else axes
        name = f"{name} {parts[0].each}" if parts[0].each else name
        tensor = Tensor(name, axes, build(axes, sizes), parts, gates, ours, len(groups), "", slot.added)
        yield from _by_gate(tensor, layout) if "{gate}" in name else (tensor,)


def _by_gate(tensor: Tensor, layout: Layout) -> Iterator[Tensor]:
    """A tensor for each gate, or the candidate's alone."""
    letters = dict(zip(tensor.gates, layout.letters.split(), strict=True))
    for gate in tensor.gates if "gate" in tensor.weights[0].axes.split() else ("candidate",):
        yield tensor._replace(name=tensor.name.replace("{gate}", letters[gate]), gate=gate)


def _named(axes: str, weight: Weight) -> str:
    """The axes of a slot with the weight's own for ``...``."""
    named = {axis for group in parse(axes) for axis in group}
    return axes.replace("...", " ".join(axis for axis in weight.axes.split() if axis not in named))


@lru_cache(maxsize=1024)
def _filled(
    layout: Layout, alike: tuple[tuple[str, str], ...], path: Path, prefix: str
) -> tuple[tuple[Slot, str, tuple[str, ...]], ...]:
    """The slots that a layer with these weights fills: the slot, the tensor's name and what it holds.

    ``alike`` has the first weight of the same shape for each, so that layers of other sizes fill the same slots.
    """
    depth = next((part for part in path if part.isdigit() or part == EACH), "0")
    outer = [part for part in path if part not in (*_WAYS, EACH) and not part.isdigit()]
    left, filled = dict(alike), []
    for slot in layout.slots:
        parts = tuple(slot.roles.split())
        if len({left.get(role) for role in parts}) == 1 and parts[0] in left:
            left = {role: same for role, same in left.items() if role not in parts}
            name = slot.name.format(way=prefix, depth=depth, gate="{gate}")
            filled.append((slot, "/".join((*outer, name)), parts))
    return tuple(filled)


def pack(tensor: Tensor, arrays: Mapping[str, Array]) -> Array:
    """The tensor as the framework keeps it, from our arrays by weight key."""
    import numpy as np

    parts = np.stack([_to_framework(tensor, weight, arrays[weight.key]) for weight in tensor.weights])
    return arrange(parts, f"way role {_our_axes(tensor)}", _loose(tensor), _fixed(tensor)).reshape(_shape(tensor))


def unpack(tensor: Tensor, array: Array, others: Mapping[str, Array] | None = None) -> dict[str, Array]:
    """Our arrays by weight key, from the tensor as the framework keeps it.

    A tensor that holds one gate fills that gate of the array in ``others``, what was read from other tensors so far;
    the gates that no tensor has filled yet are 0.
    """
    sizes = _fixed(tensor)
    loose = array.reshape([sizes[axis] for axis in _loose(tensor).split()])
    parts = arrange(loose, _loose(tensor), f"way role {_our_axes(tensor)}", sizes)
    parts = parts.reshape(len(tensor.weights), *parts.shape[2:])
    pairs = zip(tensor.weights, parts, strict=True)
    return {weight.key: _from_framework(tensor, weight, part, others or {}) for weight, part in pairs}


def _our_axes(tensor: Tensor) -> str:
    """Our axes of a weight in the tensor: without that of the gates where it holds one of them."""
    axes = tensor.weights[0].axes.split()
    return " ".join(axis for axis in axes if axis != "gate" or not tensor.gate)


def _loose(tensor: Tensor) -> str:
    """The tensor's axes in its order, unpacked; what it does not count, as ways and roles, is an axis of one."""
    axes = [axis for axis in tensor.axes.replace("(", "").replace(")", "").split() if axis != "one"]
    return " ".join((*(axis for axis in ("way", "role") if axis not in axes), *axes))


def _fixed(tensor: Tensor) -> dict[str, int]:
    return {axis: size for axis, size in tensor.sizes.items() if isinstance(size, int)}


def _shape(tensor: Tensor) -> list[int]:
    return [size for size in tensor.shape if isinstance(size, int)]


def _to_framework(tensor: Tensor, weight: Weight, array: Array) -> Array:
    """The weight's array as the tensor holds it: its gates in the framework's order, less what the framework adds."""
    gates = weight.axes.split().index("gate") if "gate" in weight.axes.split() else None
    for gate, constant in tensor.added if gates is not None else ():
        array = array.copy()
        array.swapaxes(0, gates or 0)[tensor.ours.index(gate)] -= constant
    if tensor.gate:
        return array if gates is None else array.take(tensor.ours.index(tensor.gate), axis=gates)
    return _ordered(array, weight, tensor.ours, tensor.gates)


def _from_framework(tensor: Tensor, weight: Weight, part: Array, others: Mapping[str, Array]) -> Array:
    """The inverse of ``_to_framework``."""
    import numpy as np

    gates = weight.axes.split().index("gate") if "gate" in weight.axes.split() else None
    if gates is None:
        return _ordered(part, weight, tensor.gates, tensor.ours)
    if tensor.gate:
        earlier = others.get(weight.key)
        array = np.zeros([fixed(size) for size in weight.shape], part.dtype) if earlier is None else earlier.copy()
        array.swapaxes(0, gates)[tensor.ours.index(tensor.gate)] = part
        return array
    array = _ordered(part, weight, tensor.gates, tensor.ours)
    for gate, constant in tensor.added:
        array = array.copy()
        array.swapaxes(0, gates)[tensor.ours.index(gate)] += constant
    return array


def _ordered(array: Array, weight: Weight, have: tuple[str, ...], want: tuple[str, ...]) -> Array:
    """The array with its gates, or the peepholes of those that have one, in another order."""
    axes = weight.axes.split()
    if "peep" in axes:
        have, want = (tuple(gate for gate in gates if gate != "candidate") for gates in (have, want))
    axis = next((axes.index(name) for name in ("gate", "peep") if name in axes), None)
    return array if axis is None else array.take([have.index(gate) for gate in want], axis=axis)
