"""What the pictures show, without geometry: the chain unrolled over time, and the inside of one cell."""

from __future__ import annotations

from typing import NamedTuple

from lstm_shapes.analysis.explain.tensors import ExplainedTensor, explained_tensors, gathered
from lstm_shapes.analysis.explain.time_axes import time_axes, time_axis
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.graph.model import Ref
from lstm_shapes.graph.shape_inference import Inferred, InferredNode
from lstm_shapes.layers.base import Call
from lstm_shapes.layers.gated import Equations
from lstm_shapes.symbolic.size import Shape, Size, readable, same, shown, total

MAX_ROWS = 12
DRAWINGS = {(True, 4): "lstm", (False, 3): "gru", (False, 1): "rnn"}
"""The drawings of a cell by whether it carries a cell state and how many gates it has; other cells are not drawn."""


class Row(NamedTuple):
    """One layer of the chain.

    ``body`` is ``linked`` (a box a timestep, states between them), ``each`` (a box a timestep), ``span`` (one box over
    all timesteps) or ``one`` (a box that sees no time). ``carries`` are the states on the arrows between timesteps,
    ``ways`` the directions in which they go, from zeros if ``from_zero``. ``reads`` names the sources unless that is
    only the row above. A ``backwards`` layer reads the last timestep first, and passes on in that order. ``ends`` are
    what two directions pass on, at timestep 1 and at the last, and ``merge`` says how it becomes one.
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
    from_zero: bool = True
    reads: str = ""
    backwards: bool = False
    ends: tuple[str, ...] = ()
    merge: str = ""

    @property
    def description(self) -> str:
        """The row in words, for readers who cannot see the picture."""
        come = f"{self.arriving} at each of {self.time} timesteps" if self.arrives_each else self.arriving
        leave = f"{self.leaving} at each timestep" if self.leaves_each else self.leaving
        if self.ends:
            joined = f", joined (merge {self.merge}) to {self.leaving}" if self.merge != "none" else ""
            leave = f"{' and '.join(self.ends)}{joined}"
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


def chain(inferred: Inferred) -> Chain:
    """The chain of a model, as far as its shapes are known."""
    rows: list[Row] = []
    timed, above = time_axes(inferred), ""
    for node in inferred.nodes:
        if node.inputs is None:
            break
        rows.append(_row(node, node.inputs, inferred, timed, above))
        above = node.name
    title = f"{inferred.model.name or 'the model'}, unrolled over time"
    if len(rows) <= MAX_ROWS:
        return Chain(title, tuple(rows))
    first = MAX_ROWS - 3
    return Chain(title, (*rows[:first], *rows[-3:]), gap=first, omitted=len(rows) - MAX_ROWS)


def _row(node: InferredNode, inputs: tuple[Shape, ...], inferred: Inferred, timed: frozenset[Ref], above: str) -> Row:
    layer, x, axis = node.layer, inputs[0], time_axis(inferred)
    out = node.outputs[0] if node.outputs else None
    into, onto = node.node.inputs[0] in timed, out is not None and Ref(node.name) in timed
    body = "span" if into or onto else "one"
    cells = node.cells if node.known and layer.state_names and into else ()
    certain = [cell for cell in cells if same(cell.times, cells[0].times)]
    ways = ("forward", "backward")[: len({cell.layer.go_backwards for cell in certain})]
    if cells:
        body = "linked"
    elif into and out is not None and onto and x[axis] == out[axis] and not layer.mixes_time:
        body = "each"
    backwards = len(ways) == 1 and cells[0].layer.go_backwards
    depth = total(cell.times for cell in cells if ways[1:] == () or not cell.layer.go_backwards)
    apart = layer.ends_apart and layer.keeps_last_step and len(ways) == 2 and x[axis] != 1
    ends = _ends(cells, x[axis]) if apart else ()
    stateful = any(cell.layer.field_values()["stateful"] for cell in cells) and not node.node.states
    return Row(
        name=node.name,
        type=f"{layer.type} x {readable(depth)}" if depth not in (0, 1) else layer.type,
        body=body,
        time=x[axis] if into else out[axis] if onto and out is not None else None,
        leaves_time=out[axis] if onto and out is not None else None,
        arriving=shown(_without_time(x, axis) if into else x),
        arrives_each=into,
        leaving="not known" if out is None else shown(_without_time(out, axis) if onto else out),
        leaves_each=onto,
        carries=_carries(cells[0]) if cells else (),
        ways=ways,
        from_zero=not stateful and not node.node.states,
        reads=_reads(node, inferred, above, backwards, stateful),
        backwards=backwards,
        ends=ends,
        merge=str(layer.field_values()["merge"]) if ends else "",
    )


def _ends(cells: tuple[Call, ...], time: Size) -> tuple[str, ...]:
    """What two directions pass on at the timesteps that they read last: timestep 1, then the last."""
    by_way = {cell.layer.go_backwards: shown(cell.layer.outputs(*cell.inputs)[0]) for cell in cells}
    return (f"backward {by_way[True]} at t = 1", f"forward {by_way[False]} at t = {time}")


def _reads(node: InferredNode, inferred: Inferred, above: str, backwards: bool, stateful: bool) -> str:
    """What a layer reads, in words; nothing where it is only the row above."""
    inputs = [_source(ref, inferred) for ref in node.node.inputs]
    states = [_source(ref, inferred, always=True) for ref in node.node.states]
    only_input = not above and len(inferred.graph.inputs) == 1 and inputs == [*inferred.graph.inputs]
    if (inputs == [above] or only_input) and not states and not backwards and not stateful:
        return ""
    order = " from the last timestep to the first" if backwards else ""
    begins = f"; begins with {', '.join(states)}" if states else ""
    if stateful:
        begins = "; begins with what the batch before left (stateful)"
    return f"reads {', '.join(inputs[:8])}{order}{begins}"


def _source(ref: Ref, inferred: Inferred, *, always: bool = False) -> str:
    """A Ref as people write it: the output's name after the layer's, for the main output only if ``always``."""
    if not ref.output and not always:
        return ref.name
    source = inferred.by_name.get(ref.name)
    return f"{ref.name}.{source.layer.output_names[ref.output] if source else 'output'}"


def _without_time(shape: Shape, axis: int) -> Shape:
    return (*shape[:axis], *shape[axis + 1 :])


def _carries(cell: Call) -> tuple[str, ...]:
    """The states of a direction with their shapes, those of one shape together."""
    by_shape: dict[str, list[str]] = {}
    for name, shape in zip(cell.layer.state_names, cell.layer.state_shapes(cell.inputs[0]), strict=True):
        by_shape.setdefault(shown(shape), []).append(name)
    return tuple(f"{', '.join(states)} {shape}" for shape, states in by_shape.items())


def inside(inferred: Inferred, name: str) -> Inside | None:
    """The inside of the first cell of the layer called ``name``; None where it has none that is drawn."""
    node = inferred.by_name.get(name)
    if node is None or not node.known or node.inside is not None:
        return None
    cells = _cells(node)
    if not cells:
        return None
    cell = cells[0]
    equations = cell.layer.equations()
    if equations is None or (bool(equations.carry), len(equations.gates)) not in DRAWINGS:
        return None
    tensors = gathered(explained_tensors(FRAMEWORKS[inferred.model.framework], cell.layer, cell.inputs[:1]))
    title = f"{name} ({cell.layer.type}){_which(node)}, inside at one timestep"
    return _inside(title, cell, equations, tensors)


def _cells(node: InferredNode) -> tuple[Call, ...]:
    """The recurrent layers in it, or the cells that are one timestep of such a layer."""
    return node.cells or tuple(call for call in node.calls if call.layer.one_timestep)


def _which(node: InferredNode) -> str:
    """Which of the cells of a layer is drawn, where it has several."""
    cells = node.cells
    if not cells:
        return ""
    if "forward" in cells[0].path:
        return ", the forward layer"
    deep = cells[-1].depth > 0
    both = len({cell.layer.go_backwards for cell in cells}) > 1
    return (", the first layer" if deep else "") + (", forward" if both else "")


def _inside(title: str, cell: Call, equations: Equations, tensors: tuple[ExplainedTensor, ...]) -> Inside:
    x, by_role = cell.inputs[0], {role: tensor for tensor in tensors for role in tensor.roles}
    kernel, recurrent, projection = by_role["kernel"], by_role["recurrent"], by_role.get("projection")
    h, *c = (shown(shape) for shape in cell.layer.state_shapes(x))
    return Inside(
        title=title,
        kind=DRAWINGS[bool(equations.carry), len(equations.gates)],
        x=Box("x", shown((x[0], x[-1]))),
        h=Box("h before", h),
        c=Box("c before", c[0]) if c else None,
        kernel=Box(f"x @ {kernel.name}", kernel.size),
        recurrent=Box(f"h @ {recurrent.name}", recurrent.size),
        summed=_summed(cell, kernel, tensors),
        gates=_gates(cell, equations, kernel),
        carry=equations.carry,
        output=equations.output,
        passes=(Box("h", h), *(Box("c", shape) for shape in c)),
        projection=Box(f"@ {projection.name}", shown(projection.shape)) if projection else None,
        notes=_notes(equations, by_role),
    )


def _summed(cell: Call, kernel: ExplainedTensor, tensors: tuple[ExplainedTensor, ...]) -> Box:
    """The sum of the products and the biases, before it is split into gates."""
    x = cell.inputs[0]
    width = kernel.slices[-1].stop if kernel.slices else kernel.params // x[-1]
    biases = [tensor for tensor in tensors if not {"bias", "recurrent_bias"}.isdisjoint(tensor.roles)]
    label = " + ".join(["sum", *(f"{tensor.name} {tensor.size}" for tensor in biases)])
    size = shown((x[0], width))
    if kernel.axis is not None and len(kernel.slices) > 1:
        word = ("rows", "columns")[kernel.axis + 2 - len(kernel.shape)]
        each = readable(cell.layer.units)
        size += f", split into {len(kernel.slices)} gates of {each}: {word} of {kernel.name}"
    return Box(label, size)


def _gates(cell: Call, equations: Equations, kernel: ExplainedTensor) -> tuple[Gate, ...]:
    size = shown((cell.inputs[0][0], cell.layer.units))
    where = {gate.gate: gate.interval for gate in kernel.slices}
    return tuple(Gate(name, function, size, where.get(name, "")) for name, function in equations.gates.items())


def _notes(equations: Equations, by_role: dict[str, ExplainedTensor]) -> tuple[str, ...]:
    weights = [(by_role[role], note) for role, note in equations.weight_notes.items() if role in by_role]
    return (*(f"{tensor.name} {tensor.size}: {note}" for tensor, note in weights), *equations.notes)
