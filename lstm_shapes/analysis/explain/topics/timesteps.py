"""What the number of timesteps changes: the work and the output, no weight."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_shapes.analysis.explain.example import FEW, INPUT_DIM, MANY, UNITS, example
from lstm_shapes.analysis.explain.experiment import alike, allocate, distance, executed, figure, run, sequence
from lstm_shapes.analysis.explain.topic import Claim, Figures, Shown, Topic
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.symbolic.size import readable, shown


def page() -> Topic:
    """Three lengths of the same layer's input."""
    rows = []
    for timesteps in (FEW, MANY, "T"):
        layer = example(timesteps=timesteps)
        figures = (shown(layer.sequence), shown(layer.last), readable(layer.total), readable(layer.macs))
        rows.append((str(timesteps), *figures))
    headers = ("timesteps", "return_sequences: true", "false", "params", "macs")
    return Topic(
        "timesteps",
        "What do timesteps change?",
        (
            f"An LSTM of {UNITS} units on {INPUT_DIM} features, for sequences of different lengths:",
            Figures(headers, tuple(rows), frozenset(("params", "macs"))),
            "A layer is one set of weights, reused at every timestep. No weight has an axis for time or for the "
            "batch, so T and B are in no parameter count; the work is proportional to both. In a drawing of the "
            "unrolled network, the T cells side by side are the same cell at T timesteps.",
            "`units` and T are independent: units is chosen, T comes with the data and may differ from batch to "
            "batch; within a batch, sequences are padded to one length (see masking).",
            "`unroll: true` replaces the loop with T copies of its body. Shapes, parameters and work stay the same, "
            "and T must be known.",
        ),
    )


def same_weights(layer: Any, random: Any) -> Shown:
    """A full run compared with T runs of one timestep, all with the same arrays."""
    arrays, x = allocate(layer, random), sequence(random)
    layer = replace(layer, return_state=True)
    state: tuple[Any, ...] = ()
    for now in range(x.shape[1]):
        _, *last = run(layer, arrays, x[:, now : now + 1], *state)
        state = tuple(last)
    apart = distance(state[0], run(layer, arrays, x)[0])
    return Shown(
        f"the last h of {x.shape[1]} runs of one timestep, each with the same arrays, differs by {figure(apart)} from "
        f"that of one run of {x.shape[1]} timesteps",
        alike(apart),
    )


def in_proportion(layer: Any, random: Any) -> Shown:
    """The executed products and the declared weights, for three lengths."""
    arrays = allocate(layer, random)
    lengths = (3, 6, 12)
    params = [layer.count((2, length, 3)) for length in lengths]
    macs = [executed(layer, arrays, sequence(random, timesteps=length)) for length in lengths]
    steps = "; ".join(
        f"T={length}: {count:,} parameters, {cost:,} multiply-accumulates"
        for length, count, cost in zip(lengths, params, macs, strict=True)
    )
    allocated = sum(array.size for array in arrays.values())
    return Shown(
        steps,
        params == [allocated] * 3
        and macs[0] > 0
        and all(cost * lengths[0] == macs[0] * length for length, cost in zip(lengths, macs, strict=True)),
    )


CLAIMS = (
    Claim("The weights are the same at every timestep.", LSTM(units=5), same_weights),
    Claim("T does not change the parameters; the work is proportional to it.", LSTM(units=5), in_proportion),
)
