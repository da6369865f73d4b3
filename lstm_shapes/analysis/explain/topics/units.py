"""What ``units`` is: the width of the state, not a number of cells or of timesteps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_shapes.analysis.explain.example import INPUT_DIM, UNITS, example, number, params_of, worked
from lstm_shapes.analysis.explain.experiment import alike, allocate, distance, figure, run, sequence
from lstm_shapes.analysis.explain.topic import Claim, Figures, Shown, Topic
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.symbolic.size import readable, shown

PUSH = 0.1
"""How much the experiments add to one unit's hidden state."""


def page() -> Topic:
    """The width of the states, the recurrent kernel that couples the units, and what uncoupled cells would count."""
    layer, narrow = example(), example(units=1)
    coupled = params_of(layer, "recurrent_kernel")
    rows = tuple((tensor.name, tensor.axes, shown(tensor.shape), readable(tensor.params)) for tensor in layer.weights)
    return Topic(
        "units",
        f"What is units in LSTM(units={UNITS})?",
        (
            f"`units` is the width of the hidden state h and of the cell state c: {UNITS} numbers each for every "
            f"example. The layer is one cell, run once per timestep, with {len(layer.gates)} gates; each gate is a "
            f"vector of {UNITS} numbers. `units` is not the number of timesteps, and the {UNITS} units are not "
            f"{UNITS} separate cells: each gate of each unit reads all {INPUT_DIM} features and all {UNITS} numbers "
            "of h.",
            Figures(("tensor", "axes", "shape", "params"), rows, frozenset(("params",))),
            f"params: {worked(layer)}.",
            f"The recurrent kernel's {readable(coupled)} numbers carry h into the next timestep, from every unit to "
            f"every unit. {UNITS} separate cells of one unit each would have {UNITS}*{readable(narrow.total)} = "
            f"{readable(UNITS * number(narrow.total))} parameters.",
            "PyTorch calls it hidden_size.",
        ),
    )


def reaches(layer: Any, random: Any) -> Shown:
    """One timestep from the same states except for one unit's h."""
    arrays, x = allocate(layer, random), sequence(random, batch=1, timesteps=1)
    h, c = (random.uniform(-1, 1, (1, layer.units)) for _ in "hc")
    moved = h.copy()
    moved[:, 0] += PUSH
    difference = abs(run(layer, arrays, x, moved, c)[0] - run(layer, arrays, x, h, c)[0])[0, 1:]
    least, most = float(difference.min()), float(difference.max())
    return Shown(
        f"h of unit 0 changed by {PUSH}: one timestep later h of the other {len(difference)} units differs by "
        f"{figure(least)} to {figure(most)}",
        not alike(least),
    )


def diagonal(layer: Any, arrays: dict[str, Any]) -> dict[str, Any]:
    """The arrays with zeros in the recurrent kernel wherever one unit would reach another."""
    import numpy as np

    return {**arrays, "recurrent": arrays["recurrent"] * np.eye(layer.units)}


def stays(layer: Any, random: Any) -> Shown:
    """The same disturbance with a diagonal recurrent kernel, followed through a sequence."""
    arrays, x = diagonal(layer, allocate(layer, random)), sequence(random, batch=1)
    h, c = (random.uniform(-1, 1, (1, layer.units)) for _ in "hc")
    moved = h.copy()
    moved[:, 0] += PUSH
    full = replace(layer, return_sequences=True)
    difference = abs(run(full, arrays, x, moved, c)[0] - run(full, arrays, x, h, c)[0])
    own, others = float(difference[:, 0, 0].max()), float(difference[..., 1:].max())
    return Shown(
        f"h of unit 0 changed by {PUSH}: one timestep later it differs by {figure(own)}; the other units differ by "
        f"{figure(others)} at each of {x.shape[1]} timesteps",
        alike(others) and not alike(own),
    )


def separate(layer: Any, random: Any) -> Shown:
    """Each unit's share of the arrays run as a cell of one unit, compared with the layer."""
    import numpy as np

    arrays, x = allocate(layer, random), sequence(random)
    apart = {True: 0.0, False: 0.0}
    for cut in apart:
        used = diagonal(layer, arrays) if cut else arrays
        cells = []
        for unit in range(layer.units):
            own = {key: array[:, unit : unit + 1] for key, array in used.items()}
            own["recurrent"] = own["recurrent"][..., unit : unit + 1]
            cells.append(run(replace(layer, units=1), own, x)[0])
        apart[cut] = distance(np.concatenate(cells, axis=-1), run(layer, used, x)[0])
    return Shown(
        f"{layer.units} cells of one unit against one layer of {layer.units} units: they differ by "
        f"{figure(apart[True])} with a diagonal recurrent kernel, by {figure(apart[False])} with a full one",
        alike(apart[True]) and not alike(apart[False]),
    )


CLAIMS = (
    Claim("A disturbance of one unit's state reaches all other units in one timestep.", LSTM(units=5), reaches),
    Claim("With a diagonal recurrent kernel the disturbance would stay in its unit.", LSTM(units=5), stays),
    Claim(
        "N units equal N separate cells with a diagonal recurrent kernel, not with a full one.", LSTM(units=5), separate
    ),
)
