"""The layer returns its states, but they are not used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.findings.route import Route
from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.graph.model import Graph
    from lstm_shapes.rules.trace import Trace

ID = "LS602"
SEVERITY = "note"
PAGE = """
# The layer returns its states, but they are not used

With `return_state: true` a Keras layer returns a list, the output followed by each state, which every caller has to
unpack: in a Sequential model the next layer "expects 1 input(s), but it received 3 input tensors". If no layer takes
the states as `initial_state`, no output names them and no `expect` mentions them, remove the setting. PyTorch modules
always return their states, so only a setting in the file is reported, never a default.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32, return_state: true}
  - {type: dense, units: 1}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32}
  - {type: dense, units: 1}
```
"""


def check(trace: Trace) -> Iterator[Problem]:
    """Layers with return_state of which no state is used; none while the names of the file cannot be resolved."""
    returning = [cell for cell in trace.cells if cell.written.get("return_state") is True]
    if not returning or trace.broken:
        return
    expected = {line.layer for line in trace.reading.expectations if line.what == "states"}
    done = {route for prefix, graph in trace.graphs() for route in _with_used_state(prefix, graph)}
    for cell in returning:
        visit = cell.visit
        if visit.route not in done and visit.route not in expected:
            done.add(visit.route)
            message = (
                f"{cell.name}: return_state is set, but nothing uses {', '.join(visit.node.layer.output_names[1:])}"
            )
            at = (*cell.route, "return_state")
            yield Problem(message, at, hint="remove return_state", layer=visit.node.name)


def _with_used_state(prefix: Route, graph: Graph) -> Iterator[Route]:
    """The routes of the layers of which a state is used, in any of their copies and calls."""
    nodes = {node.name: node for node in graph.nodes}
    for ref in graph.references():
        node = nodes.get(ref.name)
        if node and ref.output and node.layer.output_names[ref.output] != "backward":
            yield (*prefix, *nodes.get(node.owner, node).route)
