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
    """What is kept, how much it is, and what it asks of the batches."""
    one = example(batch=BATCH, timesteps=FEW // 2, stateful=True)
    rows = tuple((name, shown(shape), readable(product(shape))) for name, shape in one.states)
    kept = total(product(shape) for _, shape in one.states)
    return Topic(
        "stateful",
        "What does stateful keep?",
        (
            "Within a sequence, states always go from one timestep to the next. `stateful` is about what comes after "
            "it: without it every batch begins with states of zeros; with it a batch begins with the states that the "
            "batch before ended with, until they are reset.",
            f"Sequences of {FEW} timesteps, cut into two batches of {FEW // 2}, {BATCH} sequences side by side. Kept "
            "between the two:",
            Figures(("state", "shape", "numbers"), rows, frozenset(("numbers",))),
            f"{readable(kept)} numbers, none of them a parameter: the count is {readable(one.total)} with it and "
            f"{readable(example().total)} without it.",
            "Each example has its own states, so example i of a batch must continue example i of the batch before: "
            "the batch size is fixed, and batches must not be shuffled.",
            "PyTorch has no such setting: hand the (h_n, c_n) of one call to the next.",
        ),
    )


def halves(layer: Any, random: Any) -> Shown:
    """A sequence in two halves, with the states carried over and without."""
    import numpy as np

    arrays, x = allocate(layer, random), sequence(random)
    layer, half = replace(layer, return_sequences=True, return_state=True), x.shape[1] // 2
    first, *state = run(layer, arrays, x[:, :half])
    whole = run(layer, arrays, x)[0]
    carried = distance(np.concatenate([first, run(layer, arrays, x[:, half:], *state)[0]], axis=1), whole)
    fresh = distance(np.concatenate([first, run(layer, arrays, x[:, half:])[0]], axis=1), whole)
    return Shown(
        f"two halves differ from the whole run by {figure(carried)} with the states carried over, by {figure(fresh)} "
        "without",
        alike(carried) and not alike(fresh),
    )


def own_states(layer: Any, random: Any) -> Shown:
    """The carried states handed to the examples in another order."""
    arrays, x = allocate(layer, random), sequence(random)
    layer, half = replace(layer, return_state=True), x.shape[1] // 2
    _, *state = run(layer, arrays, x[:, :half])
    whole = run(layer, arrays, x)[0]
    kept = distance(run(layer, arrays, x[:, half:], *state)[0], whole)
    mixed = distance(run(layer, arrays, x[:, half:], *(one[::-1] for one in state))[0], whole)
    return Shown(
        f"the second half differs from the whole run by {figure(kept)} with the examples in order, by {figure(mixed)} "
        f"with its {len(x)} examples exchanged",
        alike(kept) and not alike(mixed),
    )


CLAIMS = (
    Claim("Two halves with the states carried over equal one whole run; without they do not.", LSTM(units=5), halves),
    Claim("Example i of a batch has to continue example i of the batch before.", LSTM(units=5), own_states),
)
