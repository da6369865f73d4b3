"""An unrolled layer needs a fixed number of timesteps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace

ID = "LS405"
SEVERITY = "error"
PAGE = """
# An unrolled layer needs a fixed number of timesteps

With `unroll: true` the loop over time is replaced by one copy of the cell per timestep. Keras builds such a layer for
an input of unknown length, but refuses it when the layer is traced: "Cannot unroll a RNN if the time dimension is
undefined" (keras/src/layers/rnn/rnn.py). Without `unroll` the length may vary.

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
    """Unrolled layers whose number of timesteps is not fixed."""
    for cell, what, size in trace.open_axes("unroll"):
        message = f"{cell.name}: an unrolled layer needs a fixed number of {what}, got {size}"
        hint = f"{trace.literal(what, size, 10)}, or remove unroll"
        yield Problem(message, (*cell.route, "unroll"), hint=hint, layer=cell.visit.node.name)
