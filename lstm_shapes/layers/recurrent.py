"""Time, states and direction: what every recurrent layer shares. A family adds its weights and one step."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.conditions import Condition, equal_shapes
from lstm_shapes.layers.fields import flag, size
from lstm_shapes.layers.gated import Gated
from lstm_shapes.layers.phrases import count_of, times
from lstm_shapes.symbolic.formula import Factor, Formula
from lstm_shapes.symbolic.size import Shape, Size, fixed, readable, same, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class SequenceLayer(Layer):
    """A layer that reads a sequence a timestep at a time and carries states; a timestep can have any shape."""

    recurrent: ClassVar[bool] = True
    reads_time: ClassVar[bool] = True

    return_sequences: bool = flag(
        "pass on the hidden state of every timestep, not only of the last",
        False,
        off="only the hidden state of the last timestep is passed on",
    )
    return_state: bool = flag("pass on the last states as well", False, off="the last states are not passed on")
    stateful: bool = flag("begin a batch with the states that the one before ended with", False)
    go_backwards: bool = flag("read the sequence from its end, and pass it on in that order", False)
    unroll: bool = flag("build a network without a loop; changes neither shape nor count", False)
    zero_output_for_mask: bool = flag("pass on zeros at a masked timestep, not the output of the one before", False)

    @property
    @abstractmethod
    def width(self) -> Size:
        """The width of the hidden state and of the output: their last axis."""

    @property
    @abstractmethod
    def state_names(self) -> tuple[str, ...]:
        """The states in order, the one that is passed on first unless ``passed_on`` says otherwise."""

    @property
    def state_widths(self) -> tuple[Size, ...]:
        """The width of each state, in the order of ``state_names``."""
        return tuple(self.width for _ in self.state_names)

    @property
    def keeps_last_step(self) -> bool:  # type: ignore[override]
        return not self.return_sequences

    @property
    def output_names(self) -> tuple[str, ...]:
        return ("output", *self.state_names) if self.return_state else ("output",)

    @property
    def keeps_mask(self) -> bool:  # type: ignore[override]
        return self.return_sequences

    @abstractmethod
    def state_shapes(self, x: Shape) -> tuple[Shape, ...]:
        """The shape of each state, for a sequence of shape ``x``; raises ``Mismatch`` on one that does not fit."""

    @abstractmethod
    def begin(self, x: Array) -> tuple[Array, ...]:
        """The states, all zero, that a run over the sequence ``x`` begins with."""

    @abstractmethod
    def prepare(self, weights: Weights, batch: int) -> Any:
        """What ``step`` needs, made once: packed weights and room for the gates of ``batch`` vectors."""

    @abstractmethod
    def step(self, cell: Any, x: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        """The new states after a timestep; ``x`` is one of ``timesteps``."""

    def passed_on(self, states: Sequence[Any]) -> Any:
        """The one of the states, or of their shapes, that is also the output of a timestep."""
        return states[0]

    def timesteps(self, cell: Any, x: Array) -> Array:
        """What ``step`` takes of the sequence ``x`` at each timestep: the input without its time axis."""
        return x.swapaxes(0, 1)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        x, *given = inputs
        states = self.state_shapes(x)
        check_states(self.state_names, states, given)
        last = self.passed_on(states)
        main = (*x[:2], *last[1:]) if self.return_sequences else last
        return (main, *states) if self.return_state else (main,)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        x, *given = inputs
        return state_conditions(self.state_shapes(x), given)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        time = inputs[0][1]
        return (
            f"the hidden state {self.explain_timing(time)}",
            f"{self.width_name} is {readable(self.width)}: the hidden state has {self.explain_width()}, "
            "at any number of timesteps",
            f"one cell is applied {times(time)}, each time with the same weights",
            *explain_states(self.output_names[1:], outputs[1:]),
        )

    def explain_timing(self, time: Size) -> str:
        """After which of the ``time`` timesteps the layer passes on its hidden state."""
        timesteps = count_of(time, "timestep")
        if self.return_sequences:
            order = ", the last timestep first (go_backwards)" if self.go_backwards else ""
            return f"after each of {timesteps} (return_sequences is true){order}"
        last = f"the last of {timesteps}"
        if self.go_backwards:
            last = "the first timestep, which it reads last (go_backwards)"
        return f"after {last} only (return_sequences is false): no time axis is left"

    @property
    def width_name(self) -> str:
        """The field that the width of the hidden state comes from."""
        return "units"

    def explain_width(self) -> str:
        """How many numbers the hidden state has."""
        return count_of(self.width, "number")

    def formula(self, *inputs: Shape) -> Formula:
        formula = super().formula(*inputs)
        assert formula is not None
        return formula

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        x, *given = inputs
        batch, time = x.shape[:2]
        order = range(time - 1, -1, -1) if self.go_backwards else range(time)
        state = tuple(np.array(array) for array in given) or self.begin(x)
        cell = self.prepare(weights, state[0].size // fixed(self.state_widths[0]))
        steps = self.timesteps(cell, x)
        sequence = np.zeros((batch, time if self.return_sequences else 1, *self.passed_on(state).shape[1:]), x.dtype)
        for number, now in enumerate(order):
            output = sequence[:, number if self.return_sequences else 0]
            if mask is None:
                state = self.step(cell, steps[now], state)
                output[...] = self.passed_on(state)
            else:
                before = sequence[:, max(number - 1, 0)] if self.return_sequences else output
                state = self.masked_step(cell, steps[now], state, mask[:, now], before, output)
        main = sequence if self.return_sequences else sequence[:, 0]
        return (main, *state) if self.return_state else (main,)

    def masked_step(
        self, cell: Any, x: Array, state: tuple[Array, ...], mask: Array, before: Array, out: Array
    ) -> tuple[Array, ...]:
        """A step that leaves state and output as they were where ``mask`` (batch, ...) is false, as Keras does."""
        import numpy as np

        mask = mask.reshape(mask.shape + (1,) * (state[0].ndim - mask.ndim))
        new = self.step(cell, x, state)
        out[...] = np.where(mask, self.passed_on(new), 0 if self.zero_output_for_mask else before)
        return tuple(np.where(mask, after, old) for after, old in zip(new, state, strict=True))


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Stepwise(Gated, SequenceLayer):
    """A layer of gates that reads a sequence; a timestep can have any shape."""

    @property
    def state_names(self) -> tuple[str, ...]:
        return tuple(self.states.split())


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class VectorSequence(SequenceLayer):
    """A layer whose timesteps and states are vectors: one (batch, time, in) tensor in."""

    def state_shapes(self, x: Shape) -> tuple[Shape, ...]:
        axes = match("batch time in", x)
        return tuple((axes["batch"], width) for width in self.state_widths)

    def begin(self, x: Array) -> tuple[Array, ...]:
        import numpy as np

        return tuple(np.zeros((len(x), width), x.dtype) for width in self.state_widths if isinstance(width, int))


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Recurrent(Stepwise, VectorSequence):
    """A layer of gates whose timesteps and states are vectors."""

    units: Size = size(
        "the width of the hidden state: how many numbers the layer passes on per timestep", aliases="hidden_size"
    )

    @property
    def width(self) -> Size:
        return self.units

    def axis_sizes(self, *inputs: Shape) -> Mapping[str, Size]:
        return {"gate": len(self.gates.split()), "unit": self.units, "state": self.width, "in": inputs[0][-1]}

    def axis_names(self) -> Mapping[str, Factor]:
        return {"gate": len(self.gates.split()), "unit": "units", "state": "units", "in": "input_dim"}

    def positions(self, *inputs: Shape) -> Size:
        return inputs[0][0] * inputs[0][1]


def explain_states(names: tuple[str, ...], shapes: tuple[Shape, ...]) -> tuple[str, ...]:
    """A sentence on the last states that are passed on, if there are any."""
    if not names:
        return ()
    states = ", ".join(f"{name} {shown(shape)}" for name, shape in zip(names, shapes, strict=True))
    return (f"as well, the last state{'s' * (len(names) > 1)} (return_state is true): {states}",)


def state_conditions(expected: tuple[Shape, ...], given: Sequence[Shape]) -> Iterator[Condition]:
    """That initial states are as wide as the layer's own."""
    for want, got in zip(expected, given, strict=False):
        yield from equal_shapes(want, got, "initial_state")


def check_states(names: tuple[str, ...], expected: tuple[Shape, ...], given: list[Shape]) -> None:
    """Raise ``Mismatch`` unless ``given`` is nothing, or states of the expected shapes in the expected order."""
    if not given:
        return
    if len(given) != len(expected):
        wanted = f"{len(expected)} initial state{'s' * (len(expected) != 1)} ({', '.join(names)})"
        hint = f"write `initial_state: [{', '.join(f'encoder.{name}' for name in names)}]`"
        raise Mismatch(f"expected {wanted}, got {len(given)}", kind="state-mismatch", field="initial_state", hint=hint)
    for name, want, got in zip(names, expected, given, strict=True):
        fits = len(want) == len(got) and all(same(a, b) is not False for a, b in zip(want, got, strict=True))
        if not fits:
            message = f"expected initial state {name} of shape {shown(want)}, got {shown(got)}"
            hint = "give both layers the same units"
            raise Mismatch(message, kind="state-mismatch", field="initial_state", hint=hint)
