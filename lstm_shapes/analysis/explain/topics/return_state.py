"""What ``return_state`` adds to the outputs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_shapes.analysis.explain.example import UNITS, example
from lstm_shapes.analysis.explain.experiment import alike, allocate, distance, figure, run, sequence
from lstm_shapes.analysis.explain.topic import Claim, Figures, Shown, Topic
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.symbolic.size import readable, shown


def page() -> Topic:
    """The states of each cell, their shapes, and what they are used for."""
    rows = []
    for title, cell, settings in (
        ("lstm", "lstm", {}),
        (f"lstm, proj_size {UNITS // 2} (PyTorch)", "lstm", {"proj_size": UNITS // 2, "framework": "torch"}),
        ("gru", "gru", {}),
        ("rnn", "rnn", {}),
    ):
        layer = example(cell, **settings)
        rows.append((title, shown(layer.last), ", ".join(f"{name} {shown(shape)}" for name, shape in layer.states)))
    plain, more = example(), example(return_state=True)
    return Topic(
        "return_state",
        "What does return_state add?",
        (
            "It adds the states after the last timestep to the outputs: h, and for an LSTM the cell state c as well. "
            f"It adds no parameter: {readable(plain.total)} without it, {readable(more.total)} with it.",
            Figures(("layer", "last row of the output", "states"), tuple(rows)),
            "h repeats the last row of the output; c is passed on in no other way. With a projection (proj_size) h "
            "has the projected width, c keeps the width of `units`.",
            "The states of an encoder can be the initial states of a decoder, `initial_state: [encoder.h, encoder.c]`; "
            "both then have the same units. Or the next call continues where this one ended (see stateful).",
            "PyTorch's nn.LSTM always returns them, as `output, (h_n, c_n)`, with an axis for layers and directions in "
            "front of the batch.",
        ),
    )


def repeats(layer: Any, random: Any) -> Shown:
    """The states, without the output."""
    arrays, x = allocate(layer, random), sequence(random)
    output, h, c = run(replace(layer, return_state=True), arrays, x)
    same, other = distance(output, h), distance(output, c)
    return Shown(
        f"output and h differ by {figure(same)}, output and c by {figure(other)}", alike(same) and not alike(other)
    )


def both_needed(layer: Any, random: Any) -> Shown:
    """A sequence in two halves, the second started from both states, and from h and a zero c."""
    arrays, x = allocate(layer, random), sequence(random)
    layer, half = replace(layer, return_state=True), x.shape[1] // 2
    _, h, c = run(layer, arrays, x[:, :half])
    full = run(layer, arrays, x)[0]
    with_c = distance(run(layer, arrays, x[:, half:], h, c)[0], full)
    without = distance(run(layer, arrays, x[:, half:], h, 0 * c)[0], full)
    return Shown(
        f"two halves differ from the full run by {figure(with_c)} if h and c are carried over, by {figure(without)} "
        "if c starts at zero",
        alike(with_c) and not alike(without),
    )


CLAIMS = (
    Claim("h is the last row of the output, c is not.", LSTM(units=5), repeats),
    Claim("To continue where an LSTM ended takes c as well as h.", LSTM(units=5), both_needed),
)
