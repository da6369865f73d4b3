"""One layer of a Keras file -> the entry of a spec: its type, its settings that are not the default, their places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from math import isclose
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.importers.keras.activation import activation
from lstm_shapes.importers.keras.classes import CLASSES, FIXED, IDENTITY, RENAMED, SIGNATURES, SINCE_TENSORFLOW_2
from lstm_shapes.importers.keras.piece import MAX_DEPTH, Given, Piece
from lstm_shapes.layers import family
from lstm_shapes.spec.keys import spellings

_HIDDEN = frozenset(("frozen", "backward_layer", "layer", "cells", "declared_macs"))
_PACKAGES = ("keras", "tensorflow", "tf_keras", "tensorflow_core", "keras_core")
_ORDERINGS = {"th": "channels_first", "tf": "channels_last", "default": "channels_last"}


def translate_layer(given: Given) -> Piece:
    """The entry of a layer, without its name and what it reads."""
    if given.depth > MAX_DEPTH:
        return unknown(given, f"{given.class_name}: layers are more than {MAX_DEPTH} deep inside each other")
    module = given.entry.get("module")
    if isinstance(module, str) and module.startswith(("keras.src.ops", "keras.ops")):
        return _function("operators", "keras_operation")(given)
    special = _SPECIAL.get(given.class_name)
    if special and _is_kerass_own(given):
        return _function(*special)(given)
    if given.class_name in IDENTITY:
        return Piece({"type": "activation", "activation": "linear"}, {("type",): (*given.route, "class_name")})
    if given.class_name not in CLASSES or not _is_kerass_own(given):
        return unknown(given)
    extra = _not_counted(given.config)
    if extra:
        return unknown(given, f"{given.class_name} with {extra} is not described")
    return with_trainable(given, plain(given))


def plain(given: Given) -> Piece:
    """The entry of a layer whose settings are its own, not those of layers inside."""
    type_ = CLASSES[given.class_name]
    data: dict[str, Any] = {"type": type_}
    routes: dict[Route, Route] = {("type",): (*given.route, "class_name")}
    notes: list[str] = []
    names, known = RENAMED.get(type_, {}) if given.dialect.generation == 1 else {}, spellings(type_)
    for key, value in given.config.items():
        spelling = known.get(names.get(key, key))
        if spelling is None or spelling.field in _HIDDEN:
            continue
        value, note = _value(given, spelling.kind, spelling.field, value)
        notes += [note] if note else []
        if not _is_default(type_, spelling.field, value):
            data[spelling.field] = value
            routes[spelling.field,] = given.at(key)
    _add_kernel_of_keras_1(given, data, routes)
    _add_defaults_of_version(given, type_, data)
    data |= {key: value for key, value in FIXED.get(given.class_name, {}).items() if not _is_default(type_, key, value)}
    if type_ in ("attention", "additive_attention", "multi_head_attention"):
        _add_arguments_of_call(given, data)
    return Piece(data, routes, tuple(notes))


def unknown(given: Given, note: str = "", inside: str = "") -> Piece:
    """The entry of a layer of which only the class is known, and the class ``inside`` it that makes it so."""
    name = given.class_name[:100] or "layer"
    data = {"type": "unknown", "class": f"{name}({inside[:90]})" if inside else name}
    return with_trainable(given, Piece(data, {("class",): (*given.route, "class_name")}, (note,) if note else ()))


def with_trainable(given: Given, piece: Piece) -> Piece:
    """The entry with ``trainable: false`` where the file says it."""
    if given.config.get("trainable", True) is not False:
        return piece
    return piece.having("trainable", False, given.at("trainable"))


def _is_kerass_own(given: Given) -> bool:
    """Whether the class is Keras' and not one of the same name that somebody wrote."""
    module = given.entry.get("module")
    if "module" in given.entry and not isinstance(module, str):  # Keras writes the module of its own classes
        return False
    if isinstance(module, str) and module.split(".")[0] not in _PACKAGES:
        return False
    needed = SIGNATURES.get(given.class_name, ())
    older = given.dialect.generation < 3 and not given.dialect.tensorflow
    if older and given.class_name in SINCE_TENSORFLOW_2:
        return False
    return all(key in given.config for key in needed)


def _not_counted(config: Mapping[str, Any]) -> str:
    """A setting with which a layer has more weights than we count, or other axes."""
    for key in ("time_major", "lora_rank", "renorm"):
        if config.get(key):
            return key
    dtype = config.get("dtype")
    quantized = isinstance(dtype, Mapping) and str(dtype.get("class_name", "")).startswith("Quantized")
    return "a quantized dtype" if quantized else ""


def _value(given: Given, kind: str, field: str, value: Any) -> tuple[Any, str]:
    """A setting's value as a spec has it, and what is to be said of it."""
    if kind == "activation":
        return activation(value, given.dialect)
    if isinstance(value, Mapping):
        value = _number(value)
    if kind == "flag" and type(value) is int and value in (0, 1):
        return bool(value), ""
    if field == "data_format":
        value = _ORDERINGS.get(value, value) if isinstance(value, str) else "channels_last"
    if kind in ("optional_axes", "optional_sizes") and value == []:
        return None, ""
    if isinstance(value, list):
        return _shortened(kind, field, _of_each_axis(given.class_name, value)), ""
    if kind == "rate" and value is None:
        return 0.0, ""
    return value, ""


def _number(value: Mapping[str, Any]) -> Any:
    """The number of an array of NumPy as Keras writes it."""
    for key in ("value", "config"):
        inner = value.get(key)
        if isinstance(inner, Mapping):
            return _number(inner)
        if isinstance(inner, int | float | list):
            return inner
    items = value.get("items")
    return items if isinstance(items, list) else value


def _of_each_axis(class_name: str, value: list[Any]) -> list[Any]:
    """What ZeroPadding and Cropping add or remove at each axis: Keras 1 writes plain sizes."""
    plain_sizes = all(type(item) is int for item in value)
    if class_name in ("ZeroPadding1D", "Cropping1D") and plain_sizes and len(value) == 2:
        return [value]
    if class_name in ("ZeroPadding2D", "Cropping2D") and plain_sizes and len(value) == 4:
        return [value[:2], value[2:]]
    return value


def _shortened(kind: str, field: str, value: list[Any]) -> Any:
    """A list of equal sizes as one of them."""
    if field == "groups" or not value or kind in ("target", "integers", "shape", "optional_sizes", "optional_axes"):
        return value
    if field == "axis" and kind == "integer":
        return value[0] if len(value) == 1 else value
    alike = all(type(item) is type(value[0]) and item == value[0] for item in value)
    if alike and kind == "ends" and isinstance(value[0], list):
        pair = value[0]
        return pair[0] if len(pair) == 2 and pair[0] == pair[1] else value
    if kind == "axis_or_axes":
        return value[0] if len(value) == 1 else value
    return value[0] if alike and type(value[0]) is int else value


@lru_cache(maxsize=128)
def defaults(type_: str) -> Mapping[str, Any]:
    """The value of each field of a type that need not be set."""
    return {field.name: field.default for field in fields(family(type_)) if field.default is not MISSING}


def _is_default(type_: str, field: str, value: Any) -> bool:
    """Whether a value is what the field has without it; 0.3 stored in 32 bits is 0.3."""
    known = defaults(type_)
    if field not in known:
        return False
    default = known[field]
    if isinstance(default, float) and isinstance(value, int | float) and not isinstance(value, bool):
        return isclose(default, value, rel_tol=1e-6, abs_tol=0)
    if isinstance(default, tuple) and value is None:
        return default == ()
    return type(value) is type(default) and bool(value == default)


def _add_kernel_of_keras_1(given: Given, data: dict[str, Any], routes: dict[Route, Route]) -> None:
    """The kernel's size from nb_row and nb_col, or kernel_dim1 to 3."""
    for keys in (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3")):
        sizes = [given.config[key] for key in keys if key in given.config]
        if len(sizes) == len(keys) and "kernel_size" not in data:
            data["kernel_size"] = sizes[0] if len(set(map(repr, sizes))) == 1 else sizes
            routes["kernel_size",] = given.at(keys[0])


def _add_defaults_of_version(given: Given, type_: str, data: dict[str, Any]) -> None:
    """What a setting that is left out means in the version that wrote the file, where ours is another."""
    if given.class_name.startswith("CuDNN"):
        return
    known = defaults(type_)
    if "reset_after" in known and "reset_after" not in given.config and not given.dialect.reset_after:
        data["reset_after"] = False
    stated = {"recurrent_activation", "inner_activation"} & given.config.keys()
    if type_.removesuffix("_cell") in ("lstm", "gru") or type_.startswith("conv_lstm"):
        if not stated and given.dialect.recurrent_activation != known["recurrent_activation"]:
            data["recurrent_activation"] = given.dialect.recurrent_activation
    elif "recurrent_activation" in data:  # a simple RNN has none
        del data["recurrent_activation"]


def _add_arguments_of_call(given: Given, data: dict[str, Any]) -> None:
    """What attention is told in its call."""
    for key, field in (("use_causal_mask", "causal"), ("return_attention_scores", "return_attention_scores")):
        if given.call.kwargs.get(key) is True:
            data[field] = True


def _function(module: str, name: str) -> Callable[[Given], Piece]:
    from importlib import import_module

    function: Callable[[Given], Piece] = vars(import_module(f"lstm_shapes.importers.keras.{module}"))[name]
    return function


_SPECIAL = {
    "Bidirectional": ("wrappers", "bidirectional"),
    "TimeDistributed": ("wrappers", "time_distributed"),
    "RNN": ("wrappers", "cells"),
    "Lambda": ("others", "function"),
    "Merge": ("others", "merge"),
    "Highway": ("others", "highway"),
    "MaxoutDense": ("others", "maxout"),
    "Normalization": ("others", "normalization"),
    "TextVectorization": ("others", "vectorization"),
    "StringLookup": ("others", "lookup"),
    "IntegerLookup": ("others", "lookup"),
    "ThresholdedReLU": ("others", "thresholded"),
    "Sequential": ("models", "nested"),
    "Model": ("models", "nested"),
    "Functional": ("models", "nested"),
    "TFOpLambda": ("operators", "tensorflow_function"),
    "SlicingOpLambda": ("operators", "tensorflow_function"),
    "TensorFlowOpLayer": ("operators", "tensorflow_node"),
}
"""Classes that are more than settings -> the module and the function that translate them."""
