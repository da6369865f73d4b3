"""Stack: the layers of one torch module (``num_layers``, ``bidirectional``), as one layer with torch's states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from lstm_shapes.layers.axes import match
from lstm_shapes.layers.base import Layer, Sublayer, Weights
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import flag, option
from lstm_shapes.layers.phrases import count_of
from lstm_shapes.layers.recurrent import Recurrent, check_states, state_conditions
from lstm_shapes.layers.settings import Composition, Path
from lstm_shapes.symbolic.formula import Formula, Product
from lstm_shapes.symbolic.size import Shape, Size, readable, shown

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


_DERIVED = frozenset(("return_sequences", "return_state", "go_backwards"))
"""Settings of the layers inside that follow from the module's."""


@dataclass(frozen=True, kw_only=True)
class Stack(Layer):
    """Each layer reads the sequence that the one below passes on; the last one decides what leaves.

    ``layers`` has one tuple a depth: one layer, or the forward and the backward one. States are stacked as PyTorch
    stacks ``h_n``: (depth * directions, batch, width), forward before backward.

    >>> from lstm_shapes.layers.lstm import LSTM
    >>> deep = LSTM(units=32, return_sequences=True, return_state=True)
    >>> Stack(layers=((deep,), (deep,))).outputs((5, 10, 8))
    ((5, 10, 32), (2, 5, 32), (2, 5, 32))
    """

    reads_time: ClassVar[bool] = True
    derived: ClassVar[frozenset[str]] = frozenset(("go_backwards",))

    layers: tuple[tuple[Recurrent, ...], ...] = option("layers", "one or two recurrent layers a depth")
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
    def first(self) -> Recurrent:
        """The layer that the settings of all the others are like."""
        return self.layers[0][0]

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
        rows = sum(len(directions) for directions in self.layers)
        batch = x[0] if self.batch_first else x[1]
        return tuple((rows, batch, width) for width in self.first.state_widths)

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        x, *given = inputs
        return state_conditions(self.state_shapes(x), given)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        x, *given = inputs
        match("batch time in" if self.batch_first else "time batch in", x)
        self.first.outputs(*self.batch_in_front(x))
        states = self.state_shapes(x)
        check_states(self.state_names, states, given)
        width: Size = self.first.width * len(self.layers[-1])
        main = (*x[:2], width) if self.return_sequences else (*states[0][1:2], width)
        return (main, *states) if self.return_state else (main,)

    @property
    def time_axis(self) -> int:
        return 1 if self.batch_first else 0

    def batch_in_front(self, *inputs: Shape) -> tuple[Shape, ...]:
        """Shapes of sequences with the batch as their first axis."""
        return inputs if self.batch_first else tuple((shape[1], shape[0], *shape[2:]) for shape in inputs)

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        depth, ways, width = len(self.layers), len(self.layers[-1]), readable(self.first.width)
        both = readable(2 * self.first.width)
        layer = f"the top one of {depth} layers" if depth > 1 else "the layer"
        timing = f"after each of {count_of(self.batch_in_front(*inputs[:1])[0][1], 'timestep')}"
        sentences = [
            f"the hidden state of {layer} {timing if self.return_sequences else 'after the last timestep only'}"
        ]
        numbers = count_of(self.first.width, "number")
        has = f"the hidden state of a direction has {numbers}" if ways > 1 else f"it has {numbers}"
        sentences.append(f"{self.first.width_name} is {width}: {has}, at any number of timesteps")
        if ways > 1:
            sentences.append(f"forward and backward side by side: {width} + {width} = {both}")
        if depth > 1:
            reads = f"{width} numbers" if ways == 1 else f"both directions, {both} numbers"
            sentences.append(f"each layer but the first reads what the one below passes on: {reads} a timestep")
        if self.return_state:
            rows = f"{count_of(depth, 'layer')} x {count_of(ways, 'direction')} = {depth * ways}"
            states = zip(self.state_names, outputs[1:], strict=True)
            shapes = ", ".join(f"{name} {shown(shape)}" for name, shape in states)
            sentences.append(f"as well, the last states: {shapes}; their first axis counts {rows}")
        return tuple(sentences)

    @property
    def prototype(self) -> Recurrent:
        return replace(self.first, return_sequences=self.return_sequences, return_state=self.return_state)

    def settings(self) -> dict[Path, Any]:
        settings: dict[Path, Any] = {("num_layers",): len(self.layers), ("bidirectional",): len(self.layers[0]) > 1}
        settings |= {path: value for path, value in self.first.settings().items() if path[0] not in _DERIVED}
        own = ("return_sequences", "return_state", "batch_first")
        return {**settings, **{(name,): value for name, value in self.field_values().items() if name in own}}

    def changed(self, path: Path, value: Any) -> Self:
        (name,) = path
        if name in ("return_sequences", "return_state", "batch_first"):
            return replace(self, **{name: value})
        depth = value if name == "num_layers" else len(self.layers)
        directions = 1 + value if name == "bidirectional" else len(self.layers[0])
        cell = self.first if name in ("num_layers", "bidirectional") else self.first.changed(path, value)
        return replace(self, layers=stacked(cell, depth, directions).layers)

    def setting_doc(self, name: str) -> str:
        if name != "dropout":
            return self.prototype.setting_doc(name)
        depth = len(self.layers)
        between = f"dropped between its {depth} layers in training"
        return between if depth > 1 else "no effect: it is applied between layers, and there is only one"

    def compositions(self) -> tuple[Composition, ...]:
        depth, directions = len(self.layers), len(self.layers[0])
        compositions = []
        if directions > 1:
            forward = self.changed(("bidirectional",), False)
            doc = "a second layer reads from the other end"
            compositions.append(Composition("bidirectional", "true", "false", doc, forward))
        if depth > 1:
            shallow = self.changed(("num_layers",), 1)
            doc = "that many layers, one on top of the other"
            compositions.append(Composition("num_layers", str(depth), "1", doc, shallow))
        return tuple(compositions)

    def sublayers(self, *inputs: Shape) -> tuple[Sublayer, ...]:
        reaching, calls = self.batch_in_front(*inputs[:1]), []
        for depth, directions in enumerate(self.layers):
            ways = ("forward", "backward")[: len(directions)]
            for way, layer in zip(ways, directions, strict=True):
                calls.append(Sublayer(_part(depth, way), layer, reaching, depth=depth))
            reaching = tuple((*shape[:2], self.first.width * len(directions)) for shape in reaching)
        return tuple(calls)

    def formula(self, *inputs: Shape) -> Formula:
        formula = Formula((), {})
        for part in self.sublayers(*inputs):
            layer_formula = self.first.formula(*part.inputs)
            below: Product = (self.first.axis_names()["state"],)
            words: dict[str, Product] = {
                "input_dim": (len(self.layers[0]), *below) if len(self.layers[0]) > 1 else below
            }
            formula = formula.plus(
                layer_formula if part.name.startswith("0") else layer_formula.rename(words, formula.values)
            )
        return formula.gathered()

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        import numpy as np

        x, *given = inputs
        if not self.batch_first:
            x, mask = x.swapaxes(0, 1), mask if mask is None else mask.T
        rows = [list(roles) for roles in zip(*given, strict=True)] if given else []
        states: list[tuple[Array, ...]] = []
        for depth, directions in enumerate(self.layers):
            ends, sequences = [], []
            for way, layer in zip(("forward", "backward"), directions, strict=False):
                start = rows[len(states)] if rows else []
                sequence, *state = layer.run(weights.sublayer(_part(depth, way)), x, *start, mask=mask)
                sequences.append(sequence[:, ::-1] if way == "backward" else sequence)
                ends.append(sequence[:, -1])
                states.append(tuple(state))
            x = np.concatenate(sequences, axis=-1)
        sequence = x if self.batch_first else x.swapaxes(0, 1)
        main = sequence if self.return_sequences else np.concatenate(ends, axis=-1)
        return (main, *(np.stack(arrays) for arrays in zip(*states, strict=True))) if self.return_state else (main,)


MAX_DEPTH = 1_000
"""More layers than any module has."""


def _part(depth: int, way: str) -> str:
    return f"{depth}/{way}" if way == "backward" else f"{depth}"


def stacked(layer: Recurrent, depth: int, directions: int) -> Stack:
    """A Stack of ``depth`` layers set like ``layer``, which all pass on sequence and states."""
    settings = {field.name: getattr(layer, field.name) for field in fields(layer)}
    inner = [
        type(layer)(**{**settings, "return_sequences": True, "return_state": True, "go_backwards": bool(way)})
        for way in range(directions)
    ]
    return Stack(
        layers=(tuple(inner),) * depth, return_sequences=layer.return_sequences, return_state=layer.return_state
    )
