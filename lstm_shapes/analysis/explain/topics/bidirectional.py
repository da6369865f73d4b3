"""What a bidirectional layer is, and where its backward half has its last state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_shapes.analysis.explain.example import UNITS, example, worked
from lstm_shapes.analysis.explain.experiment import alike, allocate, distance, figure, run, sequence
from lstm_shapes.analysis.explain.topic import Claim, Figures, Shown, Topic
from lstm_shapes.layers.bidirectional import Bidirectional
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.symbolic.size import readable, shown


def page() -> Topic:
    """Two layers, the merged widths, and which row has the last state of which direction."""
    both = example(bidirectional=True)
    rows = []
    for merge in ("concat", "sum", "mul", "ave", "none"):
        layer = example(bidirectional=True, merge=merge)
        times = "two of " if merge == "none" else ""
        rows.append((merge, times + shown(layer.sequence), times + shown(layer.last), readable(layer.total)))
    return Topic(
        "bidirectional",
        "What does bidirectional do?",
        (
            "It runs two layers with separate weights over the same sequence, one from its start, one from its end: "
            "twice the parameters and the work.",
            f"params: {worked(both)}.",
            Figures(("merge", "return_sequences: true", "false", "params"), tuple(rows), frozenset(("params",))),
            "The backward half of a sequence is reversed again, so that both halves of row t belong to timestep t. "
            "The backward layer reads timestep 0 last: its last state is at index 0. With merge concat that is "
            f"`output[:, 0, {UNITS}:]`; `output[:, -1, {UNITS}:]` has read only one timestep.",
            "`return_sequences: false` joins the last states of the directions, which is not the last row of the "
            "sequence. PyTorch's `output[:, -1]` with batch_first is that last row; its h_n holds the last states.",
        ),
    )


def at_zero(layer: Any, random: Any) -> Shown:
    """The backward layer's last h compared with the first and the last row of its half."""
    arrays, x = allocate(layer, random), sequence(random)
    output, *states = run(layer, arrays, x)
    width, h = layer.layer.units, states[layer.state_names.index("backward_h")]
    first, last = distance(output[:, 0, width:], h), distance(output[:, -1, width:], h)
    return Shown(
        f"the backward h differs from its half of row 0 by {figure(first)}, from that of row {x.shape[1] - 1} by "
        f"{figure(last)}",
        alike(first) and not alike(last),
    )


def only_one_timestep(layer: Any, random: Any) -> Shown:
    """The last row, with all timesteps before it changed."""
    arrays, x = allocate(layer, random), sequence(random)
    other, width = x.copy(), layer.layer.units
    other[:, :-1] += 1
    difference = abs(run(layer, arrays, x)[0] - run(layer, arrays, other)[0])[:, -1]
    forward, backward = float(difference[:, :width].max()), float(difference[:, width:].max())
    return Shown(
        f"all timesteps but the last changed by 1: the last row differs by {figure(forward)} in its forward half, by "
        f"{figure(backward)} in its backward half",
        alike(backward) and not alike(forward),
    )


def joins_the_ends(layer: Any, random: Any) -> Shown:
    """``return_sequences: false`` compared with both rows of the sequence."""
    arrays, x = allocate(layer, random), sequence(random)
    output = run(layer, arrays, x)[0]
    halves = (replace(direction, return_sequences=False) for direction in (layer.layer, layer.backward_layer))
    last = run(replace(layer, **dict(zip(("layer", "backward_layer"), halves, strict=True))), arrays, x)[0]
    width = layer.layer.units
    ends = max(distance(output[:, -1, :width], last[:, :width]), distance(output[:, 0, width:], last[:, width:]))
    row = distance(output[:, -1], last)
    return Shown(
        f"false differs from the forward half's last row and the backward half's first by {figure(ends)}, from the "
        f"last row by {figure(row)}",
        alike(ends) and not alike(row),
    )


_CELL = LSTM(units=5, return_sequences=True, return_state=True)
BOTH = Bidirectional(layer=_CELL, backward_layer=replace(_CELL, go_backwards=True))

CLAIMS = (
    Claim("The backward direction's last state is at index 0 of its half.", BOTH, at_zero),
    Claim("The backward half of the last row has read only the last timestep.", BOTH, only_one_timestep),
    Claim("`return_sequences: false` joins both directions' last states, not the last row.", BOTH, joins_the_ends),
)
