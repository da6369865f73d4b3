"""GRU: three gates, one state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.fields import flag, option
from lstm_shapes.layers.gated import Equations
from lstm_shapes.layers.recurrent import Recurrent

if TYPE_CHECKING:
    from lstm_shapes.layers.activations import Activation
    from lstm_shapes.layers.base import Array
    from lstm_shapes.layers.gates import Gates


class Candidate(NamedTuple):
    """The weights of the candidate, on the side of the input and on that of the state."""

    kernel: Array
    bias: Array
    recurrent: Array
    recurrent_bias: Array


class Cell(NamedTuple):
    """What a timestep needs: ``gates`` are those of update and reset."""

    gates: Gates
    candidate: Candidate
    sigma: Activation
    tanh: Activation


@dataclass(frozen=True, kw_only=True)
class GRU(Recurrent):
    """One state, an update and a reset gate (Cho et al. 2014).

    ``reset_after`` resets the product with the recurrent kernel instead of the state (Cho's version 3, cuDNN's), and
    then keeps a second bias on the recurrent side; Flax keeps it for the candidate alone, or not at all. Parameters:
    ``3*units*(input_dim + units + 2)``, without it ``+ 1``.

    >>> layer = GRU(units=32)
    >>> sum(weight.params for weight in layer.weights((5, 10, 8)))
    4032
    >>> str(GRU(units=32, reset_after=False).formula((5, 10, 8)))
    '3*units*(input_dim + units + 1)'
    """

    type: ClassVar[str] = "gru"
    gates: ClassVar[str] = "update reset candidate"
    states: ClassVar[str] = "h"
    weight_docs: ClassVar[Mapping[str, str]] = {**Recurrent.weight_docs, "bias": "added on the input side"}

    reset_after: bool = flag(
        "reset after the product with the recurrent kernel, which takes a second bias",
        True,
        off="the reset gate acts on the state, before the product with the recurrent kernel",
        aliases="linear_before_reset",
    )
    second_bias: str = option("implied", "the gates that reset_after gives a second bias", "update reset candidate")

    def equations(self) -> Equations:
        sigma = self.recurrent_activation
        if self.reset_after:
            note = "the candidate's two products are summed after reset has multiplied the one with h (reset_after)"
        else:
            note = "the candidate's product with h is that of reset * h (reset_after is false)"
        return Equations(
            gates={"update": sigma, "reset": sigma, "candidate": self.activation},
            output="new h = update * h + (1 - update) * candidate",
            notes=(note,),
        )

    @property
    def separate_biases(self) -> frozenset[str]:  # type: ignore[override]
        return frozenset(("candidate",)) if self.reset_after else frozenset()

    def weight_axes(self) -> Mapping[str, str]:
        table = dict(super().weight_axes())
        if self.bias and self.reset_after and self.second_bias and not self.recurrent_bias:
            table["recurrent_bias"] = "unit" if self.second_bias == "candidate" else self.gate_axes
        return table

    def prepare(self, weights: Weights, batch: int) -> Cell:
        import numpy as np

        from lstm_shapes.layers.activations import activation
        from lstm_shapes.layers.gates import Gates

        kernel, recurrent = weights["kernel"], weights["recurrent"]
        zero = np.zeros(kernel.shape[:2], kernel.dtype)
        b = weights["bias"] if self.bias else zero
        rb = weights["recurrent_bias"] if "recurrent_bias" in self.weight_axes() else zero
        if rb.ndim == 1:
            rb = np.stack([zero[0], zero[1], rb])
        gates = Gates(kernel[:2], recurrent[:2], [b[:2], rb[:2]], batch)
        candidate = Candidate(kernel[2].T.copy(), b[2], recurrent[2].T.copy(), rb[2])
        return Cell(gates, candidate, activation(self.recurrent_activation), activation(self.activation))

    def step(self, cell: Cell, x: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        w, b, u, rb = cell.candidate
        (h,) = state
        z, r = cell.sigma(cell.gates(x, h))
        recurrent = r * (h @ u + rb) if self.reset_after else (r * h) @ u + rb
        n = cell.tanh(x @ w + b + recurrent)
        return (z * h + (1 - z) * n,)
