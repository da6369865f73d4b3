"""Gates and their weights: what a recurrent layer and a cell, which is one timestep of it, have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, NamedTuple

from lstm_shapes.layers.base import Layer
from lstm_shapes.layers.fields import activation_name, flag, rate


class Equations(NamedTuple):
    """A timestep of a cell, for a picture of its inside.

    ``gates`` are names with functions in the order in which they are drawn, ``carry`` is the new cell state, ``output``
    the new hidden state before a projection; ``weight_notes`` describe by role what a weight does besides the products.
    """

    gates: Mapping[str, str]
    output: str
    carry: str = ""
    notes: tuple[str, ...] = ()
    weight_notes: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class Gated(Layer):
    """A layer whose weights are those of gates: each gate has a row of every weight."""

    gates: ClassVar[str]
    states: ClassVar[str]
    common_axes: ClassVar[int] = 2
    weight_docs: ClassVar[Mapping[str, str]] = {
        "kernel": "multiplies what comes in",
        "recurrent": "multiplies the hidden state of the timestep before",
        "bias": "added",
        "recurrent_bias": "added on the recurrent side",
    }
    gate_axes: ClassVar[str] = "gate unit"

    bias: bool = flag("add a bias to each gate", True, off="no bias is added", aliases="use_bias")
    activation: str = activation_name("the function of the candidate and of the output", "tanh")
    recurrent_activation: str = activation_name("the function of the gates", "sigmoid")
    dropout: float = rate("the fraction of inputs dropped in training")
    recurrent_dropout: float = rate("the fraction of states dropped in training")
    recurrent_bias: bool = flag(
        "a second bias on the recurrent side, as cuDNN keeps it",
        False,
        off="no second bias on the recurrent side",
    )

    @property
    def gate_names(self) -> tuple[str, ...]:
        return tuple(self.gates.split())

    def equations(self) -> Equations | None:
        """A timestep in equations; None for a cell that is not drawn."""
        return None

    def weight_axes(self) -> Mapping[str, str]:
        table = {"kernel": f"{self.gate_axes} in", "recurrent": f"{self.gate_axes} state"}
        if self.bias:
            table["bias"] = self.gate_axes
        if self.bias and self.recurrent_bias:
            table["recurrent_bias"] = self.gate_axes
        return table
