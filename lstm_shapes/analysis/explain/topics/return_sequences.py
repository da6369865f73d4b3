"""What ``return_sequences`` passes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_shapes.analysis.explain.example import example
from lstm_shapes.analysis.explain.experiment import alike, allocate, distance, figure, run, sequence
from lstm_shapes.analysis.explain.topic import Claim, Figures, Shown, Topic
from lstm_shapes.layers.dense import Dense
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.symbolic.size import readable, shown


def page() -> Topic:
    """Both shapes, with what they cost and what can follow them."""
    rows = []
    for setting in (False, True):
        layer = example(return_sequences=setting)
        rows.append((str(setting).lower(), shown(layer.output), readable(layer.total), readable(layer.macs)))
    (dense,) = Dense(units=1).outputs(example().sequence)
    return Topic(
        "return_sequences",
        "What does return_sequences pass on?",
        (
            "The layer computes the hidden state h at every timestep either way. `true` passes on all of them, one "
            "row per timestep; `false`, the default of Keras, passes on only the last row.",
            Figures(("return_sequences", "output", "params", "macs"), tuple(rows), frozenset(("params", "macs"))),
            "It changes the shape of the output, but neither the parameters nor the work.",
            "A recurrent layer reads (batch, time, features). In a stack, every recurrent layer but the last "
            "therefore needs `return_sequences: true`. After a sequence, a dense layer of one unit is applied to "
            f"every timestep and gives {shown(dense)}.",
            "PyTorch's nn.LSTM has no such setting: its `output` is always the sequence. With batch_first, "
            "`output[:, -1]` is what `false` passes on, if the layer has one direction and all sequences the same "
            "length.",
        ),
    )


def last_timestep(layer: Any, random: Any) -> Shown:
    """Both settings on the same data."""
    arrays, x = allocate(layer, random), sequence(random)
    rows = run(replace(layer, return_sequences=True), arrays, x)[0]
    last = run(replace(layer, return_sequences=False), arrays, x)[0]
    apart, first = distance(rows[:, -1], last), distance(rows[:, 0], last)
    return Shown(
        f"true gives {shown(rows.shape)}, false {shown(last.shape)}: row {x.shape[1] - 1} of true differs from false "
        f"by {figure(apart)}, row 0 by {figure(first)}",
        alike(apart) and not alike(first),
    )


def causality(layer: Any, random: Any) -> Shown:
    """The input of the last timestep changed."""
    arrays, x = allocate(layer, random), sequence(random)
    layer, other = replace(layer, return_sequences=True), x.copy()
    other[:, -1] += 1
    difference = abs(run(layer, arrays, x)[0] - run(layer, arrays, other)[0])
    before, at = float(difference[:, :-1].max()), float(difference[:, -1].max())
    return Shown(
        f"the input of timestep {x.shape[1] - 1} changed by 1: its row differs by {figure(at)}, the rows before it by "
        f"{figure(before)}",
        alike(before) and not alike(at),
    )


CLAIMS = (
    Claim("`return_sequences: false` gives the last row of what true gives.", LSTM(units=5), last_timestep),
    Claim("A row depends on its own timestep and those before it, on none after it.", LSTM(units=5), causality),
)
