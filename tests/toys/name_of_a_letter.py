"""A layer is named x."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace

ID = "LS698"
SEVERITY = "warning"
PAGE = """
# A layer is named x

A name should say what the layer is for, since it stands in every table, every finding and every tensor's name.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: x, units: 32}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32}
```
"""


def check(trace: Trace) -> Iterator[Problem]:
    """Layers of this name."""
    for number, step in enumerate(trace.nodes):
        if step.node.name == "x":
            yield Problem("a layer is named x", ("layers", number, "name"), hint="write what it is for", layer="x")
