"""The output of a layer or an input is not used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.findings.route import Route
from lstm_shapes.rules.lint import Problem
from lstm_shapes.spec.imported import EXPORTED

if TYPE_CHECKING:
    from lstm_shapes.graph.model import Graph
    from lstm_shapes.rules.trace import Trace

ID = "LS601"
SEVERITY = "warning"
PAGE = """
# The output of a layer or an input is not used

A layer whose output no other layer reads, and that is not an output of the model, has no effect. Keras drops it: a
functional model consists of the layers between its inputs and its outputs, so the parameters of the layer are silently
missing from the summary. In PyTorch its weights stay in the module without gradients, and DistributedDataParallel then
requires `find_unused_parameters=True`. Usually a name is missing from `inputs` or `outputs`.

In a graph in which what a layer reads is `unknown`, of the nested models that are branches, and of an ONNX file, whose
operators also read lengths, weights and shapes, nothing is reported.

An unused state is not a mistake; for `return_state: true` see needless-return-state.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: past, units: 16}
  - {type: gru, name: future, units: 16, inputs: input}
  - {type: dense, units: 1}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: past, units: 16}
  - {type: gru, name: future, units: 16, inputs: input}
  - {type: concatenate, inputs: [past, future]}
  - {type: dense, units: 1}
```
"""


def check(trace: Trace) -> Iterator[Problem]:
    """Layers and inputs that nothing reads; none while the names cannot be resolved, or where a spec says not all."""
    imported = trace.reading.imported
    if trace.broken or (imported is not None and imported.kind in EXPORTED):
        return
    for prefix, graph in trace.graphs():
        if any(ref.output < 0 for ref in graph.references()):  # what a layer reads is not known: it may be any output
            continue
        read = {ref.name for ref in graph.references()}
        read |= {node.owner for node in graph.nodes if node.name in read}
        yield from _inputs(trace, graph, prefix, read)
        for node in graph.nodes:
            if node.name not in read and not node.layer.settings().get(("branch",)):
                message = f"the output of {node.name} ({node.layer.type}) is not used"
                hint = f"read it with `inputs: {node.name}`, add it to outputs, or remove the layer"
                yield Problem(message, (*prefix, *node.route), hint=hint, layer=node.name)


def _inputs(trace: Trace, graph: Graph, prefix: Route, read: set[str]) -> Iterator[Problem]:
    listed = isinstance(trace.at((*prefix, "inputs")), list)
    for number, name in enumerate(graph.inputs):
        if name not in read:
            at = (*prefix, "inputs", number if listed else name)
            message = f"the input {name} is not used"
            yield Problem(message, at, at_key=True, hint=f"read it with `inputs: {name}`, or remove it")
