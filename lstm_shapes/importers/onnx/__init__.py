"""ONNX models: the graph of a file as a spec of ours. Nothing is run, and no data outside the file are opened."""

from __future__ import annotations

from typing import Any

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.kinds import KINDS
from lstm_shapes.findings.limit import limited
from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Document, Origin
from lstm_shapes.formats.onnx import MAX_NODES
from lstm_shapes.importers.onnx.builder import Builder, Entry, Ledger, written
from lstm_shapes.importers.onnx.node import Node
from lstm_shapes.importers.onnx.scope import Scope
from lstm_shapes.importers.onnx.translation import TooManyNodes, Translator
from lstm_shapes.importers.onnx.value import Value
from lstm_shapes.spec.imported import Imported
from lstm_shapes.spec.layer_names import MAX_NAME

MAX_NOTES = 50
"""As many notes as are kept of a file."""


def translate(document: Document) -> tuple[Imported, ...]:
    """The model of an ONNX file as a spec; a file that cannot be read is itself, with its findings."""
    if document.data is None:
        return (Imported(document, kind="onnx"),)
    model, ledger = document.data, Ledger(document)
    inputs = _inputs(model["graph"], ledger)
    build = Builder(ledger, (), [value.ref for value in inputs.values() if value.ref != "unknown"])
    scope = Scope(build)
    scope.values |= inputs
    try:
        Translator(model, ledger).graph(model["graph"], scope)
    except TooManyNodes:
        return (_refused(document, "too-large", f"an ONNX file with more than {MAX_NODES:,} nodes"),)
    _add_uncounted(build)
    outputs = _outputs(model["graph"], scope, build) if model["graph"]["nodes"] else []
    if not build.entries:
        problems = [(kind, message) for kind, message, _ in ledger.problems]
        nothing = ("not-a-model", "an ONNX file whose graph has no operator that reads an input")
        return (_refused(document, *(problems or [nothing])[0]),)
    return (_imported(document, model, build, outputs, inputs),)


def _inputs(graph: dict[str, Any], ledger: Ledger) -> dict[str, Value]:
    """What enters the model; initializers, which were inputs as well before IR version 4, do not."""
    stored = {each["name"] for each in graph["initializers"]}
    values: dict[str, Value] = {}
    for each in graph["inputs"]:
        if each["name"] in stored or not each["name"]:
            continue
        if each["shape"] is None:
            values[each["name"]] = Value(None, "unknown")
            ledger.note(f"{each['name']}: the file does not say its shape")
            continue
        shape = tuple(map(ledger.symbols.size, each["shape"]))
        values[each["name"]] = Value(shape, ledger.names.unique(each["name"][: MAX_NAME - 10]))
    return values


def _add_uncounted(build: Builder) -> None:
    """A layer for the stored numbers that reach an operator and stand in no other: those of shapes and conditions."""
    ledger = build.ledger
    left = [weight for weight in ledger.reached.values() if weight.params and weight.name not in ledger.counted]
    if left and build.entries:
        count = sum(weight.params for weight in left)
        names = ", ".join(weight.name for weight in left[:3])
        node = Node("Constant", "constants", (), (), {}, 1)
        entry: Entry = {"type": "operator", "op": "Constant", "output": [count], "params": count, "inputs": "unknown"}
        build.append(node, entry, ())
        ledger.note(f"constants: {count:,} stored numbers from which other numbers are computed ({names[:200]})")


def _imported(
    document: Document, model: dict[str, Any], build: Builder, outputs: list[str], inputs: dict[str, Value]
) -> Imported:
    ledger = build.ledger
    data: dict[str, Any] = {"framework": "onnx"}
    name = model["graph"]["name"]
    if name:
        data = {"name": name[:MAX_NAME], **data}
    shapes = {value.ref: written(value.shape) for value in inputs.values() if value.shape is not None}
    data["inputs"] = shapes or "unknown"
    data["layers"] = build.entries
    if outputs:
        data["outputs"] = outputs[0] if len(outputs) == 1 else outputs
    if any(each["external"] for each in model["graph"]["initializers"]):
        ledger.note("weights in other files were not opened: their shapes are those that this file declares")
    routes: dict[Route, Any] = {(): model["graph"]["name"] or "graph", **ledger.routes}
    findings = limited(
        Finding(rule=KINDS[kind], message=message, source=document.source, place=None, excerpt="", route=route)
        for kind, message, route in ledger.problems
    )
    spec = Document(
        source=document.source, data=data, findings=tuple(findings), format="onnx", origin=Origin(document, routes)
    )
    return Imported(
        spec,
        kind="onnx",
        version=" ".join(filter(None, (model["producer"], model["producer_version"]))),
        stored=ledger.stored,
        notes=_shortened(tuple(ledger.notes)),
    )


def _shortened(notes: tuple[str, ...]) -> tuple[str, ...]:
    """The first notes, and how many there are besides."""
    more = len(notes) - MAX_NOTES
    return (*notes[:MAX_NOTES], f"{more:,} more notes") if more > 1 else notes


def _outputs(graph: dict[str, Any], scope: Scope, build: Builder) -> list[str]:
    """The names of what the model passes on; an input, or what is passed on twice, by a layer that changes nothing."""
    refs: list[str] = []
    entering = {scope.values[each["name"]].ref for each in graph["inputs"] if each["name"] in scope.values}
    for output in graph["outputs"]:
        value = scope.find(output["name"])
        if value is None or not value.runtime or value.ref == "unknown":
            continue
        if value.ref in refs or value.ref in entering:
            node = Node("Identity", output["name"], (), (), {}, 1)
            value = Value(value.shape, build.append(node, {"type": "activation", "activation": "linear"}, [value]))
        refs.append(value.ref)
    return refs


def _refused(document: Document, kind: str, message: str) -> Imported:
    finding = Finding(rule=KINDS[kind], message=message, source=document.source, place=None, excerpt="")
    return Imported(document._replace(data=None, findings=(finding,)), kind="onnx")
