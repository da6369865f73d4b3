"""From what layers say of their shapes to findings: names, places and hints are added here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from lstm_shapes.findings.finding import Finding, Related
from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Document
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.graph.model import Node
from lstm_shapes.graph.shape_inference import Step, infer_shapes
from lstm_shapes.layers.base import Layer
from lstm_shapes.rules.expectations import expectations
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Shape, SizeError, same, shown


def diagnose(reading: Reading, steps: Sequence[Step]) -> tuple[Finding, ...]:
    """Everything wrong with a file: its writing, its shapes, its expectations; in the order of its lines."""
    found = [
        *reading.findings,
        *_problems(reading, steps, ()),
        *_arrivals(reading, steps),
        *_shared(reading, steps),
        *_lacking(reading, steps),
        *expectations(reading, steps),
    ]
    return tuple(sorted(found, key=lambda one: (one.place.line, one.place.column) if one.place else (0, 0)))


def too_large(document: Document, error: SizeError) -> Finding:
    """Figures that grew beyond what can be written down."""
    hint = "give its symbols numbers with dims"
    return document.finding("too-large", f"figures too large to write: {error}", ("layers",), hint=hint)


def _problems(reading: Reading, steps: Sequence[Step], prefix: Route) -> list[Finding]:
    found = []
    for step in steps:
        if not step.problems:
            continue
        route = (*prefix, *step.node.route)
        inner = step.node.layer.nested(*(step.inputs or ()))
        if inner:
            found += _problems(reading, infer_shapes(inner.graph, inner.inputs), (*route, *inner.route))
        else:
            found += [_problem(reading, step, steps, problem, route, inner) for inner, problem in step.problems]
    return found


def _problem(
    reading: Reading, step: Step, steps: Sequence[Step], problem: Mismatch, route: Route, inner: Route
) -> Finding:
    name, document = f"{step.node.name} ({step.node.layer.type})", reading.document
    say = partial(document.finding, layer=step.node.name)
    arriving: Shape = step.inputs[0] if step.inputs else ()
    prefix = route[: len(route) - len(step.node.route)]
    if problem.kind == "wrong-rank" and not problem.field and len(arriving) == 2:
        culprit = _last_step(step, steps)
        if culprit:
            upstream = culprit.node
            because = f"{upstream.name} keeps only its last step"
            message = f"{name} reads (batch, time, features) but gets {shown(arriving)}: {because}"
            related = document.related(because, (*prefix, *upstream.route))
            where = _on(upstream, related)
            hint = f"set `return_sequences: true` {where}, or repeat its last step with repeat_vector"
            return say("last-step-only", message, route, hint=hint, related=(related,))
    at = (*route, *inner, problem.field) if problem.field else (*route, *inner)
    hint = problem.hint or _rank_hint(problem, arriving)
    if not hint and problem.kind == "wrong-rank" and not problem.field and _reads_vectors(step.node.layer, arriving):
        source = next((one.node for one in steps if one.node.name == step.node.inputs[0].name), None)
        hint = "put a flatten before it"
        if source and getattr(source.layer, "return_sequences", False):
            where = _on(source, document.related("", (*prefix, *source.route)))
            hint = f"set `return_sequences: false` {where}, or {hint}"
    return say(problem.kind, f"{name}: {problem.message}", at, hint=hint)


def _on(node: Node, stands: Related) -> str:
    return f"on {node.name} (line {stands.place.line})" if stands.place else f"on {node.name}"


def _reads_vectors(layer: Layer, arriving: Shape) -> bool:
    """Whether the layer would take one timestep of the sequence that arrives."""
    return len(arriving) == 3 and not layer.problems((arriving[0], arriving[2]))


def _last_step(step: Step, steps: Sequence[Step]) -> Step | None:
    """The layer above that passes on its last timestep alone, seen through layers that keep the rank."""
    above = {one.node.name: one for one in steps}
    ref = step.node.inputs[0]
    source = above.get(ref.name)
    while source and source.inputs and not source.node.layer.keeps_last_step and len(source.inputs[0]) == 2:
        ref = source.node.inputs[0]
        source = above.get(ref.name)
    if not source or not source.node.layer.keeps_last_step:
        return None
    return None if source.node.layer.output_names[ref.output] in source.node.layer.state_names else source


def _rank_hint(problem: Mismatch, arriving: Shape) -> str:
    if problem.kind != "wrong-rank" or problem.field:
        return ""
    if len(arriving) == 2:
        return "give it a sequence: (batch, time, features); tokens need an embedding before"
    return "put a reshape or flatten before it, or wrap it in time_distributed" if len(arriving) > 3 else ""


def _arrivals(reading: Reading, steps: Sequence[Step]) -> list[Finding]:
    """Where ``input_dim`` on a layer contradicts what arrives."""
    found = []
    for step in steps:
        key, said = reading.asserted_widths.get(step.node.name, ("", None))
        if said is None or not step.inputs or not step.inputs[0]:
            continue
        arrives = step.inputs[0][-1]
        if same(said, arrives) is False:
            message = f"{step.node.name} says {key} {said}, but {arrives} features arrive: {shown(step.inputs[0])}"
            route = (*step.node.route, key)
            hint = f"write {arrives}, or remove {key}"
            found.append(reading.document.finding("input-dim", message, route, hint=hint, layer=step.node.name))
    return found


def _shared(reading: Reading, steps: Sequence[Step]) -> list[Finding]:
    """Where a layer used again would need weights of another shape."""
    owners = {step.node.name: step for step in steps}
    found = []
    for step in steps:
        owner = owners.get(step.node.owner) if step.node.shared else None
        if not owner or not owner.inputs or not step.inputs or owner.outputs is None or step.outputs is None:
            continue
        wants, has = (one.node.layer.weights(*(one.inputs or ())) for one in (step, owner))
        wrong = next((pair for pair in zip(wants, has, strict=True) if pair[0].shape != pair[1].shape), None)
        if wrong:
            arrives, first = shown(step.inputs[0]), shown(owner.inputs[0])
            message = (
                f"{step.node.name} uses {step.node.owner}, whose {wrong[1].key} was made for {first}, on {arrives}"
            )
            hint = f"give it inputs as wide as those of {step.node.owner}"
            route = step.node.route
            found.append(reading.document.finding("shared-mismatch", message, route, hint=hint, layer=step.node.name))
    return found


def _lacking(reading: Reading, steps: Sequence[Step]) -> list[Finding]:
    """Settings that the framework does not have."""
    if reading.model is None:
        return []
    lacks = FRAMEWORKS[reading.model.framework].lacks
    text = reading.document.text
    if text and not any(field in text for _, field in lacks):
        return []
    found = []
    for step in steps:
        leaves = (
            dict.fromkeys(layer for _, layer in step.node.layer.weighted_layers(*(step.inputs or ())))
            if step.outputs
            else ()
        )
        for layer in leaves:
            for (type_, field), (only, why) in lacks.items():
                if layer.type == type_ and getattr(layer, field) != only:
                    route = (*step.node.route, field)
                    message = f"{step.node.name}: {field}: {why}"
                    found.append(reading.document.finding("beyond-framework", message, route, layer=step.node.name))
    return list(dict.fromkeys(found))
