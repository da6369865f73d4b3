"""Where a layer's parameters are: tensor by tensor in the framework's own names, gate by gate within a tensor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lstm_shapes.frameworks.layout import Framework, Tensor, tensors
from lstm_shapes.layers.axes import parse
from lstm_shapes.layers.base import EACH, Layer
from lstm_shapes.layers.phrases import bracketed, count_of
from lstm_shapes.symbolic.size import Shape, Size, divide_exactly, product, readable, same, shown, total


class GateSlice(NamedTuple):
    """The part of a tensor's axis that belongs to one gate; ``stop`` is exclusive."""

    gate: str
    start: Size
    stop: Size
    params: Size

    @property
    def interval(self) -> str:
        """The first and the last position, ``32..63``, or the only one."""
        first, last = self.start, self.stop - 1
        return str(first) if first == last else f"{first}..{last}"


class ExplainedTensor(NamedTuple):
    """A tensor, what it does, and where its gates are along ``axis``; no slices where no axis is divided into gates.

    ``roles`` are the weights that it holds, ``path`` leads to the layer that they belong to. ``copies`` is above 1
    where it stands for a tensor of each gate; ``layers`` is how many layers have one, where a symbol says it. A
    buffer has its numbers in ``buffered`` and no parameters.
    """

    name: str
    shape: Shape
    params: Size
    does: str
    axis: int | None
    slices: tuple[GateSlice, ...]
    path: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    copies: int = 1
    buffered: Size = 0
    layers: Size = 1

    @property
    def size(self) -> str:
        """The shape, or how many of this shape there are."""
        return f"{self.copies} of {shown(self.shape)}" if self.copies > 1 else shown(self.shape)

    @property
    def sentence(self) -> str:
        """``kernel (8, 128), 1,024 parameters, ...: columns 0..31 are the input gate, ...``"""
        counted = count_of(self.params, "parameter")
        if self.buffered != 0:
            counted = f"a buffer of {count_of(self.buffered, 'number')}, not a parameter"
        sentence = f"{self.name} {shown(self.shape)}, {counted}: {self.does}"
        if self.axis is None or not self.slices:
            return sentence
        word = _AXIS[len(self.shape)][self.axis] if len(self.shape) in _AXIS else f"along axis {self.axis}, numbers"
        first, *rest = self.slices
        verb = "is" if same(first.stop, first.start + 1) else "are"
        gates = [f"{first.interval} {verb} {_gate(first.gate)}"]
        gates += [f"{slice_.interval} {_gate(slice_.gate)}" for slice_ in rest]
        return f"{sentence}; {word} {', '.join(gates)}"


_AXIS = {1: ("numbers",), 2: ("rows", "columns")}


def explained_tensors(framework: Framework, layer: Layer, inputs: tuple[Shape, ...]) -> tuple[ExplainedTensor, ...]:
    """The tensors of a layer with their gates.

    >>> from lstm_shapes.frameworks import FRAMEWORKS
    >>> from lstm_shapes.layers.lstm import LSTM
    >>> explained_tensors(FRAMEWORKS["keras"], LSTM(units=32), ((5, 10, 8),))[0].slices[1]
    GateSlice(gate='forget', start=32, stop=64, params=256)
    """
    owners = dict(layer.weighted_layers(*inputs))
    return tuple(_explained(tensor, owners[tensor.weights[0].path]) for tensor in tensors(framework, layer, *inputs))


def gathered(explained: tuple[ExplainedTensor, ...]) -> tuple[ExplainedTensor, ...]:
    """The tensors of one cell, those of its gates as one.

    >>> from lstm_shapes.frameworks import FRAMEWORKS
    >>> from lstm_shapes.layers.lstm import LSTM
    >>> kernel = gathered(explained_tensors(FRAMEWORKS["flax-linen"], LSTM(units=4), ((5, 10, 8),)))[0]
    >>> kernel.name, kernel.size, kernel.params
    ('cell/i{i,f,g,o}/kernel', '4 of (8, 4)', 128)
    """
    by_roles: dict[tuple[str, ...], list[ExplainedTensor]] = {}
    for tensor in explained:
        by_roles.setdefault(tensor.roles, []).append(tensor)
    return tuple(_as_one(of_gates) if of_gates[1:] else of_gates[0] for of_gates in by_roles.values())


def _as_one(of_gates: list[ExplainedTensor]) -> ExplainedTensor:
    names = [tensor.name for tensor in of_gates]
    before = _alike(names)
    after = _alike([name[before:][::-1] for name in names])
    middle = ",".join(name[before : len(name) - after] for name in names)
    name = f"{names[0][:before]}{{{middle}}}{names[0][len(names[0]) - after :]}"
    params = total(tensor.params for tensor in of_gates)
    return of_gates[0]._replace(name=name, params=params, copies=len(of_gates))


def _alike(names: list[str]) -> int:
    """The number of characters with which all of them begin."""
    columns = enumerate(zip(*names, strict=False))
    return next((place for place, letters in columns if len(set(letters)) > 1), min(map(len, names)))


def _explained(tensor: Tensor, owner: Layer) -> ExplainedTensor:
    axis, slices = _slices(tensor)
    roles = tensor.roles
    docs = [owner.weight_docs[role] for role in roles]
    part = "part" if "way" in tensor.axes.split() else "row"
    does = docs[0] if len(docs) == 1 else ", ".join(f"{part} {number} {doc}" for number, doc in enumerate(docs))
    does += f", for {_gate(tensor.gate)}" if tensor.gate else ""
    first = tensor.weights[0]
    counted = tensor.params, does, axis, slices
    return ExplainedTensor(
        tensor.name, tensor.shape, *counted, first.path, roles, buffered=tensor.buffered, layers=first.copies
    )


def _slices(tensor: Tensor) -> tuple[int | None, tuple[GateSlice, ...]]:
    sizes, count = tensor.sizes, len(tensor.gates)
    for axis, group in enumerate(parse(tensor.axes)):
        if group and group[0] == "gate":
            each = product(sizes[name] for name in group[1:])
            share = divide_exactly(tensor.params, count)
            assert share is not None, tensor
            gates = enumerate(tensor.gates)
            return axis, tuple(GateSlice(gate, number * each, (number + 1) * each, share) for number, gate in gates)
    return None, ()


def params_per_gate(explained: tuple[ExplainedTensor, ...]) -> Iterator[str]:
    """How many parameters a gate has, and how the gates add up to the cell; once for each cell that differs."""
    cells: dict[tuple[str, ...], list[ExplainedTensor]] = {}
    for tensor in (tensor for tensor in explained if tensor.layers == 1):
        cells.setdefault(tensor.path, []).append(tensor)
    paths_by_line: dict[str, list[tuple[str, ...]]] = {}
    for path, of_cell in cells.items():
        if any(tensor.slices for tensor in of_cell):
            paths_by_line.setdefault(_per_gate(of_cell), []).append(path)
    for line, paths in paths_by_line.items():
        yield f"{', '.join(_place(path) for path in paths)}: {line}" if len(cells) > 1 else line


def _per_gate(of_cell: list[ExplainedTensor]) -> str:
    gated = [tensor for tensor in of_cell if tensor.slices]
    shares = [tensor.slices[0].params for tensor in gated]
    each, count = total(shares), len(gated[0].slices)
    summands = f"{' + '.join(bracketed(share) for share in shares)} = " if len(shares) > 1 else ""
    others = [tensor for tensor in of_cell if not tensor.slices]
    more = "".join(f" + {bracketed(tensor.params)} of {tensor.name.rsplit('/', 1)[-1]}" for tensor in others)
    sum_ = readable(total(tensor.params for tensor in of_cell))
    return f"each gate has {summands}{readable(each)} parameters; {count} * {bracketed(each)}{more} = {sum_}"


def _place(path: tuple[str, ...]) -> str:
    """A path in words: ``layer 0 backward``."""
    return " ".join(f"layer {name}" if name.isdigit() else "every layer k" if name == EACH else name for name in path)


def _gate(gate: str) -> str:
    return "the candidate" if gate == "candidate" else f"the {gate} gate"
