"""Our own spec file: Document -> Model, with every mistake of the file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from lstm_shapes.formats.document import Document
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.graph.model import Model
from lstm_shapes.spec.errors import WRONG, Notes
from lstm_shapes.spec.graph import Graphs, TooManyLayers
from lstm_shapes.spec.inputs import ModelInputs
from lstm_shapes.spec.keys import DTYPES, TOP_KEYS
from lstm_shapes.spec.layer_names import MAX_NAME
from lstm_shapes.spec.reading import Reading
from lstm_shapes.spec.values import bound, choice, flag, found, size
from lstm_shapes.symbolic.size import Size, is_symbol


def read(document: Document, *, framework: str = "", dims: Mapping[str, Size] | None = None) -> Reading:
    """The model that a document describes. ``framework`` and ``dims`` override what it says itself. Raises nothing.

    >>> document = Document(source="-", data={"input_dim": 8, "layers": [{"type": "lstm", "units": 32}]})
    >>> reading = read(document)
    >>> reading.model.shapes, reading.findings
    (((Poly(B), Poly(T), 8),), ())
    """
    notes = Notes(document)
    notes.findings.extend(document.findings)
    if not (document.data is None and document.findings) and _is_spec(notes, document.data):
        return _read(notes, document, framework, dims or {})
    return Reading(document=document, model=None, findings=tuple(notes.findings))


def is_model(data: Any) -> bool:
    """Whether data look like a spec: a mapping with layers."""
    return isinstance(data, dict) and "layers" in data


def _is_spec(notes: Notes, data: Any) -> bool:
    if is_model(data):
        return True
    got = found(data)
    if isinstance(data, dict):
        got = f"a mapping of {', '.join(str(key)[:40] for key in list(data)[:5]) or 'nothing'}"
    hint = "write `layers:` with a list of layers"
    notes.wrong("not-a-model", f"expected a model (a mapping with layers), got {got}", (), hint)
    return False


def _read(notes: Notes, document: Document, framework: str, given: Mapping[str, Size]) -> Reading:
    data = document.data
    for key in data:
        if key not in TOP_KEYS:
            notes.unknown_key(key, TOP_KEYS, "a model", ())
    written = _choice(notes, data, "framework", tuple(FRAMEWORKS), "keras")
    graphs = Graphs(notes, FRAMEWORKS[framework or written], _dims(notes, data, given))
    graphs.trainable = notes.value(flag, data.get("trainable", True), ("trainable",)) is not False
    names, shapes = ModelInputs(notes, graphs.bound).read(data)
    try:
        graph = graphs.graph(data, (), names)
    except TooManyLayers:
        graph = None
    graphs.expected.read("", data, ())
    name, dtype = _name(notes, data), _choice(notes, data, "dtype", tuple(DTYPES), "float32")
    model = graph and Model(graph=graph, shapes=shapes, name=name, framework=framework or written, dtype=dtype)
    return Reading(
        document=document,
        model=model,
        findings=tuple(sorted(notes.findings, key=lambda one: one.place[:2] if one.place else (0, 0))),
        expectations=tuple(graphs.expected.expectations),
        arrives=graphs.arrives,
        symbols=frozenset(graphs.bound.symbols),
        unread=graphs.unread,
    )


def _choice(notes: Notes, data: dict[Any, Any], key: str, choices: tuple[str, ...], default: str) -> str:
    written = notes.value(partial(choice, choices=choices), data.get(key, default), (key,))
    return default if written is WRONG else str(written)


def _name(notes: Notes, data: dict[Any, Any]) -> str:
    value = data.get("name", "")
    if isinstance(value, str) and len(value) <= MAX_NAME:
        return value
    got = f"{len(value):,} characters" if isinstance(value, str) else found(value)
    hint = f'write "{value}" in quotes' if isinstance(value, int | float) else ""
    notes.wrong("wrong-value", f"name: expected a text of at most {MAX_NAME} characters, got {got}", ("name",), hint)
    return ""


def _dims(notes: Notes, data: dict[Any, Any], given: Mapping[str, Size]) -> dict[str, Size]:
    """Values of symbols, each with those above it put in; what the command line says comes first."""
    values = dict(given)
    if "dims" not in data:
        return values
    for name, value in (notes.mapping(data["dims"], "symbols with their sizes, as {H: 64}", ("dims",)) or {}).items():
        if not isinstance(name, str) or not is_symbol(name):
            notes.wrong("wrong-value", f"dims: expected a symbol, got {found(name)}", ("dims", name), key=True)
            continue
        known = notes.value(lambda raw: bound(size(raw), values), value, ("dims", name))
        if known is not WRONG and name not in given:
            values[name] = known
    return values
