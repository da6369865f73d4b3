"""Where the parameters of a recurrent layer come from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_shapes.analysis.explain.example import INPUT_DIM, UNITS, example, worked
from lstm_shapes.analysis.explain.experiment import alike, allocate, distance, run, sequence
from lstm_shapes.analysis.explain.topic import Claim, Figures, Shown, Topic
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.symbolic.size import readable

FLOAT32 = 4
"""Bytes of a number."""
NUDGE = 0.5
"""How much the experiment adds to each parameter."""


def page() -> Topic:
    """Each cell's formula, worked; what doubling does."""
    rows = []
    for cell in ("lstm", "gru", "rnn"):
        layer = example(cell)
        rows.append((cell, str(len(layer.gates) or 1), layer.formula, layer.worked, readable(layer.total)))
    layer, wider, longer = example(), example(units=2 * UNITS), example(timesteps=1, batch=1)
    assert longer.total == layer.total
    return Topic(
        "params",
        "Where do the parameters come from?",
        (
            "Each gate of each unit has one weight for every input feature, one for every number of h, and its bias. "
            f"For {INPUT_DIM} features and {UNITS} units in Keras:",
            Figures(("cell", "gates", "formula", "worked", "params"), tuple(rows), frozenset(("gates", "params"))),
            "The candidate is counted as a gate; a simple RNN has no other. Keras' GRU has two biases (see "
            "reset_after).",
            f"Timesteps and batch are in no formula. As float32 the LSTM takes {readable(FLOAT32 * layer.total)} "
            "bytes.",
            f"Twice the units: {worked(wider)}. The recurrent kernel grows with the square of `units`, the kernel and "
            "the bias grow linearly.",
            "Another framework may count differently for the same layer (see frameworks); a count means little "
            "without the framework's name.",
        ),
    )


def all_matter(layer: Any, random: Any) -> Shown:
    """Every single parameter changed, one after the other."""
    arrays, x = allocate(layer, random), sequence(random)
    layer = replace(layer, return_sequences=True)
    output, reached, tried = run(layer, arrays, x)[0], 0, 0
    for array in arrays.values():
        flat = array.reshape(-1)
        for place in range(flat.size):
            value = flat[place]
            flat[place] = value + NUDGE
            reached += not alike(distance(run(layer, arrays, x)[0], output))
            flat[place] = value
            tried += 1
    predicted, formula = layer.count(x.shape), layer.formula(x.shape)
    return Shown(
        f"{formula} = {formula.put()} = {predicted:,}; each of the run's {tried:,} numbers changed by {NUDGE}: "
        f"{reached:,} of them change the output",
        predicted == tried == reached,
    )


def quadratic(layer: Any, random: Any) -> Shown:
    """The sizes of the allocated arrays, with the units doubled."""
    small, large = allocate(layer, random), allocate(replace(layer, units=2 * layer.units), random)
    times = {key: large[key].size / small[key].size for key in ("kernel", "recurrent", "bias")}
    return Shown(
        f"units {layer.units} to {2 * layer.units}: the kernel's array grows {times['kernel']:g} times, the recurrent "
        f"kernel's {times['recurrent']:g} times, the bias {times['bias']:g} times",
        times == {"kernel": 2, "recurrent": 4, "bias": 2},
    )


CLAIMS = (
    Claim("The formula counts every number that affects the output, and no other.", LSTM(units=4), all_matter),
    Claim("The recurrent kernel grows with the square of units.", LSTM(units=5), quadratic),
)
