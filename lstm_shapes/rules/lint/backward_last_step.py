"""The last timestep of a bidirectional layer's sequence is not the final state of its backward direction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstm_shapes.rules.lint import Problem

if TYPE_CHECKING:
    from lstm_shapes.graph.shape_inference import InferredGraph, InferredNode
    from lstm_shapes.rules.trace import Trace

ID = "LS406"
SEVERITY = "warning"
PAGE = """
# The end of one direction is the start of the other

A bidirectional layer passes on both directions side by side, aligned by timestep. The backward direction reads the last
timestep first: at `x[:, -1, :]` its half has read a single timestep, and its final state is at timestep 0. In the same
way, at `x[:, 0, :]` the forward half has read a single timestep. Keras' `return_sequences: false` and the states (in
PyTorch `h_n[-2]` and `h_n[-1]`) have the final state of each direction.

A timestep of which only the half that has read everything is used, cut out with slice or split, is not reported.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 16, bidirectional: true, return_sequences: true}
  - {type: select, axis: 1, index: -1}
  - {type: dense, units: 1}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 16, bidirectional: true}
  - {type: dense, units: 1}
```
"""


def check(trace: Trace) -> Iterator[Problem]:
    """Layers that pass on the first or the last timestep of both directions."""
    framework = trace.framework
    for graph in trace.inferred_graphs():
        for node in graph.nodes:
            chosen = node.layer.chosen(*node.inputs) if node.inputs and node.known else None
            source = _both_directions(graph, node) if chosen else None
            if chosen is None or source is None or source.inputs is None or _is_cut(graph, node):
                continue
            axis, index = chosen
            if axis == source.layer.time_axis and index in (0, -1) and source.inputs[0][axis] != 1:
                way, end = ("backward", "last") if index else ("forward", "first")
                message = (
                    f"{node.name} ({node.layer.type}) takes the {end} timestep of {source.name} "
                    f"({source.layer.type}), where its {way} direction has read only that timestep"
                )
                hint = f"set `return_sequences: false` on {source.name} and remove {node.name}"
                if framework and framework.stacks:
                    hint = f"concatenate the final states, {source.name}.h at index -2 and -1 of axis 0"
                yield Problem(message, node.route, hint=hint, layer=node.name)


def _both_directions(graph: InferredGraph, node: InferredNode) -> InferredNode | None:
    """The layer upstream whose directions are side by side in what the node reads, through layers at each position."""
    ref = node.node.inputs[0]
    source = graph.by_name.get(ref.name)
    while source and source.layer.keeps_mask and not source.layer.state_names and len(source.node.inputs) == 1:
        ref = source.node.inputs[0]
        source = graph.by_name.get(ref.name)
    if source is None or not source.known or source.layer.keeps_last_step or not source.layer.state_names:
        return None
    both = len({cell.layer.go_backwards for cell in source.cells if cell.times == 1}) == 2
    return source if both and source.layer.output_names[ref.output] == "output" else None


def _is_cut(graph: InferredGraph, node: InferredNode) -> bool:
    """Whether all that reads the node cuts its features: then each half can be read at its own end."""
    readers = [other for other in graph.nodes if any(ref.name == node.name for ref in other.node.inputs)]
    return bool(readers) and all(reader.layer.type in ("slice", "split") for reader in readers)
