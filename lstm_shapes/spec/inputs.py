"""What enters a model: its named inputs, or the single sequence of batch, timesteps and input_dim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, count
from typing import Any

from lstm_shapes.findings.finding import Edit
from lstm_shapes.findings.route import Route
from lstm_shapes.graph.model import UNKNOWN
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.spec.context import MISSING, Context, read_mapping, read_value
from lstm_shapes.spec.keys import SPATIAL, WIDTH_KEYS, canonical
from lstm_shapes.spec.values import any_shape, shape, size
from lstm_shapes.symbolic.size import Shape, Size, symbol

Inputs = tuple[tuple[str, ...], tuple[Shape | None, ...]]
"""The names of the inputs, and their shapes; None for a shape that could not be read."""


def read_inputs(context: Context, data: dict[Any, Any]) -> Inputs:
    """The inputs of a model."""
    route, first = _first_layer(data["layers"])
    if "input_size" in data and "input_dim" in data:
        message = "input_size is another name of input_dim, which is already set"
        context.errors.add("conflicting-keys", message, ("input_size",), "keep one of them", key=True)
    if "inputs" in data:
        if "input_shape" in first:
            message = "input_shape together with inputs, which already give complete shapes"
            here = (*route, "input_shape")
            edit = Edit("unsafe", "remove", here)
            context.errors.add("conflicting-keys", message, here, "remove input_shape", key=True, edit=edit)
        return ((), ()) if data["inputs"] == UNKNOWN.name else _named_inputs(context, data)
    if "input_shape" in first:
        return ("input",), (_of_first_layer(context, data, route, first),)
    axes: list[Any] = list(context.axes)
    if not _reads_tokens(first):
        features = _features(context, data, route, first)
        axes.insert(1 if _channels_first(context, first) else 2, features)
    elif (key := _width_key(data)) in data:
        message = f"{key} counts features, but the embedding reads tokens: (batch, timesteps)"
        edit = Edit("fix", "remove", (key,))
        context.errors.add("conflicting-keys", message, (key,), f"remove {key}", key=True, edit=edit)
    return ("input",), (_complete(axes),)


def read_axes(context: Context, data: dict[Any, Any], steps: tuple[int, ...] = ()) -> tuple[Size, Size]:
    """The sizes of batch and timesteps: symbols, unless the model sets them; the timesteps first where it says so.

    ``steps`` are the lengths of the examples, which set both where nothing else does.
    """
    examples, longest = (len(steps), max(steps)) if steps else (symbol("B"), symbol("T"))
    batch = _axis(context, data, "batch", examples) if "inputs" not in data else symbol("B")
    timesteps = _axis(context, data, "timesteps", longest) if "inputs" not in data else symbol("T")
    return (timesteps, batch) if _time_first(data["layers"]) else (batch, timesteps)


def axes_of_time(context: Context, data: dict[Any, Any]) -> tuple[int, int]:
    """The axes of the batch and of the timesteps in a sequence that enters the model."""
    if _time_first(data["layers"]):
        return 1, 0
    return (0, 2) if _channels_first(context, _first_layer(data["layers"])[1]) else (0, 1)


_ORDERS = {"batch_first", "layout"}
"""The keys that say whether the batch or time stands first: PyTorch's and ONNX'."""


def _time_first(layers: Any) -> bool:
    """Whether the first layer that says where the batch stands says that it stands second, as in PyTorch and ONNX."""
    entries = layers if isinstance(layers, list) else []
    mappings = (entry for entry in entries if isinstance(entry, dict))
    first = (entry.get("batch_first", entry.get("layout")) for entry in mappings if entry.keys() & _ORDERS)
    return next(first, True) in (False, 0)


def _of_first_layer(context: Context, data: dict[Any, Any], route: Route, first: dict[Any, Any]) -> Any:
    """The shape that Keras' ``input_shape`` gives the input: that of an example, so the batch stands before it."""
    for key in ("timesteps", _width_key(data)):
        if key in data:
            message = f"{key} together with input_shape, which already gives it"
            edit = Edit("unsafe", "remove", (key,))
            context.errors.add("conflicting-keys", message, (key,), f"remove {key}", key=True, edit=edit)
    example = read_value(context, lambda value: (None, *shape(value)), first["input_shape"], route, "input_shape")
    return None if example is MISSING else example


def _width_key(data: dict[Any, Any]) -> str:
    """The key under which a model has the features per timestep: PyTorch's, or Keras'."""
    return "input_size" if "input_size" in data else "input_dim"


def _features(context: Context, data: dict[Any, Any], route: Route, first: dict[Any, Any]) -> Any:
    """The features per timestep, as the model has them, or its first layer."""
    key = _width_key(data)
    if key in data:
        return read_value(context, size, data[key], (), key)
    for key in WIDTH_KEYS:
        if key in first:
            return read_value(context, size, first[key], route, key)
    hint = "write `input_dim: 8`, or a symbol such as `input_dim: D`"
    message = "a model needs input_dim, the features per timestep"
    context.errors.add("missing-key", message, ("layers",), hint, key=True)
    return MISSING


def _named_inputs(context: Context, data: dict[Any, Any]) -> Inputs:
    """The shapes under ``inputs``."""
    value, errors = data["inputs"], context.errors
    expected = "inputs with their shapes, as {tokens: [B, T]}, or the word unknown"
    entries = read_mapping(context, value, expected, ("inputs",)) or {}
    if value == {}:
        hint = "write `inputs: {tokens: [B, T]}`, or remove it"
        errors.add("wrong-value", "inputs: expected at least one input, got none", ("inputs",), hint)
    for key in ("batch", "timesteps", _width_key(data)):
        if key in data:
            message = f"{key} together with inputs, which already give complete shapes"
            edit = Edit("unsafe", "remove", (key,))
            errors.add("conflicting-keys", message, (key,), f"remove {key}", key=True, edit=edit)
    unknown = _symbols(entries)
    shapes = {
        str(name): read_value(context, lambda value: _open(any_shape(value), unknown), axes, ("inputs",), name)
        for name, axes in entries.items()
    }
    return tuple(shapes), tuple(_complete(axes) for axes in shapes.values())


def _symbols(entries: dict[Any, Any]) -> Iterator[Size]:
    """A symbol for each axis that is not known: T, T_2, T_3 ..., those that the file has itself left out."""
    texts = {axis for axes in entries.values() if isinstance(axes, list) for axis in axes if isinstance(axis, str)}
    every = chain(["T"], (f"T_{number}" for number in count(2)))
    return (symbol(name) for name in every if name not in texts)


def _open(axes: Iterable[Size | None], unknown: Iterator[Size]) -> tuple[Size, ...]:
    """The shape of an input: null is the batch in front, and a symbol of its own elsewhere."""
    if axes == ():
        return ()
    first, *others = axes
    batch = symbol("B") if first is None else first
    return (batch, *(next(unknown) if size is None else size for size in others))


def _axis(context: Context, data: dict[Any, Any], key: str, default: Size) -> Any:
    """A size of the model, whose default null and None mean as well."""
    value = data.get(key)
    default_value = default if isinstance(default, int) else str(default)
    own = read_value(context, size, default_value if value in (None, "None") else value, (), key)
    return default if own is MISSING else own


def _first_layer(layers: Any) -> tuple[Route, dict[Any, Any]]:
    """The entry that reads the input, and its route: the first, or the first inside a nested model or a wrapper."""
    route: Route = ("layers", 0)
    entry = layers[0] if isinstance(layers, list) and layers else None
    while isinstance(entry, dict):
        inner, wrapped = entry.get("layers"), entry.get("layer")
        if isinstance(inner, list) and inner:
            route, entry = (*route, "layers", 0), inner[0]
        elif isinstance(wrapped, dict) and not _WIDTHS & entry.keys() and _enters(wrapped):
            route, entry = (*route, "layer"), wrapped
        else:
            return route, entry
    return route, {}


def _enters(wrapped: dict[Any, Any]) -> bool:
    """Whether a layer inside a wrapper can say what the model reads: the input_dim of an embedding counts tokens."""
    return "input_shape" in wrapped or not _reads_tokens(wrapped)


_WIDTHS = {*WIDTH_KEYS, "input_shape"}


def _reads_tokens(entry: dict[Any, Any]) -> bool:
    type_ = entry.get("type")
    type_and_fields = canonical(type_) if isinstance(type_, str) else None
    return type_and_fields is not None and type_and_fields[0] in FAMILIES and family(type_and_fields[0]).reads_tokens


def _channels_first(context: Context, entry: dict[Any, Any]) -> bool:
    """Whether a layer over axes of space reads (batch, features, timesteps), as PyTorch's do."""
    type_and_fields = canonical(entry["type"]) if isinstance(entry.get("type"), str) else None
    if type_and_fields is None or type_and_fields[0] not in SPATIAL:
        return False
    default = context.framework.defaults.get(type_and_fields[0], {}).get("data_format")
    return bool(entry.get("data_format", default) == "channels_first")


def _complete(axes: Any) -> Any:
    """The shape, or None when an axis could not be read."""
    return None if axes is MISSING or MISSING in axes else tuple(axes)
