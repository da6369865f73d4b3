"""Stack: the layers of one torch module (``num_layers``, ``bidirectional``), as one layer with torch's states."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Self

from lstm_shapes.layers.base import Sublayer, Weights
from lstm_shapes.layers.fields import option
from lstm_shapes.layers.module import DERIVED, Module
from lstm_shapes.layers.recurrent import Recurrent
from lstm_shapes.layers.settings import Composition, Path
from lstm_shapes.symbolic.formula import Formula, Product
from lstm_shapes.symbolic.size import Shape

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class Stack(Module):
    """Each layer reads the sequence that the one below passes on; the last one decides what leaves.

    ``layers`` has one tuple a depth: one layer, or the forward and the backward one. States are stacked as PyTorch
    stacks ``h_n``: (depth * directions, batch, width), forward before backward.

    >>> from lstm_shapes.layers.lstm import LSTM
    >>> deep = LSTM(units=32, return_sequences=True, return_state=True)
    >>> Stack(layers=((deep,), (deep,))).outputs((5, 10, 8))
    ((5, 10, 32), (2, 5, 32), (2, 5, 32))
    """

    layers: tuple[tuple[Recurrent, ...], ...] = option("layers", "one or two recurrent layers a depth")

    @property
    def first(self) -> Recurrent:
        return self.layers[0][0]

    @property
    def depth(self) -> int:
        return len(self.layers)

    @property
    def ways(self) -> int:
        return len(self.layers[-1])

    def settings(self) -> dict[Path, Any]:
        settings: dict[Path, Any] = {("num_layers",): len(self.layers), ("bidirectional",): len(self.layers[0]) > 1}
        settings |= {path: value for path, value in self.first.settings().items() if path[0] not in DERIVED}
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
