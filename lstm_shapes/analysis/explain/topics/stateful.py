"""What ``stateful`` keeps: the states between batches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_shapes.analysis.explain.example import FEW, example
from lstm_shapes.analysis.explain.experiment import alike, allocate, distance, figure, run, sequence
from lstm_shapes.analysis.explain.topic import Claim, Figures, Shown, Topic
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.symbolic.size import product, readable, shown, total

BATCH = 4


def page() -> Topic:
    """What is kept, how much it is, and what it requires of the batches."""
    layer = example(batch=BATCH, timesteps=FEW // 2, stateful=True)
    rows = tuple((name, shown(shape), readable(product(shape))) for name, shape in layer.states)
    numbers = total(product(shape) for _, shape in layer.states)
    return Topic(
        "stateful",
        "What does stateful keep?",
        (
            "Within a sequence, states always go from one timestep to the next. `stateful` is about what happens "
            "afterwards: without it every batch starts from states of zeros; with it a batch starts from the states in "
            "which the previous batch ended, until they are reset.",
            f"Sequences of {FEW} timesteps, split into two batches of {FEW // 2}, {BATCH} sequences side by side. Kept "
            "between the two:",
            Figures(("state", "shape", "numbers"), rows, frozenset(("numbers",))),
            f"{readable(numbers)} numbers, none of them a parameter: the count is {readable(layer.total)} with it and "
            f"{readable(example().total)} without it.",
            "Each example has its own states, so example i of a batch must continue example i of the previous batch: "
            "the batch size is fixed, and batches must not be shuffled.",
            "PyTorch has no such setting: pass the (h_n, c_n) of one call to the next.",
        ),
    )


def halves(layer: Any, random: Any) -> Shown:
    """A sequence in two halves, with the states carried over and without."""
    import numpy as np

    arrays, x = allocate(layer, random), sequence(random)
    layer, half = replace(layer, return_sequences=True, return_state=True), x.shape[1] // 2
    first, *state = run(layer, arrays, x[:, :half])
    full = run(layer, arrays, x)[0]
    carried = distance(np.concatenate([first, run(layer, arrays, x[:, half:], *state)[0]], axis=1), full)
    fresh = distance(np.concatenate([first, run(layer, arrays, x[:, half:])[0]], axis=1), full)
    return Shown(
        f"two halves differ from the full run by {figure(carried)} with the states carried over, by {figure(fresh)} "
        "without",
        alike(carried) and not alike(fresh),
    )


def own_states(layer: Any, random: Any) -> Shown:
    """The carried states given to the examples in another order."""
    arrays, x = allocate(layer, random), sequence(random)
    layer, half = replace(layer, return_state=True), x.shape[1] // 2
    _, *state = run(layer, arrays, x[:, :half])
    full = run(layer, arrays, x)[0]
    in_order = distance(run(layer, arrays, x[:, half:], *state)[0], full)
    mixed = distance(run(layer, arrays, x[:, half:], *(array[::-1] for array in state))[0], full)
    return Shown(
        f"the second half differs from the full run by {figure(in_order)} with the examples in order, by "
        f"{figure(mixed)} with its {len(x)} examples exchanged",
        alike(in_order) and not alike(mixed),
    )


CLAIMS = (
    Claim(
        "Two halves with the states carried over equal one full run; without them they do not.", LSTM(units=5), halves
    ),
    Claim("Example i of a batch has to continue example i of the previous batch.", LSTM(units=5), own_states),
)
