"""A layer can be unrolled over a known number of timesteps alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace

ID = "LS405"
SEVERITY = "error"
PAGE = """
# A layer can be unrolled over a known number of timesteps alone

With `unroll: true` the loop over time is written out as one copy of the cell per timestep. Keras builds such a layer
on an input of open length, and refuses it when it is traced: "Cannot unroll a RNN if the time dimension is undefined"
(keras/src/layers/rnn/rnn.py). Without `unroll` any length will do.

Example:

```yaml
input_dim: 8
layers:
  - {type: rnn, units: 32, unroll: true}
```

Instead:

```yaml
timesteps: 10
input_dim: 8
layers:
  - {type: rnn, units: 32, unroll: true}
```
"""


def check(trace: Trace) -> Iterator[Problem]:
    """Unrolled layers that read a sequence of unknown length."""
    for cell, what, size in trace.open_axes("unroll"):
        message = f"{cell.name}: unroll writes out every timestep: expected {what} as a number, got {size}"
        hint = f"{trace.literal(what, size, 10)}, or remove unroll"
        yield Problem(message, (*cell.route, "unroll"), hint=hint, layer=cell.visit.node.name)
