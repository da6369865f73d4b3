"""Dropout between the layers of a module that has one layer does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace

ID = "LS603"
SEVERITY = "warning"
PAGE = """
# Dropout between the layers of a module that has one layer does nothing

In torch.nn.LSTM, GRU and RNN `dropout` acts between the layers of a stack, on the output of each but the last. With
`num_layers: 1` there is no such place, and PyTorch warns: "dropout option adds dropout after all but last recurrent
layer, so non-zero dropout expects num_layers greater than 1" (torch/nn/modules/rnn.py). In Keras the field of the same
name acts on the layer's input, and is never without effect.

Example:

```yaml
framework: torch
input_dim: 8
layers:
  - {type: lstm, units: 32, dropout: 0.2}
```

Instead:

```yaml
framework: torch
input_dim: 8
layers:
  - {type: lstm, units: 32}
  - {type: dropout, rate: 0.2}
```
"""


def check(trace: Trace) -> Iterator[Problem]:
    """Modules of one layer with a dropout, where the framework stacks layers in a module."""
    if not trace.framework or not trace.framework.stacks:
        return
    for cell in trace.cells:
        rate = cell.layer.dropout
        if rate and cell.depth == 1:
            message = f"{cell.name}: dropout {rate:g} acts between layers, and num_layers is 1"
            hint = f"put {{type: dropout, rate: {rate:g}}} behind it, or write `num_layers: 2`"
            at = (*cell.route, cell.key("dropout"))
            yield Problem(message, at, hint=hint, layer=cell.visit.node.name)
