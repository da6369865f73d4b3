"""A model on its way into a spec: its entries in order, what it reads, what it passes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from lstm_shapes.findings.route import Route
from lstm_shapes.importers.keras.inputs import Located
from lstm_shapes.importers.keras.piece import Piece, Recorded
from lstm_shapes.layers.output_names import distinct

Input = tuple[str, Located | None]
"""An input's name and its shape."""
_OPAQUE = frozenset(("unknown", "lambda", "operator"))
_WEIGHTED = frozenset(
    """dense lstm gru rnn bidirectional stacked_cells batch_normalization layer_normalization
    conv1d conv2d conv3d""".split()
)


class Model(NamedTuple):
    """``outputs`` are empty where the last layer is the output; ``names`` are Keras' own, entry by entry."""

    pieces: tuple[Piece, ...]
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    output_routes: tuple[Route, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed of its layers, each with the layer's name."""
        pairs = zip(self.pieces, self.names, strict=True)
        return tuple(f"{name}: {note}" for piece, name in pairs for note in piece.notes)

    def routes(self) -> dict[Route, Route]:
        """The places of the values of its entries."""
        routes: dict[Route, Route] = {}
        for number, piece in enumerate(self.pieces):
            routes |= piece.inside("layers", number)
        for number, place in enumerate(self.output_routes):
            routes["outputs", number] = place
        return routes

    def paths(self) -> dict[str, Route]:
        """The route of each layer by its path in Keras: a layer inside a model has its model's name in front."""
        paths: dict[str, Route] = {}
        for number, (piece, name) in enumerate(zip(self.pieces, self.names, strict=True)):
            if "use" in piece.data:
                continue
            paths.setdefault(name, ("layers", number))
            for path, route in piece.paths.items():
                paths.setdefault(f"{name}/{path}", ("layers", number, *route))
        return paths

    def recorded(self) -> dict[Route, Recorded]:
        """The output shapes that the writer recorded, by the layer's route."""
        return {
            ("layers", number, *route): shapes
            for number, piece in enumerate(self.pieces)
            for route, shapes in piece.recorded.items()
        }


def is_opaque(data: Mapping[str, Any]) -> bool:
    """Whether an entry's output shape is not known, so that the next layer's count needs its own width."""
    return data.get("type") in _OPAQUE and "output" not in data


def takes_width(data: Mapping[str, Any]) -> bool:
    """Whether an entry's count follows from the features that reach it, on the last axis."""
    return data.get("type") in _WEIGHTED and data.get("data_format") != "channels_first" and data.get("axis", -1) == -1


def output_names(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of an entry's outputs in Keras' order, as a spec refers to them."""
    type_ = data.get("type", "")
    if type_ == "model":
        return _of_block(data)
    if type_ == "bidirectional" or data.get("bidirectional"):
        inner = data.get("layer", data)
        states = states_of(inner)
        main = ("forward", "backward") if data.get("merge") == "none" else ("output",)
        ways = tuple(f"{way}_{state}" for way in ("forward", "backward") for state in states)
        return (*main, *ways) if inner.get("return_state") else main
    if data.get("return_attention_scores"):
        return ("output", "scores")
    if type_ == "split":
        count = data.get("sections") or len(data.get("sizes", ()))
        return tuple(f"part_{number + 1}" for number in range(count))
    return ("output", *states_of(data)) if data.get("return_state") else ("output",)


def states_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of a recurrent layer's states."""
    type_ = data.get("type", "")
    if type_ == "stacked_cells":
        cells = data["cells"]
        if len(cells) == 1:
            return states_of(cells[0])
        return tuple(f"{state}_{number}" for number, cell in enumerate(cells, 1) for state in states_of(cell))
    return ("h", "c") if "lstm" in type_ else ("h",)


def is_recurrent(data: Mapping[str, Any]) -> bool:
    """Whether an entry takes initial states after its sequence."""
    type_ = data.get("type", "")
    return type_ in ("lstm", "gru", "rnn", "stacked_cells", "bidirectional") or type_.startswith("conv_lstm")


def _of_block(data: Mapping[str, Any]) -> tuple[str, ...]:
    outputs = data.get("outputs", ())
    if len(outputs) < 2:
        return ("output",)
    entries = {layer.get("name"): layer for layer in data["layers"]}
    return distinct(_as_output(name, entries) for name in outputs)


def _as_output(name: str, entries: Mapping[Any, Mapping[str, Any]]) -> str:
    """What a block calls an output: the layer's name, with that of its output where that is not the first."""
    if name in entries or "." not in name:
        return name
    owner = next((known for known in entries if known and name.startswith(f"{known}.")), "")
    if not owner:
        return name
    entry, output = entries[owner], name[len(owner) + 1 :]
    return owner if output == _first_output(entries.get(entry.get("use"), entry)) else f"{owner}_{output}"


def _first_output(data: Mapping[str, Any]) -> str:
    """The name of an entry's first output, found without the names of the others."""
    outputs = data.get("outputs", ())
    if data.get("type") != "model" or len(outputs) < 2:
        return output_names(data)[0]
    return _as_output(outputs[0], {layer.get("name"): layer for layer in data["layers"]})
