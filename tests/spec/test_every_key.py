"""Every key of every layer in every place: it changes the model or what is said of it, or an error names it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats.document import Document
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.graph.block import Block
from lstm_shapes.graph.model import Graph, Node
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.spec import reader
from lstm_shapes.spec.keys import PASSTHROUGH_KEYS, REFUSED, other_keys, required, spellings

from ..profiles import rounds, some

Entry = dict[str, Any]
Values = tuple[Any, Any]

OF_KIND: dict[str, Values] = {
    "size": (4, 5),
    "flag": (True, False),
    "rate": (0.1, 0.2),
    "number": (0.1, 0.2),
    "integer": (-1, 1),
    "integers": ([1, 2], [2, 1]),
    "axis_or_axes": (-1, [1, 2]),
    "optional_axes": (1, [1, 2]),
    "sizes": (8, 9),
    "optional_sizes": (8, [4, 2]),
    "size_or_all": (4, 2),
    "sizes_or_one": (1, 2),
    "number_from_0": (0.1, 0.2),
    "optional_limit": (None, 6),
    "sizes_or_zero": (0, 1),
    "optional_size": (2, 3),
    "optional_sizes_or_one": (1, 2),
    "sizes_or_kept": (2, 3),
    "ends": (1, 2),
    "padding": ("same", "valid"),
    "causal_padding": ("same", "causal"),
    "activation": ("relu", "softsign"),
    "target": ([-1, 4], [4, -1]),
    "shape": (["B", "T", 3], ["B", "T", 4]),
    "any_shape": (["B", "T", 3], []),
    "count": (5, 6),
    "axes": (-1, [0]),
    "text": ("one", "two"),
    "positive": (2, 4),
    "position": (1, 2),
    "cells": ([{"type": "lstm_cell", "units": 3}], [{"type": "rnn_cell", "units": 3}]),
    "layer": ({"type": "lstm", "units": 3}, {"type": "gru", "units": 3}),
}
OF_KEY: dict[str, Values] = {
    "name": ("one", "two"),
    "inputs": ("input", "nowhere"),
    "initial_state": ("input", "nowhere"),
    "input_dim": (8, 9),
    "input_size": (8, 9),
    "in_features": (8, 9),
    "in_channels": (8, 9),
    "kernel_size": (2, 3),
    "input_shape": (["T", 8], ["T", 9]),
    "expect": ({"params": 1}, {"params": 2}),
    "budget": ({"params": 1}, {"params": 2}),
    "repeat": (2, 3),
    "trainable": (True, False),
    "tied_to": ({"kernel": "one.kernel"}, {"kernel": "two.kernel"}),
    "bidirectional": (True, False),
    "merge": ("sum", "mul"),
    "merge_mode": ("sum", "mul"),
    "num_layers": (2, 3),
    "batch_first": (True, False),
    "direction": ("forward", "reverse"),
    "layout": (1, 0),
    "proj_size": (2, 1),
    "backward_layer": (
        {"type": "lstm", "units": 3, "go_backwards": True},
        {"type": "lstm", "units": 2, "go_backwards": True},
    ),
    "data_format": ("channels_last", "channels_first"),
}
ALWAYS_TWO = ("elementwise", "gather")
"""Types that read two inputs unless a setting takes the place of one."""
MERGING = [type_ for type_ in FAMILIES if type_ in ALWAYS_TWO or family(type_).arity[0] > 1]
WEIGHTED = """lstm gru rnn conv_lstm1d conv_lstm2d conv_lstm3d dense embedding bidirectional time_distributed
batch_normalization group_normalization layer_normalization rms_normalization""".split()
"""Types whose count of parameters is known and not 0: a wrong expectation is a finding. Any budget suits the others."""
TAKES_SEVERAL = ("plain", "behind another", "inside a model")
CONVOLUTIONAL = [
    *((f"conv{rank}d", end, rank) for rank in (1, 2, 3) for end in ("", "_transpose")),
    *((f"{kind}_conv{rank}d", "", rank) for kind in ("depthwise", "separable") for rank in (1, 2)),
]
"""The types of convolutions, and how many axes of space each has."""
POOLED = [
    (f"{kind}{rank}d", rank)
    for kind, rank in product(
        (
            *(f"{kind}_pooling" for kind in ("max", "average", "global_max", "global_average", "adaptive_max")),
            *("adaptive_average_pooling", "zero_padding", "cropping", "up_sampling"),
        ),
        (1, 2, 3),
    )
]
"""The types without weights that read axes of space, and how many each has."""
WEIGHTED += [f"{name}{end}" for name, end, _ in CONVOLUTIONAL]
SHAPES: dict[str, list[Any]] = {
    **{type_: ["B", 8] for type_ in ("lstm_cell", "gru_cell", "rnn_cell")},
    **{f"{name}{end}": ["B", 8, *[8] * rank] for name, end, rank in CONVOLUTIONAL},
    **{type_: ["B", 8, *[9] * rank] for type_, rank in POOLED},
    "conv_lstm1d": ["B", "T", 9, 8],
    "conv_lstm2d": ["B", "T", 9, 9, 8],
    "conv_lstm3d": ["B", "T", 9, 9, 9, 8],
    "repeat_vector": ["B", 8],
    "spatial_dropout2d": ["B", 7, 9, 8],
    "spatial_dropout3d": ["B", 5, 7, 9, 8],
    "prelu": ["B", 5, 8],
    "group_normalization": ["B", 32, 32],
    "embedding": ["B", "T"],
    "time_distributed": ["B", "T", 5, 8],
}


def values(type_: str, key: str) -> Values:
    """Two values of a key."""
    spelling = spellings(type_).get(key)
    if spelling is None:
        return OF_KEY.get(key, (1, 2))
    if spelling.field in OF_KEY:
        return OF_KEY[spelling.field]
    return spelling.choices[:2] if spelling.kind == "choice" else OF_KIND[spelling.kind]  # type: ignore[return-value]


def smallest(type_: str) -> Entry:
    """A layer of the type with what it needs."""
    several = {"inputs": ["input", "input"]} if type_ in MERGING else {}
    needed = (*required(type_), *family(type_).either[:1])
    return {"type": type_, **several, **{name: values(type_, name)[0] for name in needed}}


def plain(entry: Entry) -> list[Entry]:
    return [entry]


def used_again(entry: Entry) -> list[Entry]:
    return [{**entry, "name": entry.get("name", "first")}, {"use": entry.get("name", "first"), "inputs": "input"}]


PLACES: dict[str, Callable[[Entry], list[Entry]]] = {
    "plain": plain,
    "behind another": lambda entry: [{"type": "dropout", "rate": 0.1}, entry],
    "inside time_distributed": lambda entry: [{"type": "time_distributed", "layer": entry}],
    "inside bidirectional": lambda entry: [{"type": "bidirectional", "layer": entry}],
    "inside a model": lambda entry: [{"type": "model", "layers": [entry]}],
    "inside a model inside time_distributed": lambda entry: [
        {"type": "time_distributed", "layer": {"type": "model", "layers": [entry]}}
    ],
    "used again": used_again,
    "repeated": lambda entry: [{"repeat": 2, **entry}],
}
LEFT_TO_CI = [
    *(("keras", place) for place in ("behind another", "inside a model", "repeated")),
    *(("torch", place) for place in ("inside bidirectional", "inside time_distributed", "used again")),
    ("torch", "inside a model"),
]
"""Frameworks and places much like others that are tried."""


def observed(type_: str, layers: list[Entry], place: str, framework: str) -> tuple[Any, list[Finding]]:
    """The model, but for keys that are passed through, and everything that is said of it."""
    shape = SHAPES.get(type_, ["B", "T", 8])
    if "inside time_distributed" in place:
        shape = ["B", 7, *shape[1:]]
    inputs: Entry = {"inputs": {"input": shape}}
    written = {key for layer in layers for key in layer} | set(layers[0].get("layer", {}))
    if "input_shape" in written and place in ("plain", "repeated", "inside bidirectional"):
        inputs = {"batch": "B"}
    data = {"framework": framework, **inputs, "layers": layers}
    reading = reader.read(Document(source="-", data=data))
    graph = reading.model.graph if reading.model else None
    judged = () if type_ in WEIGHTED else reading.expectations
    model = (stripped(graph) if graph else None, reading.model and reading.model.shapes, judged)
    return model, list(diagnose(reading))


def stripped(graph: Graph) -> Graph:
    """The graph without the keys that are passed through."""
    return graph._replace(nodes=tuple(_stripped_node(node) for node in graph.nodes))


def _stripped_node(node: Node) -> Node:
    layer = Block(graph=stripped(node.layer.graph)) if isinstance(node.layer, Block) else node.layer
    return node._replace(extras=(), layer=layer)


def dropped(type_: str, key: str, place: str, framework: str) -> bool:
    """Whether the key's value makes no difference and no error names it."""
    entry = smallest(type_)
    if key in ("merge", "merge_mode") and key not in spellings(type_):
        entry["bidirectional"] = True
    field = spellings(type_)[key].field if key in spellings(type_) else key
    for name in [name for name in entry if name in spellings(type_) and spellings(type_)[name].field == field]:
        del entry[name]
    one, other = (
        observed(type_, PLACES[place]({**entry, key: value}), place, framework) for value in values(type_, key)
    )
    if one != other:
        return False
    named = [finding for finding in (*one[1], *other[1]) if key in finding.message or key in finding.hint]
    return not named


def keys(type_: str) -> list[str]:
    return sorted({*spellings(type_), *other_keys(type_)} - PASSTHROUGH_KEYS - {"type"} | {*REFUSED})


@pytest.mark.parametrize(("framework", "place"), some(product(["keras", "torch"], PLACES), *LEFT_TO_CI))
def test_no_key_is_dropped(framework: str, place: str) -> None:
    silent, first = [], list(PLACES).index(place)
    for type_ in list(FAMILIES)[first % rounds(1, dev=7) :: rounds(1, dev=7)]:
        if can_stand(type_, place) and FRAMEWORKS[framework].has(family(type_)):
            silent += [f"{type_}.{key}" for key in keys(type_) if dropped(type_, key, place, framework)]
    assert silent == []


@pytest.mark.parametrize("framework", ["onnx", "flax", "flax-linen"])
def test_no_key_of_a_recurrent_layer_is_dropped_in_other_frameworks(framework: str) -> None:
    types = ("lstm", "gru", "rnn")
    assert [f"{type_}.{key}" for type_ in types for key in keys(type_) if dropped(type_, key, "plain", framework)] == []


def can_stand(type_: str, place: str) -> bool:
    """Whether there is a layer of the type in the place that is right, so that a mistake is that of a key."""
    if place == "inside bidirectional":
        return family(type_).recurrent
    return type_ not in MERGING or place in TAKES_SEVERAL


def test_a_key_that_is_dropped_would_be_noticed() -> None:
    """Keys that are passed through have no effect, which is what the test above looks for."""
    assert all(dropped("lstm", key, "plain", "keras") for key in ("seed", "implementation"))
