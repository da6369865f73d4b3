"""Whether batch and time are in a model's parameter count: asked of the model with other symbols in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from lstm_shapes.analysis.explain.time_axes import time_axis
from lstm_shapes.graph.shape_inference import Inferred, InferredGraph, infer_graph
from lstm_shapes.symbolic.size import Poly, Shape, Size, SizeError, names, readable, symbol, total

_BATCH = "batch__"


class _Axis(NamedTuple):
    """A size of the model's inputs in words, and the symbol that replaces it in the second inference."""

    words: str
    symbol: str


def explain_count(inferred: Inferred) -> Iterator[str]:
    """Sentences on batch and timesteps; none where a shape is not known or there is nothing to count."""
    shapes = [shape for shape in inferred.shapes if shape]
    if not inferred.nodes or not inferred.known or len(shapes) < len(inferred.shapes) or not inferred.params:
        return
    time = time_axis(inferred)
    batch, times = shapes[0][1 - time], _times(inferred, shapes, time)
    try:
        free = infer_graph(inferred.graph, [_freed(shape, batch, times, time) for shape in shapes])
        params, macs = free.params, free.macs
    except (SizeError, ValueError):
        return
    if params is None or not free.known:
        return
    other = names(params)
    time_axes = [_Axis(_words("the number of timesteps", size, other), str(name)) for size, name in times.items()]
    axes = [_Axis(_words("the batch size", batch, other), _BATCH), *time_axes]
    absent = [axis for axis in axes if axis.symbol not in names(params)]
    if absent:
        grows = macs is not None and any(axis.symbol in names(macs) for axis in axes)
        yield _absent([axis.words for axis in absent], inferred, grows)
    for name in sorted(other & names(total([batch, *times]))):
        settings = ", ".join(_settings(inferred, name)[:6]) or "another size of the inputs"
        yield f"the {name} in the count is {settings}"
    for axis in time_axes:
        through = [node.name for node in free.nodes if node.params is not None and axis.symbol in names(node.params)]
        if through and axis.symbol in names(params):
            layers = ", ".join(through[:6])
            yield f"{axis.words} is in the count, through {layers}: the time axis is among the features there"


def _words(axis: str, size: Size, other: frozenset[str]) -> str:
    """The axis with its size, unless the same symbols mean something else in the count."""
    return axis if names(size) & other else f"{axis} {readable(size)}"


def _settings(inferred: Inferred, name: str) -> list[str]:
    """The settings that contain a symbol: ``units of lstm``."""
    return [
        f"{'.'.join(path)} of {node.name}"
        for node in inferred.nodes
        for path, value in node.layer.settings().items()
        if isinstance(value, Poly) and name in names(value)
    ]


def _times(inferred: Inferred, shapes: Sequence[Shape], axis: int) -> dict[Size, Size]:
    """The sizes of time axes that recurrent layers read from the inputs, each with a symbol of its own."""
    read = [node.inputs[0][axis] for node in inferred.nodes if node.inputs and node.layer.reads_time]
    given = {shape[axis] for shape in shapes if len(shape) > 1}
    return {size: symbol(f"time__{number}") for number, size in enumerate(s for s in dict.fromkeys(read) if s in given)}


def _freed(shape: Shape, batch: Size, times: Mapping[Size, Size], axis: int) -> Shape:
    sizes = list(shape)
    if len(sizes) > 1:
        sizes[axis] = times.get(sizes[axis], sizes[axis])
    if sizes[1 - axis :] and shape[1 - axis] == batch:
        sizes[1 - axis] = symbol(_BATCH)
    return tuple(sizes)


def _absent(words: Sequence[str], inferred: InferredGraph, grows: bool) -> str:
    """That these sizes are not in the count, and what grows with them."""
    if len(words) > 1:
        subject, every, them = f"neither {' nor '.join(words)} is", "timestep and every example", "them"
    else:
        every = "timestep" if words[0].startswith("the number") else "example"
        subject, them = f"{words[0]} is not", "it"
    params, macs = readable(inferred.params or 0), readable(inferred.macs or 0)
    work = f"; what grows with {them} is the work: {macs} multiply-accumulates" if grows else ""
    return f"{subject} in the count: the same {params} parameters serve every {every}{work}"
