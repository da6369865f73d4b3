"""Names -> a graph: who reads whom, in an order in which it can be run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from lstm_shapes.findings.route import Route
from lstm_shapes.findings.spelling import nearest
from lstm_shapes.graph.model import Extras, Graph, Node, Ref
from lstm_shapes.layers.base import Layer
from lstm_shapes.spec.errors import Notes


class Draft(NamedTuple):
    """A layer on its way to a Node: ``reads`` and ``states`` are names as written, each with its route."""

    name: str
    type: str
    route: Route
    layer: Layer | None
    reads: list[tuple[str, Route]]
    states: list[tuple[str, Route]]
    owner: str = ""
    trainable: bool = True
    extras: Extras = ()


class Wiring:
    """Resolves the names of one graph. ``final`` maps a repeated layer's name to its last copy."""

    def __init__(self, notes: Notes, inputs: tuple[str, ...], drafts: list[Draft], final: Mapping[str, str]) -> None:
        self.notes, self.inputs, self.final = notes, inputs, final
        self.drafts = {draft.name: draft for draft in drafts}
        self.missing: set[tuple[str, Route]] = set()
        """Names that have been reported: every copy of a repeated layer has the same."""

    def graph(self, outputs: list[tuple[str, Route]], depth: int) -> Graph:
        """The graph of all that can be judged; ``depth`` is the length of the route to its mapping."""
        nodes = {draft.name: node for draft in self.drafts.values() if (node := self.node(draft, depth))}
        ordered = self.ordered(nodes)
        last = list(self.drafts.values())[-1:]
        refs = [self.resolve(name, route) for name, route in outputs]
        if not outputs:
            refs = [Ref(draft.name, number) for draft in last for number in _main_outputs(draft.layer)]
        return Graph(inputs=self.inputs, nodes=tuple(ordered), outputs=tuple(ref for ref in refs if ref))

    def node(self, draft: Draft, depth: int) -> Node | None:
        inputs = [self.resolve(*one) for one in draft.reads]
        states = [self.resolve(*one) for one in draft.states]
        layer = draft.layer
        if layer is None or None in inputs or None in states or not self.arity(draft, layer):
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
        )

    def arity(self, draft: Draft, layer: Layer) -> bool:
        least, most = layer.arity
        count = len(draft.reads)
        if not least <= count <= most:
            wanted = f"{least}" if least == most else f"{least} or more" if count < least else f"at most {most:,}"
            hint = "write `inputs: [...]` with their names" if count < least else "join them with concatenate first"
            message = f"{draft.name} ({layer.type}) takes {wanted} input{'s' * (wanted != '1')}, got {count}"
            self.notes.wrong("wrong-setting", message, draft.route, hint, layer=draft.name)
            return False
        if draft.states and not layer.state_names:
            message = f"{draft.name} ({layer.type}) takes no initial_state"
            self.notes.wrong(
                "wrong-setting", message, (*draft.route, "initial_state"), "remove initial_state", layer=draft.name
            )
            return False
        return True

    def resolve(self, name: str, route: Route) -> Ref | None:
        """What a name means: an input, a layer, or a layer's output such as ``encoder.h``."""
        whole = self.final.get(name, name)
        if whole in self.inputs or whole in self.drafts:
            return Ref(whole)
        owner, dot, output = name.rpartition(".")
        owner = self.final.get(owner, owner)
        if dot and owner in self.drafts:
            return self.output(owner, output, route)
        if (name, route) in self.missing:
            return None
        self.missing.add((name, route))
        known = [*self.inputs, *self.drafts]
        close = nearest(owner if dot else name, known if len(known) < 5_000 else [])
        listed = f"write one of {', '.join(known)}" if len(known) <= 8 else ""
        close = f"{close}.{output}" if close and dot else close
        self.notes.wrong(
            "unknown-layer", f"no layer or input is called {name[:80]!r}", route, f"write {close}" if close else listed
        )
        return None

    def output(self, owner: str, output: str, route: Route) -> Ref | None:
        layer = self.drafts[owner].layer
        if layer is None:
            return None
        if output in layer.output_names:
            return Ref(owner, layer.output_names.index(output))
        has = ", ".join(layer.output_names)
        hint = (
            f"set `return_state: true` on {owner}"
            if output in layer.state_names
            else f"write {owner}.{layer.output_names[0]}"
        )
        self.notes.wrong("no-such-output", f"{owner} passes on {has}, no {output[:80]}", route, hint)
        return None

    def ordered(self, nodes: dict[str, Node]) -> Iterable[Node]:
        """Nodes after what they read, otherwise as written; those of a cycle are reported and left out."""
        readers: dict[str, list[str]] = {}
        waiting: dict[str, int] = {}
        for name, node in nodes.items():
            sources = {ref.name for ref in (*node.inputs, *node.states)} & nodes.keys()
            waiting[name] = len(sources)
            for source in sources:
                readers.setdefault(source, []).append(name)
        ready = [name for name, count in reversed(waiting.items()) if not count]
        ordered = []
        while ready:
            name = ready.pop()
            ordered.append(nodes[name])
            for reader in reversed(readers.get(name, [])):
                waiting[reader] -= 1
                if not waiting[reader]:
                    ready.append(reader)
        if len(ordered) < len(nodes):
            self.cycle(nodes, {node.name for node in ordered})
        return ordered

    def cycle(self, nodes: dict[str, Node], done: set[str]) -> None:
        """Report one way round for each cycle, found by walking back from what waits."""
        seen: set[str] = set()
        for start in nodes:
            path: list[str] = []
            name: str | None = start
            while name is not None and name not in seen and name not in done:
                seen.add(name)
                path.append(name)
                refs = (*nodes[name].inputs, *nodes[name].states)
                name = next((ref.name for ref in refs if ref.name in nodes and ref.name not in done), None)
            if name in path:
                around = path[path.index(name or "") :]
                text = " reads ".join([*around[:6], *(["..."] if len(around) > 6 else []), around[0]])
                draft = self.drafts[around[0]]
                self.notes.wrong(
                    "cycle", f"a circle: {text}", draft.route, "let one of them read an earlier layer", layer=draft.name
                )


def _main_outputs(layer: Layer | None) -> Iterable[int]:
    """The outputs that a model passes on of its last layer: all but states."""
    if layer is None:
        return ()
    return [number for number, name in enumerate(layer.output_names) if name not in layer.state_names]
