"""LSTM: four gates, a hidden and a cell state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.fields import flag, size
from lstm_shapes.layers.recurrent import Equations, Recurrent
from lstm_shapes.symbolic.formula import Factor
from lstm_shapes.symbolic.size import Shape, Size, at_most

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


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

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.proj_size != 0 and at_most(self.units, self.proj_size):
            message = f"expected proj_size below units = {self.units}, got {self.proj_size}"
            raise Mismatch(message, kind="wrong-setting", field="proj_size", hint="write a smaller one, or 0")
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

    def prepare(self, weights: Weights, batch: int) -> Any:
        from lstm_shapes.layers.activations import activation
        from lstm_shapes.layers.gates import Gates

        biases = [weights[role] for role in ("bias", "recurrent_bias") if role in self.weight_axes()]
        gates = Gates(weights["kernel"], weights["recurrent"], biases, batch)
        projection = weights["projection"].T if self.proj_size != 0 else None
        peephole = weights["peephole"] if self.peephole else None
        return gates, projection, peephole, activation(self.recurrent_activation), activation(self.activation)

    def step(self, cell: Any, x: Array, state: tuple[Array, ...]) -> None:
        gates, projection, peephole, sigma, tanh = cell
        h, c = state
        z = gates(x, h)
        i, f, o, g = z
        if peephole is not None:
            i += peephole[0] * c
            f += peephole[1] * c
        sigma(z[:2] if peephole is not None else z[:3], out=z[:2] if peephole is not None else z[:3])
        tanh(g, out=g)
        c *= f
        i *= g
        c += i
        if peephole is not None:
            o += peephole[2] * c
            sigma(o, out=o)
        tanh(c, out=g)
        o *= g
        h[...] = o if projection is None else o @ projection
