"""The convolutional LSTM: what is its own beyond the laws of all layers, then the same run in Keras 3."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from math import prod
from typing import Any

import numpy as np
import pytest

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.frameworks.keras import KERAS
from lstm_shapes.frameworks.layout import pack, tensors, unpack
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.bidirectional import Bidirectional
from lstm_shapes.layers.conv_lstm import ConvLSTM, ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from lstm_shapes.layers.time_distributed import TimeDistributed
from lstm_shapes.symbolic.size import fixed, parse

RANKS = {1: ConvLSTM1D, 2: ConvLSTM2D, 3: ConvLSTM3D}
LENGTHS = (7, 5, 6, 8, 9)


def random_case(seed: int) -> tuple[ConvLSTM, tuple[int, ...]]:
    """A layer with settings that Keras takes, and the shape of a sequence that it fits."""
    pick = random.Random(seed)
    rank = seed % 3 + 1
    stretched = pick.choice(("strides", "dilation_rate"))
    per_axis = {
        "kernel_size": tuple(pick.choice((1, 2, 3)) for _ in range(rank)),
        stretched: tuple(pick.choice((1, 2, 3) if stretched == "strides" else (1, 2)) for _ in range(rank)),
    }
    settings: dict[str, Any] = {name: pick.choice((value, value[0])) for name, value in per_axis.items()}
    flags = ("return_sequences", "return_state", "go_backwards", "bias")
    filters = pick.choice((1, 2, 3))
    layer = RANKS[rank](
        filters=filters,
        padding=pick.choice(("valid", "same")),
        activation=pick.choice(("tanh", "relu", "linear", "softmax")[: 3 + (filters > 1)]),  # softmax of 1: a warning
        recurrent_activation=pick.choice(("sigmoid", "hard_sigmoid")),
        **settings,
        **{name: pick.random() < 0.5 for name in flags},
    )
    space = tuple(pick.choice(LENGTHS) for _ in range(rank))
    return layer, (pick.choice((1, 2, 3)), pick.choice((1, 2, 4)), *space, pick.choice((1, 2, 3)))


CASES = [pytest.param(*random_case(seed), id=f"seed-{seed}") for seed in range(90)]


def random_arrays(layer: Layer, shape: tuple[int, ...], seed: int = 0) -> dict[str, np.ndarray]:
    numbers = np.random.default_rng(seed)
    return {weight.key: numbers.normal(0, 0.5, [fixed(n) for n in weight.shape]) for weight in layer.weights(shape)}


def sequence(shape: tuple[int, ...], seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def test_the_count_depends_on_neither_batch_nor_time_nor_space() -> None:
    counts = {ConvLSTM2D(filters=3, kernel_size=2).count((b, t, 5 + b, 7 + t, 2)) for b in (1, 2) for t in (1, 4)}
    assert counts == {4 * 3 * (2 * 2 * (2 + 3) + 1)}


def test_symbols_stay_in_the_output() -> None:
    shape = ("B", "T", "H", "W", 3)
    layer = ConvLSTM2D(filters=parse("F"), kernel_size=(3, 2), strides=(1, 2))
    outputs = layer.outputs(tuple(size if isinstance(size, int) else parse(size) for size in shape))
    assert [str(output) for output in outputs[0]] == ["B", "H - 2", "W//2", "F"]


def test_a_pixel_moved_moves_the_output() -> None:
    """Padding stands at the right ends: one tap of an even kernel sees the position itself, the other the next one."""
    layer = ConvLSTM1D(filters=1, kernel_size=2, padding="same", activation="linear", bias=False)
    arrays = {"kernel": np.zeros((4, 1, 2, 1)), "recurrent": np.zeros((4, 1, 2, 1))}
    arrays["kernel"][layer.gate_names.index("candidate"), 0, :, 0] = (10, 1)
    x = np.array([1.0, 2.0, 3.0]).reshape(1, 1, 3, 1)
    assert (4 * layer.run(Weights(arrays), x)[0]).ravel().tolist() == [12, 23, 30]


def test_a_masked_timestep_leaves_the_states_as_they_were() -> None:
    layer = ConvLSTM2D(filters=2, kernel_size=2, return_state=True)
    shape = (2, 3, 4, 5, 2)
    weights, x = Weights(random_arrays(layer, shape)), sequence(shape)
    masked = layer.run(weights, x, mask=np.array([[True, False, True], [True, True, False]]))
    for output, first, second in zip(
        masked, layer.run(weights, x[:, [0, 2]]), layer.run(weights, x[:, :2]), strict=True
    ):
        np.testing.assert_allclose(output, np.stack([first[0], second[1]]), atol=1e-12)


@pytest.mark.parametrize(
    ("settings", "shape", "field", "message", "hint"),
    [
        (
            {"kernel_size": (3,)}, (5, 4, 8, 8, 2), "kernel_size",
            "expected kernel_size to be 2 numbers of at least 1 (height, width), or one value for all, got (3,)",
            "set `kernel_size: [3, 3]`",
        ),
        (
            {"kernel_size": 3, "strides": (1, 0)}, (5, 4, 8, 8, 2), "strides",
            "expected strides to be 2 numbers of at least 1 (height, width), or one value for all, got (1, 0)",
            "set `strides: [1, 1]`",
        ),
        (
            {"kernel_size": ()}, (5, 4, 8, 8, 2), "kernel_size",
            "expected kernel_size to be 2 numbers of at least 1 (height, width), or one value for all, got ()",
            "set `kernel_size: [1, 1]`",
        ),
        (
            {"kernel_size": 3, "strides": (2, 1), "dilation_rate": (1, 2)}, (5, 4, 8, 8, 2), "dilation_rate",
            "expected strides or dilation_rate of 1, got strides (2, 1), dilation_rate (1, 2)",
            "set `dilation_rate: 1`",
        ),
        (
            {"kernel_size": (3, 9)}, (5, 4, 8, 8, 2), "kernel_size",
            "expected a width of at least 9, the kernel's, got 8",
            "set `padding: same`",
        ),
        (
            {"kernel_size": 3, "dilation_rate": 4}, (5, 4, 8, 9, 2), "kernel_size",
            "expected a height of at least 9, the kernel's (kernel_size 3, dilation_rate 4), got 8",
            "set `padding: same`",
        ),
        (
            {"kernel_size": 3}, (5, 4, 8, 2), "",
            "expected 5 axes (batch, time, height, width, features), got 4: (5, 4, 8, 2)",
            "",
        ),
    ],
)  # fmt: skip
def test_a_mistake_says_what_was_expected(
    settings: dict[str, Any], shape: tuple[int, ...], field: str, message: str, hint: str
) -> None:
    with pytest.raises(Mismatch) as caught:
        ConvLSTM2D(filters=3, **settings).outputs(shape)
    assert (caught.value.message, caught.value.field, caught.value.hint) == (message, field, hint)


def test_one_number_is_named_in_the_singular() -> None:
    with pytest.raises(Mismatch, match=r"to be 1 number of at least 1 \(width\)"):
        ConvLSTM1D(filters=3, kernel_size=(3, 3)).outputs((5, 4, 8, 2))


def test_initial_states_have_the_space_of_the_output() -> None:
    layer = ConvLSTM2D(filters=3, kernel_size=3)
    assert layer.outputs((5, 4, 8, 8, 2), (5, 6, 6, 3), (5, 6, 6, 3)) == ((5, 6, 6, 3),)
    with pytest.raises(Mismatch, match=r"expected initial state h of shape \(5, 6, 6, 3\), got \(5, 8, 8, 3\)"):
        layer.outputs((5, 4, 8, 8, 2), (5, 8, 8, 3), (5, 8, 8, 3))


@pytest.mark.parametrize(("layer", "shape"), CASES[:18])
def test_channels_first_is_the_same_layer_with_its_channels_before_the_space(
    layer: ConvLSTM, shape: tuple[int, ...]
) -> None:
    layer = replace(layer, activation="tanh", recurrent_activation="sigmoid")  # softmax is along the last axis
    x, weights = sequence(shape), Weights(random_arrays(layer, shape))
    first, moved = replace(layer, data_format="channels_first"), np.moveaxis(x, -1, 2)
    assert first.weights(moved.shape) == layer.weights(shape)
    outputs = first.run(weights, moved)
    assert first.outputs(moved.shape) == tuple(output.shape for output in outputs)
    main = 2 if layer.return_sequences else 1
    for number, (ours, expected) in enumerate(zip(outputs, layer.run(weights, x), strict=True)):
        np.testing.assert_array_equal(ours, np.moveaxis(expected, -1, main if number == 0 else 1))


def test_both_directions_are_put_side_by_side_on_the_last_axis_which_is_the_width() -> None:
    """Keras 3.15: Bidirectional concatenates on axis -1 whatever the format."""
    layer = ConvLSTM2D(filters=3, kernel_size=3, padding="same", data_format="channels_first")
    both = Bidirectional(layer=layer, backward_layer=replace(layer, go_backwards=True))
    assert both.outputs((5, 4, 2, 8, 9)) == ((5, 3, 8, 18),)
    (output,) = both.run(Weights(random_arrays(both, (5, 4, 2, 8, 9))), sequence((5, 4, 2, 8, 9)))
    assert output.shape == (5, 3, 8, 18)


def test_a_kernel_of_symbols_leaves_a_space_of_symbols_and_a_condition() -> None:
    layer = ConvLSTM1D(filters=parse("F"), kernel_size=parse("K"))
    shape = (parse("B"), parse("T"), parse("W"), 2)
    assert [str(size) for size in layer.outputs(shape)[0]] == ["B", "W - K + 1", "F"]
    assert [str(condition) for _, condition in layer.undecided(shape)] == ["W >= K"]
    assert str(layer.formula(shape)) == "4*filters*(kernel_width*input_dim + kernel_width*filters + 1)"


@pytest.mark.parametrize(("layer", "shape"), CASES[:12])
def test_packed_tensors_unpack_to_the_same_weights(layer: ConvLSTM, shape: tuple[int, ...]) -> None:
    arrays = random_arrays(layer, shape)
    for tensor in tensors(KERAS, layer, shape):
        packed = pack(tensor, arrays)
        assert packed.shape == tensor.shape
        for key, array in unpack(tensor, packed).items():
            np.testing.assert_array_equal(array, arrays.pop(key))
    assert not arrays


@pytest.mark.parametrize("rank", RANKS)
def test_each_rank_is_a_family(rank: int) -> None:
    assert family(f"conv_lstm{rank}d") is RANKS[rank]


# --- the same run in Keras ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keras() -> Any:
    import os

    os.environ.setdefault("KERAS_BACKEND", "torch")
    return pytest.importorskip("keras")


def keras_layer(keras: Any, layer: ConvLSTM) -> Any:
    unlike = {"bias", "recurrent_bias"}
    settings = {field.name: getattr(layer, field.name) for field in fields(layer) if field.name not in unlike}
    theirs = keras.layers.ConvLSTM1D, keras.layers.ConvLSTM2D, keras.layers.ConvLSTM3D
    return theirs[len(layer.space_axes.split()) - 1](**settings, use_bias=layer.bias, dtype="float64")


def assert_agrees(
    keras: Any,
    theirs: Any,
    ours: Layer,
    shape: tuple[int, ...],
    states: list[np.ndarray],
    mask: np.ndarray | None = None,
) -> None:
    """Shapes, count, each tensor and all numbers are the same in both."""
    x, arrays = sequence(shape), random_arrays(ours, shape)
    theirs.build(shape)
    predicted = tensors(KERAS, ours, shape)
    assert [tensor.shape for tensor in predicted] == [tuple(weight.shape) for weight in theirs.weights]
    plain = [tensor.name.removeprefix("forward_").removeprefix("backward_") for tensor in predicted]
    assert plain == [weight.name for weight in theirs.weights]
    assert ours.count(shape) == theirs.count_params() == sum(prod(weight.shape) for weight in theirs.weights)
    theirs.set_weights([pack(tensor, arrays) for tensor in predicted])
    extra = {"mask": keras.ops.convert_to_tensor(mask)} if mask is not None else {}
    extra |= {"initial_state": [keras.ops.convert_to_tensor(state) for state in states]} if states else {}
    got = theirs(keras.ops.convert_to_tensor(x), **extra)
    expected = [keras.ops.convert_to_numpy(array) for array in (got if isinstance(got, tuple | list) else [got])]
    outputs = ours.run(Weights(arrays), x, *states, mask=mask)
    assert ours.outputs(shape, *(state.shape for state in states)) == tuple(array.shape for array in expected)
    for mine, other in zip(outputs, expected, strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-9)


@pytest.mark.oracle
@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_keras_agrees(keras: Any, layer: ConvLSTM, shape: tuple[int, ...]) -> None:
    assert_agrees(keras, keras_layer(keras, layer), layer, shape, [])


@pytest.mark.oracle
@pytest.mark.parametrize(("layer", "shape"), CASES[:30])
def test_keras_agrees_on_initial_states(keras: Any, layer: ConvLSTM, shape: tuple[int, ...]) -> None:
    states = [sequence(tuple(fixed(n) for n in state), 2 + i) for i, state in enumerate(layer.state_shapes(shape))]
    assert_agrees(keras, keras_layer(keras, layer), layer, shape, states)


@pytest.mark.oracle
@pytest.mark.parametrize(("layer", "shape"), CASES[:30])
def test_keras_agrees_on_masks(keras: Any, layer: ConvLSTM, shape: tuple[int, ...]) -> None:
    mask = np.random.default_rng(3).random(shape[:2]) < 0.6
    assert_agrees(keras, keras_layer(keras, layer), layer, shape, [], mask)


@pytest.mark.oracle
@pytest.mark.parametrize("merge", ["concat", "sum", "mul", "ave", "none"])
@pytest.mark.parametrize(("layer", "shape"), CASES[:18])
def test_keras_agrees_on_both_directions(keras: Any, layer: ConvLSTM, shape: tuple[int, ...], merge: str) -> None:
    layer = replace(layer, go_backwards=False)
    ours = Bidirectional(layer=layer, backward_layer=replace(layer, go_backwards=True), merge=merge)
    mode = None if merge == "none" else merge
    theirs = keras.layers.Bidirectional(keras_layer(keras, layer), merge_mode=mode, dtype="float64")
    assert_agrees(keras, theirs, ours, shape, [])


@pytest.mark.oracle
@pytest.mark.parametrize(("layer", "shape"), CASES[:18])
def test_keras_agrees_on_every_timestep(keras: Any, layer: ConvLSTM, shape: tuple[int, ...]) -> None:
    layer = replace(layer, return_state=False)
    theirs = keras.layers.TimeDistributed(keras_layer(keras, layer), dtype="float64")
    assert_agrees(keras, theirs, TimeDistributed(layer=layer), (shape[0], 3, *shape[1:]), [])


@pytest.mark.oracle
@pytest.mark.parametrize(
    "settings",
    [{"kernel_size": (3,)}, {"kernel_size": 9}, {"kernel_size": 2, "strides": (2, 1), "dilation_rate": (1, 2)}],
)
def test_keras_refuses_what_we_refuse(keras: Any, settings: dict[str, Any]) -> None:
    layer = ConvLSTM2D(filters=3, **settings)
    with pytest.raises(Mismatch):
        layer.outputs((5, 4, 8, 8, 2))
    with pytest.raises(ValueError):
        keras_layer(keras, layer)(np.zeros((5, 4, 8, 8, 2)))
        keras_layer(keras, layer)(np.zeros((5, 4, 8, 8, 2)))


@pytest.mark.oracle
@pytest.mark.parametrize(("layer", "shape"), CASES[:18])
@pytest.mark.parametrize("what", ["mask", "states"])
def test_keras_agrees_on_both_directions_with_a_mask_or_states(
    keras: Any, layer: ConvLSTM, shape: tuple[int, ...], what: str
) -> None:
    layer = replace(layer, go_backwards=False)
    ours = Bidirectional(layer=layer, backward_layer=replace(layer, go_backwards=True), merge="concat")
    theirs = keras.layers.Bidirectional(keras_layer(keras, layer), merge_mode="concat", dtype="float64")
    mask = np.random.default_rng(3).random(shape[:2]) < 0.6 if what == "mask" else None
    states = (
        [sequence(tuple(fixed(n) for n in state), 2 + i) for i, state in enumerate(layer.state_shapes(shape) * 2)]
        if what == "states"
        else []
    )
    assert_agrees(keras, theirs, ours, shape, states, mask)
