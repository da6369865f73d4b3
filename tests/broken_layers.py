"""Layers whose prediction and run differ, each in one way: what the laws and the witness must find out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.base import Layer, Sublayer, Weights
from lstm_shapes.layers.dense import Dense
from lstm_shapes.layers.rnn import RNN
from lstm_shapes.symbolic.formula import Formula
from lstm_shapes.symbolic.size import Shape, Size, symbol

Array = NDArray[Any]


class Wide(Dense):
    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        return ((*inputs[0][:-1], self.units + 1),)


class Picky(Dense):
    """Takes no shape."""

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        raise Mismatch("no shape fits")


class Swapped(RNN):
    """Says that states have the batch behind the units."""

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        main, state = super().outputs(*inputs)
        return main, state[::-1]


class Cheap(RNN):
    def positions(self, *inputs: Shape) -> Size:
        return inputs[0][0]


class Dead(Dense):
    """Declares a weight that it looks up and does not use."""

    def weight_axes(self) -> Mapping[str, str]:
        return {**super().weight_axes(), "scale": "unit"}

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        weights["scale"]
        return super().run(weights, *inputs)


class Forgotten(Dense):
    """Declares a weight that it never looks up."""

    def weight_axes(self) -> Mapping[str, str]:
        return {**super().weight_axes(), "scale": "unit"}


class Secret(Dense):
    """Looks up a weight that it does not declare."""

    def weight_axes(self) -> Mapping[str, str]:
        return {"kernel": "unit in"}


class Halving(Dense):
    """Rounds numbers one way and symbols the other."""

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        batch, time, width = inputs[0]
        return ((batch, time // 2 if isinstance(time, int) else (time + 1) // 2, width),)


class First(RNN):
    """Passes on the first step where the last is asked for."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        sequence = replace(self, return_sequences=True, return_state=False)
        (rows,) = RNN(**vars(sequence)).run(weights, *inputs)
        return (rows if self.return_sequences else rows[:, 0],)


class Forgetful(RNN):
    """Begins with zeros whatever it is given."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return super().run(weights, inputs[0])


class OneWay(RNN):
    """Reads forwards even where it is to go backwards."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return RNN(**{**vars(self), "go_backwards": False}).run(weights, *inputs)


class Prophet(RNN):
    """Sees the whole sequence at every step."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return super().run(weights, inputs[0] - inputs[0].mean(axis=1, keepdims=True), *inputs[1:])


class Unrolled(Dense):
    """Has a weight for every timestep."""

    def weight_axes(self) -> Mapping[str, str]:
        return {"kernel": "time unit in"}

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        return {**super().axis_sizes(*inputs), "time": inputs[0][1]}


class Miscounted(Dense):
    def count(self, *inputs: Shape) -> Size | None:
        return self.units


class Misworded(Dense):
    def formula(self, *inputs: Shape) -> Formula | None:
        whole = super().formula(*inputs)
        return whole and whole.times(2)


@dataclass(frozen=True, kw_only=True)
class Twice(Layer):
    """Holds one layer under two names."""

    type = "twice"

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        return inputs

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        return ("the shape that came in",)

    def sublayers(self, *inputs: Shape) -> tuple[Sublayer, ...]:
        return tuple(Sublayer(name, Dense(units=3), inputs) for name in ("0", "1"))

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return inputs


class Constant(Dense):
    """Predicts a number where the time axis is: right for one binding."""

    at: int = 3

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        return ((inputs[0][0], self.at, self.units),)


class Larger(Dense):
    """Declares one unit too many in its kernel."""

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        return {**super().axis_sizes(*inputs), "unit": self.units + 1}


class Short(RNN):
    """Promises a state and returns none."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        return super().run(weights, *inputs)[:1]


@dataclass(frozen=True, kw_only=True)
class Failing(Dense):
    """A run that ends in an error."""

    error: type[BaseException] = ValueError

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        raise self.error("on purpose")


class OnceOnly(RNN):
    """Runs on the model's data, not on that of the probes and laws."""

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        if len(inputs[0]) == 2 or len(inputs) > 1:
            raise ValueError("on purpose")
        return super().run(weights, *inputs)


@dataclass(frozen=True, kw_only=True)
class Poisoned(RNN):
    """A last step that is not the sequence's, by a number that no comparison must swallow."""

    by: float

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        main, *states = super().run(weights, *inputs)
        return (main if self.return_sequences else main * self.by, *states)


UNITS = symbol("H")
FOUND_BY: list[tuple[Layer, str]] = [
    (Wide(units=UNITS), "output"),
    (Wide(units=5), "output"),
    (Swapped(units=UNITS, return_state=True), "output"),
    (Halving(units=UNITS), "output"),
    (Larger(units=UNITS), "output"),
    (Short(units=UNITS, return_state=True), "output"),
    (Secret(units=UNITS), "output"),
    (Forgotten(units=UNITS), "weights"),
    (Miscounted(units=UNITS), "weights"),
    (Dead(units=UNITS), "reach"),
    (Cheap(units=UNITS), "macs"),
    (First(units=UNITS), "laws"),
    (Forgetful(units=UNITS), "laws"),
    (OneWay(units=UNITS), "laws"),
    (Prophet(units=UNITS), "laws"),
]
"""A layer, and the kind of check in which its prediction and its run differ."""
