"""Keras' layers: the parameters of their classes in sequence, and the entry of a spec that a call makes of them.

To add a class, write its parameters into keras_parameters.py; the type that it is in a spec follows from its name. A
setting that the type does not have is left out: it changes neither shape nor count. One that is misspelled is kept, for
the reader to refuse.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any

from lstm_shapes.findings.spelling import certain, nearest
from lstm_shapes.importers.script.keras_parameters import KERAS_1, OLD_NAMES, PARAMETERS
from lstm_shapes.importers.script.nesting import as_layer
from lstm_shapes.importers.script.run import Arguments, Run
from lstm_shapes.importers.script.values import (
    MadeLayer,
    Opaque,
    Value,
)
from lstm_shapes.spec.keys import Spelling, canonical, spellings
from lstm_shapes.symbolic.size import Poly

_QUIET = frozenset(
    "activation recurrent_activation rate dropout recurrent_dropout momentum epsilon unroll stateful".split()
)
"""Settings of which nothing depends: left out where their value is not known."""


def layer_class(path: str) -> str:
    """The class of a layer of Keras by its path; '' for other names."""
    module, _, name = path.rpartition(".")
    return name if name in PARAMETERS and module in ("keras.layers", "keras.v1.layers") else ""


def make_layer(run: Run, name: str, given: Arguments, old: bool = False) -> Value:
    """The layer that a call of a class makes."""
    parameters = PARAMETERS[name].split()
    settings = dict(zip(parameters, given.positional, strict=False)) | given.named
    nodes: dict[str, ast.AST] = {parameter: given.code(number) for number, parameter in enumerate(parameters)}
    nodes |= {key: given.code(None, key) for key in given.named}
    settings = {OLD_NAMES.get(key, key): value for key, value in settings.items()}
    nodes = {OLD_NAMES.get(key, key): node for key, node in nodes.items()}
    if "output_dim" in settings and name != "Embedding":
        settings["units"], nodes["units"] = settings.pop("output_dim"), nodes["output_dim"]
    type_, implied = canonical(name) or ("unknown", {})
    if type_ == "rnn" and name == "RNN":
        type_ = "stacked_cells"
    layer = MadeLayer({"type": type_}, name, "keras", given.node)
    run.keras_1 |= bool(KERAS_1 & given.named.keys()) or ("output_dim" in given.named and name != "Embedding")
    if (old or KERAS_1 & given.named.keys()) and name in ("GRU", "GRUCell"):
        layer.entry["reset_after"] = False
    layer.entry |= {key: value for key, value in implied.items() if key == "reset_after"}
    if layer.type.startswith("average_pooling") and "pool_size" not in settings:
        layer.entry["pool_size"] = 2  # the default before Keras 3, which has none
    if given.open:
        run.note(given.node, f"the settings of {name} are not all known")
        layer.entry = {"type": "unknown", "class": name}
    else:
        _fill(run, layer, name, settings, nodes)
    if given.unpacked and lacks_size(layer):
        layer.entry = {"type": "unknown", "class": name}
    _names_and_shapes(run, layer, settings, nodes)
    return layer


def lacks_size(layer: MadeLayer) -> bool:
    """Whether a layer has no units, filters or vocabulary, which it cannot do without."""
    wanted = {spelling.field for spelling in spellings(layer.type).values()} & {"units", "filters", "vocab"}
    return layer.type != "unknown" and not wanted <= layer.entry.keys()


def _fill(run: Run, layer: MadeLayer, name: str, settings: dict[str, Value], nodes: dict[str, ast.AST]) -> None:
    """Write the settings that a type has into the entry of a layer."""
    fields = spellings(layer.type)
    for key, value in settings.items():
        spelling = fields.get("cells" if key == "cell" else key) or fields.get({"merge_mode": "merge"}.get(key, key))
        if spelling is None and _is_slip(key, layer.type):
            layer.entry[key], layer.nodes[key,] = True, nodes[key]
        if spelling is None or (value is None and spelling.kind != "activation" and key != "merge_mode"):
            continue
        if spelling.kind in ("layer", "cells"):
            if not _add_inner(run, layer, key if key != "cell" else "cells", value, nodes[key]):
                layer.entry = {"type": "unknown", "class": name}
                return
            continue
        written = setting(run, spelling, value, nodes[key])
        if written is None and key in _QUIET | {"activation"}:
            continue
        if written is None:
            run.note(nodes[key], f"{key} of {name} is not known")
            layer.entry = {"type": "unknown", "class": name}
            return
        layer.entry[key], layer.nodes[key,] = written, nodes[key]


@lru_cache(maxsize=1_000)
def _is_slip(key: str, type_: str) -> bool:
    """Whether a keyword is a parameter misspelled, which Keras refuses: the reader says so of the entry's key."""
    if key in KERAS_1 or type_ == "unknown":
        return False
    fields = spellings(type_)
    close = nearest(key, sorted(fields))
    return bool(close) and certain(key, close, fields)


def _add_inner(run: Run, layer: MadeLayer, key: str, value: Value, node: ast.AST) -> bool:
    """The entry of a layer inside a wrapper; False where it is not known."""
    if key == "cells":
        cells = value if isinstance(value, list | tuple) else [value]
        if len(cells) == 1 and isinstance(cells[0], MadeLayer) and cells[0].type == "stacked_cells":
            layer.entry["cells"] = cells[0].entry.get("cells", [])
            return "cells" in cells[0].entry
        if not all(isinstance(cell, MadeLayer) and cell.type.endswith("_cell") for cell in cells) or not cells:
            return False
        layer.entry["cells"] = [cell.entry for cell in cells]
        for number, cell in enumerate(cells):
            layer.nodes["cells", number] = cell.span
            layer.nodes |= {("cells", number, *route): inner for route, inner in cell.nodes.items()}
        return True
    inner = as_layer(run, value)
    if inner is None or inner.type == "unknown":
        return False
    layer.entry[key], layer.nodes[key,] = dict(inner.entry), inner.span
    layer.nodes |= {(key, *route): code for route, code in inner.nodes.items()}
    layer.input_shape = layer.input_shape or (inner.input_shape if layer.type != "time_distributed" else None)
    return True


def setting(run: Run, spelling: Spelling, value: Value, node: ast.AST) -> Any:
    """A value as a spec writes it for the kind of a field; None where it is not known."""
    kind = spelling.kind
    if kind == "flag":
        if isinstance(value, int | float | str | type(None) | Opaque | Poly):
            return run.truth(value, node)
        return None
    if kind == "activation":
        name = activation_name(value)
        return name if name is not None else ("linear" if value is None else None)
    if isinstance(value, tuple | list):
        items = [_scalar(run, item) for item in value]
        nested = [[_scalar(run, one) for one in item] for item in value if isinstance(item, list | tuple)]
        items = nested if nested else items
        return None if any(item is None for item in items) and kind != "shape" else items
    if isinstance(value, str):
        return value.lower() if kind in ("choice", "padding", "causal_padding") else value if kind == "text" else None
    if kind in ("rate", "number", "number_from_0", "optional_limit"):
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if spelling.field == "merge" and value is None:
        return "none"
    return _scalar(run, value)


def _scalar(run: Run, value: Value) -> Any:
    size = run.size(value)
    return str(size) if isinstance(size, Poly) else size


def activation_name(value: Value) -> str | None:
    """The name of an activation: a text, or a function of Keras or TensorFlow."""
    from lstm_shapes.importers.script.values import External
    from lstm_shapes.layers.activation_names import ALIASES, NAMES

    if isinstance(value, External):
        value = value.path.rpartition(".")[2]
    if isinstance(value, str) and (value in NAMES or value in ALIASES):
        return value
    return None


def _names_and_shapes(run: Run, layer: MadeLayer, settings: dict[str, Value], nodes: dict[str, ast.AST]) -> None:
    """The name of a layer, whether it is trained, and the shape of the input that it states."""
    name = settings.get("name")
    layer.name = name if isinstance(name, str) and name and len(name) <= 200 else ""
    if settings.get("trainable") is False and layer.type != "unknown":
        layer.entry["trainable"] = False
    shape = settings.get("batch_input_shape", settings.get("batch_shape"))
    if isinstance(shape, tuple | list):
        layer.input_shape = tuple(shape)
    elif isinstance(example := settings.get("input_shape"), tuple | list):
        batch = settings.get("batch_size")
        layer.input_shape = (batch, *example)
    elif isinstance(example, Opaque):
        layer.input_shape = _open_shape(run, layer, example)
    elif layer.type == "embedding":
        if (length := settings.get("input_length")) is not None and run.size(length) is not None:
            layer.input_shape = (settings.get("batch_size"), length)
    elif "input_dim" in settings and "input_dim" not in spellings(layer.type):
        if layer.type in ("dense", "dropout", "activation"):
            layer.input_shape = (None, settings["input_dim"])
        else:
            layer.input_shape = (None, settings.get("input_length"), settings["input_dim"])


def _open_shape(run: Run, layer: MadeLayer, example: Opaque) -> tuple[Any, ...] | None:
    """The shape of an input that is a value of the code, where the layer says how many axes it has."""
    inner = layer.entry.get("layer", {}).get("type", "")
    rank = {"lstm": 2, "gru": 2, "rnn": 2, "conv1d": 2, "conv2d": 3, "conv_lstm2d": 4}.get(inner or layer.type)
    return None if rank is None else (None, *(run.item(example, axis, layer.span) for axis in range(rank)))
