"""What the multiply-accumulates are, and what is not in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_shapes.analysis.explain.example import FEW, INPUT_DIM, UNITS, example, number
from lstm_shapes.analysis.explain.experiment import allocate, executed, sequence
from lstm_shapes.analysis.explain.topic import Claim, Figures, Shown, Topic
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.symbolic.size import fixed, readable

BATCH = 4


def page() -> Topic:
    """Each cell's work for a timestep, for a batch, and in symbols."""
    rows = []
    for cell in ("lstm", "gru", "rnn"):
        layer = example(cell, batch=1, timesteps=1)
        rows.append(
            (
                cell,
                readable(layer.total),
                readable(layer.macs),
                readable(example(cell, batch=BATCH, timesteps=FEW).macs),
                readable(example(cell).macs),
            )
        )
    headers = ("cell", "params", "macs, one timestep", f"B={BATCH}, T={FEW}", "any B, T")
    once, bare = example(batch=1, timesteps=1), example(bias=False)
    gates, wide = len(once.gates), INPUT_DIM + UNITS
    return Topic(
        "macs",
        "What are macs?",
        (
            "A multiply-accumulate is one product added to a sum. lstm-shapes counts those of matrix products, for the "
            "whole batch and all timesteps: every number of kernel and recurrent kernel is used once per timestep and "
            "example.",
            f"{INPUT_DIM} features, {UNITS} units; the LSTM's {gates}*{UNITS}*({INPUT_DIM} + {UNITS}) = "
            f"{readable(gates * UNITS * wide)}:",
            Figures(headers, tuple(rows), frozenset(headers[1:])),
            f"The macs of one timestep are the parameters without the biases (the LSTM's: {readable(bare.total)}). "
            "Biases, activations and elementwise products, such as forget * c, are not counted.",
            f"As floating-point operations, a multiplication and an addition each, it is twice as many: "
            f"{readable(2 * number(once.macs))} a timestep. Tools differ in this convention, so a cost needs its name; "
            "this one is called matmul.",
        ),
    )


def as_executed(layer: Any, random: Any) -> Shown:
    """The prediction compared with the products of a run, counted as they are executed."""
    arrays, x = allocate(layer, random), sequence(random)
    predicted, counted = fixed(layer.macs(x.shape) or 0), executed(layer, arrays, x)
    return Shown(
        f"batch {x.shape[0]}, {x.shape[1]} timesteps, {x.shape[2]} features, {layer.units} units: {predicted:,} "
        f"predicted, {counted:,} executed",
        predicted == counted > 0,
    )


def no_bias(layer: Any, random: Any) -> Shown:
    """A run with biases and one without."""
    arrays, x = allocate(layer, random), sequence(random)
    bare = replace(layer, bias=False)
    more, less = executed(layer, arrays, x), executed(bare, arrays, x)
    params = fixed(layer.count(x.shape) or 0) - fixed(bare.count(x.shape) or 0)
    return Shown(
        f"{more:,} executed with biases, {less:,} without; the biases are {params:,} parameters",
        more == less > 0 and params > 0,
    )


def both_ways(layer: Any, random: Any) -> Shown:
    """A batch of twice the size, a sequence of twice the length."""
    arrays = allocate(layer, random)
    once, wide, long = (
        executed(layer, arrays, sequence(random, batch, timesteps)) for batch, timesteps in ((2, 6), (4, 6), (2, 12))
    )
    return Shown(
        f"{once:,} executed; {wide:,} for twice the batch, {long:,} for twice the timesteps",
        wide == long == 2 * once > 0,
    )


CLAIMS = (
    Claim("A run executes as many multiply-accumulates as predicted.", LSTM(units=5), as_executed),
    Claim("Biases add parameters but no multiply-accumulates.", LSTM(units=5), no_bias),
    Claim("The work is proportional to the batch and to the timesteps.", LSTM(units=5), both_ways),
)
