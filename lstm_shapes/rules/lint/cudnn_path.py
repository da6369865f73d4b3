"""A setting keeps the layer from running as one fast cuDNN kernel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lstm_shapes.findings.route import Route
from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace

ID = "LS701"
SEVERITY = "note"
PAGE = """
# A setting keeps the layer from running as one fast cuDNN kernel

On a GPU, Keras runs an LSTM or GRU as a single cuDNN kernel when its settings are those that cuDNN has: activation
tanh, recurrent_activation sigmoid, no recurrent_dropout, no unroll, a bias, and for a GRU reset_after (`cudnn_ok` in
keras/src/backend/tensorflow/rnn.py and torch/rnn.py, for an LSTM in jax/rnn.py as well). Otherwise it falls back to a
loop over the timesteps, without a word unless `use_cudnn: true` asks for an error.

What depends on data is not judged here: masks that are not right-padded on TensorFlow, any mask on JAX, and a GRU's on
PyTorch. Nothing is said where `use_cudnn: false` shows that the author knows, and nothing of torch.nn's own modules:
they have no setting that cuDNN lacks.

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
    """Layers that the framework could run as one kernel, but for their settings; one finding a layer."""
    said: set[Route] = set()
    for cell in trace.cells:
        needs = trace.framework.fused.get(cell.layer.type, {}) if trace.framework else {}
        lost = {field: only for field, only in needs.items() if getattr(cell.layer, field) != only}
        if lost and cell.written.get("use_cudnn") is not False and cell.visit.route not in said:
            said.add(cell.visit.route)
            got = ", ".join(f"{field} {_written(getattr(cell.layer, field))}" for field in lost)
            hint = ", ".join(f"`{field}: {_written(only)}`" for field, only in lost.items())
            at = (*cell.route, cell.key(next(iter(lost))))
            message = f"{cell.name} loses cuDNN's fast path: {got}"
            yield Problem(message, at, hint=f"set {hint}", layer=cell.visit.node.name)


def _written(value: Any) -> str:
    """A setting as a file has it."""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
