"""Scripts and notebooks: the models that Python code builds, read with ``ast``; nothing is imported or executed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Document, Mark, Origin, text_lines
from lstm_shapes.formats.notebook import PRINTED
from lstm_shapes.importers.script.exploring import Exploration
from lstm_shapes.importers.script.lines import has_place, span_of
from lstm_shapes.importers.script.reporting import Model
from lstm_shapes.spec import reader
from lstm_shapes.spec.imported import Imported
from lstm_shapes.spec.layer_names import MAX_NAME

_PRINTING = ("notebook",)
MAX_BRANCH = 100
"""The characters of the condition of a branch."""
_KINDS = {"python": "script", "notebook": "notebook"}


def translate(document: Document, given: Mapping[str, Any] | None = None) -> tuple[Imported, ...]:
    """The models of a script; ``given`` are values for its symbols, parameters and options.

    >>> from lstm_shapes.formats.python import read
    >>> code = "from keras.layers import *\\nm = Sequential([Input((10, 8)), LSTM(32)])"
    >>> code = "from keras.models import Sequential\\n" + code
    >>> [model.document.data["layers"] for model in translate(read("train.py", code))]
    [[{'type': 'lstm', 'name': 'lstm', 'units': 32}]]
    """
    if document.data is None:
        return (Imported(document),) if document.findings else ()
    models = Exploration(document.data, document.text, given or {}).models()
    several = len({model.name for model in models}) < len(models)
    return tuple(_imported(document, model, given or {}, numbered=several) for model in models)


def _printed(spec: Document) -> tuple[str, ...]:
    """Whether a total that ``model.summary()`` printed into a notebook is that of a model."""
    totals = (
        re.findall(rf"^{re.escape(PRINTED)}([\d,]+)$", spec.text, re.MULTILINE) if spec.format == "notebook" else []
    )
    inferred = reader.read(spec).inferred if totals else None
    params = f"{inferred.params:,}" if inferred is not None and isinstance(inferred.params, int) else ""
    if params in totals:
        return (f"model.summary() in this notebook printed the same total, {params}",)
    return (f"model.summary() in this notebook printed other totals: {', '.join(totals)}",) if params else ()


def _imported(document: Document, model: Model, given: Mapping[str, Any], *, numbered: bool) -> Imported:
    branch = model.branch[:MAX_BRANCH]
    name = model.name[: MAX_NAME - MAX_BRANCH - 3]
    label = f"{name} [{branch}]" if branch else name
    lines = text_lines(document.text)
    routes: dict[Route, Route | Mark | str] = {
        route: Mark(span_of(node, lines)) for route, node in model.nodes.items() if has_place(node)
    }
    data = {**model.data, "name": label}
    spec = Document(
        source=document.source,
        data=data,
        text=document.text,
        findings=document.findings,
        format=document.format,
        origin=Origin(document, routes, "python"),
    )
    used = set(re.findall(r"\w+", repr(data)))
    symbols = {name: place for name, place in model.symbols.items() if name in used or name in given}
    notes = (*model.notes, *_printed(spec))
    return Imported(spec, _KINDS[document.format], name=label, notes=notes, symbols=symbols, branch=branch)
