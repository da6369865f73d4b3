"""The output of ``params``."""

from __future__ import annotations

from typing import Any

from lstm_shapes.analysis.params import Params
from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.render.json import plain_shape, plain_size
from lstm_shapes.render.page import Page, Table
from lstm_shapes.render.view import Data, Rows, View, usual
from lstm_shapes.symbolic.size import readable, shown
from lstm_shapes.views.inspect import tensor_data


def page(answer: Params) -> Page:
    """The count worked through, the tensors, the gates, the shapes, and what other frameworks count."""
    title = FRAMEWORKS[answer.framework].title
    kept = {key: value for key, value in answer.settings.items() if _IMPLIED.get(key) != value}
    asked = ", ".join(f"{key}={_written(value)}" for key, value in kept.items())
    parts: list[Table | str] = [f"params: {worked(answer)}", tensors(answer)]
    if answer.gates:
        parts.append(gates(answer))
    parts += [shapes(answer), f"macs (matmul, whole batch, all timesteps): {readable(answer.macs)}", elsewhere(answer)]
    parts += [f"note: {note}" for note in answer.notes]
    return Page(heading=f"{answer.cell} {asked} ({title})", parts=tuple(parts))


_IMPLIED = {"batch": "B", "timesteps": "T", "num_layers": 1}
"""Settings that need no mention."""


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def worked(answer: Params) -> str:
    """The formula, the numbers put in, the result; what repeats the step before is left out."""
    return " = ".join(dict.fromkeys((answer.formula, answer.worked, readable(answer.total))))


def tensors(answer: Params) -> Table:
    """Each weight tensor as the framework keeps it."""
    rows = tuple((weight.name, weight.axes, shown(weight.shape), readable(weight.params)) for weight in answer.weights)
    return Table(
        headers=("tensor", "axes", "shape", "params"), rows=rows, numbers=frozenset(("params",)), folds=("axes",)
    )


def gates(answer: Params) -> Table:
    """The split by gate, in the framework's order; by tensor where a few tensors hold all gates."""
    names = [name for name, _ in answer.gates[0].shares]
    by_tensor = len(names) <= 4 and all([name for name, _ in gate.shares] == names for gate in answer.gates)
    headers = ("gate", *names, "params") if by_tensor else ("gate", "params")
    rows = []
    for gate in answer.gates:
        shares = [readable(share) for _, share in gate.shares] if by_tensor else []
        rows.append((gate.name, *shares, readable(gate.params)))
    return Table(headers=headers, rows=tuple(rows), numbers=frozenset(headers[1:]))


def shapes(answer: Params) -> Table:
    """The output with and without ``return_sequences``, and the states."""
    rows = [
        ("output, return_sequences true", shown(answer.sequence)),
        ("output, return_sequences false", shown(answer.last)),
    ]
    rows += [(f"state {name}", shown(shape)) for name, shape in answer.states]
    return Table(headers=("passes on", "shape"), rows=tuple(rows))


def elsewhere(answer: Params) -> Table:
    """The same layer as each framework counts it."""
    rows = tuple((FRAMEWORKS[name].title, readable(count)) for name, count in answer.elsewhere.items())
    return Table(headers=("framework", "params"), rows=rows, numbers=frozenset(("params",)))


def data(answer: Params) -> dict[str, Any]:
    """The answer as JSON data."""
    return {
        "format_version": FORMAT_VERSION,
        "cell": answer.cell,
        "framework": answer.framework,
        "settings": dict(answer.settings),
        "params": plain_size(answer.total),
        "formula": answer.formula,
        "worked": answer.worked,
        "weights": [tensor_data(tensor) for tensor in answer.weights],
        "gates": [
            {
                "name": gate.name,
                "params": plain_size(gate.params),
                "weights": {name: plain_size(share) for name, share in gate.shares},
            }
            for gate in answer.gates
        ],
        "output": plain_shape(answer.output),
        "output_sequences": plain_shape(answer.sequence),
        "output_last": plain_shape(answer.last),
        "states": [{"name": name, "shape": plain_shape(shape)} for name, shape in answer.states],
        "macs": plain_size(answer.macs),
        "notes": list(answer.notes),
        "frameworks": {name: plain_size(count) for name, count in answer.elsewhere.items()},
    }


def view(answer: Params) -> View:
    """The answer in every format."""
    return usual(lambda: (page(answer),), lambda: Data(data(answer)), lambda: rows(answer))


def rows(answer: Params) -> Rows:
    """A row for each tensor."""
    headers = ("tensor", "axes", "shape", "params")
    return Rows(headers, [(row.name, row.axes, shown(row.shape), row.params) for row in answer.weights])
