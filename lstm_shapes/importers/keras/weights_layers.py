"""The layer with weights of these names and shapes; one that they do not tell is unknown, its parameters counted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise, permutations
from math import prod
from typing import Any, NamedTuple

from lstm_shapes.spec.imported import Stored

Shape = tuple[int, ...]
Settings = dict[str, Any]
_MOST_CELLS = 6
_GATES = {4: "lstm", 3: "gru", 1: "rnn"}
_OLD = re.compile(r"_([WUb])_([icfozrh])$")
_ROLES = re.compile(r"(?:.*?_)??(recurrent_kernel|depthwise_kernel|pointwise_kernel|kernel|recurrent_bias|bias)$")
_KEPT = frozenset("embeddings gamma beta moving_mean moving_variance query key value attention_output".split())
_OLD_ROLES = {"W": "kernel", "U": "recurrent_kernel", "b": "bias"}
_KINDS = {
    "lstm": "kernel recurrent_kernel bias",
    "gru": "kernel recurrent_kernel bias",
    "simplernn": "kernel recurrent_kernel bias",
    "convlstm1d": "kernel recurrent_kernel bias",
    "convlstm2d": "kernel recurrent_kernel bias",
    "convlstm3d": "kernel recurrent_kernel bias",
    "dense": "kernel bias",
    "embedding": "embeddings",
    "conv1d": "kernel bias",
    "conv2d": "kernel bias",
    "conv3d": "kernel bias",
    "layernormalization": "gamma beta",
    "batchnormalization": "gamma beta moving_mean moving_variance",
}
"""A class in lower case -> the names of its arrays in order, where the file only counts them."""


class Part(NamedTuple):
    """The arrays of a layer, or of a cell in it, by role; ``way`` is forward or backward, or ''."""

    way: str
    shapes: Mapping[str, Shape]


def layer_of(name: str, kind: str, arrays: tuple[Stored, ...]) -> tuple[Settings, str]:
    """The settings of the layer with these arrays, and what is to be said of it.

    >>> layer_of("out", "", (Stored("out/kernel:0", (8, 2), "float32"), Stored("out/bias:0", (2,), "float32")))[0]
    {'type': 'dense', 'units': 2, 'input_dim': 8}
    """
    parts = _parts(kind, arrays)
    settings = _recognized(parts)
    if settings and _count(parts) == len(arrays):
        return settings
    return _unknown(kind, arrays), ""


def is_keras_1(arrays: tuple[Stored, ...]) -> bool:
    """Whether arrays are called as Keras 1 calls those of a recurrent layer: ``lstm_1_W_i``."""
    return any(_OLD.search(array.name.removesuffix(":0")) for array in arrays)


def _unknown(kind: str, arrays: tuple[Stored, ...]) -> Settings:
    """A layer whose number of parameters is that of its arrays; moving statistics are parameters too, not trained."""
    class_name = {"class": kind} if kind else {}
    return {"type": "unknown", **class_name, "params": sum(prod(array.shape) for array in arrays)}


def _count(parts: list[Part]) -> int:
    return sum(shapes.count if isinstance(shapes, _Gates) else len(shapes) for _, shapes in parts)


class _Gates(dict[str, Shape]):
    """The arrays of a cell of Keras 1, one for each gate, joined as later versions keep them."""

    count = 0


def _parts(kind: str, arrays: tuple[Stored, ...]) -> list[Part]:
    """The arrays by the cell that they are in, in order."""
    groups: dict[str, list[Stored]] = {}
    for array in arrays:
        group = array.name.rpartition("/")[0]
        old = _OLD.search(array.name.removesuffix(":0"))
        groups.setdefault(array.name[: old.start()] if old else group, []).append(array)
    return [Part(_way(path), _roles(kind, path, listed)) for path, listed in groups.items()]


def _way(path: str) -> str:
    last = re.findall(r"(?:^|/)(forward|backward)_", path)
    return last[-1] if last else ""


def _roles(kind: str, path: str, arrays: list[Stored]) -> Mapping[str, Shape]:
    """The shapes of arrays by role: from their names, or, where these are numbers, from the class."""
    names = [array.name.rpartition("/")[2].partition(":")[0] for array in arrays]
    if all(name.isdecimal() for name in names):
        shapes = [array.shape for array in arrays]
        known = _KINDS["lstm"] if "/cell" in path else _KINDS.get(kind, "")
        is_dense = len(shapes) == 2 and len(shapes[0]) > 1 and shapes[1] == shapes[0][-1:]
        if path.removesuffix("/vars").endswith("_dense") or (not known and is_dense):
            known = _KINDS["dense"]
        return dict(zip(known.split(), shapes, strict=False))
    if is_keras_1(tuple(arrays)):
        return _joined(arrays)
    roles: dict[str, Shape] = {}
    for name, array in zip(names, arrays, strict=True):
        match = _ROLES.match(name)
        short = re.search(r"_([WUb])$", name)
        role = match[1] if match else _OLD_ROLES[short[1]] if short else name
        roles[role] = array.shape
    return roles


def _joined(arrays: list[Stored]) -> Mapping[str, Shape]:
    """The arrays of Keras 1's gates as one of each role."""
    roles = _Gates()
    for array in arrays:
        match = _OLD.search(array.name.removesuffix(":0"))
        if not match or not array.shape:
            return {}
        role = _OLD_ROLES[match[1]]
        *outer, width = array.shape
        before = roles.get(role, (*outer, 0))
        roles[role] = (*outer, before[-1] + width)
        roles.count += 1
    return roles


def _recognized(parts: list[Part]) -> tuple[Settings, str] | None:
    """The settings of a layer of these parts, and a note; None where they are of no layer that is known."""
    if len(parts) == 1:
        return _cell(parts[0].shapes) or _single(parts[0].shapes)
    if len(parts) == 4:
        attention = _attention([part.shapes for part in parts])
        if attention:
            return attention
    cells = [_cell(part.shapes) for part in parts]
    known = [cell[0] for cell in cells if cell]
    if len(known) < len(parts) or not known:
        return None
    ways = [part.way for part in parts]
    if ways == ["forward", "backward"]:
        if known[0] == known[1]:
            return {**known[0], "bidirectional": True}, ""
        return {"type": "bidirectional", "layer": known[0], "backward_layer": {**known[1], "go_backwards": True}}, ""
    return None if any(ways) or len(known) > _MOST_CELLS else _stacked(known)


def _attention(parts: list[Mapping[str, Shape]]) -> tuple[Settings, str] | None:
    """MultiHeadAttention: query, key and value to (heads, width), and back; all of one width."""
    kernels = [part.get("kernel", ()) for part in parts]
    if any(len(kernel) != 3 for kernel in kernels):
        return None
    (width, heads, size), key, (_, _, value), _ = kernels
    if key != (width, heads, size) or kernels[2:] != [(width, heads, value), (heads, value, width)]:
        return None
    settings = {"type": "multi_head_attention", "num_heads": heads, "key_dim": size, "value_dim": value}
    biases = [part.get("bias") for part in parts]
    if biases not in ([None] * 4, [(heads, size), (heads, size), (heads, value), (width,)]):
        return None
    flag = {} if biases[0] else {"bias": False}
    return {**settings, **flag, "input_dim": width, "inputs": ["unknown"] * 3}, ""


def _stacked(cells: list[Settings]) -> tuple[Settings, str] | None:
    """Cells in an order in which each reads what the one before passes on; an archive has them by their class."""
    for order in permutations(cells):
        fits = all(above["units"] == cell["input_dim"] for above, cell in pairwise(order))
        if fits and all(cell["type"] in ("lstm", "gru", "rnn") for cell in order):
            inner = [{key: value for key, value in cell.items() if key != "input_dim"} for cell in order]
            listed = [{**cell, "type": f"{cell['type']}_cell"} for cell in inner]
            return {"type": "stacked_cells", "cells": listed, "input_dim": order[0]["input_dim"]}, ""
    return None


def _cell(shapes: Mapping[str, Shape]) -> tuple[Settings, str] | None:
    """A recurrent layer: the recurrent kernel is (units, gates*units), with the window in front in a ConvLSTM."""
    if not {"kernel", "recurrent_kernel"} <= shapes.keys() <= {"kernel", "recurrent_kernel", "bias"}:
        return None
    kernel, recurrent, bias = shapes["kernel"], shapes["recurrent_kernel"], shapes.get("bias")
    *space, width, gated = kernel
    units = recurrent[-2] if len(recurrent) == len(kernel) >= 2 else 0
    if not units or recurrent[-1] != gated or gated % units or min(kernel) < 1:
        return None
    type_ = _GATES.get(gated // units)
    if type_ is None or (space and (type_ != "lstm" or len(space) > 3)):
        return None
    settings = _with_bias({"type": type_, "units": units, "input_dim": width}, bias, gated)
    if settings is None or not space:
        return (settings, "") if settings else None
    size = space[0] if len(set(space)) == 1 else space
    conv = {"type": f"conv_lstm{len(space)}d", "filters": units, "kernel_size": size, "input_dim": width}
    return conv | ({} if bias else {"bias": False}), ""


def _with_bias(settings: Settings, bias: Shape | None, gated: int) -> Settings | None:
    """The settings with what the shape of the bias tells; None where it is of no layer."""
    if bias is None:
        return {**settings, "bias": False}
    forms: dict[tuple[str, Shape], Settings] = {
        ("gru", (gated,)): {"reset_after": False},
        ("gru", (2, gated)): {},
        ("gru", (2 * gated,)): {},
        ("lstm", (2 * gated,)): {"recurrent_bias": True},
        ("lstm", (gated,)): {},
        ("rnn", (gated,)): {},
    }
    more = forms.get((settings["type"], bias))
    return None if more is None else {**settings, **more}


def _single(shapes: Mapping[str, Shape]) -> tuple[Settings, str] | None:
    """A layer that is not recurrent."""
    names = set(shapes)
    if names == {"embeddings"} and len(shapes["embeddings"]) == 2:
        vocab, units = shapes["embeddings"]
        return {"type": "embedding", "vocab": vocab, "units": units}, ""
    if "kernel" in names <= {"kernel", "bias"}:
        return _with_kernel(shapes["kernel"], shapes.get("bias"))
    if names <= {"gamma", "beta", "moving_mean", "moving_variance"} and len({*shapes.values()}) == 1:
        return _normalization(names, next(iter(shapes.values())))
    return None


def _with_kernel(kernel: Shape, bias: Shape | None) -> tuple[Settings, str] | None:
    if len(kernel) not in (2, 3, 4, 5) or min(kernel) < 1 or (bias is not None and bias != kernel[-1:]):
        return None
    flag = {} if bias else {"bias": False}
    *space, width, units = kernel
    if not space:
        return {"type": "dense", "units": units, "input_dim": width, **flag}, ""
    size = space[0] if len(set(space)) == 1 else space
    note = "" if len(space) == 1 else "a convolution of pictures or of volumes, with groups not known"
    conv = {"type": f"conv{len(space)}d", "filters": units, "kernel_size": size, "input_dim": width, **flag}
    return conv, note


def _normalization(names: set[str], shape: Shape) -> tuple[Settings, str] | None:
    if len(shape) != 1:
        return None
    learned = {"scale": "gamma" in names, "center": "beta" in names}
    flags = {key: False for key, present in learned.items() if not present}
    if {"moving_mean", "moving_variance"} <= names:
        return {"type": "batch_normalization", **flags, "input_dim": shape[0]}, ""
    if "moving_mean" in names or "moving_variance" in names:
        return None
    return {"type": "layer_normalization", **flags, "input_dim": shape[0]}, ""
