"""What the features of an input do: they reach the output."""

from __future__ import annotations

from typing import Any

from lstm_shapes.analysis.explain.example import INPUT_DIM
from lstm_shapes.analysis.explain.experiment import alike, allocate, distance, figure, run, sequence
from lstm_shapes.analysis.explain.topic import Claim, Shown, Topic
from lstm_shapes.layers.lstm import LSTM


def page() -> Topic:
    """How many features there are."""
    return Topic("features", "What are features?", (f"The {INPUT_DIM} numbers that arrive at each timestep.",))


def reach(layer: Any, random: Any) -> Shown:
    """Two inputs through one layer."""
    arrays = allocate(layer, random)
    one, other = (run(layer, arrays, sequence(random))[0] for _ in range(2))
    return Shown(f"the outputs of two inputs differ by {figure(distance(one, other))}", not alike(distance(one, other)))


CLAIMS = (Claim("Other features give another output.", LSTM(units=5), reach),)
