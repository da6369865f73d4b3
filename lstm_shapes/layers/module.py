"""Module: what a torch module of several layers is, whether their number is known or a symbol."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Layer
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import flag
from lstm_shapes.layers.phrases import count_of
from lstm_shapes.layers.recurrent import Recurrent, check_states, state_conditions
from lstm_shapes.symbolic.size import Shape, Size, readable, shown

DERIVED = frozenset(("return_sequences", "return_state", "go_backwards"))
"""Settings of the layers inside that follow from the module's."""


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Module(Layer):
    """Recurrent layers on top of each other, each of one direction or two; the last one decides what leaves."""

    reads_time: ClassVar[bool] = True
    derived: ClassVar[frozenset[str]] = frozenset(("go_backwards",))

    return_sequences: bool = flag(
        "pass on every timestep of the last layer",
        True,
        off="only the hidden state of the last timestep is passed on",
    )
    return_state: bool = flag("pass on the last states as well", True, off="the last states are not passed on")
    batch_first: bool = flag(
        "the batch is the first axis, time the second", True, off="time is the first axis, the batch the second"
    )

    @property
    def type(self) -> str:  # type: ignore[override]
        """The type of its layers: a torch.nn.LSTM is an lstm, however deep."""
        return self.first.type

    @property
    @abstractmethod
    def first(self) -> Recurrent:
        """The layer that the settings of all the others are like."""

    @property
    @abstractmethod
    def depth(self) -> Size:
        """How many layers there are, one on top of the other."""

    @property
    @abstractmethod
    def ways(self) -> Size:
        """How many directions a layer has: 1 or 2."""

    @property
    def keeps_last_step(self) -> bool:  # type: ignore[override]
        return not self.return_sequences

    @property
    def output_names(self) -> tuple[str, ...]:
        return ("output", *self.state_names) if self.return_state else ("output",)

    @property
    def state_names(self) -> tuple[str, ...]:
        return self.first.state_names

    def state_shapes(self, x: Shape) -> tuple[Shape, ...]:
        """The shape of each state, as torch stacks them."""
        batch = x[0] if self.batch_first else x[1]
        return tuple((self.depth * self.ways, batch, width) for width in self.first.state_widths)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        x, *given = inputs
        return state_conditions(self.state_shapes(x), given)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        x, *given = inputs
        match("batch time in" if self.batch_first else "time batch in", x)
        self.first.outputs(*self.batch_in_front(x))
        states = self.state_shapes(x)
        check_states(self.state_names, states, given)
        width: Size = self.first.width * self.ways
        main = (*x[:2], width) if self.return_sequences else (*states[0][1:2], width)
        return (main, *states) if self.return_state else (main,)

    @property
    def time_axis(self) -> int:
        return 1 if self.batch_first else 0

    def batch_in_front(self, *inputs: Shape) -> tuple[Shape, ...]:
        """Shapes of sequences with the batch as their first axis."""
        return inputs if self.batch_first else tuple((shape[1], shape[0], *shape[2:]) for shape in inputs)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        depth, ways, width = self.depth, self.ways, self.first.width
        layer = f"the top one of {readable(depth)} layers" if depth != 1 else "the layer"
        timing = f"after each of {count_of(self.batch_in_front(*inputs[:1])[0][1], 'timestep')}"
        sentences = [
            f"the hidden state of {layer} {timing if self.return_sequences else 'after the last timestep only'}"
        ]
        numbers = count_of(width, "number")
        has = f"the hidden state of a direction has {numbers}" if ways != 1 else f"it has {numbers}"
        sentences.append(f"{self.first.width_name} is {readable(width)}: {has}, at any number of timesteps")
        if ways != 1:
            sentences.append(self.explain_ways())
        if depth != 1:
            both = readable(ways * width)
            reads = f"{both} numbers" if ways == 1 else f"{'both' if ways == 2 else 'all'} directions, {both} numbers"
            sentences.append(f"each layer but the first reads what the one below passes on: {reads} a timestep")
        if self.return_state:
            rows = f"{count_of(depth, 'layer')} x {count_of(ways, 'direction')} = {readable(depth * ways)}"
            states = zip(self.state_names, outputs[1:], strict=True)
            shapes = ", ".join(f"{name} {shown(shape)}" for name, shape in states)
            sentences.append(f"as well, the last states: {shapes}; their first axis counts {rows}")
        return tuple(sentences)

    def explain_ways(self) -> str:
        """How the directions make the output."""
        width, ways = self.first.width, self.ways
        if ways == 2:
            one = readable(width)
            return f"forward and backward side by side: {one} + {one} = {readable(2 * width)}"
        return (
            f"{readable(ways)} directions side by side, 1 (only forward) or 2 (backward as well): "
            f"{readable(ways * width)} numbers"
        )

    @property
    def prototype(self) -> Recurrent:
        return replace(self.first, return_sequences=self.return_sequences, return_state=self.return_state)

    def setting_doc(self, name: str) -> str:
        if name != "dropout":
            return self.prototype.setting_doc(name)
        between = f"dropped between its {readable(self.depth)} layers in training"
        return between if self.depth != 1 else "no effect: it is applied between layers, and there is only one"
