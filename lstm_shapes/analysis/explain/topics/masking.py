"""What a mask does to padded timesteps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_shapes.analysis.explain.example import FEW, INPUT_DIM, UNITS, example, number
from lstm_shapes.analysis.explain.experiment import alike, allocate, distance, figure, run, sequence
from lstm_shapes.analysis.explain.topic import Claim, Figures, Shown, Topic
from lstm_shapes.analysis.explain.topics.bidirectional import BOTH
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.layers.masking import Masking
from lstm_shapes.symbolic.size import readable, shown

SHORT = FEW - 3
"""The length of the shorter sequence in the example."""


def page() -> Topic:
    """Two sequences in one batch, padded to one length."""
    shape = (2, FEW, INPUT_DIM)
    (out,) = Masking().outputs(shape)
    step = number(example(batch=1, timesteps=1).macs)
    lengths = (SHORT, FEW)
    rows = tuple((str(length), str(FEW - length), readable(length * step), readable(FEW * step)) for length in lengths)
    headers = ("length", "padded timesteps", "macs without padding", "macs with padding")
    return Topic(
        "masking",
        "What does masking do?",
        (
            "The sequences of a batch are padded to the same length. Without a mask a recurrent layer reads the "
            "padding as data. A masking layer marks the timesteps whose features all "
            "equal `mask_value`; an embedding with `mask_zero` marks token 0. At a marked timestep a recurrent layer "
            "leaves its states and output unchanged; inside a bidirectional layer that returns sequences its output is "
            "zero there.",
            f"Two sequences in one batch {shown(shape)}, an LSTM of {UNITS} units:",
            Figures(headers, rows, frozenset(headers)),
            f"Masking changes no shape (it gives {shown(out)}) and has {readable(number(Masking().count(shape) or 0))} "
            "parameters. The counts of lstm-shapes are for the whole batch, padding included; where the model "
            "has `lengths`, `inspect --cost` says how many of its recurrent multiply-accumulates are padding.",
            "PyTorch has no mask for nn.LSTM: a packed sequence (pack_padded_sequence) omits the padding.",
        ),
    )


def _padded(x: Any, random: Any, before: int, after: int) -> tuple[Any, Any]:
    """The sequence with padding of zeros around it, and the mask that a masking layer makes of it."""
    import numpy as np

    wide = np.pad(x, ((0, 0), (before, after), (0, 0)))
    return wide, Masking().mask(None, wide)


def changes_nothing(layer: Any, random: Any) -> Shown:
    """The same sequences without padding, padded at the end, and padded at the start; with and without the mask."""
    arrays, x = allocate(layer, random), sequence(random)
    unpadded, worst, least = run(layer, arrays, x)[0], 0.0, float("inf")
    for before, after in ((0, 3), (3, 0)):
        wide, mask = _padded(x, random, before, after)
        worst = max(worst, distance(run(layer, arrays, wide, mask=mask)[0], unpadded))
        least = min(least, distance(run(layer, arrays, wide)[0], unpadded))
    return Shown(
        f"3 padded timesteps, at the start or at the end: the output differs from the run without padding by "
        f"{figure(worst)} with a mask, by {figure(least)} or more without",
        alike(worst) and not alike(least),
    )


def repeats(layer: Any, random: Any) -> Shown:
    """The rows at the padded timesteps."""
    arrays, x = allocate(layer, random), sequence(random)
    wide, mask = _padded(x, random, 0, 3)
    rows = run(replace(layer, return_sequences=True), arrays, wide, mask=mask)[0]
    last = rows[:, x.shape[1] - 1 : x.shape[1]]
    padded, real = distance(rows[:, x.shape[1] :], last + 0 * rows[:, x.shape[1] :]), distance(rows[:, :1], last)
    return Shown(
        f"rows {x.shape[1]} to {wide.shape[1] - 1}, the padding, differ from row {x.shape[1] - 1} by {figure(padded)}; "
        f"row 0 differs from it by {figure(real)}",
        alike(padded) and not alike(real),
    )


def zeros(layer: Any, random: Any) -> Shown:
    """The rows of both directions at the padded timesteps."""
    arrays, x = allocate(layer, random), sequence(random)
    wide, mask = _padded(x, random, 2, 3)
    rows = abs(run(layer, arrays, wide, mask=mask)[0])
    padded, real = float(rows[~mask].max()), float(rows[mask].max())
    return Shown(
        f"5 padded timesteps: the largest number there is {figure(padded)}, at the {x.shape[1]} others {figure(real)}",
        padded == 0 and real > 0,
    )


CLAIMS = (
    Claim("With a mask, padded timesteps change nothing; without one they do.", LSTM(units=5), changes_nothing),
    Claim("After the end of a masked sequence its last row is repeated.", LSTM(units=5), repeats),
    Claim("Bidirectional writes zeros at the padded timesteps instead.", BOTH, zeros),
)
