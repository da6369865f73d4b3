"""Where a layer's parameters are: tensor by tensor in the framework's own names, gate by gate within a tensor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lstm_shapes.frameworks.layout import Framework, Tensor, tensors
from lstm_shapes.layers.axes import parse
from lstm_shapes.layers.base import Layer
from lstm_shapes.symbolic.size import Shape, Size, divide_exactly, product, readable, same, shown, total


class Slice(NamedTuple):
    """The stretch of a tensor's axis that one gate has, the end exclusive."""

    gate: str
    start: Size
    stop: Size
    params: Size


class Held(NamedTuple):
    """A tensor, what it does, and where its gates are along ``axis``; no slices where no axis is cut into gates."""

    name: str
    shape: Shape
    params: Size
    does: str
    axis: int | None
    slices: tuple[Slice, ...]
    path: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """``kernel (8, 128), 1,024 parameters, ...: columns 0..31 are the input gate, ...``"""
        count = f"{readable(self.params)} parameter{'s' * (self.params != 1)}"
        said = f"{self.name} {shown(self.shape)}, {count}: {self.does}"
        if self.axis is None or not self.slices:
            return said
        word = _AXIS[len(self.shape)][self.axis] if len(self.shape) in _AXIS else f"along axis {self.axis}, numbers"
        first, *rest = self.slices
        verb = "is" if same(first.stop, first.start + 1) else "are"
        parts = [f"{_stretch(first)} {verb} {_gate(first.gate)}"]
        parts += [f"{_stretch(one)} {_gate(one.gate)}" for one in rest]
        return f"{said}; {word} {', '.join(parts)}"


_AXIS = {1: ("numbers",), 2: ("rows", "columns")}
_DOES = {
    "kernel": "multiplies what comes in",
    "recurrent": "multiplies the hidden state of the timestep before",
    "bias": "added",
    "recurrent_bias": "added on the recurrent side",
    "bias recurrent_bias": "added, row 0 on the input side, row 1 on the recurrent side",
    "projection": "projects the output down to the hidden state",
    "peephole": "lets the gates see the cell state: row 0 the input, 1 the forget, 2 the output gate",
    "embeddings": "a row for each token",
}


def held(framework: Framework, layer: Layer, inputs: tuple[Shape, ...]) -> tuple[Held, ...]:
    """The tensors of a layer with their gates.

    >>> from lstm_shapes.frameworks import FRAMEWORKS
    >>> from lstm_shapes.layers.lstm import LSTM
    >>> held(FRAMEWORKS["keras"], LSTM(units=32), ((5, 10, 8),))[0].slices[1]
    Slice(gate='forget', start=32, stop=64, params=256)
    """
    return tuple(_held(one) for one in tensors(framework, layer, *inputs))


def _held(tensor: Tensor) -> Held:
    axis, slices = _slices(tensor)
    roles = " ".join(weight.role for weight in tensor.weights)
    path = tensor.weights[0].path
    return Held(tensor.name, tensor.shape, tensor.params, _DOES.get(roles, "added"), axis, slices, path)


def _slices(tensor: Tensor) -> tuple[int | None, tuple[Slice, ...]]:
    sizes, count = tensor.sizes, len(tensor.gates)
    for axis, group in enumerate(parse(tensor.axes)):
        if isinstance(group, tuple) and group and group[0] == "gate":
            each = product(sizes[one] for one in group[1:])
            share = divide_exactly(tensor.params, count)
            assert share is not None, tensor
            cut = (Slice(gate, number * each, (number + 1) * each, share) for number, gate in enumerate(tensor.gates))
            return axis, tuple(cut)
    return None, ()


def per_gate(tensors_: tuple[Held, ...]) -> Iterator[str]:
    """How many parameters a gate has, and how the gates make the whole; once for each cell that differs."""
    cells: dict[tuple[str, ...], list[Held]] = {}
    for one in tensors_:
        cells.setdefault(one.path, []).append(one)
    told: dict[str, list[str]] = {}
    for path, listed in cells.items():
        gated = [one for one in listed if one.slices]
        if not gated:
            continue
        shares = [one.slices[0].params for one in gated]
        each, count = total(shares), len(gated[0].slices)
        parts = f"{' + '.join(_bracketed(one) for one in shares)} = " if len(shares) > 1 else ""
        rest = [one for one in listed if not one.slices]
        more = "".join(f" + {_bracketed(one.params)} of {_last(one.name)}" for one in rest)
        whole = readable(total(one.params for one in listed))
        line = f"each gate has {parts}{readable(each)} parameters; {count} * {_bracketed(each)}{more} = {whole}"
        told.setdefault(line, []).append("/".join(path))
    for line, paths in told.items():
        yield f"{', '.join(_way(path) for path in paths)}: {line}" if len(cells) > 1 else line


def _way(path: str) -> str:
    parts = [f"layer {part}" if part.isdigit() else part for part in path.split("/") if part]
    return " ".join(parts)


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _stretch(one: Slice) -> str:
    first, last = one.start, one.stop - 1
    return str(first) if first == last else f"{first}..{last}"


def _gate(gate: str) -> str:
    return "the candidate" if gate == "candidate" else f"the {gate} gate"


def _bracketed(size: Size) -> str:
    text = readable(size)
    return f"({text})" if " " in text or "//" in text else text
