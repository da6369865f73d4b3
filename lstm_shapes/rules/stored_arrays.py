"""The arrays stored in a model's file, and the shapes that its writer recorded, against those that its layers have.

An array is compared by its shape with the weight of the same name, else with that in the same position. Other arrays
of the same weights are accepted: Keras 1 has one for each gate, cuDNN's layers of Keras 2 join both biases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.route import Route
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Tensor, tensors
from lstm_shapes.graph.shape_inference import Inferred, InferredGraph, InferredNode
from lstm_shapes.spec.imported import Imported, Stored
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Shape, Size, product, same, shown, total

MAX_LISTED = 3
_NEVER = 99
"""A rank that no array has."""
_BEFORE_2 = ("0.", "1.")
"""How the version of a Keras begins whose arrays are others."""


class Weight(NamedTuple):
    """A weight that a layer has: its name and its shape."""

    name: str
    shape: Shape


def stored_arrays(reading: Reading, inferred: Inferred) -> Iterator[Finding]:
    """Where the file stores other arrays than the layers have, or recorded other shapes."""
    imported = reading.imported
    if not imported:
        return
    if imported.stored:
        yield from _stored(reading, inferred, imported)
    if imported.recorded:
        yield from _recorded(reading, inferred, imported)


def _stored(reading: Reading, inferred: Inferred, imported: Imported) -> Iterator[Finding]:
    """Where the arrays of a layer are not those that it has, and arrays that no layer has."""
    framework, unknown = FRAMEWORKS[inferred.model.framework], bool(reading.unread)
    for node in _owners(inferred, imported.stored):
        every = () if node.params is None else tensors(framework, node.layer, *node.count_inputs)
        if not _is_described(node, every):
            unknown = True
            continue
        problem = _difference(list(_forms(node, every, imported)), imported.stored.get(node.route, ()), imported)
        if problem and (every or _is_keras(imported)):
            message = f"{node.name} ({node.layer.type}): {problem}"
            yield reading.document.finding("stored-arrays", message, node.route, layer=node.name, hint=_HINT)
    left = imported.stored.get((), ())
    if left and not unknown:
        message = f"no layer has the arrays that the file stores as {listed(map(_weight, left))}"
        yield reading.document.finding("stored-arrays", message, ("layers",), hint=_HINT)


def _is_keras(imported: Imported) -> bool:
    """Whether the file is one of Keras, where a layer without weights has no arrays: in ONNX it may read constants."""
    return imported.kind.startswith("keras")


def _is_described(node: InferredNode, every: Iterable[Tensor]) -> bool:
    """Whether the weights of a layer are known one by one, and not only how many numbers they have."""
    count = None if node.params is None else node.params + total(weight.params for weight in node.tied)
    here = total(tensor.params + tensor.buffered for tensor in every)
    return not node.layer.declared and count is not None and count + (node.buffers or 0) == here


_HINT = "save the model again: its settings and its weights are those of different models"


def _owners(graph: InferredGraph, stored: Mapping[Route, object]) -> Iterator[InferredNode]:
    """The layers that have weights of their own; for a nested model those inside it, unless arrays are of it as one."""
    for node in graph.nodes:
        if node.node.shared:
            continue
        if node.inside and node.route not in stored:
            yield from _owners(node.inside, stored)
        else:
            yield node


def _difference(forms: list[list[Weight]], arrays: tuple[Stored, ...], imported: Imported) -> str:
    """How the stored arrays differ from the weights in all their forms; '' where they are the same weights."""
    if any(_fit(form, arrays, imported) for form in forms):
        return ""
    form = next((form for form in forms if len(form) == len(arrays)), forms[0])
    if len(form) != len(arrays):
        there = listed(map(_weight, arrays)) or "nothing"
        return f"has {listed(form) or 'no weights'}, but the file stores {there}"
    (weight, array), *others = _unequal(form, arrays, _turned(imported))
    more = f"; {len(others)} more of its arrays differ" if others else ""
    return f"{weight.name} is {shown(weight.shape)}, but the file stores {shown(array.shape)} as {array.name}{more}"


def _weight(array: Stored) -> Weight:
    return Weight(array.name, array.shape)


def _forms(node: InferredNode, every: Iterable[Tensor], imported: Imported) -> Iterator[list[Weight]]:
    """The weights as the framework keeps them, then in other ways; those that are another layer's may be left out."""
    tied = {weight.key for weight in node.tied}
    own = [tensor for tensor in every if not tied.issuperset(weight.key for weight in tensor.weights)]
    for listed in (own, every) if tied else (every,):
        weights = [(Weight(tensor.name, tensor.shape), tensor) for tensor in listed]
        yield [weight for weight, _ in weights]
        yield _joined(weights)
        if imported.version.startswith(_BEFORE_2):
            yield list(_by_gate(weights))


def _by_gate(weights: list[tuple[Weight, Tensor]]) -> Iterator[Weight]:
    """An array for each gate, in the order of Keras 1: W, U and b of one gate, then those of the next."""
    gated = [(weight, tensor) for weight, tensor in weights if "(gate" in tensor.axes]
    yield from (weight for weight, tensor in weights if "(gate" not in tensor.axes)
    for number in range(max((len(tensor.gates) for _, tensor in gated), default=0)):
        for weight, tensor in gated:
            *outer, last = weight.shape
            yield Weight(f"{weight.name} of the {tensor.gates[number]} gate", (*outer, last // len(tensor.gates)))


def _joined(weights: list[tuple[Weight, Tensor]]) -> list[Weight]:
    """Both biases in one array without axes, as CuDNNLSTM and CuDNNGRU of Keras 2 have them."""
    joined: dict[str, Weight] = {}
    for weight, tensor in weights:
        name = weight.name.replace("recurrent_bias", "bias")
        is_bias = "bias" in weight.name and bool(tensor.gates)
        flat = Weight(name, (product(weight.shape),)) if is_bias else weight
        before = joined.get(name) if is_bias else None
        joined[name] = Weight(name, (before.shape[0] + flat.shape[0],)) if before else flat
    return list(joined.values())


def _fit(form: list[Weight], arrays: tuple[Stored, ...], imported: Imported) -> bool:
    """Whether each array is the weight of its name, or where names do not tell one of the weights."""
    if len(form) != len(arrays):
        return False
    turned = _turned(imported)
    named = _by_name(form, arrays)
    if any(not isinstance(size, int) for weight in form for size in weight.shape) or (named and turned == _NEVER):
        return all(_equal(weight.shape, array.shape) for weight, array in named or zip(form, arrays, strict=True))
    return Counter(_key(weight.shape, turned) for weight in form) == Counter(_key(one.shape, turned) for one in arrays)


def _turned(imported: Imported) -> int:
    """The rank from which on an array may have its axes in another order than the weight.

    Keras 1 keeps the kernel of a convolution in several orders, and a product of ONNX may read a matrix transposed.
    """
    return 3 if imported.version.startswith(_BEFORE_2) else _NEVER if _is_keras(imported) else 2


def _key(shape: Iterable[Size], turned: int) -> tuple[Size, ...]:
    """What an array has in common with a weight, whose axes may be in another order from a rank of ``turned`` on."""
    sizes = tuple(shape)
    return tuple(sorted(size for size in sizes if size != 1)) if len(sizes) >= turned else sizes  # type: ignore[type-var]


def _equal(shape: Shape, stored: tuple[int, ...]) -> bool:
    """Whether a shape can be that of a stored array."""
    return len(shape) == len(stored) and all(same(a, b) is not False for a, b in zip(shape, stored, strict=True))


def _unequal(form: list[Weight], arrays: tuple[Stored, ...], turned: int) -> list[tuple[Weight, Stored]]:
    """The weights that their arrays have not the shape of, with these: by name, else those that are left of both."""
    named = _by_name(form, arrays)
    pairs = [pair for pair in named or zip(form, arrays, strict=True) if not _alike(*pair, turned)]
    weights, left = [], [array for _, array in pairs]
    for weight, _ in pairs:
        equal = next((array for array in left if _alike(weight, array, turned)), None)
        if equal:
            left.remove(equal)
        else:
            weights.append(weight)
    return pairs if named or not weights else list(zip(weights, left, strict=True))


def _alike(weight: Weight, array: Stored, turned: int) -> bool:
    """Whether an array can be the weight, its axes perhaps in another order."""
    if _equal(weight.shape, array.shape):
        return True
    numbers = all(isinstance(size, int) for size in weight.shape)
    return numbers and _key(weight.shape, turned) == _key(array.shape, turned)


def _by_name(form: list[Weight], arrays: tuple[Stored, ...]) -> list[tuple[Weight, Stored]]:
    """Each weight with the array of its name; empty where not all have one."""
    by_name = {_last(array.name): array for array in arrays}
    names = [_last(weight.name) for weight in form]
    if len(by_name) < len(arrays) or sorted(by_name) != sorted(names):
        return []
    return [(weight, by_name[name]) for weight, name in zip(form, names, strict=True)]


def _last(name: str) -> str:
    """The name of a weight without that of its layer: ``kernel`` of ``lstm_1/lstm_cell/kernel:0``."""
    return name.rpartition("/")[2].partition(":")[0]


def listed(weights: Iterable[Weight], most: int = MAX_LISTED) -> str:
    """Weights with their shapes, at most so many."""
    every = list(weights)
    names = ", ".join(f"{weight.name} {shown(weight.shape)}" for weight in every[:most])
    return names + (f" and {len(every) - most} more" if every[most:] else "")


def _recorded(reading: Reading, graph: InferredGraph, imported: Imported) -> Iterator[Finding]:
    """Where the writer of the file recorded another shape than follows from the layers.

    What is inside ``time_distributed`` reads its timesteps as more examples, so that shapes there are others.
    """
    for node in graph.nodes:
        for shape, recorded in zip(node.outputs or (), imported.recorded.get(node.route, ()), strict=False):
            if not node.node.shared and recorded is not None and not _may_be(shape, recorded):
                there = f"({', '.join('?' if size is None else str(size) for size in recorded)})"
                message = f"{node.name} ({node.layer.type}) passes on {shown(shape)}, but the file recorded {there}"
                yield reading.document.finding("recorded-shape", message, node.route, layer=node.name)
        if node.inside and node.layer.type == "model":
            yield from _recorded(reading, node.inside, imported)


def _may_be(shape: Shape, recorded: Iterable[object]) -> bool:
    """Whether a shape can be the recorded one, of which sizes may be free."""
    there = tuple(recorded)
    return len(shape) == len(there) and all(
        not isinstance(b, int) or same(a, b) is not False for a, b in zip(shape, there, strict=True)
    )
