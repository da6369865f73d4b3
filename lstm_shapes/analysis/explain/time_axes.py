"""Which tensors of a model have a time axis: an image of 28 rows has none, unless a recurrent layer reads the rows."""

from __future__ import annotations

from lstm_shapes.graph.model import Ref
from lstm_shapes.graph.shape_inference import Inferred, InferredNode
from lstm_shapes.symbolic.size import Shape

SEQUENCE = "input"
"""The name of the input that `timesteps` and `input_dim` describe."""


def time_axes(inferred: Inferred) -> frozenset[Ref]:
    """The tensors whose axis 1 is time: a layer reads it as time, or a layer that keeps the axes passes it on.

    >>> from lstm_shapes.api import read
    >>> layers = [{"type": "flatten"}, {"type": "dense", "units": 3}]
    >>> image = read({"inputs": {"image": ["B", 28, 28]}, "layers": layers}).inferred
    >>> sorted(ref.name for ref in time_axes(image))
    []
    """
    wanted = _read_as_time(inferred)
    timed = {Ref(name) for name in inferred.graph.inputs if Ref(name) in wanted or _is_sequence(inferred, name)}
    for node in inferred.nodes:
        for number, shape in enumerate(node.outputs or ()):
            ref = Ref(node.name, number)
            if len(shape) >= 3 and (ref in wanted or (number == 0 and _passes_time(node, shape, timed))):
                timed.add(ref)
    return frozenset(timed)


def time_axis(inferred: Inferred) -> int:
    """The axis of the timesteps in a model's sequences: 0 where a layer reads time first, then the batch."""
    return min((node.layer.time_axis for node in inferred.nodes), default=1)


def _is_sequence(inferred: Inferred, name: str) -> bool:
    return name == SEQUENCE and len(inferred.shape(Ref(name)) or ()) == 3


def _read_as_time(inferred: Inferred) -> set[Ref]:
    """The tensors that a layer reads as sequences, whether itself or through layers that keep the axes."""
    wanted: set[Ref] = set()
    for node in reversed(inferred.nodes):
        passed_on = node.layer.keeps_time and Ref(node.name) in wanted
        for number, ref in enumerate(node.node.inputs):
            tokens = node.layer.vocab_size(number) is not None
            rank = len(inferred.shape(ref) or ())
            if rank >= 3 and (node.layer.reads_time or (node.layer.nested() and node.cells) or passed_on):
                wanted.add(ref)
            if rank == 2 and tokens and not node.layer.nested():
                wanted.add(ref)
    return wanted


def _passes_time(node: InferredNode, shape: Shape, timed: set[Ref]) -> bool:
    """Whether the main output has the time axis of an input, or a new one: a vector repeated, tokens looked up."""
    if not node.layer.keeps_time or not node.inputs:
        return False
    return any(ref in timed for ref in node.node.inputs) or (len(node.inputs[0]), len(shape)) == (2, 3)
