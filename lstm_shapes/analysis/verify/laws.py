"""The laws of every recurrent cell, independent of its numbers: run by ``verify`` and by the tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_shapes.layers.base import Weights

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array


def last_timestep(cell: Any, weights: Weights, x: Array) -> float:
    """The last row of the sequence is what ``return_sequences: false`` passes on."""
    sequence = replace(cell, return_sequences=True).run(weights, x)[0]
    return distance(sequence[:, -1], replace(cell, return_sequences=False).run(weights, x)[0])


def split_and_resume(cell: Any, weights: Weights, x: Array) -> float:
    """A sequence split and resume, the states carried over, gives the same as the whole."""
    cell = replace(cell, return_sequences=True, return_state=True, go_backwards=False)
    half = x.shape[1] // 2
    first, *state = cell.run(weights, x[:, :half])
    second, *end = cell.run(weights, x[:, half:], *state)
    unsplit, *unsplit_end = cell.run(weights, x)
    return max((distance(np.concatenate([first, second], axis=1), unsplit), *map(distance, end, unsplit_end)))


def time_reversal(cell: Any, weights: Weights, x: Array) -> float:
    """Turning the input round undoes ``go_backwards``."""
    forwards = replace(cell, return_sequences=True, go_backwards=False).run(weights, x)[0]
    backwards = replace(cell, return_sequences=True, go_backwards=True).run(weights, x[:, ::-1])[0]
    return distance(forwards, backwards)


def causality(cell: Any, weights: Weights, x: Array) -> float:
    """What comes last changes nothing before it."""
    cell = replace(cell, return_sequences=True, go_backwards=False)
    other = x.copy()
    other[:, -1] += 1
    return distance(cell.run(weights, x)[0][:, :-1], cell.run(weights, other)[0][:, :-1])


LAWS: dict[str, Callable[[Any, Weights, Array], float]] = {
    "last timestep": last_timestep,
    "split and resume": split_and_resume,
    "time reversal": time_reversal,
    "causality": causality,
}
"""A law's name -> how far two runs that must agree differ: 0 up to rounding."""


def distance(a: Array, b: Array) -> float:
    """The largest difference, relative to the size of the numbers; infinite where shapes differ or one is NaN."""
    if a.shape != b.shape:
        return float("inf")
    scale = float(np.max(np.abs(a), initial=1, where=np.isfinite(a)))
    agree = (a == b) | np.isnan(a) & np.isnan(b)
    return float(np.max(np.where(agree, 0, np.nan_to_num(np.abs(a - b), nan=np.inf)), initial=0)) / scale
