"""A setting prevents the fast cuDNN kernel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lstm_shapes.findings.route import Route
from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace
    from lstm_shapes.spec.imported import Imported

ID = "LS701"
SEVERITY = "note"
PAGE = """
# A setting prevents the fast cuDNN kernel

On a GPU, Keras runs an LSTM or GRU as a single cuDNN kernel if its settings are those that cuDNN supports: activation
tanh, recurrent_activation sigmoid, no recurrent_dropout, no unroll, a bias, and for a GRU reset_after (`cudnn_ok` in
keras/src/backend/tensorflow/rnn.py and torch/rnn.py, for an LSTM also in jax/rnn.py). Otherwise it silently falls back
to a loop over the timesteps, unless `use_cudnn: true` asks for an error.

Conditions on the data are not checked: masks that are not right-padded on TensorFlow, any mask on JAX, and the mask of
a GRU on PyTorch. A layer with `use_cudnn: false` is not reported, since its author has decided, nor are the modules of
torch.nn, which have no setting that cuDNN does not support.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32, recurrent_dropout: 0.2}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32, dropout: 0.2}
```
"""


def check(trace: Trace) -> Iterator[Problem]:
    """Layers that a setting keeps from running as a single kernel; at most one problem per layer."""
    if _has_no_such_path(trace.reading.imported):
        return
    reported: set[Route] = set()
    for cell in trace.cells:
        needs = trace.framework.fused.get(cell.layer.type, {}) if trace.framework else {}
        values = cell.layer.field_values()
        lost = {field: needed for field, needed in needs.items() if values[field] != needed}
        if lost and cell.written.get("use_cudnn") is not False and cell.visit.route not in reported:
            reported.add(cell.visit.route)
            got = ", ".join(f"{field} {_literal(values[field])}" for field in lost)
            hint = ", ".join(f"`{field}: {_literal(needed)}`" for field, needed in lost.items())
            at = (*cell.route, cell.key(next(iter(lost))))
            if trace.reading.document.origin:
                got = got.replace("hard_sigmoid_keras2", "hard_sigmoid")
            message = f"{cell.name} is not run by the fast cuDNN kernel: {got}"
            yield Problem(message, at, hint=f"set {hint}", layer=cell.visit.node.name)


def _has_no_such_path(imported: Imported | None) -> bool:
    """Whether the Keras that wrote the file runs an LSTM by the same code whatever its settings: Keras 1, and 2 to 2.3.

    The last without a ``-tf`` in their version: tf.keras chooses by the settings from 2.0 on.
    """
    if imported is None or not imported.kind.startswith("keras") or "tf" in imported.version:
        return False
    return not imported.version or re.match(r"[01]\.|2\.[0-3](\.|$)", imported.version) is not None


def _literal(value: Any) -> str:
    """A value as it is written in a file."""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
