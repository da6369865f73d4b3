"""What the gates do, and where each one is in a framework's tensors."""

from __future__ import annotations

from typing import Any

from lstm_shapes.analysis.explain.example import INPUT_DIM, UNITS, example, number
from lstm_shapes.analysis.explain.experiment import CLOSED, OPEN, alike, allocate, distance, figure, run, sequence
from lstm_shapes.analysis.explain.topic import Claim, Figures, Shown, Topic
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Tensor, pack, tensors, unpack
from lstm_shapes.layers.gru import GRU
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.symbolic.size import readable, shown

DOES = {
    "lstm": {
        "input": "how much of the candidate enters c",
        "forget": "how much of c stays",
        "candidate": "what can enter c",
        "output": "how much of tanh(c) becomes h",
    },
    "gru": {
        "update": "how much of h stays",
        "reset": "how much of h the candidate sees",
        "candidate": "what can replace h",
    },
}


def page() -> Topic:
    """What each gate does, its columns in Keras and its rows in PyTorch."""
    rows, kernels = [], {}
    for cell, does in DOES.items():
        keras, torch = (example(cell, framework=name).weights[0] for name in ("keras", "torch"))
        kernels[cell] = (keras, torch)
        for gate in keras.gates:
            rows.append((cell, gate, does[gate], _range(keras, gate), _range(torch, gate)))
    keras, torch = kernels["lstm"]
    (share,) = {share_of_gate.params for share_of_gate in example().gates}
    return Topic(
        "gates",
        "What are the gates, and where are they?",
        (
            f"A gate is a vector of {UNITS} numbers, computed at every timestep from the input and from h, the state "
            "that is passed on; c is the LSTM's cell state. All except the candidate pass through a sigmoid, so each "
            "of their numbers is between 0 and 1 and scales another; the candidate passes through tanh.",
            f"All gates' weights are kept side by side in one tensor: for {INPUT_DIM} features and an LSTM of {UNITS} "
            f"units, {shown(keras.shape)} in Keras ({keras.name}), {shown(torch.shape)} in PyTorch ({torch.name}). "
            "The recurrent kernel and the biases have the same columns or rows.",
            Figures(("cell", "gate", "controls", "columns in Keras", "rows in PyTorch"), tuple(rows)),
            f"All gates have the same number of parameters: {readable(share)} of the LSTM's "
            f"{readable(example().total)} parameters in Keras.",
        ),
    )


def span(tensor: Tensor, gate: str) -> slice:
    """Where a gate is along the tensor's axis of gates and units.

    >>> span(example().weights[0], "forget")
    slice(32, 64, None)
    """
    units, place = number(tensor.sizes["unit"]), tensor.gates.index(gate)
    return slice(place * units, (place + 1) * units)


def _range(tensor: Tensor, gate: str) -> str:
    here = span(tensor, gate)
    return f"{here.start} to {here.stop - 1}"


def forced(layer: Any, arrays: dict[str, Any], framework: str, gate: str, value: float) -> dict[str, Any]:
    """The arrays with a gate's columns in the framework's own tensors set: weights to 0, the bias to ``value``."""
    used: dict[str, Any] = {}
    for tensor in tensors(FRAMEWORKS[framework], layer, (1, 1, arrays["kernel"].shape[-1])):
        array = pack(tensor, arrays).copy()
        axis = 0 if tensor.axes.startswith("(gate unit)") else -1
        array.swapaxes(0, axis)[span(tensor, gate)] = 0.0 if len(array.shape) > 1 else value
        used |= unpack(tensor, array)
    return used


def forgets(layer: Any, random: Any) -> Shown:
    """One timestep from two cell states, with a gate closed in the columns that the framework's layout names."""
    arrays, x = allocate(layer, random), sequence(random, timesteps=1)
    h, c, other = (random.uniform(-1, 1, (len(x), layer.units)) for _ in "hcc")
    difference = {}
    for gate in ("", "forget", "input"):
        used = forced(layer, arrays, "keras", gate, CLOSED) if gate else arrays
        difference[gate] = distance(run(layer, used, x, h, c)[2], run(layer, used, x, h, other)[2])
    kernel = tensors(FRAMEWORKS["keras"], layer, x.shape)[0]
    where = _range(kernel, "forget")
    return Shown(
        f"two cell states give new ones that differ by {figure(difference[''])}; by {figure(difference['forget'])} "
        f"once columns {where} of Keras' kernel {shown(kernel.shape)} close the gate; by {figure(difference['input'])} "
        f"if columns {_range(kernel, 'input')} are closed instead",
        alike(difference["forget"]) and not alike(difference["input"]),
    )


def keeps(layer: Any, random: Any) -> Shown:
    """An entire sequence with the forget gate open and the input gate closed."""
    arrays, x = allocate(layer, random), sequence(random)
    h, c = (random.uniform(-1, 1, (len(x), layer.units)) for _ in "hc")
    holding = forced(layer, forced(layer, arrays, "keras", "forget", OPEN), "keras", "input", CLOSED)
    moved, free = distance(run(layer, holding, x, h, c)[2], c), distance(run(layer, arrays, x, h, c)[2], c)
    return Shown(
        f"after {x.shape[1]} timesteps c has changed by {figure(moved)}, with the gates left free by {figure(free)}",
        alike(moved) and not alike(free),
    )


def reordered(layer: Any, random: Any) -> Shown:
    """Keras' GRU kernel read as PyTorch's: only transposed, and with its gates in PyTorch's order."""
    import numpy as np

    arrays, x = allocate(layer, random), sequence(random)
    keras, torch = (tensors(FRAMEWORKS[name], layer, x.shape)[:2] for name in ("keras", "torch"))
    transposed = dict(arrays)
    for have, want in zip(keras, torch, strict=True):
        transposed |= unpack(want, pack(have, arrays).T.copy())
    ordered = dict(arrays)
    for have, want in zip(keras, torch, strict=True):
        array = pack(have, arrays).T
        ordered |= unpack(want, np.concatenate([array[span(have, gate)] for gate in want.gates]))
    output = run(layer, arrays, x)[0]
    same, wrong = distance(run(layer, ordered, x)[0], output), distance(run(layer, transposed, x)[0], output)
    return Shown(
        f"the outputs differ by {figure(wrong)} if the kernels are only transposed, by {figure(same)} if the gates "
        "are also put in PyTorch's order",
        alike(same) and not alike(wrong),
    )


_CELL = LSTM(units=5, return_state=True)

CLAIMS = (
    Claim("Closing the forget gate's columns in Keras' tensors makes the cell forget.", _CELL, forgets),
    Claim("With the forget gate open and the input gate closed, the cell state does not change.", _CELL, keeps),
    Claim("A GRU's gates are in another order in Keras than in PyTorch.", GRU(units=5), reordered),
)
