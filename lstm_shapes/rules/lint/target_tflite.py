"""The TensorFlow Lite converter does not support the layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace

ID = "LS802"
SEVERITY = "error"
PAGE = """
# The TensorFlow Lite converter does not support the layer

With `--target tflite` a Keras model is checked against what the TensorFlow Lite converter documents for recurrent
layers. It supports only stateless layers: "Stateful Keras LSTM conversion is future work"
(tensorflow/lite/g3doc/models/convert/rnn.md; a GRU fails in the same way, tensorflow/tensorflow#37659).

It needs a fixed batch size: an LSTM is fused only then ("we cannot fuse this lstm func because the batch size is not
fixed", prepare_composite_functions_tf.cc), and the loop that replaces it, also for a GRU, ends in
"'tf.TensorListReserve' op requires element_shape to be static" (tensorflow/tensorflow#53333) or in a model that runs
for one batch size only (#52122). PyTorch models are not checked, because they are exported with example inputs.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32}
```

Instead:

```yaml
batch: 1
input_dim: 8
layers:
  - {type: lstm, units: 32}
```
"""

TARGET = "tflite"


def check(trace: Trace) -> Iterator[Problem]:
    """Stateful layers, and the first layer whose batch size is not fixed: later ones have the same cause."""
    if TARGET not in trace.targets or not trace.framework or TARGET not in trace.framework.exporters:
        return
    converter = trace.framework.exporters[TARGET]
    open_batch = False
    for cell in trace.cells:
        name = cell.visit.node.name
        if cell.layer.stateful:
            message = f"{cell.name}: {converter} supports only stateless layers"
            hint = "pass the states in with initial_state, and return them with `return_state: true`"
            yield Problem(message, (*cell.route, "stateful"), hint=hint, layer=name)
        if cell.arriving and not isinstance(cell.arriving[0], int) and not open_batch:
            open_batch = True
            message = f"{cell.name}: {converter} needs a fixed batch size, got {cell.arriving[0]}"
            hint = trace.literal("batch", cell.arriving[0], 1)
            yield Problem(message, cell.route, hint=hint, layer=name)
