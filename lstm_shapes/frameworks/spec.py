"""Our own spec file: Document -> Model, with every mistake of the file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from lstm_shapes.collector import uncollected
from lstm_shapes.document import Document
from lstm_shapes.finding import Route
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.entries import Entries
from lstm_shapes.frameworks.notes import WRONG, Notes
from lstm_shapes.frameworks.reading import Expectation, Reading
from lstm_shapes.frameworks.values import bound, choice, count, flag, found, shape, size
from lstm_shapes.frameworks.wiring import Draft, Wiring
from lstm_shapes.frameworks.words import (
    BLOCK_KEYS,
    BUDGET_KEYS,
    DTYPES,
    EXPECTED_KEYS,
    KEPT,
    NODE_KEYS,
    SHARED_KEYS,
    TOP_KEYS,
    canonical,
)
from lstm_shapes.layers.base import Layer
from lstm_shapes.model import Graph, Model
from lstm_shapes.size import Shape, Size, is_symbol, symbol

MAX_LAYERS = 100_000
MAX_NAME = 200


@uncollected
def read(document: Document, *, framework: str = "", dims: Mapping[str, Size] | None = None) -> Reading:
    """The model that a document describes. ``framework`` and ``dims`` override what it says itself. Raises nothing.

    >>> document = Document(source="-", data={"input_dim": 8, "layers": [{"type": "lstm", "units": 32}]})
    >>> reading = read(document)
    >>> reading.model.shapes, reading.findings
    (((Poly(B), Poly(T), 8),), ())
    """
    return _Spec(document, framework, dims or {}).reading()


def is_model(data: Any) -> bool:
    """Whether data look like a spec: a mapping with layers."""
    return isinstance(data, dict) and "layers" in data


class _TooLarge(Exception):
    """More layers than are read; a message has said so."""


class _Spec:
    def __init__(self, document: Document, framework: str, dims: Mapping[str, Size]) -> None:
        self.notes = Notes(document)
        self.notes.findings.extend(document.findings)
        self.document, self.override, self.given = document, framework, dims
        self.expectations: list[Expectation] = []
        self.arrives: dict[str, Size] = {}
        self.layers = self.top = 0

    def reading(self) -> Reading:
        data = self.document.data
        if data is None and self.notes.findings:
            return self.result(None)
        if not is_model(data):
            got = (
                f"a mapping of {', '.join(str(key)[:40] for key in list(data)[:5]) or 'nothing'}"
                if isinstance(data, dict)
                else found(data)
            )
            hint = "write `layers:` with a list of layers"
            self.notes.wrong("not-a-model", f"expected a model (a mapping with layers), got {got}", (), hint)
            return self.result(None)
        for key in data.keys() - set(TOP_KEYS):
            self.notes.unknown_key(key, TOP_KEYS, "a model", ())
        framework = self.framework(data)
        self.entries = Entries(self.notes, FRAMEWORKS[framework], self.dims(data), self.block)
        names, shapes = self.inputs(data)
        try:
            graph = self.graph(data, (), names)
        except _TooLarge:
            graph = None
        self.expect("", data, ())
        name, dtype = self.text(data, "name"), self.dtype(data)
        self.notes.findings.sort(key=lambda one: (one.place.line, one.place.column) if one.place else (0, 0))
        if graph is None:
            return self.result(None)
        return self.result(Model(graph=graph, shapes=shapes, name=name, framework=framework, dtype=dtype))

    def result(self, model: Model | None) -> Reading:
        return Reading(
            document=self.document,
            model=model,
            findings=tuple(self.notes.findings),
            expectations=tuple(self.expectations),
            arrives=self.arrives,
            unread=self.top - len(model.graph.nodes) if model else 0,
            symbols=frozenset(self.entries.symbols) if hasattr(self, "entries") else frozenset(),
        )

    def framework(self, data: dict[Any, Any]) -> str:
        reader = partial(choice, choices=tuple(FRAMEWORKS))
        written = self.notes.value(reader, data.get("framework", "keras"), ("framework",))
        return self.override or ("keras" if written is WRONG else str(written))

    def dtype(self, data: dict[Any, Any]) -> str:
        written = self.notes.value(partial(choice, choices=tuple(DTYPES)), data.get("dtype", "float32"), ("dtype",))
        return "float32" if written is WRONG else str(written)

    def text(self, data: dict[Any, Any], key: str) -> str:
        value = data.get(key, "")
        if isinstance(value, str) and len(value) <= MAX_NAME:
            return value
        got = f"{len(value):,} characters" if isinstance(value, str) else found(value)
        hint = (
            ""
            if isinstance(value, str) or value is None
            else f'write "{value}" in quotes'
            if isinstance(value, int | float)
            else ""
        )
        self.notes.wrong(
            "wrong-value", f"{key}: expected a text of at most {MAX_NAME} characters, got {got}", (key,), hint
        )
        return ""

    def dims(self, data: dict[Any, Any]) -> dict[str, Size]:
        """Values of symbols, each with those above it put in; what the command line says comes first."""
        values = dict(self.given)
        written = (
            self.notes.mapping(data["dims"], "symbols with their sizes, as {H: 64}", ("dims",))
            if "dims" in data
            else {}
        )
        for name, value in (written or {}).items():
            if not isinstance(name, str) or not is_symbol(name):
                self.notes.wrong("wrong-value", f"dims: expected a symbol, got {found(name)}", ("dims", name), key=True)
                continue
            known = self.notes.value(lambda raw: bound(size(raw), values), value, ("dims", name))
            if known is not WRONG and name not in self.given:
                values[name] = known
        return values

    def size(self, data: dict[Any, Any], key: str, default: Size) -> Any:
        return self.entries.bound(size, data[key], (key,)) if key in data else self.entries._bind(default)

    def inputs(self, data: dict[Any, Any]) -> tuple[tuple[str, ...], tuple[Shape, ...]]:
        """The model's inputs: as named, or the one sequence of batch, timesteps, input_dim."""
        if "inputs" in data:
            return self.named_inputs(data)
        first = _first(data["layers"])
        type_ = canonical(first["type"]) if isinstance(first.get("type"), str) else None
        axes = [self.size(data, "batch", symbol("B")), self.size(data, "timesteps", symbol("T"))]
        if type_ and type_[0] == "embedding":
            if "input_dim" in data:
                message = "input_dim counts features, but the embedding reads tokens: (batch, timesteps)"
                self.notes.wrong("conflicting-keys", message, ("input_dim",), "remove input_dim", key=True)
            return ("input",), (_judged(axes),)
        if "input_dim" in data:
            axes.append(self.size(data, "input_dim", 1))
        elif "input_dim" in first or "input_size" in first:
            key = "input_dim" if "input_dim" in first else "input_size"
            axes.append(self.entries.bound(size, first[key], (*_first_route(data["layers"]), key)))
        else:
            hint = "write `input_dim: 8`, or a symbol such as `input_dim: D`"
            self.notes.wrong(
                "missing-key", "a model needs input_dim, the features per timestep", ("layers",), hint, key=True
            )
            axes.append(WRONG)
        return ("input",), (_judged(axes),)

    def named_inputs(self, data: dict[Any, Any]) -> tuple[tuple[str, ...], tuple[Shape, ...]]:
        written = self.notes.mapping(data["inputs"], "inputs with their shapes, as {tokens: [B, T]}", ("inputs",)) or {}
        for key in ("batch", "timesteps", "input_dim"):
            if key in data:
                message = f"{key} beside inputs, which give whole shapes"
                self.notes.wrong("conflicting-keys", message, (key,), f"remove {key}", key=True)
        shapes = {str(name): self.entries.bound(shape, value, ("inputs", name)) for name, value in written.items()}
        return tuple(shapes), tuple(_judged(one) for one in shapes.values())

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
        self.top = len(drafts)
        outputs = self.names_in(data, "outputs", route) if "outputs" in data else []
        return Wiring(self.notes, inputs, drafts, final).graph(outputs, len(route))

    def drafts(self, entries: list[Any], route: Route, inputs: tuple[str, ...]) -> tuple[list[Draft], dict[str, str]]:
        """A draft for every layer, copies of a repeated one included, and the last copy of each repeated name.

        Layers inside a block count as often as it is repeated or used. Raises ``_TooLarge``.
        """
        names = _Names(self.notes, inputs, entries, route)
        drafts: dict[str, Draft] = {}
        final: dict[str, str] = {}
        inside: dict[str, int] = {}
        above = inputs[0] if len(inputs) == 1 else ""
        for number, entry in enumerate(entries):
            here = (*route, number)
            times = self.repeat(entry, here)
            name, before = names.of(entry, number), self.layers
            layer = self.layer(entry, here, drafts)
            used = entry.get("use") if isinstance(entry, dict) else None
            inside[name] = inside.get(used, 0) if isinstance(used, str) else self.layers - before
            self.layers = before + times * (1 + inside[name])
            if self.layers > MAX_LAYERS:
                self.notes.wrong("too-large", f"more than {MAX_LAYERS:,} layers", here, "split the model")
                raise _TooLarge
            for copy in range(times):
                own = name if times == 1 else names.free(f"{name}_{copy + 1}")
                drafts[own] = self.draft(own, layer, entry, here, above)
                above = own
            if times > 1:
                final[name] = above
        return list(drafts.values()), final

    def repeat(self, entry: Any, route: Route) -> int:
        if not isinstance(entry, dict) or "repeat" not in entry:
            return 1
        times = self.entries.bound(size, entry["repeat"], (*route, "repeat"))
        if isinstance(times, int):
            return times
        if times is not WRONG:
            self.notes.wrong("wrong-value", f"repeat: expected a number, got {times}", (*route, "repeat"))
        return 1

    def layer(self, entry: Any, route: Route, drafts: dict[str, Draft]) -> Layer | None:
        """The entry's layer, or the one that ``use`` names."""
        if not isinstance(entry, dict) or "use" not in entry:
            return self.entries.layer(entry, route)
        for key in entry.keys() - set(SHARED_KEYS):
            self.notes.unknown_key(key, SHARED_KEYS, "a layer used again", route)
        used = entry["use"]
        if isinstance(used, str) and used in drafts:
            return drafts[used].layer
        self.notes.wrong(
            "unknown-layer", f"use: expected the name of a layer above, got {found(used)}", (*route, "use")
        )
        return None

    def draft(self, name: str, layer: Layer | None, entry: Any, route: Route, above: str) -> Draft:
        data = entry if isinstance(entry, dict) else {}
        reads = self.names_in(data, "inputs", route) if "inputs" in data else [(above, route)] if above else []
        if not reads and layer is not None and "inputs" not in data:
            message = f"{name} has no layer above, and the model has several inputs"
            self.notes.wrong("wrong-setting", message, route, "write `inputs:` with the name of one", layer=name)
            layer = None
        states = self.names_in(data, "initial_state", route) if "initial_state" in data else []
        if "input_dim" in data and layer is not None and "vocab" not in vars(layer):
            said = self.entries.bound(size, data["input_dim"], (*route, "input_dim"))
            if said is not WRONG:
                self.arrives[name] = said
        self.expect(name, data, route)
        trainable = self.notes.value(flag, data.get("trainable", True), (*route, "trainable"))
        used = data.get("use")
        extras = tuple((key, found(value)) for key, value in data.items() if key in KEPT)
        return Draft(
            name, route, layer, reads, states, used if isinstance(used, str) else "", trainable is not False, extras
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
        from lstm_shapes.layers.block import Block

        for key in entry.keys() - {*NODE_KEYS, *BLOCK_KEYS, *KEPT}:
            self.notes.unknown_key(key, [*NODE_KEYS, *BLOCK_KEYS], "a nested model", route)
        written = entry.get("inputs", "input")
        names = [one for one in (written if isinstance(written, list) else [written]) if isinstance(one, str)]
        before = len(self.notes.findings)
        graph = self.graph(entry, route, tuple(names) if len(names) > 1 else ("input",))
        return Block(graph=graph) if graph is not None and len(self.notes.findings) == before else None

    def expect(self, name: str, data: dict[Any, Any], route: Route) -> None:
        """The ``expect`` and ``budget`` of a layer or the model."""
        for key, known in (("expect", EXPECTED_KEYS), ("budget", BUDGET_KEYS)):
            if key not in data:
                continue
            written = (
                self.notes.mapping(data[key], f"{key} as a mapping, such as {{params: 5248}}", (*route, key)) or {}
            )
            for what, value in written.items():
                here = (*route, key, what)
                if what not in known:
                    self.notes.unknown_key(what, known, key, (*route, key))
                    continue
                read = self.expected(what, value, here)
                if read is not WRONG:
                    self.expectations.append(Expectation(name, what, read, here, key == "budget"))

    def expected(self, what: str, value: Any, route: Route) -> Any:
        if what == "states" and isinstance(value, dict):
            states = tuple((name, self.entries.bound(shape, one, (*route, name))) for name, one in value.items())
            return WRONG if any(one is WRONG for _, one in states) else states
        if what == "states":
            return self.notes.value(_no_states, value, route)
        return self.entries.bound(shape if what == "output" else count, value, route)


class _Names:
    """A name for every entry: its own, or its type's with a number, as Keras counts."""

    def __init__(self, notes: Notes, inputs: tuple[str, ...], entries: list[Any], route: Route) -> None:
        self.taken = set(inputs)
        self.given: dict[int, str] = {}
        self.counts: dict[str, int] = {}
        for number, entry in enumerate(entries):
            name = entry.get("name") if isinstance(entry, dict) else None
            if name is None:
                continue
            if not isinstance(name, str) or not name or len(name) > MAX_NAME:
                got = f"one of {len(name):,}" if isinstance(name, str) else found(name)
                hint = f'write "{name}" in quotes' if isinstance(name, int | float) else ""
                notes.wrong(
                    "wrong-value",
                    f"name: expected a text of 1 to {MAX_NAME} characters, got {got}",
                    (*route, number, "name"),
                    hint,
                )
            elif name in self.taken:
                notes.wrong(
                    "duplicate-name",
                    f"the name {name!r} is taken",
                    (*route, number, "name"),
                    "give each layer and input its own name",
                )
            else:
                self.taken.add(name)
                self.given[number] = name

    def of(self, entry: Any, number: int) -> str:
        if number in self.given:
            return self.given[number]
        written = entry.get("use", entry.get("type")) if isinstance(entry, dict) else None
        known = canonical(written) if isinstance(written, str) else None
        return self.free(known[0] if known else str(written)[:MAX_NAME] if isinstance(written, str) else "layer")

    def free(self, name: str) -> str:
        """The name, with the first number that makes it unique."""
        own, count = name, self.counts.get(name, 0)
        while own in self.taken:
            count += 1
            own = f"{name}_{count}"
        self.counts[name] = count
        self.taken.add(own)
        return own


def _first(layers: Any) -> dict[Any, Any]:
    """The entry that reads the input: the first, or the first inside a nested model or wrapper."""
    entry = layers[0] if isinstance(layers, list) and layers else None
    while isinstance(entry, dict):
        inner = entry.get("layers")
        if not isinstance(inner, list) or not inner:
            return entry
        entry = inner[0]
    return {}


def _first_route(layers: Any) -> Route:
    route: tuple[str | int, ...] = ("layers", 0)
    entry = layers[0] if isinstance(layers, list) and layers else None
    while isinstance(entry, dict) and isinstance(inner := entry.get("layers"), list) and inner:
        route, entry = (*route, "layers", 0), inner[0]
    return route


def _judged(axes: Any) -> Any:
    """A shape, or None when an axis of it could not be read."""
    return None if axes is WRONG or WRONG in axes else tuple(axes)


def _no_states(value: Any) -> Any:
    from lstm_shapes.frameworks.values import Wrong

    raise Wrong(f"expected states with their shapes, got {found(value)}", "write it as {h: [B, 32], c: [B, 32]}")
