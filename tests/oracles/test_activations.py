"""Every activation beside Keras' of the same name and PyTorch's: values, types, rooms shared, NaN."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lstm_shapes.layers.activation_names import ALIASES, NAMES, OLD
from lstm_shapes.layers.activations import activation

from .comparison import Array

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")]

TORCH = {"hard_shrink": "hardshrink", "hard_sigmoid": "hardsigmoid", "hard_silu": "hardswish", "hard_tanh": "hardtanh",
         "log_sigmoid": "logsigmoid", "soft_shrink": "softshrink", "tanh_shrink": "tanhshrink"}  # fmt: skip
ELSEWHERE = {"exponential": "torch.exp", "linear": "the value itself"}
KERAS_ALONE = {"sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus"}
OTHER_SLOPE = {"leaky_relu": "0.2 in Keras and here, 0.01 in PyTorch"}
NO_SHAPE_KEPT = {"glu": "halves its axis", "threshold": "has no defaults"}
NOT_FUNCTIONS = {"get", "serialize", "deserialize"}
ALONG_AN_AXIS = ("softmax", "log_softmax", "sparsemax")


def values() -> Array:
    """Rows with every bend of every function, small numbers, and large ones of either sign."""
    bends = np.array([-6, -3, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 6, 20])
    random = np.random.default_rng(3).normal(size=(6, 12)) * 3
    return np.vstack([bends, bends + 1e-3, random, bends * 10, bends * 1e3]).astype(np.float32)


def by_torch(name: str, x: Any) -> Any:
    if name in ELSEWHERE:
        return torch.exp(x) if name == "exponential" else x
    extra = {"dim": -1} if name in ALONG_AN_AXIS else {}
    return getattr(torch.nn.functional, TORCH.get(name, name))(x, **extra)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("sparsemax", *OLD)])
def test_an_activation_has_the_values_of_keras(name: str, compared: Callable[[str], None]) -> None:
    expected = getattr(keras.activations, name)(keras.ops.convert_to_tensor(values())).numpy()
    np.testing.assert_allclose(activation(name)(values()), expected, rtol=1e-5, atol=1e-6)
    compared("keras")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {*KERAS_ALONE, *OTHER_SLOPE, *OLD}])
def test_an_activation_has_the_values_of_torch(name: str, compared: Callable[[str], None]) -> None:
    expected = by_torch(name, torch.from_numpy(values())).numpy()
    np.testing.assert_allclose(activation(name)(values()), expected, rtol=1e-5, atol=1e-6)
    compared("torch")


def test_leaky_relu_has_the_slope_of_keras_not_that_of_torch(compared: Callable[[str], None]) -> None:
    expected = torch.nn.functional.leaky_relu(torch.from_numpy(values()), 0.2).numpy()
    np.testing.assert_allclose(activation("leaky_relu")(values()), expected, rtol=1e-6)
    assert torch.nn.functional.leaky_relu(torch.tensor(-1.0)).item() == pytest.approx(-0.01)
    compared("torch")


def test_sparsemax_is_the_nearest_point_of_the_simplex() -> None:
    """Keras 3.15 adds up the sums of the support as well (keras-team/keras#23425, mended after it), so the witness is
    the definition: max(x - t, 0) with the t at which a row adds up to 1, found here by halving."""
    x = values().astype(np.float64)
    low, high = x.min(axis=-1, keepdims=True) - 1, x.max(axis=-1, keepdims=True)
    for _ in range(200):
        middle = (low + high) / 2
        many = np.maximum(x - middle, 0).sum(axis=-1, keepdims=True) > 1
        low, high = np.where(many, middle, low), np.where(many, high, middle)
    np.testing.assert_allclose(activation("sparsemax")(values()), np.maximum(x - high, 0), rtol=1e-4, atol=1e-5)


def test_sparsemax_agrees_with_keras_where_one_value_wins(compared: Callable[[str], None]) -> None:
    x = np.sort(values() * 100, axis=-1)[:, ::4].copy()
    expected = keras.activations.sparsemax(keras.ops.convert_to_tensor(x)).numpy()
    np.testing.assert_allclose(activation("sparsemax")(x), expected, rtol=1e-5)
    compared("keras")


@pytest.mark.parametrize("name", NAMES)
def test_an_activation_keeps_shape_and_type(name: str) -> None:
    for type_ in (np.float32, np.float64):
        assert activation(name)(values().astype(type_)).dtype == type_
    assert activation(name)(values()[None]).shape == values()[None].shape


@pytest.mark.parametrize("name", NAMES)
def test_an_activation_may_write_over_its_own_input(name: str) -> None:
    expected, x, room = activation(name)(values()), values(), np.empty_like(values())
    assert activation(name)(x, out=x) is x
    assert activation(name)(values(), out=room) is room
    np.testing.assert_array_equal(x, expected)
    np.testing.assert_array_equal(room, expected)


@pytest.mark.parametrize("name", NAMES)
def test_nan_goes_in_and_comes_out(name: str) -> None:
    """A run finds the weights that reach the output by setting one to NaN."""
    x = values()
    x[:, 4] = np.nan
    with np.errstate(invalid="ignore"):
        assert np.isnan(activation(name)(x)[:, 4]).all()
        assert np.isnan(activation(name)(np.full((2, 3), np.nan, np.float32))).all()


def test_every_activation_of_keras_that_keeps_its_shape_has_a_name_here() -> None:
    functions = {function.__name__ for _, function in inspect.getmembers(keras.activations, inspect.isfunction)}
    assert functions - NOT_FUNCTIONS - set(NO_SHAPE_KEPT) == set(NAMES) - set(OLD)


def test_every_second_name_of_keras_and_every_name_of_torch_leads_to_one_here() -> None:
    assert set(ALIASES.values()) <= set(NAMES)
    assert {ours: ALIASES[theirs] for ours, theirs in TORCH.items()} == {ours: ours for ours in TORCH}
    for alias in ("swish", "hard_swish"):
        assert keras.activations.get(alias) is getattr(keras.activations, ALIASES[alias])
