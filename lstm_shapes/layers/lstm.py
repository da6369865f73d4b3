"""LSTM: four gates, a hidden and a cell state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import flag, size
from lstm_shapes.layers.gated import Equations
from lstm_shapes.layers.recurrent import Recurrent
from lstm_shapes.symbolic.formula import Factor
from lstm_shapes.symbolic.size import Shape, Size

if TYPE_CHECKING:
    from lstm_shapes.layers.activations import Activation
    from lstm_shapes.layers.base import Array
    from lstm_shapes.layers.gates import Gates, HoistedGates


class Cell(NamedTuple):
    """What a timestep needs: ``peephole`` has a row for each of input, forget and output gate."""

    gates: Gates | HoistedGates
    projection: Array | None
    peephole: Array | None
    sigma: Activation
    tanh: Activation


@dataclass(frozen=True, kw_only=True)
class LSTM(Recurrent):
    """Gates that decide what to keep (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000).

    ``proj_size`` projects the hidden state down (Sak et al. 2014); ``peephole`` lets the gates see the cell state
    through one weight per unit (Gers & Schmidhuber 2000). Parameters: ``4*units*(input_dim + units + 1)``.

    >>> layer = LSTM(units=32)
    >>> layer.outputs((5, 10, 8))
    ((5, 32),)
    >>> str(layer.formula((5, 10, 8))), sum(weight.params for weight in layer.weights((5, 10, 8)))
    ('4*units*(input_dim + units + 1)', 5248)
    """

    type: ClassVar[str] = "lstm"
    gates: ClassVar[str] = "input forget output candidate"
    states: ClassVar[str] = "h c"
    weight_docs: ClassVar[Mapping[str, str]] = {
        **Recurrent.weight_docs,
        "projection": "projects the output down to the hidden state",
        "peephole": "lets the gates see the cell state: row 0 the input, 1 the forget, 2 the output gate",
    }

    proj_size: Size = size("the width that the hidden state is projected to; 0: no projection", 0)
    peephole: bool = flag("let the gates see the cell state", False)

    @property
    def width(self) -> Size:
        return self.units if self.proj_size == 0 else self.proj_size

    @property
    def width_name(self) -> str:
        return "units" if self.proj_size == 0 else "proj_size"

    @property
    def state_widths(self) -> tuple[Size, ...]:
        return (self.width, self.units)

    @property
    def projected(self) -> Condition:
        """That a projection makes the hidden state narrower."""
        return Condition(self.proj_size, "<", self.units, "proj_size")

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield from super().own_conditions(*inputs)
        if self.proj_size != 0:
            yield self.projected

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.proj_size != 0 and self.projected.holds is False:
            message = f"expected proj_size below units = {self.units}, got {self.proj_size}"
            raise Mismatch(message, kind="wrong-setting", field="proj_size", hint="write a smaller size, or 0")
        return super().outputs(*inputs)

    def equations(self) -> Equations:
        sigma, tanh = self.recurrent_activation, self.activation
        return Equations(
            gates={"input": sigma, "forget": sigma, "candidate": tanh, "output": sigma},
            carry="new c = forget * c + input * candidate",
            output="output * new c" if tanh == "linear" else f"output * {tanh}(new c)",
            weight_notes={"peephole": "input and forget gate also see c, the output gate new c"},
        )

    def weight_axes(self) -> Mapping[str, str]:
        table = dict(super().weight_axes())
        if self.proj_size != 0:
            table["projection"] = "state unit"
        if self.peephole:
            table["peephole"] = "peep unit"
        return table

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        return {**super().axis_sizes(*inputs), "peep": 3}

    def axis_names(self) -> Mapping[str, Factor]:
        state = "units" if self.proj_size == 0 else "proj_size"
        return {**super().axis_names(), "state": state, "peep": 3}

    def prepare(self, weights: Weights, batch: int) -> Cell:
        from lstm_shapes.layers.activations import activation
        from lstm_shapes.layers.gates import gates_for

        biases = [weights[role] for role in ("bias", "recurrent_bias") if role in self.weight_axes()]
        gates = gates_for(weights["kernel"], weights["recurrent"], biases, batch)
        projection = weights["projection"].T if self.proj_size != 0 else None
        peephole = weights["peephole"] if self.peephole else None
        return Cell(gates, projection, peephole, activation(self.recurrent_activation), activation(self.activation))

    def timesteps(self, cell: Cell, x: Array) -> Array:
        return cell.gates.timesteps(x)

    def step(self, cell: Cell, x: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        sigma, tanh, p = cell.sigma, cell.tanh, cell.peephole
        h, c = state
        i, f, o, g = cell.gates(x, h)
        if p is not None:
            i, f = i + p[0] * c, f + p[1] * c
        c = sigma(f) * c + sigma(i) * tanh(g)
        if p is not None:
            o = o + p[2] * c
        h = sigma(o) * tanh(c)
        return h if cell.projection is None else h @ cell.projection, c
