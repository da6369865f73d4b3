"""Masks through a graph: what Keras 3.15 passes on, with its own numbers (tests/oracles compares at random)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lstm_shapes.api import verify
from lstm_shapes.graph.block import Block
from lstm_shapes.graph.model import Graph, Node, Ref
from lstm_shapes.graph.numpy_run import Passed, run_graph
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.bidirectional import Bidirectional
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.layers.masking import Masking

X = np.array([[[2.0], [0.0], [4.0]]])
COUNTS = [[True, False, True]]


def merged(type_: str, *masked: bool) -> tuple[Any, Any]:
    """Two inputs, X and 3, 5, 7, merged behind a masking layer or not: the numbers and their mask."""
    other = np.array([[[3.0], [5.0], [7.0]]])
    counts = (COUNTS[0], [True, True, False])
    masks = tuple(np.array([mask]) if which else None for mask, which in zip(counts, masked, strict=True))
    (out,), (mask,) = family(type_)().run_masked(Weights({}), (X, other), masks)
    return out[0].tolist(), None if mask is None else mask.tolist()


@pytest.mark.parametrize(
    ("type_", "masked", "numbers", "mask"),
    [
        ("multiply", (True, False), [[6], [5], [28]], None),
        ("multiply", (True, True), [[6], [5], [4]], [[True, True, True]]),
        ("add", (True, True), [[5], [5], [11]], [[True, True, True]]),
        ("add", (True, False), [[5], [5], [11]], None),
        ("concatenate", (True, False), [[2, 3], [0, 5], [4, 7]], [[True, True, True]]),
        ("concatenate", (False, False), [[2, 3], [0, 5], [4, 7]], None),
    ],
)
def test_a_merging_layer_passes_masks_on_as_keras_does(
    type_: str, masked: tuple[bool, bool], numbers: list[list[float]], mask: list[list[bool]] | None
) -> None:
    assert merged(type_, *masked) == (numbers, mask)


def chain(*layers: Layer) -> Graph:
    names = ["x", *(f"layer{number}" for number in range(len(layers)))]
    nodes = tuple(Node(name=names[n + 1], layer=layer, inputs=(Ref(names[n]),)) for n, layer in enumerate(layers))
    return Graph(inputs=("x",), nodes=nodes, outputs=(Ref(names[-1]),))


def passed(graph: Graph) -> Passed:
    return run_graph(graph, Weights({}), [X])


def test_a_nested_model_passes_on_the_mask_that_reaches_it() -> None:
    inside = Block(graph=chain(family("dropout")(rate=0.5)))
    assert passed(chain(Masking(), inside)).masks["layer1"][0].tolist() == COUNTS  # type: ignore[union-attr]


def test_a_nested_model_passes_on_the_mask_that_it_makes() -> None:
    assert passed(chain(Block(graph=chain(Masking())))).masks["layer0"][0].tolist() == COUNTS  # type: ignore[union-attr]


def test_a_nested_model_ends_a_mask_where_a_layer_inside_does() -> None:
    assert passed(chain(Masking(), Block(graph=chain(family("flatten")())))).masks["layer1"] == (None,)


def test_both_outputs_of_an_unmerged_bidirectional_have_the_mask_and_its_states_none() -> None:
    layer = LSTM(units=1, return_sequences=True, return_state=True)
    both = Bidirectional(layer=layer, backward_layer=layer.changed(("go_backwards",), True), merge="none")
    mask = np.array(COUNTS)
    assert [output is mask for output in both.masks((mask,), X)] == [True, True]


@pytest.mark.parametrize("reader", ["add", "concatenate", "multiply"])
def test_tokens_are_numbers_where_another_layer_reads_them(reader: str) -> None:
    """Keras converts its inputs to floats; an embedding makes integers of them again."""
    model = {
        "inputs": {"tokens": ["B", 5]},
        "layers": [
            {"type": "embedding", "vocab": 20, "units": 3, "inputs": "tokens", "name": "table"},
            {"type": "lstm", "units": 4, "name": "encoder"},
            {"type": "dense", "units": 4, "inputs": "tokens", "name": "direct"},
            {"type": reader, "inputs": ["encoder", "direct"]},
        ],
    }
    assert verify(model).verdict == "confirmed"


def test_tokens_reach_a_recurrent_layer_as_numbers() -> None:
    model = {
        "inputs": {"tokens": ["B", 5]},
        "layers": [
            {"type": "embedding", "vocab": 20, "units": 3, "inputs": "tokens", "name": "table"},
            {"type": "reshape", "target_shape": [5, 1], "inputs": "tokens", "name": "column"},
            {"type": "lstm", "units": 4, "inputs": "column"},
        ],
        "outputs": ["table", "lstm"],
    }
    assert verify(model).verdict == "confirmed"
