"""The two ways to multiply a sequence by the weights: the same numbers, the same work, and the faster one chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lstm_shapes
from lstm_shapes.analysis.verify.counting import Counter, counted
from lstm_shapes.layers import gates
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.gates import Gates, HoistedGates, gates_for
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.layers.rnn import RNN
from tests.broken_layers import Cheap

LAYERS: list[Layer] = [
    LSTM(units=6, return_state=True),
    LSTM(units=6, return_sequences=True, go_backwards=True, bias=False),
    LSTM(units=6, proj_size=4, peephole=True, recurrent_bias=True, return_sequences=True),
    RNN(units=6, return_sequences=True, return_state=True),
    RNN(units=6, activation="linear", return_state=True),
]
BATCH, TIME, WIDTH = 3, 5, 7


def run(layer: Layer, counter: Counter, *, masked: bool) -> tuple[Any, ...]:
    """The outputs of a layer with random weights, its matrix products counted."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCH, TIME, WIDTH))
    arrays = {weight.key: counted(rng.normal(size=weight.shape), counter) for weight in layer.weights(x.shape)}
    return layer.run(Weights(arrays), x, mask=rng.random((BATCH, TIME)) < 0.6 if masked else None)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_hoisting_changes_neither_numbers_nor_work(layer: Layer, masked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stacked, hoisted = Counter(), Counter()
    expected = run(layer, stacked, masked=masked)
    monkeypatch.setattr(gates, "CACHE", 0)
    for array, same in zip(run(layer, hoisted, masked=masked), expected, strict=True):
        np.testing.assert_allclose(np.asarray(array), np.asarray(same), rtol=1e-12, atol=1e-12)
    assert hoisted.macs == stacked.macs == layer.macs((BATCH, TIME, WIDTH))


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_every_weight_of_a_hoisted_run_reaches_the_output(layer: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "CACHE", 0)
    rng = np.random.default_rng(1)
    weights = layer.weights((BATCH, TIME, WIDTH))
    for probed in weights:
        arrays = {weight.key: rng.normal(size=weight.shape) for weight in weights}
        arrays[probed.key].flat[-1] = np.nan
        assert np.isnan(layer.run(Weights(arrays), rng.normal(size=(BATCH, TIME, WIDTH)))[0]).any(), probed


def test_verify_confirms_a_hoisted_run_and_sees_a_wrong_prediction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "CACHE", 0)
    layers = [{"type": "lstm", "units": 4, "return_sequences": True}, {"type": "rnn", "units": 3}]
    assert lstm_shapes.verify({"input_dim": 5, "layers": layers}).verdict == "confirmed"
    counter, cheap = Counter(), Cheap(units=6)
    run(cheap, counter, masked=False)
    assert counter.macs != cheap.macs((BATCH, TIME, WIDTH))


@pytest.mark.parametrize(
    ("batch", "width", "units", "kind"),
    [
        (32, 64, 128, Gates),
        (64, 128, 256, Gates),
        (8, 1024, 1024, HoistedGates),
        (1, 512, 1024, HoistedGates),
        (1, 8, 32, HoistedGates),
    ],
)
def test_the_product_is_hoisted_where_that_is_faster(batch: int, width: int, units: int, kind: type) -> None:
    kernel, recurrent = (np.zeros((4, units, inner), np.float32) for inner in (width, units))
    assert type(gates_for(kernel, recurrent, [], batch)) is kind
