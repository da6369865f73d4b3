"""The spec file: Document -> Reading, the model and every mistake of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats.document import Document
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.graph.model import Model
from lstm_shapes.graph.shape_inference import infer
from lstm_shapes.spec.context import MISSING, Context, TooManyLayers, read_value
from lstm_shapes.spec.dims import read_dims
from lstm_shapes.spec.errors import Errors
from lstm_shapes.spec.expectations import read_expectations
from lstm_shapes.spec.graph import read_graph
from lstm_shapes.spec.imported import Imported
from lstm_shapes.spec.inputs import axes_of_time, read_axes, read_inputs
from lstm_shapes.spec.keys import DTYPES, TOP_KEYS
from lstm_shapes.spec.layer_names import MAX_NAME
from lstm_shapes.spec.lengths import check_use, read_lengths, read_steps
from lstm_shapes.spec.reading import Reading
from lstm_shapes.spec.values import choice, flag, quoted
from lstm_shapes.spec.words import MODEL_HINTS, framework_name
from lstm_shapes.symbolic.size import Size


def read_imported(imported: Imported, *, framework: str = "", dims: Mapping[str, Size] | None = None) -> Reading:
    """The model that a file describes, read from its translation. As ``read``; the reading keeps what was imported."""
    return replace(read(imported.document, framework=framework, dims=dims), imported=imported)


def read(document: Document, *, framework: str = "", dims: Mapping[str, Size] | None = None) -> Reading:
    """The model that a document describes. ``framework`` and ``dims`` override what it says itself. Raises nothing.

    >>> document = Document(source="-", data={"input_dim": 8, "layers": [{"type": "lstm", "units": 32}]})
    >>> reading = read(document)
    >>> reading.model.shapes, reading.findings
    (((Poly(B), Poly(T), 8),), ())
    """
    errors = Errors(document)
    unparsed = document.data is None and document.findings
    if unparsed or not _check_is_model(errors, document.data):
        return Reading(document=document, model=None, findings=tuple(errors.findings))
    return _read_model(document, _context(errors, document.data, framework, dims or {}))


def is_model(data: Any) -> bool:
    """Whether data look like a spec: a mapping with layers."""
    return isinstance(data, dict) and "layers" in data


def _check_is_model(errors: Errors, data: Any) -> bool:
    if is_model(data):
        return True
    got = quoted(data)
    if isinstance(data, dict):
        got = f"a mapping of {', '.join(str(key)[:40] for key in list(data)[:5]) or 'nothing'}"
    hint = "write `layers:` with a list of layers"
    errors.add("not-a-model", f"expected a model (a mapping with layers), got {got}", (), hint)
    return False


def _context(errors: Errors, data: dict[Any, Any], framework: str, dims: Mapping[str, Size]) -> Context:
    """The context in which the layers of a model are read: its framework, its dims, whether it is trained."""
    for key in data:
        if key not in TOP_KEYS:
            errors.unknown_key(key, TOP_KEYS, "a model", (), MODEL_HINTS)
    plain = Context(errors=errors)
    own = read_value(plain, framework_name, data.get("framework", "keras"), (), "framework")
    return Context(
        errors=errors,
        framework=FRAMEWORKS[framework or ("keras" if own is MISSING else own)],
        dims=read_dims(plain, data, dims),
        trainable=read_value(plain, flag, data.get("trainable", True), (), "trainable") is not False,
        dtype=_choice(plain, data, "dtype", tuple(DTYPES), "float32"),
        symbols=plain.symbols,
    )


def _read_model(document: Document, context: Context) -> Reading:
    data = document.data
    steps = read_steps(context, data)
    context = replace(context, axes=read_axes(context, data, steps))
    names, shapes = read_inputs(context, data)
    try:
        reading = read_graph(context, data, (), names)
    except TooManyLayers:
        reading = None
    read_expectations(context, data, ())
    name = _name(context, data)
    lengths = read_lengths(context, data, steps, names, shapes, axes_of_time(context, data))
    if lengths and reading and not context.errors.findings:
        check_use(context, infer(Model(graph=reading.graph, shapes=shapes, lengths=lengths)))
    findings = tuple(sorted(context.errors.findings, key=_position))
    if reading is None:
        return Reading(document=document, model=None, findings=findings, symbols=frozenset(context.symbols))
    model = Model(
        graph=reading.graph,
        shapes=shapes,
        name=name,
        framework=context.framework.name,
        dtype=context.dtype,
        lengths=lengths,
    )
    return Reading(
        document=document,
        model=model,
        findings=findings,
        expectations=tuple(context.expectations),
        asserted_widths=tuple(context.asserted_widths),
        symbols=frozenset(context.symbols),
        unread=reading.unread,
    )


def _position(finding: Finding) -> tuple[int, int]:
    return finding.place[:2] if finding.place else (0, 0)


def _choice(context: Context, data: dict[Any, Any], key: str, choices: tuple[str, ...], default: str) -> str:
    value = read_value(context, partial(choice, choices=choices), data.get(key, default), (), key)
    return default if value is MISSING else str(value)


def _name(context: Context, data: dict[Any, Any]) -> str:
    value = data.get("name", "")
    if isinstance(value, str) and len(value) <= MAX_NAME:
        return value
    got = f"{len(value):,} characters" if isinstance(value, str) else quoted(value)
    hint = f'write "{value}" in quotes' if isinstance(value, int | float) else ""
    message = f"name: expected text of at most {MAX_NAME} characters, got {got}"
    context.errors.add("wrong-value", message, ("name",), hint)
    return ""
