"""A stateful layer needs a batch whose size is a number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace

ID = "LS404"
SEVERITY = "error"
PAGE = """
# A stateful layer needs a batch whose size is a number

A layer with `stateful: true` keeps a state for each example of the batch and begins the next batch with it, so it
has to know how many there are. Keras refuses while it builds the layer: "When using `stateful=True` in a RNN, the batch
size must be static. Found dynamic batch size" (keras/src/layers/rnn/rnn.py).

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
    """Stateful layers that read a batch of unknown size."""
    for cell, what, size in trace.open_axes("stateful"):
        message = f"{cell.name}: stateful keeps a state for each example: expected a {what} of known size, got {size}"
        hint = trace.literal(what, size, 32)
        yield Problem(message, (*cell.route, "stateful"), hint=hint, layer=cell.visit.node.name)
