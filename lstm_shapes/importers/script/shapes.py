"""The shapes that a layer passes on, asked of the layer itself: a spec with only this layer is read."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from lstm_shapes.formats.document import Document
from lstm_shapes.importers.script.values import Call, MadeLayer, Tensor
from lstm_shapes.spec import reader
from lstm_shapes.symbolic.size import Poly, Shape, names, symbol


class Outputs(NamedTuple):
    """The names of a layer's outputs, and their shapes; None for those that are not known."""

    names: tuple[str, ...]
    shapes: tuple[Shape | None, ...]


UNKNOWN = Outputs(("output",), (None,))


def shape_of(tensor: Tensor) -> Shape | None:
    """The shape of a tensor; None where it is not known."""
    if tensor.call is None:
        return tensor.shape
    if tensor.call.layer is None:
        return None if tensor.shape is None else _closed(tensor.shape, tensor.call.order)
    shapes = outputs_of(tensor.call).shapes
    return shapes[tensor.output] if tensor.output < len(shapes) else None


def outputs_of(call: Call) -> Outputs:
    """The outputs of a layer applied to tensors."""
    layer = call.layer
    if layer is None:
        return UNKNOWN
    arriving = tuple(shape_of(tensor) for tensor in call.inputs)
    if call.shapes is None:
        outputs = layer_outputs(layer, arriving)
        call.shapes = outputs.shapes
        return outputs
    return Outputs(layer_outputs(layer, arriving).names, call.shapes)


def layer_outputs(layer: MadeLayer, arriving: tuple[Shape | None, ...]) -> Outputs:
    """The outputs of a layer for the shapes that arrive."""
    entry = {key: value for key, value in layer.entry.items() if key not in ("name", "inputs", "initial_state")}
    return _outputs(_Entry(entry), layer.framework, arriving)


def _closed(shape: tuple[Any, ...], order: int) -> Shape:
    """The shape of an input with a symbol for each axis that it leaves open: B for the batch in front."""
    first, *others = shape
    symbols = (symbol(f"{OPEN}{order}_{axis}") for axis in range(1, len(shape)))
    axes = zip(others, symbols, strict=True)
    return (symbol("B") if first is None else first, *(own if size is None else size for size, own in axes))


OPEN = "open_axis_"
"""How the symbols of axes that an input leaves open begin."""


def is_open(size: Any) -> bool:
    """Whether a size depends on an axis that an input of Keras leaves open."""
    return isinstance(size, Poly) and any(name == "B" or name.startswith(OPEN) for name in names(size))


class _Entry:
    """The entry of a layer, which can be a key by its text."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data, self.text = data, repr(data)

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Entry) and self.text == other.text


@lru_cache(maxsize=512)
def _outputs(entry: _Entry, framework: str, arriving: tuple[Shape | None, ...]) -> Outputs:
    data: dict[str, Any] = {"framework": framework, "layers": [{**entry.data}]}
    data["layers"][0].pop("repeat", None)
    open_shape = any(shape is None for shape in arriving) or not arriving
    if open_shape:
        data["inputs"] = "unknown"
    else:
        inputs = [f"input_{number}" for number in range(len(arriving))]
        data["inputs"] = {name: written(shape or ()) for name, shape in zip(inputs, arriving, strict=True)}
        data["layers"][0]["inputs"] = inputs
    reading = reader.read(Document(source="", data=data))
    if reading.model is None or not reading.model.graph.nodes:
        return UNKNOWN
    names_of_outputs = reading.model.graph.nodes[0].layer.output_names
    inferred = reading.inferred
    shapes = (inferred.nodes[0].outputs if inferred is not None and not open_shape else None) or ()
    if reading.findings or len(shapes) != len(names_of_outputs):
        return Outputs(names_of_outputs, (None,) * len(names_of_outputs))
    return Outputs(names_of_outputs, tuple(shapes))


def written(shape: tuple[Any, ...]) -> list[Any]:
    """A shape as a spec writes it."""
    return [str(size) if isinstance(size, Poly) else size for size in shape]
