"""Layers made of others, for frameworks whose tensors are arrays: directions, stacks, timesteps, nested models.

``xp`` is a module with NumPy's functions on such arrays: numpy, jax.numpy, keras.ops, torch. Axes go by position,
since torch has other names for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lstm_shapes.analysis.verify.against.twin import Arrays, Twin, inside
from lstm_shapes.graph.shape_inference import InferredNode, infer_graph
from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Shape

Build = Callable[[Layer, tuple[Shape, ...], Arrays], Twin]
_MERGES: dict[str, Callable[[Any, Any, Any], tuple[Any, ...]]] = {
    "concat": lambda xp, a, b: (xp.concatenate([a, b], -1),),
    "sum": lambda xp, a, b: (a + b,),
    "mul": lambda xp, a, b: (a * b,),
    "ave": lambda xp, a, b: ((a + b) / 2,),
    "none": lambda xp, a, b: (a, b),
}


class Twins:
    """The twins of a graph's layers: one for all calls of a layer with weights, of another one for each shape."""

    def __init__(self, build: Build, arrays: Callable[[str], Arrays]) -> None:
        self._build, self._arrays = build, arrays
        self._twins: dict[tuple[Any, ...], Twin] = {}

    def of(self, node: InferredNode) -> Twin:
        """The twin of a call, built at its first call."""
        shapes, arrays = (node.inputs or ())[: len(node.node.inputs)], self._arrays(node.owner)
        key = (node.owner, () if arrays else shapes)
        if key not in self._twins:
            self._twins[key] = self._build(node.layer, shapes, arrays)
        return self._twins[key]

    @property
    def built(self) -> list[Twin]:
        """All twins that were built."""
        return list(self._twins.values())


def composed(xp: Any, build: Build, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin | None:
    """The layer as its parts, each built by ``build``; None for a layer that has no parts."""
    if not layer.sublayers(*shapes):
        return None
    return wrapped(xp, build, layer, shapes, arrays) or stack(xp, build, layer, shapes, arrays)


def wrapped(xp: Any, build: Build, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin | None:
    """A nested model or a wrapper as its parts; None for another layer."""
    make = {"model": _model, "time_distributed": _every_timestep, "bidirectional": _both_ways}.get(layer.type)
    return make(xp, build, layer, shapes, arrays) if make else None


def joined(call: Any, twins: Sequence[Twin], *notes: str) -> Twin:
    """A layer of several: their parameters, and what a reader must know of each."""
    known = dict.fromkeys((*notes, *(note for twin in twins for note in twin.notes)))
    return Twin(call, sum(twin.params for twin in twins), tuple(known), exact=all(twin.exact for twin in twins))


def _both_ways(xp: Any, build: Build, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
    settings, ways = layer.field_values(), layer.sublayers(*shapes)
    twins = [build(way.layer, way.inputs, inside(arrays, way.name)) for way in ways]
    sequences = ways[0].layer.field_values()["return_sequences"]
    merge = _MERGES[settings["merge"]]

    def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
        middle = len(states) // 2
        forward, *h = twins[0].call(inputs[0], states=states[:middle])
        backward, *k = twins[1].call(inputs[0], states=states[middle:])
        backward = xp.flip(backward, (1,)) if sequences else backward
        return (*merge(xp, forward, backward), *h, *k)

    return joined(call, twins)


def stack(xp: Any, build: Build, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
    """A module of several layers: those inside it, each fed by the one below."""
    settings = layer.field_values()
    depths: dict[int, list[Twin]] = {}
    for part in layer.sublayers(*shapes):
        own = inside(arrays, part.name)
        if "/" not in part.name:
            own = {key: array for key, array in own.items() if not key.startswith("backward/")}
        depths.setdefault(part.depth, []).append(build(part.layer, part.inputs, own))

    def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
        first = settings["batch_first"]
        x = inputs[0] if first else xp.swapaxes(inputs[0], 0, 1)
        ends: list[Any] = []
        rows: list[list[Any]] = []
        for directions in depths.values():
            sequences, ends = [], []
            for way, twin in enumerate(directions):
                sequence, *last = twin.call(x, states=[state[len(rows)] for state in states])
                ends.append(sequence[:, -1])
                sequences.append(xp.flip(sequence, (1,)) if way else sequence)
                rows.append(last)
            x = xp.concatenate(sequences, -1)
        main = x if first else xp.swapaxes(x, 0, 1)
        main = main if settings["return_sequences"] else xp.concatenate(ends, -1)
        last = [xp.stack(list(role)) for role in zip(*rows, strict=True)]
        return (main, *last) if settings["return_state"] else (main,)

    several = len(depths) > 1 or len(depths[0]) > 1
    notes = ("no layer of several there: built as layers one after the other",) if several else ()
    return joined(call, [twin for directions in depths.values() for twin in directions], *notes)


def _every_timestep(xp: Any, build: Build, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
    (part,) = layer.sublayers(*shapes)
    twin = build(part.layer, part.inputs, arrays)

    def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
        x = inputs[0]
        made = twin.call(xp.reshape(x, (-1, *x.shape[2:])))
        return tuple(xp.reshape(y, (-1, x.shape[1], *y.shape[1:])) for y in made)

    return twin._replace(call=call, stated=None)


def _model(xp: Any, build: Build, layer: Layer, shapes: tuple[Shape, ...], arrays: Arrays) -> Twin:
    nested = layer.nested(*shapes)
    assert nested is not None
    nodes = infer_graph(nested.graph, shapes).nodes
    twins = Twins(build, lambda owner: inside(arrays, owner))
    for node in nodes:
        twins.of(node)

    def call(*inputs: Any, states: Sequence[Any] = ()) -> tuple[Any, ...]:
        tensors = {name: (tensor,) for name, tensor in zip(nested.graph.inputs, inputs, strict=True)}
        for node in nodes:
            given = [tensors[ref.name][ref.output] for ref in node.node.inputs]
            start = [tensors[ref.name][ref.output] for ref in node.node.states]
            tensors[node.name] = twins.of(node).call(*given, states=start)
        return tuple(tensors[ref.name][ref.output] for ref in nested.graph.outputs)

    return joined(call, twins.built)
