"""Any value anywhere in a file gives a model, a finding or nothing, and never an exception."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from lstm_shapes import formats, importers
from lstm_shapes.analysis.report import report
from lstm_shapes.formats.document import Document
from lstm_shapes.spec.reader import read_imported

from ...profiles import rounds
from .test_binary import CELL, LSTM, archive, layer, legacy, sequential

VALUES = [None, True, -1, 0, 3, 2**70, 1.5, "x", "lstm", [], [[]], ["a"], [1, 2], [["a", 0, 0]], {}, {"a": 1}]
INNER = sequential(layer("Dense", units=2, name="d"), layer("BatchNormalization", name="bn"), name="inner")
SEQUENTIAL = sequential(
    layer("TimeDistributed", name="td", layer=INNER), layer("LSTM", **LSTM), layer("Mine", name="m")
)
NODES = [[["start", 0, 0, {}]]], [[["lstm_1", 0, 0, {}], ["start", 0, 0, {}]]]
FUNCTIONAL = layer(
    "Model",
    name="f",
    layers=[
        {**layer("InputLayer", name="start", batch_input_shape=[None, 10, 8]), "name": "start", "inbound_nodes": []},
        {**layer("LSTM", **LSTM), "name": "lstm_1", "inbound_nodes": NODES[0]},
        {**layer("Concatenate", name="join", axis=-1), "name": "join", "inbound_nodes": NODES[1]},
    ],
    input_layers=[["start", 0, 0]],
    output_layers=[["join", 0, 0]],
)
KERNELS = {"kernel:0": (8, 16), "recurrent_kernel:0": (4, 16), "bias:0": (16,)}
GROUPS = {"layers": {"lstm": {"cell": {"vars": CELL}}, "mine": {"vars": {"0": (3,)}}}}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside another."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    value = copy.copy(value)
    value[path[0]] = changed(value[path[0]], path[1:], new)
    return value


def nonsense(random: Random, value: Any) -> Any:
    for _ in range(random.randint(1, 2)):
        value = changed(value, random.choice([*places(value)]), random.choice(VALUES))
    return value


def mutants(document: Document, config: Any, random: Random, count: int) -> Iterator[Document]:
    """The document with values changed in its config, and in the attributes of its groups."""
    data = document.data
    for _ in range(count):
        strange = nonsense(random, config)
        if "config" in data:
            attributes = data["attributes"]
            new = {**data, "config": strange}
        else:
            attributes = {**data["attributes"], "": {"model_config": json.dumps(strange), "keras_version": "2.2.4"}}
            new = {**data, "attributes": attributes}
        path = random.choice([path for path in places(attributes) if len(path) > 1] or [()])
        yield document._replace(
            data={**new, "attributes": changed(attributes, path, random.choice(VALUES))} if path else new
        )


@pytest.mark.parametrize("name", ["keras", "h5", "functional h5"])
def test_nonsense_in_a_file_is_no_exception(name: str) -> None:
    config = FUNCTIONAL if "functional" in name else SEQUENTIAL
    raw = archive(config, GROUPS) if name == "keras" else legacy(config, {"start": {}, "lstm_1": KERNELS, "m": {}})
    document = formats.parse(f"model.{name}", raw)
    for mutant in mutants(document, config, Random(name), rounds(2_000, dev=60)):
        for imported in importers.translate(mutant):
            report(read_imported(imported))
