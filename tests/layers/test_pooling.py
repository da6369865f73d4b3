"""Pooling, zero padding, cropping and up-sampling: what is their own beyond the laws of all layers."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from lstm_shapes.api import read
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Weights
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.symbolic.size import at_most, parse

LINE = ["B", 5, 8]
IMAGE = ["B", 8, 9, 3]
OPEN = ["B", "T", 8]


def findings(entry: dict[str, Any], shape: list[Any], framework: str = "keras") -> list[tuple[str, str, str]]:
    """What is said of a model of one layer: the rule, the message, the hint."""
    reading = read({"framework": framework, "inputs": {"x": shape}, "layers": [entry]})
    return [(finding.id, finding.message, finding.hint) for finding in diagnose(reading)]


def outputs(type_: str, shape: tuple[Any, ...], **settings: Any) -> str:
    sizes = tuple(parse(size) if isinstance(size, str) else size for size in shape)
    return str(list(map(str, family(type_)(**settings).outputs(sizes)[0])))


@pytest.mark.parametrize(
    ("type_", "settings", "length"),
    [
        ("max_pooling1d", {}, "T//2"),
        ("max_pooling1d", {"pool_size": 3, "strides": 2}, "(T - 3)//2 + 1"),
        ("max_pooling1d", {"pool_size": 3, "strides": 2, "padding": "same"}, "(T + 1)//2"),
        ("average_pooling1d", {"pool_size": 2, "ceil_mode": True}, "(T + 1)//2"),
        ("average_pooling1d", {"pool_size": parse("K")}, "T//K"),
        ("adaptive_max_pooling1d", {"output_size": parse("K")}, "K"),
        ("zero_padding1d", {"padding": (2, 1)}, "T + 3"),
        ("cropping1d", {"cropping": (2, 1)}, "T - 3"),
        ("up_sampling1d", {"size": 3}, "3*T"),
    ],
)
def test_a_length_reads_as_people_write_it(type_: str, settings: dict[str, Any], length: str) -> None:
    assert outputs(type_, ("B", "T", 8), **settings) == str(["B", length, "8"])


TOO_SMALL: list[tuple[dict[str, Any], list[Any], str, str]] = [
    (
        {"type": "max_pooling1d", "pool_size": 9},
        LINE,
        "expected a length of at least 9, the pool's, got 5",
        "pool_size",
    ),
    ({"type": "max_pooling1d", "pool_size": 3, "dilation_rate": 4}, LINE, "at least 9, the pool's", "pool_size"),
    ({"type": "average_pooling2d", "pool_size": [9, 9]}, IMAGE, "expected a height of at least 9", "pool_size"),
    ({"type": "max_pooling1d", "pool_size": 3, "padding": 2}, LINE, "expected padding of at most 1, half", "padding"),
    ({"type": "cropping1d", "cropping": 3}, LINE, "expected a length of at least 7, of which 1 is left", "cropping"),
    ({"type": "cropping1d", "cropping": [0, 9]}, LINE, "when 0 before it and 9 after it are cut off", "cropping"),
    ({"type": "cropping2d", "cropping": [[4, 4], 1]}, IMAGE, "expected a height of at least 9", "cropping"),
    ({"type": "cropping1d", "cropping": [1, 1, 1]}, LINE, "the sizes before and after the length", "cropping"),
    ({"type": "zero_padding3d", "padding": [1, 2]}, ["B", 4, 4, 4, 2], "for each axis (depth, height", "padding"),
    ({"type": "max_pooling2d", "pool_size": [2, 2, 2]}, IMAGE, "2 numbers of at least 1 (height, width)", "pool_size"),
    ({"type": "max_pooling1d", "strides": [1, 2]}, LINE, "expected strides to be 1 number", "strides"),
    ({"type": "up_sampling2d", "size": [2]}, IMAGE, "expected size to be 2 numbers", "size"),
    ({"type": "adaptive_max_pooling2d", "output_size": [4]}, IMAGE, "to be 2 sizes (height, width)", "output_size"),
]


@pytest.mark.parametrize(("entry", "shape", "part", "field"), TOO_SMALL)
def test_a_mistake_is_said_at_its_field_and_the_hint_fixes_it(
    entry: dict[str, Any], shape: list[Any], part: str, field: str
) -> None:
    errors = [finding for finding in findings(entry, shape) if finding[0] != "LS403"]
    assert [part in message for _, message, _ in errors] == [True]
    written = re.fullmatch(rf"set `{field}: (.+)`", errors[0][2])
    assert written
    mended = {**entry, field: json.loads(written[1])}
    assert [finding for finding in findings(mended, shape) if finding[0] != "LS403"] == []


def test_no_size_is_ever_below_1() -> None:
    for type_, field in (("cropping1d", "cropping"), ("max_pooling1d", "pool_size")):
        for size in range(1, 9):
            inferred = read({"inputs": {"x": LINE}, "layers": [{"type": type_, field: size}]}).inferred
            assert inferred
            shapes = [shape for node in inferred.nodes for shape in node.outputs or ()]
            assert all(at_most(1, length) is not False for shape in shapes for length in shape)


@pytest.mark.parametrize(
    ("entry", "condition"),
    [
        ({"type": "max_pooling1d", "pool_size": 5, "strides": 2}, "fits where T >= 5"),
        ({"type": "average_pooling1d", "pool_size": 5, "padding": "valid"}, "fits where T >= 5"),
        ({"type": "cropping1d", "cropping": [2, 2]}, "fits where T >= 5"),
        ({"type": "cropping1d", "cropping": "K"}, "fits where T >= 2*K + 1"),
    ],
)
def test_a_condition_on_symbols_is_a_note(entry: dict[str, Any], condition: str) -> None:
    assert [(id_, message.endswith(condition)) for id_, message, _ in findings(entry, OPEN)] == [("LS503", True)]


@pytest.mark.parametrize("type_", ["zero_padding1d", "up_sampling1d", "global_max_pooling1d"])
def test_what_fits_any_length_is_not_commented_on(type_: str) -> None:
    assert findings({"type": type_}, OPEN) == []


def test_pytorchs_last_pool_may_begin_where_the_axis_is_shorter_than_the_pool() -> None:
    """In PyTorch 2.13 MaxPool1d(3, 2, ceil_mode=True) makes 1 position of 2, and refuses 1."""
    pool = {"type": "nn.MaxPool1d", "kernel_size": 3, "stride": 2, "ceil_mode": True}
    assert findings(pool, ["B", 8, 2], "torch") == []
    assert outputs("max_pooling1d", (1, 2, 8), pool_size=3, strides=2, ceil_mode=True) == str(["1", "1", "8"])
    assert [id_ for id_, _, _ in findings(pool, ["B", 8, 1], "torch")] == ["LS203"]


@pytest.mark.parametrize(
    ("entry", "framework", "rule", "hint"),
    [
        ({"type": "ZeroPadding2D", "padding": [1, 2, 3, 4]}, "keras", "LS402", "write `padding: [[3, 4], [1, 2]]`"),
        ({"type": "nn.ZeroPad2d", "padding": [1, [2, 3]]}, "torch", "LS402", "write `padding: [2, 3, 1, 1]`"),
        ({"type": "nn.AvgPool2d", "kernel_size": 2, "padding": "same"}, "torch", "LS403", ""),
        ({"type": "nn.MaxPool2d", "kernel_size": 2, "padding": [[0, 1], 0]}, "torch", "LS403", ""),
        ({"type": "MaxPooling2D", "padding": 1}, "keras", "LS403", ""),
        ({"type": "MaxPooling2D", "ceil_mode": True}, "keras", "LS403", ""),
        ({"type": "nn.MaxPool2d", "kernel_size": 2, "return_indices": True}, "torch", "LS401", "remove return_indices"),
        ({"type": "zero_padding2d", "padding": "same"}, "keras", "LS103", "write a number such as 1, or [1, 2]"),
        ({"type": "average_pooling2d"}, "keras", "LS102", "write `pool_size: 3`"),
    ],
)
def test_what_a_framework_has_not_is_said(entry: dict[str, Any], framework: str, rule: str, hint: str) -> None:
    assert [(id_, given) for id_, _, given in findings(entry, IMAGE, framework)] == [(rule, hint)]


def test_the_hint_for_the_other_frameworks_list_says_the_same() -> None:
    flat, nested = (1, 2, 3, 4), ((3, 4), (1, 2))
    both = [family("zero_padding2d")(padding=padding).outputs((1, 8, 9, 3)) for padding in (flat, nested)]
    assert both[0] == both[1] != family("zero_padding2d")(padding=((1, 2), (3, 4))).outputs((1, 8, 9, 3))


def test_pytorchs_pool_reads_the_channels_first_and_so_does_a_model_that_begins_with_it() -> None:
    entry = {"type": "nn.MaxPool1d", "kernel_size": 2}
    inferred = read({"framework": "torch", "input_dim": 8, "layers": [entry]}).inferred
    assert inferred
    assert inferred.nodes[0].outputs == ((parse("B"), 8, parse("T//2")),)


def test_padding_is_not_in_the_mean_unless_that_is_set() -> None:
    x = np.ones((1, 4, 1))
    settings: dict[str, Any] = {"pool_size": 3, "strides": 1, "padding": 1}
    left_out, counted = (
        family("average_pooling1d")(count_include_pad=count, **settings).run(Weights({}), x)[0].ravel().tolist()
        for count in (False, True)
    )
    assert left_out == [1, 1, 1, 1]
    assert counted == pytest.approx([2 / 3, 1, 1, 2 / 3])


def test_padding_is_never_the_largest_number() -> None:
    x = -np.ones((1, 4, 1))
    assert (family("max_pooling1d")(pool_size=3, padding="same").run(Weights({}), x)[0] == -1).all()


def test_integers_are_pooled_as_numbers() -> None:
    x = np.arange(6).reshape(1, 6, 1)
    assert family("max_pooling1d")(padding="same").run(Weights({}), x)[0].ravel().tolist() == [1, 3, 5]
    assert family("average_pooling1d")(pool_size=2).run(Weights({}), x)[0].ravel().tolist() == [0.5, 2.5, 4.5]


def test_a_mean_over_time_leaves_out_the_timesteps_that_a_mask_does() -> None:
    layer, x = family("global_average_pooling1d")(), np.array([[[2.0], [4.0], [9.0]]])
    assert layer.run(Weights({}), x, mask=np.array([[True, True, False]]))[0].tolist() == [[3.0]]
    assert layer.run(Weights({}), x)[0].tolist() == [[5.0]]
    first = family("global_average_pooling1d")(data_format="channels_first", keepdims=True)
    masked = first.run(Weights({}), x.swapaxes(1, 2), mask=np.array([[True, True, False]]))
    assert masked[0].tolist() == [[[3.0]]]


@pytest.mark.parametrize(
    ("type_", "settings", "sentences"),
    [
        (
            "max_pooling1d",
            {"pool_size": 3, "strides": 2},
            (
                "the length 20 becomes 9: pool_size 3, strides 2, padding valid",
                "of each channel, the largest number that the pool sees; padding is never the largest",
            ),
        ),
        (
            "average_pooling1d",
            {"pool_size": 2, "padding": "same"},
            (
                "the length 20 becomes 10: pool_size 2, strides 2, padding same",
                "of each channel, the mean of what the pool sees; padding is not counted",
            ),
        ),
        (
            "global_max_pooling1d",
            {},
            ("of each channel, the largest number over the length 20; its axes are removed",),
        ),
        (
            "adaptive_average_pooling1d",
            {"output_size": 4},
            (
                "the length 20 becomes 4, whatever came in: output_size",
                "of each channel, the mean of each part of the input",
            ),
        ),
        ("zero_padding1d", {}, ("the length 20 becomes 22: zeros before and after the length 1 and 1",)),
        (
            "cropping1d",
            {"cropping": (2, 0)},
            ("the length 20 becomes 18: cut off before and after the length 2 and 0",),
        ),
        (
            "up_sampling1d",
            {},
            ("the length 20 becomes 40: size 2", "each position is repeated so often, side by side"),
        ),
    ],
)
def test_the_sentences_say_what_becomes_of_the_space(
    type_: str, settings: dict[str, Any], sentences: tuple[str, ...]
) -> None:
    layer, shapes = family(type_)(**settings), ((5, 20, 8),)
    assert layer.explain_output(shapes, layer.outputs(*shapes)) == sentences


@pytest.mark.parametrize("type_", ["nn.Upsample", "UpsamplingNearest2d"])
def test_pytorchs_upsample_whose_size_is_another_is_told_our_name(type_: str) -> None:
    ((rule, _, hint),) = findings({"type": type_, "scale_factor": 2}, IMAGE, "torch")
    assert rule == "LS104"
    assert "up_sampling2d" in hint
