"""Keras' layers that have no type of ours: Lambda, and those of Keras 1, written as the layers that they consist of."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.importers.keras.calls import axes as axes_of
from lstm_shapes.importers.keras.inputs import Axes, built_shape
from lstm_shapes.importers.keras.layers import unknown, with_trainable
from lstm_shapes.importers.keras.piece import Given, Piece

_MODES = {"sum": "add", "mul": "multiply", "ave": "average", "max": "maximum"}


def function(given: Given) -> Piece:
    """A Lambda: its code is never looked at; its shape is known where the file declares or records it."""
    data: dict[str, Any] = {"type": "lambda"}
    routes: dict[Route, Route] = {("type",): (*given.route, "class_name")}
    output = given.config.get("output_shape")
    if isinstance(output, Mapping):  # a tuple, as Keras 3 writes it
        inner = output.get("config")
        output = output.get("items") or (inner.get("items") if isinstance(inner, Mapping) else None)
    sizes = output if isinstance(output, list) and output and all(type(size) is int for size in output) else None
    recorded = given.output
    if recorded and len(recorded) > 1 and None not in recorded[1:]:
        data["output"] = [given.batch if recorded[0] is None else recorded[0], *recorded[1:]]
    elif sizes is not None:
        data["output"], routes["output",] = [given.batch, *sizes], given.at("output_shape")
    return Piece(data, routes)


def normalization(given: Given) -> Piece:
    """Normalization: a mean and a variance for each position of its axes, and their count, which are not trained."""
    place: dict[Route, Route] = {("type",): (*given.route, "class_name")}
    if given.config.get("mean") is not None:  # given when it was built: it has no weights
        return Piece({"type": "activation", "activation": "linear"}, place)
    shape, axes = _arriving(given), given.config.get("axis", -1)
    axes = axes if isinstance(axes, list) else [] if axes is None else [axes]
    if shape is None or not all(type(axis) is int and -len(shape) <= axis < len(shape) for axis in axes):
        return unknown(given, "Normalization: the shape that reaches it is not in the file")
    sizes = [shape[axis] for axis in axes]
    if None in sizes:
        return unknown(given, "Normalization: the size of its axis is not in the file")
    params = 2 * prod(size or 0 for size in sizes) + 1
    if None in shape[1:]:
        return Piece({"type": "unknown", "class": "Normalization", "params": params, "trainable": False}, place)
    output = [given.batch if shape[0] is None else shape[0], *shape[1:]]
    return Piece({"type": "custom", "output": output, "params": params, "trainable": False}, place)


def vectorization(given: Given) -> Piece:
    """TextVectorization: a text becomes numbers of words, as many as it says or as the longest text has."""
    place: dict[Route, Route] = {("type",): (*given.route, "class_name")}
    length = given.config.get("output_sequence_length")
    if given.config.get("output_mode", "int") != "int":
        return unknown(given)
    steps = length if type(length) is int else "T"
    data = {"type": "operator", "op": given.class_name, "output": [given.batch, steps]}
    return Piece(data, {**place, ("output",): given.at("output_sequence_length")})


def lookup(given: Given) -> Piece:
    """StringLookup and IntegerLookup: a number for each word or number, in the shape that came in."""
    if given.config.get("output_mode", "int") != "int":
        return unknown(given)
    return Piece({"type": "activation", "activation": "linear"}, {("type",): (*given.route, "class_name")})


def thresholded(given: Given) -> Piece:
    """ThresholdedReLU: a relu that begins at theta."""
    data = {"type": "relu", "threshold": given.config.get("theta", 1.0)}
    return Piece(data, {("type",): (*given.route, "class_name"), ("threshold",): given.at("theta")})


def merge(given: Given) -> Piece:
    """Merge of Keras 1: the mode says which of today's layers it is."""
    mode = given.config.get("mode")
    class_name, here = (*given.route, "class_name"), given.at("mode")
    if isinstance(mode, str) and mode in _MODES:
        return Piece({"type": _MODES[mode]}, {("type",): here})
    if mode == "concat":
        data: dict[str, Any] = {"type": "concatenate"}
        axis = given.config.get("concat_axis", -1)
        if axis != -1:
            data["axis"] = axis
        return Piece(data, {("type",): here, ("axis",): given.at("concat_axis")})
    if mode in ("dot", "cos"):
        axes = given.config.get("dot_axes", -1)
        flat = (
            [axis[0] if isinstance(axis, list) and len(axis) == 1 else axis for axis in axes]
            if isinstance(axes, list)
            else axes
        )
        data = {"type": "dot", "axes": flat, **({"normalize": True} if mode == "cos" else {})}
        return Piece(data, {("type",): here, ("axes",): given.at("dot_axes")})
    output = given.config.get("output_shape")
    data = {"type": "lambda"}
    if isinstance(output, list) and output and all(type(size) is int for size in output):
        data["output"] = [given.batch, *output]
    return Piece(data, {("type",): class_name}, (f"Merge with a function of its own as mode: {str(mode)[:60]}",))


def highway(given: Given) -> Piece:
    """Highway of Keras 1 (core.py): gate*f(x) + (1 - gate)*x, where gate and f(x) are each a dense layer."""
    width = _width(given)
    if width is None:
        return unknown(given, "Highway: how many features reach it is not in the file")
    bias = {} if given.config.get("bias", True) is True else {"bias": False}
    act = given.config.get("activation")
    transform = {} if act in (None, "linear") or not isinstance(act, str) else {"activation": act}
    layers = [
        {"type": "dense", "name": "transform", "units": width, **transform, **bias, "inputs": "input"},
        {"type": "dense", "name": "carry", "units": width, "activation": "sigmoid", **bias, "inputs": "input"},
        {"type": "multiply", "name": "carried", "inputs": ["transform", "carry"]},
        {"type": "elementwise", "name": "negative", "op": "negative", "inputs": "carry"},
        {"type": "elementwise", "name": "rest", "op": "add", "value": 1.0, "inputs": "negative"},
        {"type": "multiply", "name": "kept", "inputs": ["rest", "input"]},
        {"type": "add", "inputs": ["carried", "kept"]},
    ]
    return with_trainable(given, Piece({"type": "model", "layers": layers}, {("type",): (*given.route, "class_name")}))


def maxout(given: Given) -> Piece:
    """MaxoutDense of Keras 1 (core.py): the largest of nb_feature dense layers."""
    units, features = given.config.get("output_dim"), given.config.get("nb_feature", 4)
    if type(units) is not int or type(features) is not int:
        return unknown(given)
    bias = {} if given.config.get("bias", True) is True else {"bias": False}
    layers = [
        {"type": "dense", "units": units * features, **bias},
        {"type": "reshape", "target_shape": [features, units]},
        {"type": "reduce", "op": "max", "axis": 1},
    ]
    return with_trainable(given, Piece({"type": "model", "layers": layers}, {("type",): (*given.route, "class_name")}))


def _arriving(given: Given) -> Axes | None:
    """The shape that reaches a layer, where the file says it."""
    first = next(iter(given.call.tensors), None)
    shape = axes_of(given.config.get("batch_input_shape")) or axes_of(given.config.get("batch_shape"))
    return built_shape(given.entry) or (first.shape if first else None) or shape


def _width(given: Given) -> int | None:
    """The features that reach a layer: its own setting, or the last width that the layers above have."""
    own = given.config.get("input_dim")
    if type(own) is int:
        return own
    shape = given.config.get("batch_input_shape")
    if isinstance(shape, list) and shape and type(shape[-1]) is int:
        return shape[-1]
    above = given.output
    return above[-1] if above else None
