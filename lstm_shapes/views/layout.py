"""The output of ``layout``."""

from __future__ import annotations

from typing import Any

from lstm_shapes.analysis.layout.answer import Layout, Tensor
from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.render.json import plain_shape
from lstm_shapes.render.page import Page, Table
from lstm_shapes.render.view import Data, Rows, View, usual
from lstm_shapes.symbolic.size import shown

AS_IT_IS = "as it is"


def page(answer: Layout) -> Page:
    """The tensors that are given, those that are made of them and how, and what to mind."""
    source, target = FRAMEWORKS[answer.source].title, FRAMEWORKS[answer.target].title
    settings = "".join(f" {name}={str(value).lower()}" for name, value in answer.settings.items())
    return Page(
        heading=f"{answer.type}{settings}: from {source} to {target}",
        parts=(_given(answer, source), _made(answer, source, target), *(f"note: {note}" for note in answer.notes)),
    )


def _given(answer: Layout, source: str) -> Table:
    rows = tuple((tensor.name, tensor.axes, shown(tensor.shape)) for tensor in answer.given)
    return Table(headers=(source, "axes", "shape"), rows=rows, folds=("axes",))


def _made(answer: Layout, source: str, target: str) -> Table:
    rows = tuple(
        (
            made.tensor.name,
            made.tensor.axes,
            shown(made.tensor.shape),
            ", ".join(made.of),
            "; ".join(made.steps) or AS_IT_IS,
        )
        for made in answer.made
    )
    return Table(headers=(target, "axes", "shape", f"of {source}", "how"), rows=rows, folds=("axes", "how"))


def data(answer: Layout) -> dict[str, Any]:
    """The answer as JSON data."""
    return {
        "format_version": FORMAT_VERSION,
        "type": answer.type,
        "from": answer.source,
        "to": answer.target,
        "settings": dict(answer.settings),
        "exact": answer.exact,
        "given": [_tensor(tensor) for tensor in answer.given],
        "made": [
            {**_tensor(made.tensor), "of": list(made.of), "steps": list(made.steps), "code": made.code}
            for made in answer.made
        ],
        "left_out": list(answer.left_out),
        "parameters": list(answer.parameters),
        "notes": list(answer.notes),
        "function": answer.python,
    }


def _tensor(tensor: Tensor) -> dict[str, Any]:
    return {"name": tensor.name, "axes": tensor.axes, "shape": plain_shape(tensor.shape)}


def rows(answer: Layout) -> Rows:
    """A row for each tensor that is made."""
    headers = ("tensor", "axes", "shape", "of", "how", "code")
    return Rows(
        headers,
        [
            (
                made.tensor.name,
                made.tensor.axes,
                shown(made.tensor.shape),
                " ".join(made.of),
                "; ".join(made.steps) or AS_IT_IS,
                made.code,
            )
            for made in answer.made
        ],
    )


def view(answer: Layout) -> View:
    """The answer in every format; python is the function by itself."""
    python = {"python": lambda: answer.python}
    return {**usual(lambda: (page(answer),), lambda: Data(data(answer)), lambda: rows(answer)), **python}
