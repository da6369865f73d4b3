"""What grows when a size doubles: parameters and multiply-accumulates of the same model with twice the batch, the
timesteps or the units of every layer. Exact: each row is the model computed again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from lstm_shapes.graph.model import Graph
from lstm_shapes.graph.shape_inference import infer_shapes
from lstm_shapes.layers.base import known_total
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Shape, Size


class Growth(NamedTuple):
    """The model with ``what`` doubled; None where it is no model any more, or a figure is not known."""

    what: str
    params: Size | None
    macs: Size | None


def growth(reading: Reading) -> tuple[Growth, ...]:
    """The model as it is, then with each size doubled; a size that its inputs do not have is left out.

    >>> from lstm_shapes.formats.document import Document
    >>> from lstm_shapes.spec.reader import read
    >>> one = read(Document(source="", data={"input_dim": 8, "layers": [{"type": "lstm", "units": 32}]}))
    >>> [(row.what, row.params, str(row.macs)) for row in growth(one)][2:]
    [('2 x timesteps', 5248, '10240*B*T'), ('2 x units', 18688, '18432*B*T')]
    """
    model = reading.model
    if model is None or reading.unread or None in model.shapes:
        return ()
    shapes = tuple(shape for shape in model.shapes if shape is not None)
    rows = [_row("as it is", model.graph, shapes), _row("2 x batch", model.graph, tuple(map(_at(0), shapes)))]
    if all(len(shape) > 1 for shape in shapes):
        rows.append(_row("2 x timesteps", model.graph, tuple(map(_at(1), shapes))))
    return (*rows, _row("2 x units", model.graph.scaled(2), shapes))


def _at(axis: int) -> Callable[[Shape], Shape]:
    return lambda shape: tuple(2 * size if number == axis else size for number, size in enumerate(shape))


def _row(what: str, graph: Graph, shapes: tuple[Shape, ...]) -> Growth:
    steps = infer_shapes(graph, shapes)
    if any(step.outputs is None for step in steps):
        return Growth(what, None, None)
    params = known_total(step.node.layer.count(*(step.inputs or ())) for step in steps if not step.node.shared)
    return Growth(what, params, known_total(step.node.layer.macs(*(step.inputs or ())) for step in steps))
