"""The layers of a model or of a block, drafted one after the other and wired."""

from __future__ import annotations

from typing import Any

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.findings.route import Route
from lstm_shapes.findings.spelling import nearest
from lstm_shapes.frameworks.layout import Framework
from lstm_shapes.graph.model import Graph
from lstm_shapes.layers.base import Layer
from lstm_shapes.spec.bound import Bound
from lstm_shapes.spec.errors import WRONG, Notes
from lstm_shapes.spec.expectations import Expected
from lstm_shapes.spec.keys import BLOCK_KEYS, NODE_KEYS, PASSTHROUGH_KEYS, SHARED_KEYS
from lstm_shapes.spec.layer import Entries
from lstm_shapes.spec.layer_names import MAX_NAME, Names
from lstm_shapes.spec.reading import Unread
from lstm_shapes.spec.values import flag, found, size
from lstm_shapes.spec.wiring import Draft, Wiring
from lstm_shapes.symbolic.size import Size

MAX_LAYERS = 60_000


class TooManyLayers(LstmShapesError):
    """More layers than are read; a message has said so."""


class Graphs(Entries):
    """Reads graphs; ``arrives`` gathers what layers say of the features that reach them, ``unread`` what is missing."""

    def __init__(self, notes: Notes, framework: Framework, dims: dict[str, Size]) -> None:
        super().__init__(notes, framework, Bound(notes, dims))
        self.expected = Expected(notes, self.bound)
        self.arrives: dict[str, tuple[str, Size]] = {}
        self.unread: tuple[Unread, ...] = ()
        self.layers = 0
        self.trainable = True
        """What ``trainable`` is on a layer that does not say: what the model says."""

    def graph(self, data: dict[Any, Any], route: Route, inputs: tuple[str, ...]) -> Graph | None:
        """The layers of a model or a block, wired."""
        entries = data.get("layers")
        if not isinstance(entries, list) or not entries:
            got = "an empty list" if entries == [] else found(entries)
            self.notes.wrong(
                "wrong-value",
                f"layers: expected a list of layers, got {got}",
                (*route, "layers"),
                "write `- {type: lstm, units: 32}`",
            )
            return None
        drafts, final = self.drafts(entries, (*route, "layers"), inputs)
        outputs = self.names_in(data, "outputs", route) if "outputs" in data else []
        graph = Wiring(self.notes, inputs, drafts, final).graph(outputs, len(route))
        known = {node.name for node in graph.nodes}
        self.unread = tuple(Unread(one.name, one.type, one.route) for one in drafts if one.name not in known)
        return graph

    def drafts(self, entries: list[Any], route: Route, inputs: tuple[str, ...]) -> tuple[list[Draft], dict[str, str]]:
        """A draft for every layer, copies of a repeated one included, and the last copy of each repeated name.

        Layers inside a block count as often as it is repeated or used. Raises ``TooManyLayers``.
        """
        names = Names(self.notes, inputs, entries, route)
        drafts: dict[str, Draft] = {}
        final: dict[str, str] = {}
        inside: dict[str, int] = {}
        above = inputs[0] if len(inputs) == 1 else ""
        for number, entry in enumerate(entries):
            here = (*route, number)
            times = self.repeat(entry, here)
            name, before = names.of(entry, number), self.layers
            layer = self.called(entry, here, drafts)
            used = entry.get("use") if isinstance(entry, dict) else None
            inside[name] = inside.get(used, 0) if isinstance(used, str) else self.layers - before
            self.layers = before + times * (1 + inside[name])
            if self.layers > MAX_LAYERS:
                self.notes.wrong("too-large", f"more than {MAX_LAYERS:,} layers", here, "split the model")
                raise TooManyLayers
            for copy in range(times):
                own = name if times == 1 else names.free(f"{name}_{copy + 1}")
                one = self.draft(own, layer, entry, here, above, drafts)
                drafts[own] = one._replace(reads=[(above, here)]) if copy else one
                above = own
            if times > 1:
                final[name] = above
        return list(drafts.values()), final

    def repeat(self, entry: Any, route: Route) -> int:
        if not isinstance(entry, dict) or "repeat" not in entry:
            return 1
        times = self.bound.read(size, entry["repeat"], (*route, "repeat"))
        if isinstance(times, int):
            return times
        if times is not WRONG:
            self.notes.wrong("wrong-value", f"repeat: expected a number, got {times}", (*route, "repeat"))
        return 1

    def called(self, entry: Any, route: Route, drafts: dict[str, Draft]) -> Layer | None:
        """The entry's layer, or the one that ``use`` names."""
        if not isinstance(entry, dict) or "use" not in entry:
            return self.layer(entry, route)
        for key in entry.keys() - set(SHARED_KEYS):
            self.notes.unknown_key(key, SHARED_KEYS, "a layer used again", route)
        used = entry["use"]
        if isinstance(used, str) and used in drafts:
            return drafts[used].layer
        close = nearest(used, list(drafts)) if isinstance(used, str) and len(drafts) < 5_000 else ""
        message = f"use: expected the name of a layer above, got {found(used)}"
        self.notes.wrong("unknown-layer", message, (*route, "use"), f"write {close}" if close else "")
        return None

    def draft(
        self, name: str, layer: Layer | None, entry: Any, route: Route, above: str, drafts: dict[str, Draft]
    ) -> Draft:
        """The entry as a draft called ``name``; without ``inputs`` it reads the layer ``above``."""
        data = entry if isinstance(entry, dict) else {}
        reads = self.names_in(data, "inputs", route) if "inputs" in data else [(above, route)] if above else []
        if not reads and layer is not None and "inputs" not in data:
            message = f"{name} has no layer above, and the model has several inputs"
            self.notes.wrong("wrong-setting", message, route, "write `inputs:` with the name of one", layer=name)
            layer = None
        states = self.names_in(data, "initial_state", route) if "initial_state" in data else []
        width = "input_size" if "input_size" in data else "input_dim"
        if width in data and layer is not None and not layer.reads_tokens:
            said = self.bound.read(size, data[width], (*route, width))
            if said is not WRONG:
                self.arrives[name] = (width, said)
        self.expected.read(name, data, route)
        trainable = self.trainable
        if "trainable" in data:
            trainable = self.notes.value(flag, data["trainable"], (*route, "trainable")) is not False
        used = drafts.get(data["use"]) if isinstance(data.get("use"), str) else None
        extras = (
            ()
            if PASSTHROUGH_KEYS.isdisjoint(data)
            else tuple((key, found(data[key])) for key in data if key in PASSTHROUGH_KEYS)
        )
        return Draft(
            name=name,
            type=layer.type if layer else str(data.get("type", ""))[:MAX_NAME],
            route=route,
            layer=layer,
            reads=reads,
            states=states,
            owner=(used.owner or used.name) if used else "",
            trainable=trainable,
            extras=extras,
        )

    def names_in(self, data: dict[Any, Any], key: str, route: Route) -> list[tuple[str, Route]]:
        """One name or a list of names, each with its route."""
        value = data[key]
        listed = [(value, (*route, key))] if isinstance(value, str) else None
        if isinstance(value, list):
            listed = [(one, (*route, key, number)) for number, one in enumerate(value)]
        if not listed or not all(isinstance(one, str) for one, _ in listed):
            message = f"{key}: expected a name or a list of names, got {found(value)}"
            self.notes.wrong("wrong-value", message, (*route, key), f"write `{key}: [a, b]` with names of layers")
            return []
        return listed

    def block(self, entry: dict[Any, Any], route: Route) -> Layer | None:
        """A nested model; inside, what it reads goes by the names that it reads it under."""
        from lstm_shapes.graph.block import Block

        for key in entry.keys() - {*NODE_KEYS, *BLOCK_KEYS, *PASSTHROUGH_KEYS}:
            self.notes.unknown_key(key, [*NODE_KEYS, *BLOCK_KEYS], "a nested model", route)
        written = entry.get("inputs", "input")
        names = [one for one in (written if isinstance(written, list) else [written]) if isinstance(one, str)]
        before = self.notes.mistakes
        graph = self.graph(entry, route, tuple(names) if len(names) > 1 else ("input",))
        return Block(graph=graph) if graph is not None and self.notes.mistakes == before else None
