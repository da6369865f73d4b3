"""What layers report of their shapes as findings: names, places and hints are added here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from itertools import chain
from typing import Any

from lstm_shapes.findings.finding import Edit, Finding, Related
from lstm_shapes.findings.limit import limited
from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Document
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import Refusal
from lstm_shapes.graph.shape_inference import Inferred, InferredGraph, InferredNode
from lstm_shapes.rules.conditions import undecided
from lstm_shapes.rules.expectations import expectations
from lstm_shapes.rules.stored_arrays import stored_arrays
from lstm_shapes.rules.ties import ties
from lstm_shapes.rules.trace import Trace, calls_at
from lstm_shapes.spec.keys import spellings
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Shape, SizeError, same, shown


def diagnose(reading: Reading) -> tuple[Finding, ...]:
    """Everything wrong with a file: its syntax, its shapes, its expectations; in the order of its lines."""
    inferred = reading.inferred
    inferred_findings = _of_inferred(reading, inferred) if inferred else ()
    findings = limited(chain(reading.findings, inferred_findings))
    return tuple(sorted(findings, key=lambda finding: finding.place[:2] if finding.place else (0, 0)))


def _of_inferred(reading: Reading, inferred: Inferred) -> Iterator[Finding]:
    """What is wrong with the shapes and figures of a model."""
    yield from _problems(reading, inferred)
    yield from _input_dims(reading, inferred)
    yield from undecided(reading, inferred)
    yield from _shared(reading, inferred)
    yield from ties(reading, inferred)
    yield from _beyond_framework(reading, inferred)
    yield from _refused(reading, inferred)
    yield from stored_arrays(reading, inferred)
    yield from expectations(reading, inferred)


def too_large(document: Document, error: SizeError) -> Finding:
    """Figures that grew beyond what can be written down."""
    hint = "give its symbols numbers with dims"
    return document.finding("too-large", f"figures too large to write: {error}", ("layers",), hint=hint)


def _problems(reading: Reading, graph: InferredGraph) -> Iterator[Finding]:
    """What layers report of the shapes that reach them."""
    for node in (node for node in graph.nodes if node.problems):
        inside = list(_problems(reading, node.inside)) if node.inside else []
        if inside:
            yield from inside
        else:
            yield from (_problem(reading, graph, node, route, problem) for route, problem in node.problems)


def _problem(reading: Reading, graph: InferredGraph, node: InferredNode, inner: Route, problem: Mismatch) -> Finding:
    """A layer's problem, with the hint that only the graph can give."""
    say = partial(reading.document.finding, layer=node.name)
    name = f"{node.name} ({node.layer.type})"
    shape: Shape = node.inputs[0] if node.inputs else ()
    rank_alone = problem.kind == "wrong-rank" and not problem.field
    upstream = _last_step(graph, node) if rank_alone and len(shape) == 2 else None
    if upstream:
        because = f"{upstream.name} keeps only its last step"
        message = f"{name} reads (batch, time, features) but gets {shown(shape)}: {because}"
        related = reading.document.related(because, upstream.route, stated=True)
        hint = f"set `return_sequences: true` {_on(upstream, related)}, or repeat its last step with repeat_vector"
        edit = Edit("unsafe", "set", upstream.route, True, "return_sequences")
        return say("last-step-only", message, node.route, hint=hint, related=(related,), edit=edit)
    hint = problem.hint
    if not hint and rank_alone:
        hint = (
            _unbatched_hint(reading, graph, node, shape)
            or _rank_hint(shape)
            or _flatten_hint(reading, graph, node, shape)
        )
    route = (*node.route, *inner, problem.field) if problem.field else (*node.route, *inner)
    return say(problem.kind, f"{name}: {problem.message}", route, hint=hint)


def _unbatched_hint(reading: Reading, graph: InferredGraph, node: InferredNode, shape: Shape) -> str:
    """The input with the batch of 1 that PyTorch gives a sequence (time, features) at the model's input."""
    model, ref = reading.model, next(iter(node.node.inputs), None)
    if model is None or not FRAMEWORKS[model.framework].unbatched or graph is not reading.inferred:
        return ""
    if ref is None or ref.name in graph.by_name:
        return ""
    if len(shape) != 2 or not isinstance(shape[1], int) or not node.layer.state_names:
        return ""
    time, features = shape
    batched = (1, time, features) if node.layer.time_axis == 1 else (time, 1, features)
    written = f"[{', '.join(map(str, batched))}]"
    return f"write `{ref.name}: {written}`: a sequence without a batch is read as a batch of 1"


def _rank_hint(shape: Shape) -> str:
    """What makes a sequence of a shape with too few or too many axes."""
    if len(shape) == 2:
        return "give it a sequence: (batch, time, features); tokens need an embedding before"
    return "put a reshape or flatten before it, or wrap it in time_distributed" if len(shape) > 3 else ""


def _flatten_hint(reading: Reading, graph: InferredGraph, node: InferredNode, shape: Shape) -> str:
    """What makes a vector of a sequence, where the layer would take one timestep of it."""
    if len(shape) != 3 or node.layer.problems((shape[0], shape[2])):
        return ""
    source = graph.by_name.get(node.node.inputs[0].name)
    hint = "put a flatten before it"
    if source and source.layer.field_values().get("return_sequences"):
        return f"set `return_sequences: false` {_on(source, reading.document.related('', source.route))}, or {hint}"
    return hint


def _on(node: InferredNode, place: Related) -> str:
    return f"on {node.name} (line {place.place.line})" if place.place else f"on {node.name}"


def _last_step(graph: InferredGraph, node: InferredNode) -> InferredNode | None:
    """The layer upstream that passes on only its last timestep, seen through layers that keep the rank."""
    ref = node.node.inputs[0]
    source = graph.by_name.get(ref.name)
    while source and source.inputs and not source.layer.keeps_last_step and len(source.inputs[0]) == 2:
        ref = source.node.inputs[0]
        source = graph.by_name.get(ref.name)
    if not source or not source.layer.keeps_last_step:
        return None
    return None if source.layer.output_names[ref.output] in source.layer.state_names else source


def _input_dims(reading: Reading, inferred: Inferred) -> Iterator[Finding]:
    """Where ``input_dim`` on a layer contradicts what arrives."""
    calls = calls_at(inferred, {width.layer for width in reading.asserted_widths})
    for layer, key, expected, route in reading.asserted_widths:
        for node, _ in calls.get(layer, ()):
            arrives = node.arriving_features
            if arrives is not None and same(expected, arrives) is False:
                shape = shown(node.inputs[0] if node.inputs else ())
                message = f"{node.name} declares {key} {expected}, but its input has {arrives} features: {shape}"
                needed = reading.document.language == "python"
                hint = f"write {arrives}" if needed else f"write {arrives}, or remove {key}"
                yield reading.document.finding("input-dim", message, route, hint=hint, layer=node.name)


def _shared(reading: Reading, inferred: Inferred) -> Iterator[Finding]:
    """Where a layer used again would need weights of another shape; the first of its weights is reported."""
    reported: set[Route] = set()
    for node, owner, weight, _ in (reuse for reuse in inferred.reuses() if reuse.fits is False):
        if node.route not in reported:
            reported.add(node.route)
            arrives, first = shown((node.inputs or ((),))[0]), shown((owner.inputs or ((),))[0])
            message = f"{node.name} uses {owner.name}, whose {weight} was made for {first}, on {arrives}"
            hint = f"give it inputs as wide as those of {owner.name}"
            yield reading.document.finding("shared-mismatch", message, node.route, hint=hint, layer=node.name)


def _beyond_framework(reading: Reading, inferred: Inferred) -> Iterator[Finding]:
    """Settings that the framework does not have, wherever a layer is written."""
    lacks = FRAMEWORKS[inferred.model.framework].lacks
    text = reading.document.text
    if text and not any(key in text for key in _keys(tuple(lacks))):
        return
    for cell in Trace(reading).layers:
        known = spellings(cell.layer.type)
        for key, value in cell.written.items():
            field = known[key].field if key in known else ""
            values, why = lacks.get((cell.layer.type, field), ((), ""))
            if why and known[key].read(value) not in values:
                message, route = f"{cell.visit.name}: {field}: {why}", (*cell.route, key)
                yield reading.document.finding("beyond-framework", message, route, layer=cell.visit.name)


def _refused(reading: Reading, inferred: Inferred) -> Iterator[Finding]:
    """Settings that the framework does not take, by themselves or together."""
    refuses = FRAMEWORKS[inferred.model.framework].refuses
    layers = {call.layer for node in inferred.nodes for call in node.calls}
    if inferred.known and not any(_refusals(refuses, layer.type, layer.field_values()) for layer in layers):
        return
    for cell in Trace(reading).layers:
        settings = cell.layer.field_values()
        for refusal in _refusals(refuses, cell.layer.type, settings):
            key, name = cell.key(refusal.field), cell.visit.name
            route = (*cell.route, key) if key in cell.written else cell.route
            message = f"{name}: {refusal.field}: {refusal.why}"
            hint = refusal.hint if isinstance(refusal.hint, str) else refusal.hint(settings)
            yield reading.document.finding(refusal.kind, message, route, hint=hint, layer=name)


def _refusals(
    refuses: Mapping[str, tuple[Refusal, ...]], type_: str, settings: Mapping[str, Any]
) -> tuple[Refusal, ...]:
    """What the framework does not take of a layer's settings."""
    return tuple(refusal for refusal in refuses.get(type_, ()) if refusal.refused(settings))


@lru_cache(maxsize=8)
def _keys(lacks: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """The keys, aliases included, that set these fields."""
    return frozenset(
        key for type_, field in lacks for key, spelling in spellings(type_).items() if spelling.field == field
    )
