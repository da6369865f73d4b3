"""Directions on an axis of their own: the recurrent layer of an ONNX node, with one direction or two."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Self

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Sublayer, Weights
from lstm_shapes.layers.phrases import count_of
from lstm_shapes.layers.recurrent import Recurrent, check_states
from lstm_shapes.layers.settings import Composition, Path
from lstm_shapes.layers.stack import Stack
from lstm_shapes.symbolic.formula import Formula
from lstm_shapes.symbolic.size import Shape, readable, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

DIRECTIONS = ("forward", "reverse", "bidirectional")
"""The values of an ONNX node's direction."""


@dataclass(frozen=True, kw_only=True)
class DirectionsApart(Stack):
    """One layer, forward, reverse or both, whose outputs have an axis of directions (onnx/defs/rnn/defs.cc).

    With ``batch_first`` (layout 1) Y is (batch, time, directions, width) and a state (batch, directions, width);
    without (layout 0) they are (time, directions, batch, width) and (directions, batch, width). What the reverse
    direction passes on at a timestep belongs to it, as in the forward one.

    >>> from lstm_shapes.layers.lstm import LSTM
    >>> both = apart(LSTM(units=32, return_sequences=True, return_state=True), "bidirectional")
    >>> both.outputs((5, 10, 8)), replace(both, batch_first=False).outputs((10, 5, 8))[0]
    (((5, 10, 2, 32), (5, 2, 32), (5, 2, 32)), (10, 2, 5, 32))
    """

    @property
    def direction(self) -> str:
        """Forward, reverse or bidirectional."""
        return "bidirectional" if self.layers[0][1:] else DIRECTIONS[self.first.go_backwards]

    def state_shapes(self, x: Shape) -> tuple[Shape, ...]:
        """The shape of each state, as Y_h and Y_c have it."""
        ways, batch = len(self.layers[0]), x[0] if self.batch_first else x[1]
        lead = (batch, ways) if self.batch_first else (ways, batch)
        return tuple((*lead, width) for width in self.first.state_widths)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        x, *given = inputs
        pattern = "batch time in" if self.batch_first else "time batch in"
        if len(x) == 4:
            hint = _joined(x, 2 if self.batch_first else 1)
            message = f"expected 3 axes ({pattern.replace(' ', ', ')}), got 4: {shown(x)}, with an axis of directions"
            raise Mismatch(message, kind="wrong-rank", hint=hint)
        match(pattern, x)
        self.first.outputs(*self.batch_in_front(x))
        states = self.state_shapes(x)
        check_states(self.state_names, states, given)
        ways = len(self.layers[0])
        sequence = (*x[:2], ways) if self.batch_first else (x[0], ways, x[1])
        main = (*sequence, self.first.width) if self.return_sequences else states[0]
        return (main, *states) if self.return_state else (main,)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        steps = count_of(self.batch_in_front(*inputs[:1])[0][1], "timestep")
        timing = f"after each of {steps}" if self.return_sequences else "after the last timestep that is read only"
        ways = count_of(len(self.layers[0]), "direction")
        numbers = count_of(self.first.width, "number")
        sentences = [
            f"the hidden state of the layer {timing}",
            f"an axis counts {ways} (direction {self.direction}): ONNX does not put them side by side",
            f"{self.first.width_name} is {readable(self.first.width)}: the hidden state of a direction has {numbers}, "
            "at any number of timesteps",
        ]
        if self.return_state:
            states = zip(self.state_names, outputs[1:], strict=True)
            sentences.append(
                f"as well, the last states: {', '.join(f'{name} {shown(shape)}' for name, shape in states)}"
            )
        return tuple(sentences)

    def settings(self) -> dict[Path, Any]:
        settings = {path: value for path, value in super().settings().items() if path != ("num_layers",)}
        return {("direction",): self.direction, **settings}

    def changed(self, path: Path, value: Any) -> Self:
        (name,) = path
        if name in ("return_sequences", "return_state", "batch_first"):
            return replace(self, **{name: value})
        direction = value if name == "direction" else self.direction
        if name == "bidirectional":
            direction = "bidirectional" if value else "forward"
        cell = self.first if name in ("direction", "bidirectional") else self.first.changed(path, value)
        return replace(self, layers=apart(cell, direction).layers)

    def setting_doc(self, name: str) -> str:
        return (
            "the directions in which the sequence is read" if name == "direction" else self.prototype.setting_doc(name)
        )

    def compositions(self) -> tuple[Composition, ...]:
        if not self.layers[0][1:]:
            return ()
        forward = self.changed(("direction",), "forward")
        doc = "a second layer reads from the other end"
        return (Composition("direction", self.direction, "forward", doc, forward),)

    def sublayers(self, *inputs: Shape) -> tuple[Sublayer, ...]:
        reaching = self.batch_in_front(*inputs[:1])
        return tuple(Sublayer(_way(layer), layer, reaching) for layer in self.layers[0])

    def formula(self, *inputs: Shape) -> Formula:
        formula = self.first.formula(*self.batch_in_front(*inputs[:1]))
        return formula.times(2) if self.layers[0][1:] else formula

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        x, *given = inputs
        if not self.batch_first:
            x, mask = x.swapaxes(0, 1), mask if mask is None else mask.T
        axis = 1 if self.batch_first else 0
        sequences, ends = [], []
        for number, layer in enumerate(self.layers[0]):
            start = [array.take(number, axis=axis) for array in given]
            sequence, *state = layer.run(weights.sublayer(_way(layer)), x, *start, mask=mask)
            sequences.append(sequence[:, ::-1] if layer.go_backwards else sequence)
            ends.append(state)
        states = [np.stack(arrays, axis=axis) for arrays in zip(*ends, strict=True)]
        y = np.stack(sequences, axis=2)
        main = (y if self.batch_first else y.transpose(1, 2, 0, 3)) if self.return_sequences else states[0]
        return (main, *states) if self.return_state else (main,)


def _joined(x: Shape, axis: int) -> str:
    """What takes the axis of directions of another node's Y away: a squeeze of one, a reshape of two."""
    if x[axis] == 1:
        return f"put `{{type: squeeze, axis: {axis}}}` before it"
    if axis == 2:
        return f"put `{{type: reshape, target_shape: [{x[1]}, {x[2] * x[3]}]}}` before it"
    return "put `{type: transpose, axes: [0, 2, 1, 3]}` and a reshape before it"


def _way(layer: Recurrent) -> str:
    return "backward" if layer.go_backwards else "forward"


def apart(layer: Recurrent, direction: str) -> DirectionsApart:
    """A layer set like ``layer`` for each direction, which all pass on sequence and states."""
    settings = {field.name: getattr(layer, field.name) for field in fields(layer)}
    settings |= {"return_sequences": True, "return_state": True}
    ways = (False, True) if direction == "bidirectional" else (direction == "reverse",)
    inner = tuple(type(layer)(**{**settings, "go_backwards": way}) for way in ways)
    return DirectionsApart(layers=(inner,), return_sequences=layer.return_sequences, return_state=layer.return_state)
