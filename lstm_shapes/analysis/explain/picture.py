"""What the pictures show, without geometry: the chain unrolled over time, and the inside of one cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from lstm_shapes.analysis.explain.tensors import Held, Slice, held
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.graph.model import Graph, Model
from lstm_shapes.graph.shape_inference import Step, infer_shapes
from lstm_shapes.symbolic.size import Shape, Size, readable, shown

MAX_ROWS = 12


class Row(NamedTuple):
    """One layer of the chain.

    ``body`` is ``linked`` (a box a timestep, states between them), ``each`` (a box a timestep), ``span`` (one box over
    all timesteps) or ``one`` (a box that sees no time). ``carries`` are the states on the arrows between timesteps,
    ``ways`` the directions in which they go. ``reads`` names the sources unless it is the row above alone. A ``turned``
    layer reads the last timestep first, and passes on in that order.
    """

    name: str
    type: str
    body: str
    time: Size | None
    leaves_time: Size | None
    arriving: str
    arrives_each: bool
    leaving: str
    leaves_each: bool
    carries: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    reads: str = ""
    turned: bool = False

    @property
    def said(self) -> str:
        """The row in words, for who cannot see it."""
        come = f"{self.arriving} at each of {self.time} timesteps" if self.arrives_each else self.arriving
        leave = f"{self.leaving} at each timestep" if self.leaves_each else self.leaving
        states = f", the state {' and '.join(self.carries)} goes from timestep to timestep" if self.carries else ""
        return f"{self.name} ({self.type}) reads {come}{states}, and passes on {leave}."


class Chain(NamedTuple):
    """The layers of a model from input to output; ``omitted`` layers before row ``gap`` are left out."""

    title: str
    rows: tuple[Row, ...]
    gap: int = 0
    omitted: int = 0


class Box(NamedTuple):
    """A tensor or an operation inside a cell, with its size."""

    label: str
    size: str


class Gate(NamedTuple):
    """A gate: its function, and where it is in the fused tensors."""

    name: str
    function: str
    size: str
    where: str


class Inside(NamedTuple):
    """The inside of one cell: what is multiplied, summed, cut into gates, and made of them."""

    title: str
    kind: str
    x: Box
    h: Box
    c: Box | None
    kernel: Box
    recurrent: Box
    summed: Box
    gates: tuple[Gate, ...]
    carry: str
    output: str
    passes: tuple[Box, ...]
    projection: Box | None = None
    notes: tuple[str, ...] = ()


def chain(model: Model) -> Chain:
    """The chain of a model, as far as its shapes are known."""
    steps = infer_shapes(model.graph, model.shapes)
    rows: list[Row] = []
    above = ""
    for step in steps:
        if step.inputs is None:
            break
        rows.append(_row(step, model.graph, steps, above))
        above = step.node.name
    title = f"{model.name or 'the model'}, unrolled over time"
    if len(rows) <= MAX_ROWS:
        return Chain(title, tuple(rows))
    first = MAX_ROWS - 3
    return Chain(title, (*rows[:first], *rows[-3:]), gap=first, omitted=len(rows) - MAX_ROWS)


def _row(step: Step, graph: Graph, steps: Sequence[Step], above: str) -> Row:
    node, layer, inputs = step.node, step.node.layer, step.inputs or ()
    known: Any = layer
    first = inputs[0]
    out = step.outputs[0] if step.outputs else None
    tokens = layer.vocab_size(0) is not None and layer.type != "model"
    into = len(first) >= 3 or (tokens and len(first) == 2)
    onto = out is not None and len(out) >= 3 and not hasattr(layer, "dims") and not hasattr(layer, "target_shape")
    body = "span" if into or onto else "one"
    carries: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    if layer.state_names and into and out is not None:
        body, carries, ways = "linked", _carries(known, first), _ways(known)
    elif into and onto and out is not None and first[1] == out[1]:
        body = "each"
    refs = [ref.name + (f".{_output(steps, ref.name, ref.output)}" if ref.output else "") for ref in node.inputs]
    states = [f"{ref.name}.{_output(steps, ref.name, ref.output)}" for ref in node.states]
    plain = refs == [above] or (not above and refs == list(graph.inputs)[:1] and len(graph.inputs) == 1)
    turned = body == "linked" and ways == ("forward",) and getattr(layer, "go_backwards", False)
    reads = "" if plain and not states and not turned else f"reads {', '.join(refs[:8])}"
    reads += " from the last timestep to the first" if turned else ""
    if states:
        reads += f"; begins with {', '.join(states)}"
    depth = len(known.layers) if hasattr(layer, "first") else 1
    return Row(
        name=node.name,
        type=f"{layer.type} x {depth}" if depth > 1 else layer.type,
        body=body,
        time=first[1] if into else out[1] if onto and out is not None else None,
        leaves_time=out[1] if onto and out is not None else None,
        arriving=shown(_without_time(first) if into else first),
        arrives_each=into,
        leaving="not known" if out is None else shown(_without_time(out) if onto else out),
        leaves_each=onto,
        carries=carries,
        ways=ways,
        reads=reads,
        turned=turned,
    )


def _output(steps: Sequence[Step], name: str, number: int) -> str:
    layer = next((step.node.layer for step in steps if step.node.name == name), None)
    return layer.output_names[number] if layer else "output"


def _without_time(shape: Shape) -> Shape:
    return (shape[0], *shape[2:])


def _ways(layer: Any) -> tuple[str, ...]:
    if hasattr(layer, "backward_layer"):
        return ("forward", "backward")
    if hasattr(layer, "first"):
        return ("forward", "backward")[: len(layer.layers[0])]
    return ("forward",)


def _carries(layer: Any, x: Shape) -> tuple[str, ...]:
    """The states with their shapes, those of one shape together; of a direction where there are two."""
    cell = getattr(layer, "layer", getattr(layer, "first", layer))
    gathered: dict[str, list[str]] = {}
    for name, shape in zip(cell.state_names, cell.state_shapes(x), strict=True):
        gathered.setdefault(shown(shape), []).append(name)
    return tuple(f"{', '.join(listed)} {shape}" for shape, listed in gathered.items())


def inside(model: Model, name: str) -> Inside | None:
    """The inside of the cell of the layer called ``name``; None where it has none that is drawn."""
    steps = infer_shapes(model.graph, model.shapes)
    step = next((step for step in steps if step.node.name == name), None)
    if step is None or step.inputs is None or step.outputs is None:
        return None
    layer: Any = step.node.layer
    inputs, which = step.inputs, ""
    if hasattr(layer, "flat"):
        inputs, layer = (layer.flat(inputs[0]),), layer.layer
    if hasattr(layer, "backward_layer"):
        layer, which = layer.layer, ", the forward layer"
    elif hasattr(layer, "first"):
        deep, both = len(layer.layers) > 1, len(layer.layers[0]) > 1
        which = (", the first layer" if deep else "") + (", forward" if both else "")
        layer = layer.first
    if layer.type not in _KINDS:
        return None
    tensors = held(FRAMEWORKS[model.framework], layer, inputs[:1])
    return _inside(f"{name} ({layer.type}){which}, inside at one timestep", layer, inputs[0], tensors)


_KINDS = ("lstm", "gru", "rnn")
_DRAWN = ("input", "forget", "update", "reset", "candidate", "output")


def _inside(title: str, layer: Any, x: Shape, tensors: tuple[Held, ...]) -> Inside:
    kernel, recurrent = tensors[0], tensors[1]
    biases = [one for one in tensors[2:] if "added" in one.does]
    states = layer.state_shapes(x)
    gates = _gates(layer, x, kernel)
    summed = (x[0], kernel.params // x[-1]) if not kernel.slices else (x[0], kernel.slices[-1].stop)
    added = " + ".join(["sum", *(f"{one.name} {shown(one.shape)}" for one in biases)])
    cut = shown(summed)
    if kernel.axis is not None and len(gates) > 1:
        word = ("rows", "columns")[kernel.axis]
        cut += f", cut into {len(gates)} gates of {readable(layer.units)}: {word} of {kernel.name}"
    projection = next((one for one in tensors if one.does.startswith("projects")), None)
    words = _WORDS[layer.type](layer)
    cell = Box("c before", shown(states[1])) if len(states) > 1 else None
    passes = [Box("h", shown(states[0])), *([Box("c", shown(states[1]))] if cell else [])]
    return Inside(
        title=title,
        kind=layer.type,
        x=Box("x", shown((x[0], x[-1]))),
        h=Box("h before", shown(states[0])),
        c=cell,
        kernel=Box(f"x @ {kernel.name}", shown(kernel.shape)),
        recurrent=Box(f"h @ {recurrent.name}", shown(recurrent.shape)),
        summed=Box(added, cut),
        gates=gates,
        carry=words[0],
        output=words[1],
        passes=tuple(passes),
        projection=Box(f"@ {projection.name}", shown(projection.shape)) if projection else None,
        notes=_notes(layer, tensors),
    )


def _gates(layer: Any, x: Shape, kernel: Held) -> tuple[Gate, ...]:
    size = shown((x[0], layer.units))
    where = {one.gate: _stretch(one) for one in kernel.slices}
    named = sorted(layer.gate_names, key=_DRAWN.index)
    functions = {"candidate": layer.activation}
    return tuple(Gate(one, functions.get(one, layer.recurrent_activation), size, where.get(one, "")) for one in named)


def _stretch(one: Slice) -> str:
    first, last = one.start, one.stop - 1
    return str(first) if first == last else f"{first}..{last}"


def _lstm(layer: Any) -> tuple[str, str]:
    shaped = "new c" if layer.activation == "linear" else f"{layer.activation}(new c)"
    return "new c = forget * c + input * candidate", f"output * {shaped}"


def _gru(layer: Any) -> tuple[str, str]:
    return "", "new h = update * h + (1 - update) * candidate"


def _rnn(layer: Any) -> tuple[str, str]:
    return "", f"new h = {layer.activation}(sum)"


_WORDS = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}


def _notes(layer: Any, tensors: tuple[Held, ...]) -> tuple[str, ...]:
    notes = []
    if getattr(layer, "peephole", False):
        peephole = next(one for one in tensors if one.does.startswith("lets"))
        seen = "input and forget gate also see c, the output gate new c"
        notes.append(f"{peephole.name} {shown(peephole.shape)}: {seen}")
    if layer.type == "gru" and layer.reset_after:
        notes.append("the candidate's two products are summed after reset has multiplied the one with h (reset_after)")
    elif layer.type == "gru":
        notes.append("the candidate's product with h is that of reset * h (reset_after is false)")
    return tuple(notes)
