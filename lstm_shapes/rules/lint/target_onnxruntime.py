"""ONNX Runtime has no operator for the layer or its settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Cell, Trace

ID = "LS801"
SEVERITY = "error"
PAGE = """
# ONNX Runtime has no operator for the layer or its settings

With `--target onnxruntime` a model is checked against the ONNX operators LSTM, GRU and RNN as ONNX Runtime runs them.
They have no convolutional variant: tf2onnx fails on ConvLSTM2D (onnx/tensorflow-onnx#1678) or exports a wrong graph
(#1760). They do not keep a state between two runs: a stateful layer is exported, but silently loses its state
(onnx/keras-onnx#620, onnx/onnx#3315).

Their activations are Affine, Relu, LeakyRelu, ThresholdedRelu, Tanh, ScaledTanh, Sigmoid, HardSigmoid, Elu, Softsign
and Softplus; ONNX Runtime refuses others ("Expecting activation to be one of", core/providers/cpu/rnn/rnn_helpers.cc).
An exporter can write such a layer as a loop of small operators, as tf2onnx does (onnx/tensorflow-onnx#2001); if you
want that, ignore the finding. ONNX supports peepholes; dropout does not matter at inference.

Example:

```yaml
batch: 1
input_dim: 8
layers:
  - {type: lstm, units: 32, stateful: true}
```

Instead:

```yaml
inputs: {x: [1, T, 8], last_h: [1, 32], last_c: [1, 32]}
layers:
  - {type: lstm, name: encoder, units: 32, return_state: true, inputs: x, initial_state: [last_h, last_c]}
outputs: [encoder, encoder.h, encoder.c]
```
"""

TARGET = "onnxruntime"
OPERATORS = ("lstm", "gru", "rnn")
ACTIVATIONS = frozenset(
    "linear relu leaky_relu tanh sigmoid hard_sigmoid hard_sigmoid_keras2 elu softsign softplus".split()
)
"""The activations that the operators support: linear is Affine, hard_sigmoid is HardSigmoid with slope 1/6 or 0.2."""


def check(trace: Trace) -> Iterator[Problem]:
    """Recurrent layers that the operators do not support."""
    if TARGET not in trace.targets or not trace.framework or TARGET not in trace.framework.exporters:
        return
    for cell in trace.cells:
        for field, message, hint in _unsupported(cell):
            at = (*cell.route, cell.key(field))
            yield Problem(message, at, hint=hint, layer=cell.visit.node.name)


def _unsupported(cell: Cell) -> Iterator[tuple[str, str, str]]:
    """Each field at fault, with message and hint."""
    if cell.layer.type not in OPERATORS:
        supported = ", ".join(OPERATORS)
        yield "type", f"{cell.name}: ONNX has operators only for {supported}", f"use one of {supported}"
        return
    if cell.layer.stateful:
        message = f"{cell.name}: an ONNX operator does not keep its state between two runs"
        yield "stateful", message, "pass the states in with initial_state, and return them with `return_state: true`"
    used = ["activation"] if cell.layer.type == "rnn" else ["activation", "recurrent_activation"]
    for field in used:
        value = cell.layer.field_values()[field]
        if value not in ACTIVATIONS:
            message = f"{cell.name}: the ONNX operator {cell.layer.type.upper()} does not support {field} {value}"
            yield field, message, f"write one of {', '.join(sorted(ACTIVATIONS))}"
