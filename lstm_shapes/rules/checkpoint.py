"""The weights of a model against those in another file, a checkpoint: tensor by tensor, those missing and those left.

Both sides are inferred models, so that a checkpoint of any kind is compared with a model of any kind. Layers are paired
by their names, then by the ends of their names, then by their tensors in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.route import Route
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import tensors
from lstm_shapes.graph.shape_inference import Inferred, InferredGraph, InferredNode
from lstm_shapes.rules.stored_arrays import Weight, listed
from lstm_shapes.spec.imported import Imported
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Shape, Size, product, same, shown, total

MAX_LISTED = 8
_OTHER_KEYS = frozenset("type name use inputs initial_state tied_to layers".split())
"""The keys of a layer that do not say how large its tensors are."""


class Part(NamedTuple):
    """A layer with its tensors by name, at a route in the model that was ``read``.

    ``again`` says that the tensors are another layer's, so that they may be left out.
    """

    name: str
    type: str
    tensors: Mapping[str, Shape]
    route: Route
    read: Reading
    again: bool = False


class Weights(NamedTuple):
    """The layers of a model that have weights.

    ``declared`` has the numbers of the layers of which no more is known than how many numbers are stored for them;
    ``complete`` says that so much is known of all.
    """

    parts: tuple[Part, ...]
    declared: Mapping[str, Size]
    complete: bool


def checkpoint(reading: Reading, others: Sequence[Reading]) -> Iterator[Finding]:
    """Where the weights of a model are not those that another file stores: its state dicts, taken together.

    All readings are in one framework, that of the file.
    """
    if reading.inferred is None:
        return
    file = others[0].document.source
    model = _weights(reading, reading.inferred, None)
    stored = _together(others)
    pairs, missing, left = _paired(model.parts, stored)
    for ours, theirs in pairs:
        yield from _compared(ours, theirs)
    for part in missing:
        message = f"{part.name} ({part.type}): the checkpoint {file} has none of its tensors: {_listed(part.tensors)}"
        yield reading.document.finding("stored-arrays", message, part.route, layer=part.name)
    names = {part.name for part in stored if part.type != "unknown"}
    for part in left if model.complete else ():
        if not part.again and _above(part) not in names and not _is_declared(part, model.declared):
            yield _left(reading, part)


def _together(others: Sequence[Reading]) -> tuple[Part, ...]:
    """The layers of a file's models; where it has several, under the names of these, and each of equal ones once."""
    parts: list[Part] = []
    seen: set[object] = set()
    for other in others:
        own = _weights(other, other.inferred, other.imported).parts if other.inferred else ()
        key = frozenset((part.name, _shapes(part)) for part in own)
        name = other.imported.name if other.imported and others[1:] else ""
        if key not in seen:
            parts += [part._replace(name=_within(name, part.name, only=not own[1:])) for part in own]
        seen.add(key)
    return tuple(parts)


def _within(model: str, name: str, *, only: bool) -> str:
    """The name of a layer in one of several models: that of the model where it is all that the model has."""
    return name if not model else model if only else f"{model}.{name}"


def _is_declared(part: Part, declared: Mapping[str, Size]) -> bool:
    """Whether the model has a layer of this name of which only the number of its parameters is known, and is this."""
    return part.name in declared and same(declared[part.name], total(map(product, part.tensors.values()))) is not False


def _above(part: Part) -> str:
    """The name of the layer of which an unknown part is: what weight norm, spectral norm or pruning add to it."""
    path = part.name.partition(".parametrizations.")[0]
    return (path if path != part.name else path.rpartition(".")[0]) if part.type == "unknown" else ""


def _left(reading: Reading, part: Part) -> Finding:
    """A layer of the checkpoint that the model has not."""
    stored = _listed(part.tensors)
    message = f"no layer has what the checkpoint {part.read.document.source} stores as {part.name}: {stored}"
    hint = "" if part.type == "unknown" else f"add `{{{_settings(part, name=part.name)}}}`"
    return reading.document.finding("stored-arrays", message, ("layers",), key=True, hint=hint)


def _weights(reading: Reading, inferred: Inferred, stored: Imported | None) -> Weights:
    """The layers of a model with weights, those of nested models under the names of both."""
    framework = FRAMEWORKS[inferred.model.framework]
    parts, declared, complete = [], {}, True
    for prefix, node in _nodes(inferred, ""):
        name = f"{prefix}{node.name}"
        if node.params is None:
            complete = False
            continue
        if node.layer.type in ("unknown", "custom") and stored is None:
            declared[name] = node.params + (node.buffers or 0)
            continue
        arrays = stored.stored.get(node.route, ()) if stored else ()
        if node.layer.type == "unknown":
            ends = [array.name.rpartition(".")[2] for array in arrays]
            names = ends if len(set(ends)) == len(ends) else [array.name for array in arrays]
            shapes: dict[str, Shape] = {name: array.shape for name, array in zip(names, arrays, strict=True)}
        else:
            shapes = {tensor.name: tensor.shape for tensor in tensors(framework, node.layer, *node.count_inputs)}
        if shapes:
            parts.append(Part(name, node.layer.type, shapes, node.route, reading, node.node.shared))
    return Weights(tuple(parts), declared, complete)


def _nodes(graph: InferredGraph, prefix: str) -> Iterator[tuple[str, InferredNode]]:
    for node in graph.nodes:
        if node.inside and node.layer.type == "model" and not node.node.shared:
            yield from _nodes(node.inside, f"{prefix}{node.name}.")
        else:
            yield prefix, node


Pairs = tuple[list[tuple[Part, Part]], list[Part], list[Part]]


def _paired(ours: Iterable[Part], theirs: Iterable[Part]) -> Pairs:
    """The layers of both sides in pairs, and those of each side that have no other."""
    pairs: list[tuple[Part, Part]] = []
    left, right = [part for part in ours if not part.again], list(theirs)
    for key in (_name, _end, _shapes, _names):
        left, right = _pair(pairs, left, right, key)
    order = {id(part): number for number, part in enumerate(ours)}
    return sorted(pairs, key=lambda pair: order[id(pair[0])]), left, right


def _pair(
    pairs: list[tuple[Part, Part]], left: list[Part], right: list[Part], key: Callable[[Part], object]
) -> tuple[list[Part], list[Part]]:
    """Add the pairs of layers with the same key, in order; returns those that are left over."""
    waiting: dict[object, list[Part]] = {}
    for part in reversed(right):
        waiting.setdefault(key(part), []).append(part)
    alone = []
    for part in left:
        same_key = waiting.get(key(part))
        if same_key:
            pairs.append((part, same_key.pop()))
        else:
            alone.append(part)
    paired = {id(other) for _, other in pairs}
    return alone, [part for part in right if id(part) not in paired]


def _name(part: Part) -> object:
    return part.name


def _end(part: Part) -> object:
    """The last part of a name: ``lstm`` of ``encoder.lstm``."""
    return part.name.rpartition(".")[2], frozenset(part.tensors)


def _shapes(part: Part) -> object:
    return frozenset((name, shown(shape)) for name, shape in part.tensors.items())


def _names(part: Part) -> object:
    return frozenset((name, len(shape)) for name, shape in part.tensors.items())


def _compared(ours: Part, theirs: Part) -> Iterator[Finding]:
    """Where the tensors of two layers differ, tensor by tensor."""
    document = ours.read.document
    hint = "" if theirs.type == "unknown" else f"the checkpoint's layer is `{{{_settings(theirs)}}}`"
    for name, shape in ours.tensors.items():
        there = theirs.tensors.get(name)
        label = f"{ours.name} ({ours.type}): {name}"
        if there is None:
            message = f"{label} {shown(shape)} is not in the checkpoint {theirs.read.document.source}"
            yield document.finding("stored-arrays", message, ours.route, layer=ours.name, hint=hint)
            continue
        answers = [same(size, stored) for size, stored in zip(shape, there, strict=False)]
        if len(shape) != len(there) or False in answers:
            message = f"{label} is {shown(shape)}, but the checkpoint stores {shown(there)} as {theirs.name}.{name}"
            yield document.finding("stored-arrays", message, ours.route, layer=ours.name, hint=hint)
        elif None in answers:
            message = f"{label} is {shown(shape)}: the checkpoint fits where that is {shown(there)}"
            yield document.finding("undecided", message, ours.route, layer=ours.name)
    for name, shape in theirs.tensors.items():
        if name not in ours.tensors:
            stored = f"{shown(shape)} as {theirs.name}.{name}"
            message = f"{ours.name} ({ours.type}) has no {name}, but the checkpoint stores {stored}"
            yield document.finding("stored-arrays", message, ours.route, layer=ours.name, hint=hint)


def _listed(shapes: Mapping[str, Shape]) -> str:
    """Tensors with their shapes."""
    return listed((Weight(name, shape) for name, shape in shapes.items()), MAX_LISTED)


def _settings(part: Part, **more: Any) -> str:
    """The type and the settings of a layer of the checkpoint, as they are written in a spec."""
    entry = part.read.document.data
    for step in part.route:
        entry = entry[step]
    own = {key: value for key, value in entry.items() if key not in _OTHER_KEYS}
    values = {"type": part.type, **more, **own}.items()
    return ", ".join(f"{key}: {str(value).lower() if isinstance(value, bool) else value}" for key, value in values)
