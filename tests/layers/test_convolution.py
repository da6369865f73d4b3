"""Convolutions: what is their own beyond the laws of all layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.formats.document import Document
from lstm_shapes.layers import convolution, family
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.convolution import Conv1D, Conv2D
from lstm_shapes.layers.transposed import Conv1DTranspose
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.spec import reader
from lstm_shapes.symbolic.size import fixed, parse

LINE = ("B", "T", 8)
IMAGE = ("B", 8, 9, 6)


def arrays(layer: Any, shape: tuple[int, ...]) -> Weights:
    draw = np.random.default_rng(0)
    return Weights({w.key: draw.normal(size=[fixed(size) for size in w.shape]) for w in layer.weights(shape)})


def symbols(shape: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(parse(size) if isinstance(size, str) else size for size in shape)


def findings(
    layer: dict[str, Any], shape: tuple[Any, ...], framework: str = "keras"
) -> list[tuple[str, str, str, Any]]:
    """What is said of a model of one layer: the rule, the message, the hint, the last step of the route."""
    data = {"framework": framework, "inputs": {"x": list(shape)}, "layers": [layer]}
    reading = reader.read(Document(source="-", data=data))
    return [(f.id, f.message, f.hint, f.route[-1]) for f in diagnose(reading)]


@pytest.mark.parametrize(
    ("settings", "length"),
    [
        ({}, "T - 2"),
        ({"strides": 2}, "(T - 3)//2 + 1"),
        ({"strides": 2, "padding": "same"}, "(T + 1)//2"),
        ({"padding": "causal", "dilation_rate": 4}, "T"),
        ({"dilation_rate": 3}, "T - 6"),
        ({"padding": 2, "strides": 2}, "(T + 1)//2 + 1"),
        ({"padding": ((1, 0),)}, "T - 1"),
    ],
)
def test_a_length_reads_as_people_write_it(settings: dict[str, Any], length: str) -> None:
    layer = Conv1D(filters=4, kernel_size=3, **settings)
    assert [str(size) for size in layer.outputs(symbols(LINE))[0]] == ["B", length, "4"]


@pytest.mark.parametrize("settings", [{}, {"groups": 2}, {"strides": 2}, {"padding": "same", "dilation_rate": 2}])
@pytest.mark.parametrize("channels", [2, 24])
def test_blocks_give_what_the_whole_gives(
    settings: dict[str, Any], channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, shape = Conv2D(filters=6, kernel_size=(2, 3), **settings), (2, 9, 8, channels)
    weights, x = arrays(layer, shape), np.random.default_rng(1).normal(size=shape)
    (whole,) = layer.run(weights, x)
    monkeypatch.setattr(convolution, "BLOCK", 200)
    np.testing.assert_allclose(layer.run(weights, x)[0], whole, atol=1e-12)


def test_a_causal_output_does_not_see_what_comes_later() -> None:
    layer, shape = Conv1D(filters=3, kernel_size=3, padding="causal", dilation_rate=2), (2, 9, 4)
    weights, x = arrays(layer, shape), np.random.default_rng(1).normal(size=shape)
    changed = x.copy()
    changed[:, 5] += 1
    before, after = layer.run(weights, x)[0], layer.run(weights, changed)[0]
    assert np.array_equal(before[:, :5], after[:, :5])
    assert not np.array_equal(before[:, 5:], after[:, 5:])


@pytest.mark.parametrize(("strides", "padding"), [(1, "valid"), (2, "valid"), (3, "same"), (2, "same"), (2, 1)])
def test_a_transposed_convolution_is_the_transpose_of_a_convolution(strides: int, padding: Any) -> None:
    """<conv(x), y> = <x, transposed(y)> for one kernel, where both lengths belong together."""
    draw = np.random.default_rng(3)
    forward = Conv1D(filters=2, kernel_size=3, strides=strides, padding=padding, bias=False)
    (shape,) = forward.outputs((1, 12, 4))
    length = fixed(shape[1])
    back = Conv1DTranspose(filters=4, kernel_size=3, strides=strides, padding=padding, bias=False)
    kernel = draw.normal(size=(1, 2, 3, 4))
    y = draw.normal(size=(1, length, 2))
    (spread,) = back.run(Weights({"kernel": kernel.transpose(0, 3, 2, 1)}), y)
    x = np.zeros((1, spread.shape[1], 4))
    x[...] = draw.normal(size=x.shape)
    (seen,) = forward.run(Weights({"kernel": kernel}), x)
    assert seen.shape == y.shape
    assert np.isclose((seen * y).sum(), (x * spread).sum())


@pytest.mark.parametrize(
    ("entry", "shape", "expected"),
    [
        (
            {"type": "conv1d", "filters": 4, "kernel_size": 9},
            (2, 8, 3),
            (
                "LS203",
                "conv1d (conv1d): expected a length of at least 9, the kernel's, got 8",
                "set `padding: same`",
                "kernel_size",
            ),
        ),
        (
            {"type": "conv2d", "filters": 4, "kernel_size": [3, 9], "strides": 2},
            (2, 8, 8, 3),
            (
                "LS203",
                "conv2d (conv2d): expected a width of at least 9, the kernel's, got 8",
                "set `kernel_size: [3, 8]`",
                "kernel_size",
            ),
        ),
        (
            {"type": "conv2d", "filters": 6, "kernel_size": 3, "groups": 4},
            IMAGE,
            (
                "LS401",
                "conv2d (conv2d): expected groups to divide the 6 input channels, got 4",
                "set `groups: 2`",
                "groups",
            ),
        ),
        (
            {"type": "conv2d", "filters": 4, "kernel_size": 3, "groups": 3},
            IMAGE,
            ("LS401", "conv2d (conv2d): expected groups to divide the 4 filters, got 3", "set `groups: 1`", "groups"),
        ),
        (
            {"type": "conv1d", "filters": 4, "kernel_size": 3, "strides": 2, "dilation_rate": 2},
            (2, 8, 3),
            (
                "LS402",
                "conv1d: dilation_rate: Keras takes strides or a dilation_rate above 1, not both",
                "set `dilation_rate: 1`",
                "dilation_rate",
            ),
        ),
        (
            {"type": "conv1d_transpose", "filters": 4, "kernel_size": 3, "strides": 2, "output_padding": 2},
            (2, 8, 3),
            (
                "LS401",
                "conv1d_transpose (conv1d_transpose): expected output_padding below 2, the strides, got 2",
                "set `output_padding: 1`",
                "output_padding",
            ),
        ),
        (
            {"type": "conv2d", "filters": 4, "kernel_size": 3},
            (2, 8, 3),
            (
                "LS201",
                "conv2d (conv2d): expected 4 axes (batch, height, width, features), got 3: (2, 8, 3)",
                "give it `inputs: {x: [B, 32, 32, 3]}`, or put a reshape before it",
                0,
            ),
        ),
        (
            {"type": "conv2d", "filters": 4, "kernel_size": [3]},
            IMAGE,
            (
                "LS401",
                "conv2d (conv2d): expected kernel_size to be 2 numbers of at least 1 (height, width), "
                "or one value for all, got (3,)",
                "set `kernel_size: [3, 3]`",
                "kernel_size",
            ),
        ),
        (
            {"type": "conv1d", "filters": 4, "kernel_size": 3, "in_channels": 5},
            (2, 8, 3),
            (
                "LS204",
                "conv1d declares in_channels 5, but its input has 3 features: (2, 8, 3)",
                "write 3, or remove in_channels",
                "in_channels",
            ),
        ),
        (
            {"type": "conv1d", "filters": 4, "kernel_size": 3, "padding": 3, "padding_mode": "reflect"},
            (2, 3, 3),
            (
                "LS401",
                "conv1d (conv1d): expected padding of at most 2, as much as a length of 3 has to mirror, got 3",
                "set `padding_mode: zeros`",
                "padding_mode",
            ),
        ),
        (
            {"type": "conv1d_transpose", "filters": 4, "kernel_size": 2, "padding": 4, "output_padding": 0},
            (2, 3, 3),
            (
                "LS203",
                "conv1d_transpose (conv1d_transpose): expected padding that leaves at least 1 position, got -4",
                "set `padding: 0`",
                "padding",
            ),
        ),
        (
            {"type": "conv1d", "filters": 4, "kernel_size": 3, "padding": "smae"},
            (2, 8, 3),
            (
                "LS103",
                'padding: expected valid, same, causal, or the number of zeros, got "smae"',
                "write same",
                "padding",
            ),
        ),
    ],
)
def test_a_mistake_is_said_at_its_field_with_what_to_write(
    entry: dict[str, Any], shape: tuple[Any, ...], expected: tuple[Any, ...]
) -> None:
    assert expected in findings(entry, shape)


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ({"type": "conv1d", "filters": 4, "kernel_size": 3, "padding": "causal"}, "LS403"),
        ({"type": "conv1d", "filters": 4, "kernel_size": 3, "padding": "same", "stride": 2}, "LS402"),
        ({"type": "conv1d", "filters": 4, "kernel_size": 3, "activation": "relu"}, "LS403"),
        ({"type": "depthwise_conv1d", "kernel_size": 3}, "LS402"),
        ({"type": "conv1d_transpose", "filters": 4, "kernel_size": 3, "padding": "same"}, "LS403"),
    ],
)
def test_what_pytorch_has_not_is_said(entry: dict[str, Any], rule: str) -> None:
    reading = findings(entry, (2, 3, 8), "torch")
    assert rule in [finding[0] for finding in reading] or rule == "LS402"


def test_pytorchs_module_reads_the_channels_first_and_its_first_layer_says_how_many() -> None:
    layers = [{"type": "nn.Conv1d", "in_channels": 8, "out_channels": 16, "kernel_size": 5, "stride": 2}]
    reading = reader.read(Document(source="-", data={"framework": "torch", "layers": layers}))
    assert not reading.findings
    assert reading.model is not None
    assert [str(size) for size in reading.model.shapes[0] or ()] == ["B", "8", "T"]
    node = reading.model.graph.nodes[0].layer
    assert node == Conv1D(filters=16, kernel_size=5, strides=2, data_format="channels_first")


def test_a_condition_on_symbols_is_a_note() -> None:
    notes = findings({"type": "conv1d", "filters": 4, "kernel_size": 5}, LINE)
    fits = "conv1d (conv1d): fits where T >= 5"
    assert notes == [("LS503", fits, "give T a number, with dims or --set", "kernel_size")]
    layer = Conv1D(filters=parse("F"), kernel_size=5, groups=2)
    conditions = [str(condition) for _, condition in layer.undecided(symbols(LINE))]
    assert sorted(conditions) == ["2 divides F", "T >= 5"]


def test_a_setting_that_symbols_would_have_to_decide_is_refused() -> None:
    layer = Conv1DTranspose(filters=4, kernel_size=parse("K"), strides=2)
    with pytest.raises(Mismatch, match="expected numbers, or output_padding, got kernel_size K, strides 2"):
        layer.outputs((2, 8, 3))
    assert str(Conv1DTranspose(filters=4, kernel_size=parse("K"), output_padding=0).outputs((2, 8, 3))[0][1]) == "K + 7"


@pytest.mark.parametrize("type_", ["conv2d", "depthwise_conv2d", "separable_conv2d", "conv2d_transpose"])
def test_the_sentences_say_what_becomes_of_the_space(type_: str) -> None:
    settings = {} if type_ == "depthwise_conv2d" else {"filters": 4}
    layer = family(type_)(kernel_size=3, strides=2, activation="relu", **settings)
    shape = (2, 9, 11, 6)
    space, *_, last = layer.explain_output((shape,), layer.outputs(shape))
    assert space.startswith("the space (9, 11) becomes (")
    assert last == "relu is applied to the result"
