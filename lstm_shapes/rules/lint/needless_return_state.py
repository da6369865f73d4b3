"""States are passed on, and nobody reads them."""

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
# States are passed on, and nobody reads them

With `return_state: true` a Keras layer returns a list, the output and then each state, and every use has to take it
apart: in a Sequential model the next layer "expects 1 input(s), but it received 3 input tensors". Where no layer takes
the states as `initial_state`, no output names them and no `expect` speaks of them, the line is better removed.
PyTorch's modules always return their states, which is why only a line in the file is reported, never a default.

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
    """Layers told to pass on states of which none is read; nothing is said while names could not be resolved."""
    told = [cell for cell in trace.cells if cell.written.get("return_state") is True]
    if not told or trace.broken:
        return
    expected = {one.layer for one in trace.reading.expectations if one.what == "states"}
    done = {route for prefix, graph in trace.graphs() for route in _read(prefix, graph)}
    for cell in told:
        visit = cell.visit
        if visit.route not in done and visit.node.name not in expected:
            done.add(visit.route)
            message = f"{cell.name}: return_state, and nobody reads {', '.join(visit.node.layer.output_names[1:])}"
            at = (*cell.route, "return_state")
            yield Problem(message, at, hint="remove return_state", layer=visit.node.name)


def _read(prefix: Route, graph: Graph) -> Iterator[Route]:
    """The layers of which a state is read: of any copy, and where they are used again."""
    nodes = {node.name: node for node in graph.nodes}
    for ref in graph.references():
        node = nodes.get(ref.name)
        if node and ref.output and node.layer.output_names[ref.output] != "backward":
            yield (*prefix, *nodes.get(node.owner, node).route)
