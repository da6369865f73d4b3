"""OpenStack: a torch module whose number of layers or of directions is a symbol; its figures are formulas in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.layers.base import EACH, Layer, NotRunnable, Sublayer, Weight, Weights, known_total
from lstm_shapes.layers.conditions import Condition
from lstm_shapes.layers.fields import option
from lstm_shapes.layers.module import DERIVED, Module
from lstm_shapes.layers.recurrent import Recurrent
from lstm_shapes.layers.settings import Path
from lstm_shapes.layers.stack import stacked
from lstm_shapes.symbolic.formula import Factor, Formula, Product, Term
from lstm_shapes.symbolic.size import Shape, Size, bind, readable

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


@dataclass(frozen=True, kw_only=True)
class OpenStack(Module):
    """The first layer reads the input, every other one what the one below passes on; a direction more is D - 1 layers.

    ``num_layers`` and ``directions`` are sizes, at least one of them with a symbol. Parameters, with the cell's own
    count P of what it reads: ``D*P(input_dim) + (L - 1)*D*P(D*units)``.

    >>> from lstm_shapes.layers.rnn import RNN
    >>> from lstm_shapes.symbolic.size import symbol
    >>> module = OpenStack(cell=RNN(units=4, return_state=True), num_layers=symbol("L"), directions=symbol("D"))
    >>> module.outputs((5, 10, 8))
    ((5, 10, Poly(4*D)), (Poly(D*L), 5, 4))
    >>> str(module.formula((5, 10, 8)))
    'directions*units*(input_dim + units + 1) + (num_layers - 1)*directions*units*(directions*units + units + 1)'
    >>> module.bound({"L": 3, "D": 1}).count((5, 10, 8))
    124
    """

    cell: Recurrent = option("layer", "the layer that all are like")
    num_layers: Size = option("size", "how many layers there are, one on top of the other")
    directions: Size = option("size", "1, or 2 where a second layer reads from the other end")

    @property
    def first(self) -> Recurrent:
        return self.cell

    @property
    def depth(self) -> Size:
        return self.num_layers

    @property
    def ways(self) -> Size:
        return self.directions

    @property
    def layer_counts(self) -> tuple[Size, ...]:
        return (self.num_layers,)

    @property
    def bidirectional(self) -> Condition:
        """That there is no third direction."""
        return Condition(self.directions, "<=", 2, "directions")

    def own_conditions(self, *inputs: Shape) -> Iterator[Condition]:
        yield from super().own_conditions(*inputs)
        if not isinstance(self.directions, int):
            yield self.bidirectional

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.bidirectional.holds is False:
            message = f"expected 1 or 2 directions, got {readable(self.directions)}"
            raise Mismatch(message, kind="wrong-setting", field="directions", hint="write 1 or 2")
        return super().outputs(*inputs)

    def groups(self, x: Shape) -> Iterator[tuple[str, tuple[Factor, ...], Size, str, Shape]]:
        """The layers that are alike: their name, number in words and in sizes, when they are there, what they read."""
        deeper: Size = self.num_layers - 1
        below = (*x[:2], self.directions * self.cell.width)
        backward = "" if self.directions == 2 else f"if {readable(self.directions)} = 2"
        each = f"for k = 1..{readable(deeper)}"
        word = "(num_layers - 1)" if not isinstance(deeper, int) else deeper
        yield "0", (), 1, "", x
        if self.directions != 1:
            yield "0/backward", (), self.directions - 1, backward, x
        if deeper != 0:
            yield EACH, (word,), deeper, each, below
        if deeper != 0 and self.directions != 1:
            yield f"{EACH}/backward", (word,), deeper * (self.directions - 1), f"{each} {backward}".strip(), below

    def sublayers(self, *inputs: Shape) -> tuple[Sublayer, ...]:
        if not inputs:
            return (Sublayer("0", self.cell, ()),)
        (x,) = self.batch_in_front(*inputs[:1])
        return tuple(
            Sublayer(name, self.directed(name), (reads,), depth=int(name.startswith(EACH)), times=times)
            for name, _, times, _, reads in self.groups(x)
        )

    def directed(self, name: str) -> Recurrent:
        """The layer of a group, as it is in a run."""
        settings = {"return_sequences": True, "return_state": True, "go_backwards": name.endswith("backward")}
        return replace(self.cell, **settings)  # type: ignore[arg-type]

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        (x,) = self.batch_in_front(*inputs[:1])
        return tuple(
            weight._replace(path=tuple(name.split("/")), copies=times, each=each)
            for name, _, times, each, reads in self.groups(x)
            for weight in self.cell.weights(reads)
        )

    def count(self, *inputs: Shape) -> Size | None:
        return self._total("count", *inputs)

    def trainable_count(self, *inputs: Shape) -> Size | None:
        return self._total("trainable_count", *inputs)

    def macs(self, *inputs: Shape) -> Size | None:
        return self._total("macs", *inputs)

    def _total(self, figure: str, *inputs: Shape) -> Size | None:
        figures = ((part.times, getattr(part.layer, figure)(*part.inputs)) for part in self.sublayers(*inputs))
        return known_total(None if each is None else times * each for times, each in figures)

    def formula(self, *inputs: Shape) -> Formula:
        (x,) = self.batch_in_front(*inputs[:1])
        ways: Factor = self.directions if isinstance(self.directions, int) else "directions"
        side: Product = () if ways == 1 else (ways,)
        state = self.cell.axis_names()["state"]
        values: dict[str, Size] = {"directions": self.directions, "(num_layers - 1)": self.num_layers - 1}
        terms: list[Term] = []
        for name, factors, _, _, reads in self.groups(x):
            if name.endswith("backward"):
                continue
            formula = self.cell.formula(reads)
            values |= {word: value for word, value in formula.values.items() if word != "input_dim" or name == "0"}
            words: dict[str, Product] = {} if name == "0" else {"input_dim": (*side, state)}
            lead = tuple(factor for factor in (*factors, *side) if factor != 1)
            terms += [Term((*lead, *term.outer), term.inner) for term in formula.rename(words, values).terms]
        return Formula(tuple(terms), values)

    def settings(self) -> dict[Path, Any]:
        settings: dict[Path, Any] = {("num_layers",): self.num_layers, ("directions",): self.directions}
        settings |= {path: value for path, value in self.cell.settings().items() if path[0] not in DERIVED}
        own = ("return_sequences", "return_state", "batch_first")
        return {**settings, **{(name,): value for name, value in self.field_values().items() if name in own}}

    def changed(self, path: Path, value: Any) -> Layer:  # type: ignore[override]
        (name,) = path
        if name == "bidirectional":
            name, value = "directions", 1 + value
        if name in self.field_values():
            return replace(self, **{name: value}).closed()
        return replace(self, cell=self.cell.changed(path, value))

    def bound(self, values: Mapping[str, int]) -> Layer:  # type: ignore[override]
        depth, directions = bind(self.num_layers, values), bind(self.directions, values)
        return replace(self, cell=self.cell.bound(values), num_layers=depth, directions=directions).closed()

    def closed(self) -> Layer:
        """The module of so many layers, where all are numbers."""
        if not isinstance(self.num_layers, int) or self.directions not in (1, 2):
            return self
        stack = stacked(self.cell, self.num_layers, 1 + (self.directions == 2))
        ends = ("return_sequences", "return_state", "batch_first")
        return replace(stack, **{name: self.field_values()[name] for name in ends})

    def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
        raise NotRunnable("num_layers or directions is a symbol: give it a number with --set")
