"""Sequences of tensors, as exports use them to go over timesteps: an item is cut out of the tensor it is part of."""

from __future__ import annotations

from lstm_shapes.importers.onnx.builder import Builder, Entry
from lstm_shapes.importers.onnx.moving import concat
from lstm_shapes.importers.onnx.node import Node
from lstm_shapes.importers.onnx.value import Cut, Value


def split_to_sequence(build: Builder, node: Node) -> list[Value]:
    """The parts of an axis, which are cut out when they are read."""
    x, parts, axis = node.input(0), node.input(1), node.integer("axis", 0)
    size = parts.integers if parts is not None else (1,)
    keeps = parts is not None or bool(node.integer("keepdims", 1))
    if x is None or not size or (parts is not None and parts.shape != ()):
        return [build.unknown(node, node.op)]
    if x.shape is None or not -len(x.shape) <= axis < len(x.shape):
        return [build.unknown(node, node.op)]
    return [Value(None, x.ref, cut=Cut(x, axis, size[0], keeps))]


def sequence_at(build: Builder, node: Node) -> list[Value]:
    """An item of a sequence."""
    sequence, position = node.input(0), node.input(1)
    index = position.integers if position is not None else None
    if sequence is None or not index:
        return [build.unknown(node, node.op)]
    if sequence.items and -len(sequence.items) <= index[0] < len(sequence.items):
        return [sequence.items[index[0]]]
    cut = sequence.cut
    if cut is None:
        return [build.unknown(node, node.op)]
    if cut.keeps:
        start = index[0] * cut.size
        stop = {} if start + cut.size == 0 else {"stop": start + cut.size}
        entry: Entry = {"type": "slice", "axis": cut.axis, "start": start, **stop}
    else:
        entry = {"type": "select", "axis": cut.axis, "index": index[0]}
    return build.layer(node, entry, [cut.x])


def sequence_construct(build: Builder, node: Node) -> list[Value]:
    """A sequence of these tensors."""
    items = tuple(value for value in node.inputs if value is not None)
    ref = next((value.ref for value in items if value.runtime), "")
    return [Value(None, ref, items=items)]


def sequence_insert(build: Builder, node: Node) -> list[Value]:
    """A sequence with one tensor more, at its end unless a known position says otherwise."""
    sequence, added, position = node.input(0), node.input(1), node.input(2)
    if sequence is None or added is None or (position is not None and position.integers is None) or sequence.cut:
        return [build.unknown(node, node.op)]
    items = list(sequence.items)
    items.insert(position.integers[0] if position is not None and position.integers else len(items), added)
    return [Value(None, added.ref, items=tuple(items))]


def sequence_length(build: Builder, node: Node) -> list[Value]:
    """How many tensors a sequence has."""
    sequence = node.input(0)
    items = sequence.items if sequence is not None else ()
    return [Value((), "", (len(items),) if items else None)]


def concat_from_sequence(build: Builder, node: Node) -> list[Value]:
    """The tensors of a sequence along an axis that they have, or a new one."""
    sequence = node.input(0)
    if sequence is None or not sequence.items:
        return [build.unknown(node, node.op)]
    joined = node._replace(inputs=sequence.items, opset=max(node.opset, 11))
    if not node.integer("new_axis", 0):
        return concat(build, joined)
    if all(value.runtime for value in sequence.items):
        return build.layer(joined, {"type": "stack", "axis": node.integer("axis", 0)}, sequence.items)
    return [build.unknown(node, node.op)]


HANDLERS = {
    "SplitToSequence": split_to_sequence,
    "SequenceAt": sequence_at,
    "SequenceConstruct": sequence_construct,
    "SequenceInsert": sequence_insert,
    "SequenceLength": sequence_length,
    "ConcatFromSequence": concat_from_sequence,
}
