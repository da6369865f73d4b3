"""For each claim, layers for which it is not true: what the claim's own experiment must find out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.bidirectional import Bidirectional
from lstm_shapes.layers.gru import GRU
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.symbolic.size import Shape, Size

Array = NDArray[Any]
State = tuple[Array, ...]


class Uncoupled(LSTM):
    """Each unit sees its own state alone."""

    def prepare(self, weights: Weights, batch: int) -> Any:
        roles = self.weight_axes()
        arrays = {role: weights[role] for role in roles}
        return super().prepare(Weights({**arrays, "recurrent": arrays["recurrent"] * np.eye(self.units)}), batch)


class Rotating(LSTM):
    """A unit's state goes to the next unit without a weight."""

    def step(self, cell: Any, x: Array, state: State) -> State:
        h, *rest = super().step(cell, x, state)
        return (np.roll(h, 1, axis=-1), *rest)


class FirstRow(LSTM):
    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        outputs = replace(self.plain, return_sequences=True).run(weights, *inputs, mask=mask)
        return outputs if self.return_sequences else (outputs[0][:, 0], *outputs[1:])

    @property
    def plain(self) -> LSTM:
        return LSTM(units=self.units, return_state=self.return_state)


class Foresighted(LSTM):
    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        return super().run(weights, inputs[0][:, ::-1], *inputs[1:], mask=mask)


class StatesExchanged(LSTM):
    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        output, *states = super().run(weights, *inputs, mask=mask)
        return (output, *states[::-1])


class CellForgets(LSTM):
    def step(self, cell: Any, x: Array, state: State) -> State:
        return super().step(cell, x, (state[0], 0 * state[1]))


class Memoryless(LSTM):
    def step(self, cell: Any, x: Array, state: State) -> State:
        return super().step(cell, x, tuple(0 * array for array in state))


class DropsStates(LSTM):
    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        return super().run(weights, inputs[0], mask=mask)


class SharedStates(LSTM):
    """All examples go on from their mean."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        x, *states = inputs
        return super().run(weights, x, *(0 * array + array.mean(axis=0) for array in states), mask=mask)


class NotTurned(Bidirectional):
    """The backward half in the order in which it was read."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        output, *states = super().run(weights, *inputs, mask=mask)
        if self.layer.return_sequences:
            width = self.layer.units  # type: ignore[attr-defined]
            output = np.concatenate([output[..., :width], output[:, ::-1, width:]], axis=-1)
        return (output, *states)


class LastRow(Bidirectional):
    """Without sequences, the last row of the sequence."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        halves = (replace(array, return_sequences=True) for array in (self.layer, self.backward_layer))
        both = Bidirectional(**dict(zip(("layer", "backward_layer"), halves, strict=True)), merge=self.merge)
        output, *states = both.run(weights, *inputs, mask=mask)
        return (output if self.layer.return_sequences else output[:, -1], *states)


class KeepsPadding(Bidirectional):
    """Reads the padding as data."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        return super().run(weights, *inputs)


class Silent(Bidirectional):
    """Writes zeros everywhere."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        return tuple(0 * array for array in super().run(weights, *inputs, mask=mask))


class GatesExchanged(LSTM):
    """What is called the forget gate is the input gate."""

    gates: ClassVar[str] = "forget input output candidate"


class OneGate(GRU):
    """Update and reset are the same numbers."""

    def prepare(self, weights: Weights, batch: int) -> Any:
        arrays = {role: weights[role].copy() for role in self.weight_axes()}
        for array in arrays.values():
            array[:2] = array[:2].mean(axis=0)
        return super().prepare(Weights(arrays), batch)


class OneBias(LSTM):
    """Reads the first of two biases alone."""

    def prepare(self, weights: Weights, batch: int) -> Any:
        arrays = {role: weights[role] for role in self.weight_axes()}
        return super().prepare(
            Weights({key: array * (key != "recurrent_bias") for key, array in arrays.items()}), batch
        )


class BiasOutside(GRU):
    """The reset gate does not scale the recurrent bias."""

    def prepare(self, weights: Weights, batch: int) -> Any:
        arrays = {role: weights[role].copy() for role in self.weight_axes()}
        arrays["bias"] += arrays["recurrent_bias"]
        arrays["recurrent_bias"][...] = 0
        return super().prepare(Weights(arrays), batch)


class AlwaysAfter(GRU):
    def step(self, cell: Any, x: Array, state: State) -> State:
        return GRU(units=self.units).step(cell, x, state)


class CostlyBefore(GRU):
    def step(self, cell: Any, x: Array, state: State) -> State:
        if not self.reset_after:
            state[0] @ cell[1][2]
        return super().step(cell, x, state)


class DampedBefore(GRU):
    """Differs by more than the place of the reset."""

    def step(self, cell: Any, x: Array, state: State) -> State:
        (h,) = super().step(cell, x, state)
        return (h if self.reset_after else 0.9 * h,)


class Ageing(LSTM):
    """The kernel grows by a tenth with every timestep."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        x, *states = inputs
        grown = x * (1 + np.arange(x.shape[1]) / 10)[:, None]
        return super().run(weights, grown, *states, mask=mask)


class ThreeSteps(LSTM):
    """Reads no more than three timesteps, and two examples."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        return super().run(weights, inputs[0][:2, :3], mask=mask)


class CountsTime(LSTM):
    def count(self, *inputs: Shape) -> Size | None:
        return (super().count(*inputs) or 0) + inputs[0][1]


class Maskless(LSTM):
    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        return super().run(weights, *inputs)


class AlwaysMasked(LSTM):
    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        return super().run(weights, *inputs, mask=(inputs[0] != 0).any(axis=-1))


class DeadWeight(LSTM):
    """Declares a weight that it does not use."""

    def weight_axes(self) -> Mapping[str, str]:
        return {**super().weight_axes(), "scale": "unit"}


class DiagonalTable(LSTM):
    def weight_axes(self) -> Mapping[str, str]:
        return {**super().weight_axes(), "recurrent": "gate unit"}


class Cheap(LSTM):
    """Predicts the work of one timestep."""

    def positions(self, *inputs: Shape) -> Size:
        return inputs[0][0]


class CostlyBias(LSTM):
    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        if self.bias:
            inputs[0] @ weights["kernel"][0].T
        return super().run(weights, *inputs, mask=mask)


class Blind(LSTM):
    """The kernel is without effect."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        return super().run(weights, 0 * inputs[0], *inputs[1:], mask=mask)


class NoBias(LSTM):
    """Says that it has biases, and has none."""

    def weight_axes(self) -> Mapping[str, str]:
        return {role: axes for role, axes in super().weight_axes().items() if role != "bias"}

    def prepare(self, weights: Weights, batch: int) -> Any:
        return replace(LSTM(units=self.units), bias=False).prepare(weights, batch)


class Leaky(LSTM):
    """A tenth of a unit's state goes to the next unit without a weight."""

    def step(self, cell: Any, x: Array, state: State) -> State:
        h, c = super().step(cell, x, state)
        return h + np.roll(h, 1, axis=-1) / 10, c


class SecondRow(FirstRow):
    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        outputs = replace(self.plain, return_sequences=True).run(weights, *inputs, mask=mask)
        return outputs if self.return_sequences else (outputs[0][:, 1], *outputs[1:])


class Constant(Memoryless):
    """The same numbers at every timestep."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        return super().run(weights, 0 * inputs[0], *inputs[1:], mask=mask)


class DoubledStates(LSTM):
    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        output, *states = super().run(weights, *inputs, mask=mask)
        return (output, *(2 * array for array in states))


class OneState(LSTM):
    """The cell state is the hidden state."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        output, *states = super().run(weights, *inputs, mask=mask)
        return (output, *(states[0] for _ in states))


class DoubledLast(Bidirectional):
    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        output, *states = super().run(weights, *inputs, mask=mask)
        return (output if self.layer.return_sequences else 2 * output, *(2 * array for array in states))


class Clinging(LSTM):
    """A tenth of the cell state stays whatever the gate says."""

    def step(self, cell: Any, x: Array, state: State) -> State:
        h, c = super().step(cell, x, state)
        return h, c + state[1] / 10


class InputForgets(LSTM):
    """What stays of the cell state is scaled by the input gate as well."""

    def step(self, cell: Any, x: Array, state: State) -> State:
        i, f, o, g = cell[0](x, state[0])
        i, f, o = ((1 + np.tanh(array / 2)) / 2 for array in (i, f, o))
        c = f * i * state[1] + i * np.tanh(g)
        return o * np.tanh(c), c


class FrozenCell(LSTM):
    def step(self, cell: Any, x: Array, state: State) -> State:
        h, _ = super().step(cell, x, state)
        return h, state[1]


def noisy(outputs: State) -> State:
    """No function of the weights: another run gives other numbers."""
    return tuple(array + np.random.default_rng().uniform(0.1, 0.2, array.shape) for array in outputs)


class RestlessLSTM(LSTM):
    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        return noisy(super().run(weights, *inputs, mask=mask))


class RestlessGRU(GRU):
    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        return noisy(super().run(weights, *inputs, mask=mask))


class BiasBlind(LSTM):
    """All biases are without effect."""

    def prepare(self, weights: Weights, batch: int) -> Any:
        arrays = {role: weights[role] for role in self.weight_axes()}
        return super().prepare(Weights({key: array * ("bias" not in key) for key, array in arrays.items()}), batch)


class HeavyBias(GRU):
    """The recurrent bias of the gates counts twice."""

    def prepare(self, weights: Weights, batch: int) -> Any:
        arrays = {role: weights[role].copy() for role in self.weight_axes()}
        arrays["recurrent_bias"][:2] *= 2
        return super().prepare(Weights(arrays), batch)


class Idle(LSTM):
    """Multiplies nothing."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> State:
        return (np.zeros((len(inputs[0]), self.units)),)


def both(forward: LSTM, kind: type[Bidirectional] = Bidirectional) -> Bidirectional:
    forward = replace(forward, return_sequences=True, return_state=True)
    return kind(layer=forward, backward_layer=replace(forward, go_backwards=True))


PLAIN = LSTM(units=5)

TWINS: dict[str, tuple[tuple[Layer, ...], ...]] = {
    "units": (
        (Uncoupled(units=5), Constant(units=5)),
        (Rotating(units=5), Leaky(units=5), Memoryless(units=5)),
        (Rotating(units=5), Uncoupled(units=5)),
    ),
    "return_sequences": (
        (FirstRow(units=5), SecondRow(units=5), Constant(units=5)),
        (Foresighted(units=5), Blind(units=5)),
    ),
    "return_state": (
        (StatesExchanged(units=5), DoubledStates(units=5), OneState(units=5)),
        (CellForgets(units=5), DropsStates(units=5)),
    ),
    "stateful": ((DropsStates(units=5), Memoryless(units=5)), (SharedStates(units=5), Memoryless(units=5))),
    "bidirectional": (
        (both(PLAIN, NotTurned), both(PLAIN, DoubledLast), both(Constant(units=5))),
        (both(PLAIN, NotTurned), both(Memoryless(units=5))),
        (both(PLAIN, LastRow), both(PLAIN, NotTurned), both(PLAIN, DoubledLast), both(Constant(units=5))),
    ),
    "gates": (
        tuple(kind(units=5, return_state=True) for kind in (GatesExchanged, CellForgets, Clinging, InputForgets)),
        tuple(kind(units=5, return_state=True) for kind in (GatesExchanged, CellForgets, FrozenCell)),
        (OneGate(units=5), RestlessGRU(units=5)),
    ),
    "bias": (
        tuple(kind(units=5, recurrent_bias=True) for kind in (OneBias, BiasBlind, RestlessLSTM)),
        (BiasOutside(units=5), HeavyBias(units=5)),
    ),
    "reset_after": ((AlwaysAfter(units=5), CostlyBefore(units=5)), (DampedBefore(units=5), AlwaysAfter(units=5))),
    "timesteps": (
        (Ageing(units=5), DropsStates(units=5)),
        (ThreeSteps(units=5), CountsTime(units=5), Idle(units=5)),
    ),
    "masking": (
        (Maskless(units=5), AlwaysMasked(units=5)),
        (Maskless(units=5), Constant(units=5)),
        (both(PLAIN, KeepsPadding), both(PLAIN, Silent)),
    ),
    "params": ((DeadWeight(units=4), CountsTime(units=4), Blind(units=4)), (DiagonalTable(units=5),)),
    "macs": (
        (Cheap(units=5), ThreeSteps(units=5), Idle(units=5)),
        (CostlyBias(units=5), NoBias(units=5), Idle(units=5)),
        (ThreeSteps(units=5), Idle(units=5)),
    ),
    "frameworks": ((CountsTime(units=5), DeadWeight(units=5)), (Blind(units=5), RestlessLSTM(units=5))),
}
"""A topic -> for each of its claims, in order, the layers for which it is not true."""
