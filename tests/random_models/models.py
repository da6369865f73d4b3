"""Random models: each grows layer by layer, and what the engine finds an error in is left out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import lstm_shapes as ls
from lstm_shapes.analysis.report import Report
from lstm_shapes.layers import FAMILIES, family

from .values import NOTHING, RECURRENT, WITHIN, Draw, Entry, Target, entry, targets

TRIES = 60
"""How often a layer that is asked for is drawn; of the others a tenth."""
PLACES = (
    "plain",
    "time_distributed",
    "both directions",
    "deep",
    "repeat",
    "model",
    "initial_state",
    "use",
    "frozen",
    "tied_to",
)
"""Where a layer may stand, and what may be said of it there."""

OF_RECURRENT = ("both directions", "deep", "initial_state")


class RandomModel(NamedTuple):
    """A model without an error, and the places that its layers have."""

    spec: dict[str, Any]
    report: Report
    places: frozenset[str]
    reached: bool


def random_model(number: int, framework: str, *, symbolic: bool = False) -> RandomModel:
    """The model of a number, the same each time: its first layer is the target of that number, up to four follow.

    ``reached`` is false where no such layer could be drawn.
    """
    asked = targets()[number % len(targets())]
    draw = Draw(f"{framework} {number} {symbolic}", symbolic=symbolic)
    growing = _Growing(draw, framework)
    reached = any(growing.grow(asked.type, asked) for _ in range(TRIES))
    for _ in range(draw.randint(0 if growing.layers else 1, 4)):
        type_ = draw.choice(tuple(FAMILIES))
        any(growing.grow(type_) for _ in range(TRIES // 10))
    while not growing.layers:
        growing.grow("dense")
    growing.choose_outputs()
    return RandomModel(growing.spec(), growing.report, frozenset(growing.places), reached)


@lru_cache(maxsize=256)
def ranks(type_: str, framework: str) -> tuple[int, ...]:
    """The ranks of what a layer of the type reads, tried with ten of its entries; every rank where none is taken."""
    draw = Draw(type_)
    taken = []
    for rank in (2, 3, 4, 5, 6):
        for _ in range(10):
            count = max(1, family(type_).arity[0])
            shape = [3, *[6] * (rank - 1)]
            inputs = {f"x{one}": shape for one in range(count)}
            layers = [{**entry(draw, type_), "inputs": [*inputs] if count > 1 else "x0"}]
            if _errorless(ls.inspect({"framework": framework, "inputs": inputs, "layers": layers})):
                taken.append(rank)
                break
    return tuple(taken) or (2, 3, 4, 5, 6)


def _errorless(report: Report) -> bool:
    return not any(finding.severity == "error" for finding in report.findings)


class _Growing:
    """A model while it grows: its layers, and the shape of every tensor by the name with which it is read."""

    def __init__(self, draw: Draw, framework: str) -> None:
        self.draw, self.framework = draw, framework
        self.inputs: dict[str, list[Any]] = {}
        self.layers: list[Entry] = []
        self.outputs: list[str] = []
        self.shapes: dict[str, list[Any]] = {}
        self.places: set[str] = set()
        self.report = ls.inspect({"layers": []})

    def spec(self, inputs: dict[str, Any] | None = None, layers: list[Entry] | None = None) -> dict[str, Any]:
        """The model as a file would hold it."""
        outputs = {"outputs": self.outputs} if self.outputs else {}
        given = {**self.inputs, **(inputs or {})}
        return {"framework": self.framework, "inputs": given, "layers": [*self.layers, *(layers or [])], **outputs}

    def grow(self, type_: str, asked: Target = NOTHING) -> bool:
        """Draw a layer with what it reads; add it where the engine finds no error in the model with it."""
        draw = self.draw
        suiting = PLACES if type_ in RECURRENT else [place for place in PLACES if place not in OF_RECURRENT]
        place = draw.choice(suiting) if draw.chance(0.5) else "plain"
        layer = entry(draw, type_, asked)
        rank = draw.choice(ranks(type_, self.framework)) + (place == "time_distributed")
        fresh = {} if self.shapes and draw.chance(0.5) else {f"x{len(self.inputs)}": draw.shape(rank)}
        first = next(iter(fresh)) if fresh else draw.choice([*self.shapes][-4:])
        reads = [first]
        low, high = family(type_).arity
        for _ in range(draw.randint(low, min(high, 3)) - 1):
            name = self.another(fresh, fresh.get(first) or self.shapes[first])
            reads.append(name)
        layers = self.placed(place, self.reading(self.named(layer), reads))
        return bool(layers) and self.accept(place, fresh, layers)

    def another(self, fresh: dict[str, list[Any]], shape: list[Any]) -> str:
        """A further tensor for a layer that reads several: one that is there, or a new input of a like shape."""
        if self.shapes and self.draw.chance(0.3):
            return self.draw.choice([*self.shapes])
        shape, name = list(shape), f"x{len(self.inputs) + len(fresh)}"
        way = self.draw.random()
        if way < 0.25 and len(shape) > 2:
            axes = shape[1:]
            self.draw.shuffle(axes)
            shape = [shape[0], *axes]
        elif way < 0.6:
            shape[self.draw.randrange(1, len(shape)) if len(shape) > 1 else 0] = self.draw.size()
        fresh[name] = shape
        return name

    def named(self, layer: Entry) -> Entry:
        """The layer with a name of its own."""
        return {"name": f"n{len(self.layers)}", **layer}

    def reading(self, layer: Entry, reads: list[str]) -> Entry:
        """The layer reading these; nothing is said where it reads the layer above alone, as in a Sequential."""
        above = self.layers[-1].get("name") if self.layers else None
        if reads == [above] or (not self.layers and reads == ["x0"]):
            return layer if self.draw.chance(0.5) else {**layer, "inputs": reads[0]}
        return {**layer, "inputs": reads if len(reads) > 1 else reads[0]}

    def placed(self, place: str, layer: Entry) -> list[Entry]:
        """The entries that put the layer there; none where it cannot stand there."""
        draw, type_, name = self.draw, layer["type"], layer["name"]
        outside = {key: layer[key] for key in ("name", "inputs") if key in layer}
        inside = {key: value for key, value in layer.items() if key not in outside}
        recurrent = type_ in RECURRENT
        if place == "plain":
            return [layer]
        if place == "time_distributed" and type_ in WITHIN:
            return [{**outside, "type": "time_distributed", "layer": inside}]
        if place == "both directions" and recurrent:
            merge = {"merge": draw.choice(("concat", "sum", "mul", "ave", "none"))} if draw.chance(0.5) else {}
            return [{**layer, "bidirectional": True, **merge}]
        if place == "deep" and recurrent:
            depth = "L" if draw.symbolic and draw.chance(0.5) else draw.randint(2, 3)
            return [{**layer, "num_layers": depth}]
        if place == "repeat":
            return [{**layer, "repeat": "N" if draw.symbolic and draw.chance(0.5) else draw.randint(2, 3)}]
        if place == "model" and family(type_).arity == (1, 1):
            after = [entry(draw, draw.choice(("dense", "dropout", "layer_normalization", "gru")))]
            return [{**outside, "type": "model", "layers": [inside, *(after if draw.chance(0.5) else [])]}]
        if place == "initial_state" and recurrent:
            encoder = {**layer, "return_state": True}
            both = {"bidirectional": True} if draw.chance(0.3) else {}
            return [{**encoder, **both}, {**layer, **both, "name": f"{name}d", "initial_state": STATES}]
        if place == "use":
            return [layer, {"use": name, "name": f"{name}u", "inputs": draw.choice([*self.shapes, name])}]
        if place == "frozen":
            return [{**layer, "trainable": False}]
        if place == "tied_to" and family(type_).weight_docs:
            return [layer, {**layer, "name": f"{name}t", "tied_to": {draw.choice([*family(type_).weight_docs]): TIED}}]
        return []

    def accept(self, place: str, fresh: dict[str, list[Any]], layers: list[Entry]) -> bool:
        """Add the layers where the model with them has no error."""
        if layers[-1].get("initial_state") == STATES:
            report = ls.inspect(self.spec(fresh, layers[:1]))
            states = [one.name for one in report.layers[-1].outputs[1:]] if report.layers else []
            layers[-1]["initial_state"] = [f"{layers[0]['name']}.{state}" for state in states]
        for key in layers[-1].get("tied_to", {}):
            layers[-1]["tied_to"][key] = f"{layers[0]['name']}.{key}"
        if any(
            name not in {*self.inputs, *fresh, *self.shapes, *(one["name"] for one in layers)}
            for one in layers
            for name in _read(one)
        ):
            return False
        report = ls.inspect(self.spec(fresh, layers))
        if not _errorless(report):
            return False
        self.inputs |= fresh
        self.layers += layers
        self.places.add(place)
        self.report = report
        self.shapes = {one.name: list(map(_plain, one.shape)) for one in report.inputs if one.shape}
        for row in report.layers:
            for one in row.outputs:
                if one.shape:  # a number alone is read by no layer
                    name = one.name if one.name.split(".")[0] in self.names() else f"{row.name}.{one.name}"
                    self.shapes[name.removesuffix(".output")] = list(map(_plain, one.shape))
        return True

    def names(self) -> list[str]:
        """The names of all calls."""
        return [one["name"] for one in self.layers]

    def choose_outputs(self) -> None:
        """Sometimes the model passes on two tensors of its layers."""
        named = [name for name in self.shapes if name not in self.inputs]
        if len(named) < 2 or self.draw.chance(0.6):
            return
        self.outputs = self.draw.sample(named, 2)
        report = ls.inspect(self.spec())
        if _errorless(report):
            self.report = report
        else:
            self.outputs = []


STATES, TIED = "the encoder's states", "the layer before"


def _read(layer: Entry) -> list[str]:
    reads = layer.get("inputs", [])
    return reads if isinstance(reads, list) else [reads]


def _plain(size: Any) -> Any:
    return size if isinstance(size, int) else str(size)
