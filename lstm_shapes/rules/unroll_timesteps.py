"""A layer can be unrolled over a known number of timesteps alone

With ``unroll: true`` the loop over time is written out as one copy of the cell per timestep. Keras builds such a layer
on an input of open length, and refuses it when it is traced: "Cannot unroll a RNN if the time dimension is undefined"
(keras/src/layers/rnn/rnn.py). Without ``unroll`` any length will do.

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

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.findings.finding import Finding

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace


def check(trace: Trace) -> Iterator[Finding]:
    """Unrolled layers that read a sequence of unknown length."""
    for cell, what, size in trace.open_axes("unroll"):
        message = f"{cell.name}: unroll writes out every timestep: expected {what} as a number, got {size}"
        hint = f"{trace.literal(what, size, 10)}, or remove unroll"
        yield trace.say("unroll-timesteps", message, (*cell.route, "unroll"), hint=hint, layer=cell.visit.node.name)
