"""A symbol under ``dims`` that no size uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.findings.spelling import nearest
from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace

ID = "LS605"
SEVERITY = "warning"
PAGE = """
# A symbol under dims that no size uses

`dims` gives symbols their values. A symbol that is in no size of the file has no effect: most often its name differs
from the one that the layers use, which then stays a symbol, so that figures depend on it and budgets on it are neither
kept nor broken.

Example:

```yaml
dims: {Hidden: 64}
input_dim: 8
layers:
  - {type: lstm, units: H}
```

Instead:

```yaml
dims: {H: 64}
input_dim: 8
layers:
  - {type: lstm, units: H}
```
"""


def check(trace: Trace) -> Iterator[Problem]:
    """The names under dims that are in no size; none while a part of the file cannot be read."""
    data = trace.reading.document.data
    dims = data.get("dims") if isinstance(data, dict) else None
    if not isinstance(dims, dict) or trace.broken:
        return
    free = sorted(trace.reading.symbols - dims.keys())
    for name in dims:
        if name not in trace.reading.symbols:
            close = nearest(name, free[:100]) if len(dims) < 50 else ""
            hint = f"write {close}" if close else f"remove {name}"
            yield Problem(f"dims: no size uses {name}", ("dims", name), hint=hint, at_key=True)
