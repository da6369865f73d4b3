"""Cells: one timestep of a recurrent layer, its states in and out. The arithmetic is that of the layer itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import activation_name, flag, size
from lstm_shapes.layers.gated import Equations, Gated
from lstm_shapes.layers.gru import GRU
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.layers.phrases import count_of
from lstm_shapes.layers.recurrent import Recurrent, check_states, state_conditions
from lstm_shapes.layers.rnn import RNN
from lstm_shapes.symbolic.formula import Factor
from lstm_shapes.symbolic.size import Shape, Size, readable, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Cell(Gated):
    """One timestep: (batch, in) and the states before it in, the output and the states after it out."""

    one_timestep: ClassVar[bool] = True

    units: Size = size("the width of the hidden state: how many numbers the cell passes on", aliases="hidden_size")

    @property
    @abstractmethod
    def over_time(self) -> Recurrent:
        """The layer that goes through a sequence with this cell and passes on its last states."""

    @property
    def state_names(self) -> tuple[str, ...]:
        return tuple(self.states.split())

    @property
    def output_names(self) -> tuple[str, ...]:
        return ("output", *self.state_names)

    def state_shapes(self, x: Shape) -> tuple[Shape, ...]:
        """The shape of each state, for a timestep of shape ``x``; raises ``Mismatch`` on one that does not fit."""
        try:
            batch = match("batch in", x)["batch"]
        except Mismatch as mismatch:
            layer = self.over_time.type
            hint = f"write `type: {layer}`, which goes through all timesteps, or put a select before it"
            raise Mismatch(mismatch.message, kind=mismatch.kind, hint=hint if len(x) == 3 else "") from None
        return tuple((batch, width) for width in self.over_time.state_widths)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        x, *given = inputs
        states = self.state_shapes(x)
        check_states(self.state_names, states, given)
        return (states[0], *states)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        x, *given = inputs
        return state_conditions(self.state_shapes(x), given)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        names = ", ".join(f"{name} {shown(shape)}" for name, shape in zip(self.state_names, outputs[1:], strict=True))
        return (
            "the hidden state after one timestep",
            f"units is {readable(self.units)}: the hidden state has {count_of(self.units, 'number')}",
            f"as well, the new state{'s' * (len(outputs) > 2)}: {names}",
        )

    def equations(self) -> Equations | None:
        return self.over_time.equations()

    def weight_axes(self) -> Mapping[str, str]:
        return self.over_time.weight_axes()

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        return self.over_time.axis_sizes(*inputs)

    def axis_names(self) -> Mapping[str, Factor]:
        return self.over_time.axis_names()

    def positions(self, *inputs: Shape) -> Size:
        return inputs[0][0]

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        x, *given = inputs
        return self.over_time.run(weights, x[:, None], *given)


@dataclass(frozen=True, kw_only=True)
class LSTMCell(Cell):
    """One timestep of an LSTM: x, h and c in, the new h and c out. Parameters: ``4*units*(input_dim + units + 1)``.

    >>> LSTMCell(units=32).outputs((5, 8), (5, 32), (5, 32))
    ((5, 32), (5, 32), (5, 32))
    """

    type: ClassVar[str] = "lstm_cell"
    gates: ClassVar[str] = LSTM.gates
    states: ClassVar[str] = LSTM.states
    weight_docs: ClassVar[Mapping[str, str]] = Gated.weight_docs

    @property
    def over_time(self) -> LSTM:
        return LSTM(**self.field_values(), return_state=True)


@dataclass(frozen=True, kw_only=True)
class GRUCell(Cell):
    """One timestep of a GRU: x and h in, the new h out. Parameters: ``3*units*(input_dim + units + 2)``.

    >>> GRUCell(units=32).count((5, 8))
    4032
    """

    type: ClassVar[str] = "gru_cell"
    gates: ClassVar[str] = GRU.gates
    states: ClassVar[str] = GRU.states
    weight_docs: ClassVar[Mapping[str, str]] = GRU.weight_docs

    reset_after: bool = flag(
        "reset after the product with the recurrent kernel, which takes a second bias",
        True,
        off="the reset gate acts on the state, before the product with the recurrent kernel",
    )

    @property
    def over_time(self) -> GRU:
        return GRU(**self.field_values(), return_state=True)


@dataclass(frozen=True, kw_only=True)
class RNNCell(Cell):
    """One timestep of a simple RNN: x and h in, the new h out. Parameters: ``units*(input_dim + units + 1)``.

    >>> RNNCell(units=32).count((5, 8))
    1312
    """

    type: ClassVar[str] = "rnn_cell"
    gates: ClassVar[str] = RNN.gates
    states: ClassVar[str] = RNN.states
    common_axes: ClassVar[int] = RNN.common_axes
    gate_axes: ClassVar[str] = RNN.gate_axes

    activation: str = activation_name("the function of the candidate and of the output", "tanh", aliases="nonlinearity")

    @property
    def over_time(self) -> RNN:
        return RNN(**self.field_values(), return_state=True)
