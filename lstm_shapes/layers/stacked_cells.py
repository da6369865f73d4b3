"""StackedCells: several cells as one recurrent layer, each reading what the one below it made of the timestep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from lstm_shapes.layers.base import Sublayer, Weights
from lstm_shapes.layers.cells import Cell
from lstm_shapes.layers.fields import option
from lstm_shapes.layers.gated import Equations
from lstm_shapes.layers.phrases import count_of, times
from lstm_shapes.layers.recurrent import VectorSequence, explain_states
from lstm_shapes.layers.settings import Path, nested_settings
from lstm_shapes.symbolic.formula import Formula, Product
from lstm_shapes.symbolic.size import Shape, Size, readable

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array
    from lstm_shapes.layers.recurrent import Recurrent


class Prepared(NamedTuple):
    """A cell in a run: the layer whose step it takes, what that needs, and how many states it has."""

    layer: Recurrent
    cell: Any
    states: int


@dataclass(frozen=True, kw_only=True)
class StackedCells(VectorSequence):
    """Keras' RNN of a list of cells (StackedRNNCells): at each timestep all cells in turn, the last one's output out.

    States are those of the first cell, then those of the next: h_1, c_1, h_2 ... A single cell keeps plain names, and
    the layer is that cell's own: an lstm_cell makes an lstm.

    >>> from lstm_shapes.layers.cells import GRUCell, LSTMCell
    >>> layer = StackedCells(cells=(LSTMCell(units=32), GRUCell(units=16)), return_state=True)
    >>> dict(zip(layer.output_names, layer.outputs((5, 10, 8)), strict=True))
    {'output': (5, 16), 'h_1': (5, 32), 'c_1': (5, 32), 'h_2': (5, 16)}
    """

    type: ClassVar[str] = "stacked_cells"

    cells: tuple[Cell, ...] = option("cells", "the cells, the one that reads the sequence first", aliases="cell")
    frozen: tuple[str, ...] = option("frozen", "the cells, by number, whose weights training does not change", ())

    @property
    def width(self) -> Size:
        return self.cells[-1].units

    @property
    def state_names(self) -> tuple[str, ...]:
        if len(self.cells) == 1:
            return self.cells[0].state_names
        return tuple(f"{name}_{number}" for number, cell in enumerate(self.cells, 1) for name in cell.state_names)

    @property
    def state_widths(self) -> tuple[Size, ...]:
        return tuple(width for cell in self.cells for width in cell.over_time.state_widths)

    def passed_on(self, states: Sequence[Any]) -> Any:
        return states[-len(self.cells[-1].state_names)]

    def equations(self) -> Equations | None:
        return None

    def sublayers(self, *inputs: Shape) -> tuple[Sublayer, ...]:
        """The cells, to which all timesteps are further examples of the batch."""
        reaching = tuple((shape[0] * shape[1], *shape[2:]) for shape in inputs[:1])
        parts = []
        for number, (name, cell) in enumerate(zip(self.names, self.cells, strict=True)):
            trained = str(number) not in self.frozen
            parts.append(Sublayer(name, cell, reaching, trained, ("cells", number), depth=number))
            reaching = tuple((shape[0], cell.units) for shape in reaching)
        return tuple(parts)

    @property
    def names(self) -> tuple[str, ...]:
        """The cells' names, numbered as Keras numbers classes: lstm_cell, gru_cell, lstm_cell_1."""
        types = [cell.type for cell in self.cells]
        counts = [types[:number].count(type_) for number, type_ in enumerate(types)]
        return tuple(f"{type_}_{count}" if count else type_ for type_, count in zip(types, counts, strict=True))

    def formula(self, *inputs: Shape) -> Formula:
        formula, alone = Formula((), {}), len(self.cells) == 1
        for number, part in enumerate(self.sublayers(*inputs), 1):
            cell = part.layer.formula(*part.inputs)
            assert cell is not None
            words: dict[str, Product] = {} if alone else {"units": (f"units_{number}",)}
            if number > 1:
                words["input_dim"] = (f"units_{number - 1}",)
            values = {words.get(word, (word,))[0]: value for word, value in cell.values.items()}
            formula = formula.plus(cell.rename(words, {str(word): value for word, value in values.items()}))
        return formula

    def explain_output(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> tuple[str, ...]:
        time, last = inputs[0][1], self.cells[-1]
        which = f"the last of {len(self.cells)} cells" if len(self.cells) > 1 else "the cell"
        return (
            f"the hidden state of {which}, {self.explain_timing(time)}",
            f"units of {which} is {readable(last.units)}: its hidden state has {count_of(last.units, 'number')}",
            f"the cells are applied {times(time)} in turn, each time with the same weights",
            *explain_states(self.output_names[1:], outputs[1:]),
        )

    def explain_sublayer(self, sublayer: Sublayer) -> str:
        reads = "what the cell below passes on" if sublayer.depth else "every timestep of every example"
        return f"{reads} as an example of its own"

    def settings(self) -> dict[Path, Any]:
        settings = super().settings()
        del settings["cells",], settings["frozen",]
        for number, cell in enumerate(self.cells):
            inner = nested_settings(str(number), cell) | (
                {(str(number), "trainable"): False} if str(number) in self.frozen else {}
            )
            settings |= {("cells", *path): value for path, value in inner.items()}
        return settings

    def changed(self, path: Path, value: Any) -> Self:
        name, *rest = path
        if name != "cells" or not rest:
            return super().changed(path, value)
        number, *inner = rest
        if inner == ["trainable"]:
            others = [frozen for frozen in self.frozen if frozen != number]
            return replace(self, frozen=tuple(others if value else sorted([*others, number])))
        cells = list(self.cells)
        cells[int(number)] = cells[int(number)].changed(tuple(inner), value)
        return replace(self, cells=tuple(cells))

    def prepare(self, weights: Weights, batch: int) -> tuple[Prepared, ...]:
        layers = [cell.over_time for cell in self.cells]
        return tuple(
            Prepared(layer, layer.prepare(weights.sublayer(name), batch), len(layer.state_names))
            for name, layer in zip(self.names, layers, strict=True)
        )

    def step(self, cell: tuple[Prepared, ...], x: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        states: list[Array] = []
        for layer, prepared, count in cell:
            own = state[len(states) : len(states) + count]
            new = layer.step(prepared, layer.timesteps(prepared, x[:, None])[0], own)
            states += new
            x = new[0]
        return tuple(states)
