"""Nobody reads what a layer or an input passes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.findings.route import Route
from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.graph.model import Graph
    from lstm_shapes.rules.trace import Trace

ID = "LS601"
SEVERITY = "warning"
PAGE = """
# Nobody reads what a layer or an input passes on

A layer that no other layer reads, and that is no output of the model, does nothing. Keras leaves it out: a functional
model consists of the layers between its inputs and its outputs, so its parameters are missing from the summary without
a word. In PyTorch its weights stay in the module and get no gradient, and DistributedDataParallel then wants
`find_unused_parameters=True`. Mostly it is a name that is missing from `inputs` or `outputs`.

A state that nobody reads is no mistake; with `return_state: true` there is another rule for it.

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
    """Layers and inputs without a reader; nothing is said while names could not be resolved."""
    if trace.broken:
        return
    for prefix, graph in trace.graphs():
        read = {ref.name for ref in graph.references()}
        read |= {node.owner for node in graph.nodes if node.name in read}
        yield from _inputs(trace, graph, prefix, read)
        for node in graph.nodes:
            if node.name not in read:
                message = f"nobody reads {node.name} ({node.layer.type})"
                hint = f"read it with `inputs: {node.name}`, add it to outputs, or remove it"
                yield Problem(message, (*prefix, *node.route), hint=hint, layer=node.name)


def _inputs(trace: Trace, graph: Graph, prefix: Route, read: set[str]) -> Iterator[Problem]:
    listed = isinstance(trace.at((*prefix, "inputs")), list)
    for number, name in enumerate(graph.inputs):
        if name not in read:
            at = (*prefix, "inputs", number if listed else name)
            message = f"nobody reads the input {name}"
            yield Problem(message, at, at_key=True, hint=f"read it with `inputs: {name}`, or remove it")
