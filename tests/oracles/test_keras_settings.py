"""Settings that change a run and nothing else, beside Keras: zeros at masks, a slope, frozen layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from lstm_shapes.layers.activation import LeakyReLU
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.bidirectional import Bidirectional
from lstm_shapes.layers.dense import Dense
from lstm_shapes.layers.time_distributed import TimeDistributed

from .comparison import assert_same_numbers, cell, floats, named, random_for
from .keras_twin import paired

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle


def masked_cells(draw: Random) -> list[Layer]:
    layers = [cell(draw, type_, zero_output_for_mask=True) for type_ in ("lstm", "gru", "rnn") for _ in range(8)]
    return [replace(layer, unroll=False) for layer in layers]  # type: ignore[type-var]


@pytest.mark.parametrize("layer", masked_cells(Random(11)), ids=named)
def test_zeros_are_passed_on_at_masked_timesteps(layer: Layer, compared: Callable[[str], None]) -> None:
    rng, shape = random_for(named(layer)), (3, 5, 4)
    real, weights = paired(layer, [shape], rng)
    real.zero_output_for_mask = True
    x, mask = floats(rng, shape), rng.random((3, 5)) < 0.6
    theirs = keras.tree.flatten(real(x, mask=keras.ops.convert_to_tensor(mask)))
    assert_same_numbers(layer.run(weights, x, mask=mask), [array.detach().numpy() for array in theirs])
    compared("keras")


@pytest.mark.parametrize("slope", [0.0, 0.01, 0.3, 1.5])
def test_a_leaky_relu_has_its_slope(slope: float) -> None:
    x = floats(random_for("slope"), (2, 3, 4))
    (ours,) = LeakyReLU(negative_slope=slope).run(Weights({}), x)
    np.testing.assert_allclose(ours, keras.layers.LeakyReLU(negative_slope=slope)(x).detach().numpy(), rtol=1e-6)
    np.testing.assert_allclose(ours, torch.nn.functional.leaky_relu(torch.from_numpy(x), slope).numpy(), rtol=1e-6)


def test_the_slope_of_a_layer_without_one_is_that_of_the_framework() -> None:
    assert keras.layers.LeakyReLU().negative_slope == LeakyReLU().negative_slope
    assert torch.nn.LeakyReLU().negative_slope == 0.01


def frozen_pairs(draw: Random) -> list[tuple[Layer, Any]]:
    """A wrapper with a layer inside that is not trained, and the same in Keras."""
    forward = cell(draw, "lstm", go_backwards=False, return_sequences=True)
    dense = Dense(units=4)
    backward = replace(forward, go_backwards=True)  # type: ignore[type-var]
    both: Any = {"layer": forward, "backward_layer": backward}
    return [
        (Bidirectional(**both, frozen=("layer", "backward_layer")), "layer"),
        (Bidirectional(**both, frozen=("backward_layer",)), "backward_layer"),
        (TimeDistributed(layer=dense, frozen=("layer",)), "layer"),
        (TimeDistributed(layer=dense), ""),
    ]


@pytest.mark.parametrize(("layer", "which"), frozen_pairs(Random(12)), ids=str)
def test_as_many_parameters_are_trained_as_in_keras(layer: Layer, which: str) -> None:
    shape = (2, 5, 3)
    inner = keras.layers.LSTM(7, return_sequences=True, trainable=which != "layer")
    if isinstance(layer, TimeDistributed):
        real = keras.layers.TimeDistributed(keras.layers.Dense(4, trainable=not which))
    else:
        assert isinstance(layer, Bidirectional)
        units, bias = layer.layer.width, layer.layer.bias
        inner = keras.layers.LSTM(units, use_bias=bias, return_sequences=True, trainable=which != "layer")
        other = keras.layers.LSTM(units, use_bias=bias, return_sequences=True, go_backwards=True, trainable=False)
        real = keras.layers.Bidirectional(inner, backward_layer=other if which == "backward_layer" else None)
    real.build(shape)
    trained = sum(int(np.prod(weight.shape)) for weight in real.trainable_weights)
    assert (real.count_params(), trained) == (layer.count(shape), layer.trainable_count(shape))
