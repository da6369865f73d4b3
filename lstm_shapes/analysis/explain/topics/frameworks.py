"""Why the frameworks count differently for the same layer, and what must change to move weights between them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lstm_shapes.analysis.explain.example import INPUT_DIM, UNITS, example, number
from lstm_shapes.analysis.explain.experiment import alike, allocate, distance, figure, run, sequence
from lstm_shapes.analysis.explain.topic import Claim, Figures, Shown, Topic
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import pack, tensors, unpack
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.symbolic.size import readable, shown


def page() -> Topic:
    """Each framework's counts and gate orders, and the shape of its input kernel."""
    rows = []
    for name, framework in FRAMEWORKS.items():
        layers = {cell: example(cell, framework=name) for cell in ("lstm", "gru", "rnn")}
        kernel = layers["lstm"].weights[0]
        orders = (" ".join(gate[0] for gate in layers[cell].weights[0].gates) for cell in ("lstm", "gru"))
        counts = (readable(layer.total) for layer in layers.values())
        rows.append((framework.title, *counts, f"{kernel.name} {shown(kernel.shape)}", *orders))
    headers = ("framework", "lstm", "gru", "rnn", "the LSTM's kernel", "its gates", "the GRU's")
    more = number(example(framework="torch").total) - number(example().total)
    return Topic(
        "frameworks",
        "Why do frameworks count differently?",
        (
            f"The same {INPUT_DIM} features and {UNITS} units, with each framework's defaults:",
            Figures(headers, tuple(rows), frozenset(("lstm", "gru", "rnn"))),
            "Gates by first letter: input, forget, candidate, output; update, reset, candidate.",
            f"PyTorch's LSTM has {readable(more)} more parameters than Keras' because it keeps two biases; the "
            "functions are the same (see bias). Their GRUs have the same number of parameters, with the gates in "
            "another order. ONNX keeps two biases as well, in one tensor, and Flax one a gate; the GRU of linen has a "
            "second for its candidate, that of nnx has none.",
            "To move weights from Keras to PyTorch: transpose the kernels, put a GRU's gates in the other order, "
            "and put the bias into one of the two, zeros into the other. For a GRU with reset_after each row of Keras' "
            "bias goes into the bias of its side.",
        ),
    )


def arrays_as_counted(layer: Any, random: Any) -> Shown:
    """Each framework's own tensors, packed and added up, compared with the count."""
    lines, holds = [], True
    for name, framework in FRAMEWORKS.items():
        defaults = framework.defaults.get(layer.type, {})
        own = replace(layer, **defaults)
        arrays = allocate(own, random)
        sizes = sum(pack(tensor, arrays).size for tensor in tensors(framework, own, (2, 6, 3)))
        count = own.count((2, 6, 3))
        lines.append(f"{FRAMEWORKS[name].title}: {count:,} counted, {sizes:,} in its tensors")
        holds = holds and count == sizes
    return Shown("; ".join(lines), holds)


def there_and_back(layer: Any, random: Any) -> Shown:
    """The weights packed into each framework's tensors, and the layer run with what those hold."""
    x, apart, moved = sequence(random), 0.0, float("inf")
    for framework in FRAMEWORKS.values():
        own = replace(layer, **{**framework.defaults.get(layer.type, {}), "return_sequences": True})
        arrays, read = allocate(own, random), dict[str, Any]()
        for tensor in tensors(framework, own, x.shape):
            read |= unpack(tensor, pack(tensor, arrays), read)
        output = run(own, arrays, x)[0]
        apart = max(apart, distance(run(own, read, x)[0], output))
        moved = min(moved, distance(run(own, {**read, "kernel": 2 * read["kernel"]}, x)[0], output))
    titles = " and ".join(framework.title for framework in FRAMEWORKS.values())
    return Shown(
        f"weights laid out for {titles} and read back: the outputs differ by {figure(apart)}, with a kernel doubled on "
        f"the way, by {figure(moved)} or more",
        alike(apart) and not alike(moved),
    )


CLAIMS = (
    Claim("A framework's count is the number of numbers in its tensors.", LSTM(units=5), arrays_as_counted),
    Claim("The layout changes where a weight is, not the function.", LSTM(units=5), there_and_back),
)
