"""A stateful layer needs a fixed batch size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace

ID = "LS404"
SEVERITY = "error"
PAGE = """
# A stateful layer needs a fixed batch size

A layer with `stateful: true` keeps one state for each example of the batch and starts the next batch from it, so the
number of examples must be fixed. Keras refuses when it builds the layer: "When using `stateful=True` in a RNN, the
batch size must be static. Found dynamic batch size" (keras/src/layers/rnn/rnn.py).

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32, stateful: true}
```

Instead:

```yaml
batch: 32
input_dim: 8
layers:
  - {type: lstm, units: 32, stateful: true}
```
"""


def check(trace: Trace) -> Iterator[Problem]:
    """Stateful layers whose batch size is not fixed."""
    for cell, what, size in trace.open_axes("stateful"):
        message = f"{cell.name}: a stateful layer needs a fixed {what} size, got {size}"
        hint = trace.literal(what, size, 32)
        yield Problem(message, (*cell.route, "stateful"), hint=hint, layer=cell.visit.node.name)
