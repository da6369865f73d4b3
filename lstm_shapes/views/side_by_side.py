"""The output of ``inspect`` and ``params`` with ``--framework all``: a column a framework, and why they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lstm_shapes.analysis.params import Params
from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.analysis.side_by_side import CountedLayer, Difference, LayerInAll, SideBySide
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.render.json import plain_size
from lstm_shapes.render.page import UNKNOWN, Page, Table, number
from lstm_shapes.render.view import Data, Rows, View, one_or_many, usual
from lstm_shapes.symbolic.size import Size, readable, shown
from lstm_shapes.views.heading import heading
from lstm_shapes.views.inspect import tensor_data

_TITLES = tuple(FRAMEWORKS[name].title for name in FRAMEWORKS)


def models(answers: Sequence[SideBySide]) -> View:
    """Models in every format."""
    return usual(
        lambda: tuple(_page(answer) for answer in answers),
        lambda: one_or_many([_data(answer) for answer in answers]),
        lambda: _rows(answers),
    )


def layer(answer: LayerInAll) -> View:
    """One recurrent layer in every format."""
    return usual(lambda: (_layer_page(answer),), lambda: Data(_layer_data(answer)), lambda: _tensor_rows(answer))


def _page(answer: SideBySide) -> Page:
    rows = [
        (f"{'  ' * depth}{row.name}", *(number(row.params[name]) for name in FRAMEWORKS))
        for row, depth in _walk(answer.layers, 0)
    ]
    rows.append(("total", *(_total(answer, name) for name in FRAMEWORKS)))
    table = Table(headers=("params", *_TITLES), rows=tuple(rows), numbers=frozenset(_TITLES))
    own = FRAMEWORKS[answer.framework].title
    return Page(heading=heading(answer.source, answer.name), parts=(table, *_sentences(answer.differences, own)))


def _walk(rows: tuple[CountedLayer, ...], depth: int) -> Iterator[tuple[CountedLayer, int]]:
    for row in rows:
        yield row, depth
        yield from _walk(row.layers, depth + 1)


def _total(answer: SideBySide, framework: str) -> str:
    count = readable(answer.total(framework))
    return f"at least {count}" if answer.unknown(framework) else count


def _sentences(differences: Sequence[Difference], own: str) -> Iterator[str]:
    """A line for each reason, compared with the framework ``own``."""
    for difference in differences:
        titles = [FRAMEWORKS[name].title for name in difference.frameworks]
        names = " and ".join(titles) if len(titles) < 3 else f"{', '.join(titles[:-1])} and {titles[-1]}"
        verb, _, rest = difference.reason.partition(" ")
        verb = verb if len(titles) > 1 else f"{verb}s"
        yield f"{names} {verb} {rest}{_signed(difference.params, own)}"
    if not differences:
        yield "all frameworks count the same"


def _signed(params: Size | None, own: str) -> str:
    """``: +128 compared with Keras 3``, nothing where the number is not known."""
    if params is None:
        return ": unknown there"
    text = readable(params)
    return f": {text if text.startswith('-') else f'+{text}'} compared with {own}"


def _difference_data(difference: Difference) -> dict[str, Any]:
    return {
        "frameworks": list(difference.frameworks),
        "reason": difference.reason,
        "params": plain_size(difference.params),
    }


def _data(answer: SideBySide) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "source": answer.source,
        "name": answer.name,
        "framework": answer.framework,
        "layers": [_row_data(row) for row in answer.layers],
        "totals": {
            name: {
                "params": None if answer.unknown(name) else plain_size(answer.total(name)),
                "params_at_least": plain_size(answer.total(name)),
                "unknown_layers": answer.unknown(name),
            }
            for name in FRAMEWORKS
        },
        "differences": [_difference_data(difference) for difference in answer.differences],
    }


def _row_data(row: CountedLayer) -> dict[str, Any]:
    nested = {"layers": [_row_data(inner) for inner in row.layers]} if row.layers else {}
    return {
        "name": row.name,
        "type": row.type,
        "params": {name: plain_size(count) for name, count in row.params.items()},
        **nested,
    }


def _rows(answers: Sequence[SideBySide]) -> Rows:
    headers = ("source", "layer", "type", *FRAMEWORKS)
    rows = (
        (answer.source, row.name, row.type, *(row.params[name] for name in FRAMEWORKS))
        for answer in answers
        for row in answer.layers
    )
    return Rows(headers, rows)


def _layer_page(answer: LayerInAll) -> Page:
    """The counts side by side, why they differ, then the tensors of each framework."""
    layers = answer.answers.values()
    rows: tuple[tuple[str, ...], ...] = (
        ("params", *(UNKNOWN if layer is None else readable(layer.total) for layer in layers)),
        ("tensors", *(UNKNOWN if layer is None else str(len(layer.weights)) for layer in layers)),
        ("gates", *(UNKNOWN if layer is None else " ".join(gate.name[0] for gate in layer.gates) for layer in layers)),
    )
    first = answer.first
    if not first.gates:
        rows = rows[:2]
    table = Table(headers=("", *_TITLES), rows=rows, numbers=frozenset(_TITLES))
    asked = ", ".join(f"{key}={value}" for key, value in first.settings.items() if key in ("units", "input_dim"))
    tensors = tuple(
        (FRAMEWORKS[name].title if number == 0 else "", tensor.name, shown(tensor.shape), readable(tensor.params))
        for name, layer in _known(answer)
        for number, tensor in enumerate(layer.weights)
    )
    listed = Table(headers=("framework", "tensor", "shape", "params"), rows=tensors, numbers=frozenset(("params",)))
    own = FRAMEWORKS[first.framework].title
    notes = (f"note: {FRAMEWORKS[name].title}: {note}" for name, layer in _known(answer) for note in layer.notes)
    return Page(heading=f"{first.cell} {asked}", parts=(table, *_sentences(answer.differences, own), listed, *notes))


def _known(answer: LayerInAll) -> Iterator[tuple[str, Params]]:
    return ((name, layer) for name, layer in answer.answers.items() if layer)


def _layer_data(answer: LayerInAll) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "cell": answer.first.cell,
        "settings": dict(answer.first.settings),
        "frameworks": {
            name: layer
            and {
                "params": plain_size(layer.total),
                "formula": layer.formula,
                "gates": [gate.name for gate in layer.gates],
                "weights": [tensor_data(tensor) for tensor in layer.weights],
                "notes": list(layer.notes),
            }
            for name, layer in answer.answers.items()
        },
        "differences": [_difference_data(difference) for difference in answer.differences],
    }


def _tensor_rows(answer: LayerInAll) -> Rows:
    """A row for each tensor of each framework."""
    rows = (
        (name, tensor.name, tensor.axes, shown(tensor.shape), tensor.params)
        for name, layer in _known(answer)
        for tensor in layer.weights
    )
    return Rows(("framework", "tensor", "axes", "shape", "params"), rows)
