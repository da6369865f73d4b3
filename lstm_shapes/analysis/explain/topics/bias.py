"""How many biases a gate has, and when a second one matters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_shapes.analysis.explain.example import INPUT_DIM, UNITS, example, number
from lstm_shapes.analysis.explain.experiment import alike, allocate, distance, figure, run, sequence
from lstm_shapes.analysis.explain.topic import Claim, Figures, Shown, Topic
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import pack, tensors, unpack
from lstm_shapes.layers.gru import GRU
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.symbolic.size import readable, shown


def page() -> Topic:
    """The bias tensors of Keras and PyTorch, and what they add to the count."""
    rows = []
    for cell in ("lstm", "gru", "rnn"):
        for name in ("keras", "torch"):
            layer, bare = example(cell, framework=name), example(cell, framework=name, bias=False)
            biases = [f"{tensor.name} {shown(tensor.shape)}" for tensor in layer.weights if "bias" in tensor.name]
            rows.append((cell, FRAMEWORKS[name].title, ", ".join(biases), readable(bare.total), readable(layer.total)))
    more = number(example(framework="torch").total) - number(example().total)
    numbers = frozenset(("without", "with bias"))
    return Topic(
        "bias",
        "One bias or two?",
        (
            "A bias is added to each gate of each unit. Keras has one vector for it; PyTorch has two, one for each "
            f"kernel, as in cuDNN. For an LSTM of {UNITS} units that is {readable(more)} more numbers.",
            Figures(("cell", "framework", "biases", "without", "with bias"), tuple(rows), numbers),
            f"Counts are for {INPUT_DIM} features and {UNITS} units. `bias: false` (Keras: use_bias) omits all biases.",
            "In an LSTM and a simple RNN the two are added to the same sum, so only their sum acts on the output. In "
            "a GRU with reset_after the reset gate scales the candidate's recurrent bias but not the other: "
            "there the two are different weights.",
        ),
    )


def summed(layer: Any, random: Any) -> Shown:
    """PyTorch's four tensors as they are, and Keras' three with the biases summed."""
    arrays, x = allocate(layer, random), sequence(random)
    torch = {tensor.name: pack(tensor, arrays) for tensor in tensors(FRAMEWORKS["torch"], layer, x.shape)}
    single, bias = replace(layer, recurrent_bias=False), torch["bias_ih_l0"] + torch["bias_hh_l0"]
    packed = (torch["weight_ih_l0"].T, torch["weight_hh_l0"].T, bias)
    used: dict[str, Any] = {}
    for tensor, array in zip(tensors(FRAMEWORKS["keras"], single, x.shape), packed, strict=True):
        used |= unpack(tensor, array, used)
    output = run(layer, arrays, x)[0]
    dropped = distance(run(single, {**used, "bias": arrays["bias"]}, x)[0], output)
    same = distance(run(single, used, x)[0], output)
    return Shown(
        f"PyTorch's weights in Keras' tensors: the outputs differ by {figure(same)} with bias = bias_ih_l0 + "
        f"bias_hh_l0, by {figure(dropped)} with only bias = bias_ih_l0",
        alike(same) and not alike(dropped),
    )


def apart(layer: Any, random: Any) -> Shown:
    """The recurrent bias added to the other one, for the gates and for the candidate."""
    arrays, x = allocate(layer, random), sequence(random)
    output, candidate, difference = run(layer, arrays, x)[0], layer.gate_names.index("candidate"), {}
    for name, rows in (("gates", slice(0, candidate)), ("candidate", slice(candidate, candidate + 1))):
        moved = {**arrays, "bias": arrays["bias"].copy(), "recurrent_bias": arrays["recurrent_bias"].copy()}
        moved["bias"][rows] += moved["recurrent_bias"][rows]
        moved["recurrent_bias"][rows] = 0
        difference[name] = distance(run(layer, moved, x)[0], output)
    return Shown(
        f"the recurrent bias added to the other: the output differs by {figure(difference['gates'])} if it is that "
        f"of update and reset, by {figure(difference['candidate'])} if it is the candidate's",
        alike(difference["gates"]) and not alike(difference["candidate"]),
    )


CLAIMS = (
    Claim(
        "An LSTM with PyTorch's two biases equals a Keras LSTM with their sum.",
        LSTM(units=5, recurrent_bias=True),
        summed,
    ),
    Claim("In a GRU with reset_after the candidate's two biases cannot be merged.", GRU(units=5), apart),
)
