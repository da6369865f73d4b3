"""Simple RNN: no gates, one state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.fields import activation_name
from lstm_shapes.layers.gated import Equations
from lstm_shapes.layers.recurrent import Recurrent

if TYPE_CHECKING:
    from lstm_shapes.layers.activations import Activation
    from lstm_shapes.layers.base import Array
    from lstm_shapes.layers.gates import Gates, HoistedGates


class Cell(NamedTuple):
    """What a timestep needs."""

    gates: Gates | HoistedGates
    tanh: Activation


@dataclass(frozen=True, kw_only=True)
class RNN(Recurrent):
    """The output fed back (Elman 1990). Parameters: ``units*(input_dim + units + 1)``.

    >>> sum(weight.params for weight in RNN(units=32).weights((5, 10, 8)))
    1312
    """

    type: ClassVar[str] = "rnn"
    gates: ClassVar[str] = "candidate"
    states: ClassVar[str] = "h"
    common_axes: ClassVar[int] = 1
    gate_axes: ClassVar[str] = "unit"

    activation: str = activation_name("the function of the candidate and of the output", "tanh", aliases="nonlinearity")

    def equations(self) -> Equations:
        return Equations(gates={"candidate": self.activation}, output=f"new h = {self.activation}(sum)")

    def prepare(self, weights: Weights, batch: int) -> Cell:
        from lstm_shapes.layers.activations import activation
        from lstm_shapes.layers.gates import gates_for

        biases = [weights[role][None] for role in ("bias", "recurrent_bias") if role in self.weight_axes()]
        gates = gates_for(weights["kernel"][None], weights["recurrent"][None], biases, batch)
        return Cell(gates, activation(self.activation))

    def timesteps(self, cell: Cell, x: Array) -> Array:
        return cell.gates.timesteps(x)

    def step(self, cell: Cell, x: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        (h,) = state
        (n,) = cell.gates(x, h)
        return (cell.tanh(n),)
