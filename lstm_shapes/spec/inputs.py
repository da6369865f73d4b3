"""What enters a model: the inputs it names, or the one sequence of batch, timesteps and input_dim."""

from __future__ import annotations

from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.spec.bound import Bound
from lstm_shapes.spec.errors import WRONG, Notes
from lstm_shapes.spec.keys import canonical
from lstm_shapes.spec.values import shape, size
from lstm_shapes.symbolic.size import Shape, Size, symbol

Inputs = tuple[tuple[str, ...], tuple[Shape | None, ...]]
"""The names of the inputs, and their shapes: None for one that could not be read."""


class ModelInputs:
    """Reads the inputs of one spec."""

    def __init__(self, notes: Notes, bound: Bound) -> None:
        self.notes, self.bound = notes, bound

    def read(self, data: dict[Any, Any]) -> Inputs:
        """The model's inputs: as named, or the one sequence of batch, timesteps, input_dim."""
        if "inputs" in data:
            return self.named(data)
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
            axes.append(self.bound.read(size, first[key], (*_first_route(data["layers"]), key)))
        else:
            hint = "write `input_dim: 8`, or a symbol such as `input_dim: D`"
            self.notes.wrong(
                "missing-key", "a model needs input_dim, the features per timestep", ("layers",), hint, key=True
            )
            axes.append(WRONG)
        return ("input",), (_judged(axes),)

    def named(self, data: dict[Any, Any]) -> Inputs:
        """The shapes under ``inputs``."""
        written = self.notes.mapping(data["inputs"], "inputs with their shapes, as {tokens: [B, T]}", ("inputs",)) or {}
        if written == {} and data["inputs"] == {}:
            hint = "write `inputs: {tokens: [B, T]}`, or remove it"
            self.notes.wrong("wrong-value", "inputs: expected at least one input, got none", ("inputs",), hint)
        for key in ("batch", "timesteps", "input_dim"):
            if key in data:
                message = f"{key} beside inputs, which give whole shapes"
                self.notes.wrong("conflicting-keys", message, (key,), f"remove {key}", key=True)
        shapes = {str(name): self.bound.read(shape, value, ("inputs", name)) for name, value in written.items()}
        return tuple(shapes), tuple(_judged(one) for one in shapes.values())

    def size(self, data: dict[Any, Any], key: str, default: Size) -> Any:
        """A size of the model, or its symbol."""
        return self.bound.read(size, data.get(key, str(default)), (key,))


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
