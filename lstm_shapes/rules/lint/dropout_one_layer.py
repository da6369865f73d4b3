"""Dropout between layers has no effect with a single layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace

ID = "LS603"
SEVERITY = "warning"
PAGE = """
# Dropout between layers has no effect with a single layer

In torch.nn.LSTM, GRU and RNN, `dropout` is applied between the layers of a stack, to the output of each layer except
the last. With `num_layers: 1` it has no effect, and PyTorch warns: "dropout option adds dropout after all but last
recurrent layer, so non-zero dropout expects num_layers greater than 1" (torch/nn/modules/rnn.py). In Keras the setting
of the same name applies to the input of the layer and always has an effect.

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
    """Modules with a single layer and a dropout, where the framework's modules can hold several layers."""
    if not trace.framework or not trace.framework.stacks:
        return
    for cell in trace.cells:
        rate = cell.layer.dropout
        if rate and cell.depth == 1:
            message = f"{cell.name}: dropout {rate:g} has no effect with num_layers 1: it is applied between layers"
            hint = f"add `{{type: dropout, rate: {rate:g}}}` after it, or write `num_layers: 2`"
            at = (*cell.route, cell.key("dropout"))
            yield Problem(message, at, hint=hint, layer=cell.visit.node.name)
