"""ONNX Runtime has no operator for what the layer does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Cell, Trace

TARGET = "onnxruntime"
OPERATORS = ("lstm", "gru", "rnn")
ACTIVATIONS = frozenset("linear relu leaky_relu tanh sigmoid hard_sigmoid elu softsign softplus".split())
"""Ours that the operators can compute; linear is an Affine, Keras' hard_sigmoid a HardSigmoid of slope 1/6."""

ID = "LS801"
SEVERITY = "error"
PAGE = """
# ONNX Runtime has no operator for what the layer does

With `--target onnxruntime` a model is checked against the operators LSTM, GRU and RNN of ONNX as ONNX Runtime runs
them. They have no convolutional kind: tf2onnx fails on ConvLSTM2D (onnx/tensorflow-onnx#1678) or exports a wrong graph
(#1760). They keep nothing between two runs: a stateful layer is exported and forgets its state without a word
(onnx/keras-onnx#620, onnx/onnx#3315).

Their activations are Affine, Relu, LeakyRelu, ThresholdedRelu, Tanh, ScaledTanh, Sigmoid, HardSigmoid, Elu, Softsign
and Softplus; ONNX Runtime refuses others ("Expecting activation to be one of", core/providers/cpu/rnn/rnn_helpers.cc).
An exporter may still write such a layer out as a loop of small operators, as tf2onnx does (onnx/tensorflow-onnx#2001);
ignore the finding where that is what you want. Peepholes are in ONNX; dropout plays no part at inference.

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


def check(trace: Trace) -> Iterator[Problem]:
    """Recurrent layers that the operators cannot express."""
    if TARGET not in trace.targets or not trace.framework or TARGET not in trace.framework.exporters:
        return
    for cell in trace.cells:
        for field, message, hint in _refused(cell):
            at = (*cell.route, cell.key(field))
            yield Problem(message, at, hint=hint, layer=cell.visit.node.name)


def _refused(cell: Cell) -> Iterator[tuple[str, str, str]]:
    """The fields at fault, with message and hint."""
    if cell.layer.type not in OPERATORS:
        kinds = ", ".join(OPERATORS)
        yield "type", f"{cell.name}: ONNX has no operator for it, only for {kinds}", f"use one of {kinds}"
        return
    if cell.layer.stateful:
        message = f"{cell.name}: an ONNX operator forgets its state between two runs"
        yield "stateful", message, "pass the state in with initial_state, and out with `return_state: true`"
    used = ["activation"] if cell.layer.type == "rnn" else ["activation", "recurrent_activation"]
    for field in used:
        value = getattr(cell.layer, field)
        if value not in ACTIVATIONS:
            message = f"{cell.name}: {field} {value} is none of ONNX's {cell.layer.type.upper()} operator"
            yield field, message, f"write one of {', '.join(sorted(ACTIVATIONS))}"
