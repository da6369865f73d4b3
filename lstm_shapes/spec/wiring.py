"""Drafts -> a graph: what each name means, and an order in which the layers can be run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lstm_shapes.findings.finding import Edit
from lstm_shapes.findings.route import Route
from lstm_shapes.findings.spelling import certain
from lstm_shapes.graph.model import UNKNOWN, Graph, Node, Ref
from lstm_shapes.layers.base import Layer
from lstm_shapes.spec.draft import Draft, Source
from lstm_shapes.spec.errors import Errors
from lstm_shapes.spec.order import cycles, in_order

_MAX_DOTS = 32
"""How many dots of a name are looked at to tell a layer's name from its output's."""


class Names(NamedTuple):
    """What a name in a graph can mean: an input, a layer; for a repeated layer its last copy."""

    inputs: tuple[str, ...]
    drafts: Mapping[str, Draft]
    last_copies: Mapping[str, str]


def wire(errors: Errors, names: Names, outputs: list[Source], depth: int) -> Graph:
    """The graph of all drafts that could be read; ``depth`` is the length of the route to its mapping."""
    states: dict[Source, Ref | None] = {}
    nodes = {}
    for draft in names.drafts.values():
        for source in draft.states:  # the copies of a repeated layer share theirs: a mistake is reported once
            if source not in states:
                states[source] = _resolve(errors, names, *source)
        inputs = [_resolve(errors, names, name, route) for name, route in draft.inputs]
        node = _node(errors, draft, inputs, [states[source] for source in draft.states], depth)
        if node and _reads_one_output(errors, draft, names.drafts):
            nodes[node.name] = node
    needs = {name: _needs(node, nodes) for name, node in nodes.items()}
    ordered = in_order(needs)
    if len(ordered) < len(nodes):
        _report_cycles(errors, names.drafts, needs, ordered)
    listed = [_resolve(errors, names, name, route) for name, route in outputs] if outputs else _last_outputs(names)
    return Graph(
        inputs=names.inputs, nodes=tuple(nodes[name] for name in ordered), outputs=tuple(ref for ref in listed if ref)
    )


def _needs(node: Node, nodes: Mapping[str, Node]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ref.name for ref in (*node.inputs, *node.states) if ref.name in nodes))


def _last_outputs(names: Names) -> list[Ref | None]:
    """The outputs of the last layer, except states: what a model passes on unless it says otherwise."""
    last = list(names.drafts.values())[-1]
    if last.layer is None:
        return []
    states = last.layer.state_names
    return [Ref(last.name, number) for number, name in enumerate(last.layer.output_names) if name not in states]


def _node(errors: Errors, draft: Draft, inputs: list[Ref | None], states: list[Ref | None], depth: int) -> Node | None:
    """The draft as a node; None if it could not be read, or if what it reads could not be resolved."""
    layer = draft.layer
    if layer is None or None in inputs or None in states or not _takes(errors, draft, layer):
        return None
    return Node(
        name=draft.name,
        layer=layer,
        inputs=tuple(ref for ref in inputs if ref),
        states=tuple(ref for ref in states if ref),
        route=draft.route[depth:],
        owner=draft.owner,
        trainable=draft.trainable,
        extras=draft.extras,
        input_dim=draft.input_dim,
        ties=draft.ties,
    )


def _takes(errors: Errors, draft: Draft, layer: Layer) -> bool:
    """Whether the layer takes so many inputs, and initial states if it is given them."""
    (least, most), count = layer.arity, len(draft.inputs)
    if not least <= count <= most:
        wanted = f"{least}" if least == most else f"{least} or more" if count < least else f"at most {most:,}"
        hint = "write `inputs: [...]` with their names" if count < least else "join them with concatenate first"
        if layer.attends:
            names = [name for name, _ in draft.inputs[:3]]
            hint = f"write `inputs: [{', '.join(names if names[1:] else names * 2)}]`: query, value, key"
        message = f"{draft.name} ({layer.type}) takes {wanted} input{'s' * (wanted != '1')}, got {count}"
        errors.add("wrong-setting", message, draft.route, hint, layer=draft.name)
        return False
    if draft.states and not layer.state_names:
        message, route = f"{draft.name} ({layer.type}) takes no initial_state", (*draft.route, "initial_state")
        errors.add("wrong-setting", message, route, "remove initial_state", layer=draft.name)
        return False
    return True


def _reads_one_output(errors: Errors, draft: Draft, drafts: Mapping[str, Draft]) -> bool:
    """Whether the layer names what it reads where the layer above passes on several tensors, as Keras requires."""
    name, route = draft.inputs[0]
    above = drafts[name].layer if name in drafts and route == draft.route else None
    outputs = [output for output in above.output_names if output not in above.state_names] if above else []
    if above is None or len(outputs) < 2:
        return True
    message = f"{draft.name} reads the layer above, {name}, which has {len(outputs)} outputs: {', '.join(outputs[:6])}"
    hint = f"write `inputs: {name}.{outputs[0]}`"
    if draft.layer and draft.layer.arity[1] >= len(outputs):
        hint = f"write `inputs: [{', '.join(f'{name}.{output}' for output in outputs)}]`"
    errors.add("wrong-setting", message, draft.route, hint, layer=draft.name)
    return False


def _resolve(errors: Errors, names: Names, name: str, route: Route) -> Ref | None:
    """What a name means: an input, a layer, or an output of a layer such as ``encoder.h``."""
    last = names.last_copies.get(name, name)
    if last in names.drafts or last in names.inputs:
        return Ref(last)
    if name == UNKNOWN.name:
        return UNKNOWN
    for owner, output in _split(name):
        owner = names.last_copies.get(owner, owner)
        if owner in names.drafts:
            return _resolve_output(errors, names.drafts[owner], output, route)
    owner, dot, output = name.rpartition(".")
    candidates = [*names.inputs, *names.drafts]
    close = errors.nearest(owner if dot else name, candidates if len(candidates) < 5_000 else [])
    hint = f"write one of {', '.join(candidates)}" if len(candidates) <= 8 else ""
    if close:
        hint = f"write {close}.{output}" if dot else f"write {close}"
    clear = close and not dot and certain(name, close, candidates)
    edit = Edit("fix", "value", route, close) if clear else None
    errors.add("unknown-layer", f"no layer or input is called {name[:80]!r}", route, hint, edit=edit)
    return None


def _split(name: str) -> Iterator[tuple[str, str]]:
    """The ways to read a name as a layer and its output: each may have dots of its own."""
    parts = name.split(".", _MAX_DOTS)
    for count in range(len(parts) - 1, 0, -1):
        yield ".".join(parts[:count]), ".".join(parts[count:])


def _resolve_output(errors: Errors, draft: Draft, output: str, route: Route) -> Ref | None:
    layer = draft.layer
    if layer is None:
        return None
    if output in layer.output_names:
        return Ref(draft.name, layer.output_names.index(output))
    hint, edit = f"write {draft.name}.{layer.output_names[0]}", None
    if output in layer.state_names:
        hint = f"set `return_state: true` on {draft.name}"
        edit = Edit("fix", "set", draft.route, True, "return_state")
    message = f"{draft.name} has no output {output[:80]}, only {', '.join(layer.output_names)}"
    errors.add("no-such-output", message, route, hint, edit=edit)
    return None


def _report_cycles(
    errors: Errors, drafts: Mapping[str, Draft], needs: Mapping[str, tuple[str, ...]], ordered: list[str]
) -> None:
    for cycle in cycles(needs, set(ordered)):
        shown = [*cycle[:6], *(["..."] if len(cycle) > 6 else []), cycle[0]]
        message, route = f"a cycle: {' reads '.join(shown)}", drafts[cycle[0]].route
        errors.add("cycle", message, route, "let one of them read an earlier layer", layer=cycle[0])
