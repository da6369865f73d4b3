"""Keras' Softmax refuses the mask of timesteps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.graph.shape_inference import InferredGraph, InferredNode
    from lstm_shapes.rules.trace import Trace

ID = "LS408"
SEVERITY = "error"
PAGE = """
# A mask of timesteps reaches a Softmax layer

An embedding with `mask_zero` and a masking layer pass on which timesteps count, as a mask (batch, time); most layers
pass it on. Keras' layer Softmax reads a mask as the numbers that count: it aligns the mask's axes with the last ones of
its input, (time, features), and fails when the model runs: "The `mask` must be broadcastable to `inputs`"
(keras/src/layers/activations/softmax.py). Where the sizes are equal by chance, it hides the wrong numbers. The function
softmax, in an activation layer or as the `activation` of a dense layer, takes no mask.

Example:

```yaml
inputs: {tokens: [B, T]}
layers:
  - {type: embedding, vocab: 100, units: 8, mask_zero: true}
  - {type: softmax}
  - {type: lstm, units: 16}
```

Instead:

```yaml
inputs: {tokens: [B, T]}
layers:
  - {type: embedding, vocab: 100, units: 8, mask_zero: true}
  - {type: activation, activation: softmax}
  - {type: lstm, units: 16}
```
"""


def check(trace: Trace) -> Iterator[Problem]:
    """Softmax layers that a mask reaches, where the framework is Keras: no other has masks."""
    if not trace.framework or trace.framework.stacks or not trace.framework.static:
        return
    for graph in trace.inferred_graphs():
        for node in graph.nodes:
            source = _mask_source(graph, node) if node.layer.type == "softmax" else None
            if source is None or not node.inputs or len(node.inputs[0]) < 3:
                continue
            message = f"the mask of {source.name} ({source.layer.type}) reaches {node.name} (softmax), which refuses it"
            last = node.layer.field_values()["axis"] in (-1, (-1,), len(node.inputs[0]) - 1)
            hint = "write `type: activation` and `activation: softmax`" if last else _without_mask(source)
            yield Problem(message, node.route, hint=hint, layer=node.name)


def _without_mask(source: InferredNode) -> str:
    if source.layer.type == "masking":
        return f"remove {source.name}"
    return f"set `mask_zero: false` on {source.name}"


def _mask_source(graph: InferredGraph, node: InferredNode) -> InferredNode | None:
    """The layer upstream that makes the mask, through layers with one input that pass it on."""
    while node.node.inputs:
        ref = node.node.inputs[0]
        source = graph.by_name.get(ref.name)
        if source is None or not source.known or source.layer.output_names[ref.output] != "output":
            return None
        if source.layer.type == "masking" or source.layer.field_values().get("mask_zero"):
            return source
        sequences = bool(source.layer.state_names) and not source.layer.keeps_last_step
        if len(source.node.inputs) != 1 or not (source.layer.keeps_mask or sequences):
            return None
        node = source
    return None
