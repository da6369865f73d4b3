"""What attention and normalization refuse, with the literal to type, and what a spec in PyTorch's terms means."""

from __future__ import annotations

from typing import Any

import pytest

from lstm_shapes import api
from lstm_shapes.analysis.cost import reported
from lstm_shapes.findings.finding import Finding
from lstm_shapes.layers import family

Q, V, K = ["B", "Tq", 12], ["B", "Tk", 5], ["B", "Tk", 7]


def findings(entry: dict[str, Any], framework: str = "keras", **inputs: Any) -> list[Finding]:
    shapes = inputs or {"x": ["B", "T", 8]}
    spec = {"framework": framework, "inputs": shapes, "layers": [{"inputs": list(shapes), **entry}]}
    return list(api.inspect(spec).findings)


@pytest.mark.parametrize(
    ("entry", "message", "hint"),
    [
        ({"type": "batch_normalization", "axis": 3}, "expected an axis of (B, T, 8), got 3", "an axis from -3 to 2"),
        ({"type": "batch_normalization", "axis": 0}, "one after the batch of (B, T, 8), got 0", "`axis: -1`"),
        ({"type": "layer_normalization", "axis": [1, -2]}, "expected each axis once", "write each axis once"),
        ({"type": "layer_normalization", "axis": [0, 1]}, "axes after the batch", "`axis: -1`"),
        ({"type": "layer_normalization", "normalized_shape": 9}, "the last axes of", "`normalized_shape: 8`"),
        ({"type": "layer_normalization", "normalized_shape": [9, 8, 8]}, "got (9, 8, 8)", "`normalized_shape: [T, 8]`"),
        ({"type": "layer_normalization", "normalized_shape": 8, "axis": 1}, "got both", "remove axis"),
        ({"type": "rms_normalization", "axis": 1}, "expected the last axes of (B, T, 8)", "`axis: -1`"),
        ({"type": "group_normalization"}, "expected groups to divide the 8 channels", "`groups: 8`"),
        ({"type": "group_normalization", "groups": 3}, "of (B, T, 8), got 3", "`groups: 2`"),
        ({"type": "BatchNorm1d", "num_features": 9}, "expected num_features 9", "`num_features: 8`"),
        ({"type": "BatchNorm2d"}, "expected 4 axes, got 3", "write BatchNorm1d"),
        ({"type": "batch_normalization", "renorm": True}, "batch renormalization", "remove renorm"),
        ({"type": "prelu", "shared_axes": 3}, "axes after the batch of (B, T, 8), got 3", "`shared_axes: [1]`"),
        ({"type": "softmax", "axis": 3}, "expected an axis of (B, T, 8), got 3", "an axis from -3 to 2"),
        ({"type": "relu", "max_value": -1}, "expected a number of at least 0, got -1", "write 1 or 0"),
        ({"type": "attention"}, "takes 2 or more inputs, got 1", "`inputs: [x, x]`"),
        ({"type": "spatial_dropout2d", "rate": 0.1}, "expected 4 axes (batch, height, width, channels)", "reshape"),
    ],
)
def test_what_does_not_fit_is_named_with_the_literal_to_type(entry: dict[str, Any], message: str, hint: str) -> None:
    (finding,) = findings(entry)
    assert message in finding.message
    assert hint in finding.hint or hint == "reshape"


@pytest.mark.parametrize(
    ("entry", "inputs", "message", "hint"),
    [
        ({"type": "attention"}, {"q": Q, "v": V}, "query and value of one width", "`units: 12`"),
        ({"type": "attention"}, {"q": Q, "v": ["B", 3, 12], "k": ["B", 4, 12]}, "as many timesteps", "same sequence"),
        ({"type": "attention"}, {"q": [4, 3, 12], "v": [5, 3, 12]}, "inputs of one batch", "the same batch"),
        ({"type": "attention"}, {"q": Q, "v": ["B", 12]}, "as many axes as the query", "the same axes"),
        ({"type": "attention"}, dict.fromkeys("abcd", Q), "takes at most 3 inputs, got 4", "`inputs: [a, b, c]`"),
        ({"type": "multi_head_attention", "num_heads": 2}, {"q": Q, "v": V}, "key_dim or embed_dim", "`key_dim: 32`"),
        (
            {"type": "multi_head_attention", "num_heads": 5, "embed_dim": 12},
            {"q": Q, "v": Q},
            "expected num_heads to divide embed_dim 12, got 5",
            "`num_heads: 4`",
        ),
        (
            {"type": "multi_head_attention", "num_heads": 2, "key_dim": 3, "kdim": 5, "vdim": 7},
            {"q": Q, "v": V, "k": K},
            "expected the value, the second, to have 7 features (vdim), got (B, Tk, 5)",
            "`vdim: 5`",
        ),
        (
            {"type": "multi_head_attention", "num_heads": 2, "key_dim": 3, "attention_axes": 2},
            {"q": Q, "v": Q},
            "between the first and the last",
            "`attention_axes: [1]`",
        ),
        (
            {"type": "multi_head_attention", "num_heads": 2, "key_dim": 3, "causal": True},
            {"q": ["B", 3, 4, 8], "v": ["B", 3, 4, 8]},
            "expected inputs (batch, time, features) with causal",
            "remove causal",
        ),
        (
            {"type": "multi_head_attention", "num_heads": 2, "key_dim": 3, "add_bias_kv": True},
            {"q": Q, "v": V},
            "biases of key and value",
            "remove add_bias_kv",
        ),
    ],
)
def test_inputs_of_attention_that_do_not_fit(
    entry: dict[str, Any], inputs: dict[str, Any], message: str, hint: str
) -> None:
    (finding,) = findings(entry, **inputs)
    assert message in finding.message
    assert hint in finding.hint


def test_what_must_be_equal_of_symbols_is_a_condition() -> None:
    (finding,) = findings({"type": "attention"}, q=["B", "T", 8], v=["B", "S", "D"])
    assert finding.id == "LS503"
    assert "8 = D" in finding.message
    (finding,) = findings({"type": "group_normalization", "groups": "G"})
    assert (finding.id, finding.field) == ("LS503", "groups") or "G divides 8" in finding.message


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        ({"type": "batch_normalization", "axis": -1}, "axis"),
        ({"type": "batch_normalization", "center": False}, "center"),
        ({"type": "LayerNorm", "normalized_shape": 8, "scale": False}, "scale"),
        ({"type": "relu", "max_value": 6}, "max_value"),
    ],
)
def test_a_setting_that_pytorch_has_not_is_a_warning(entry: dict[str, Any], word: str) -> None:
    (finding,) = findings(entry, framework="torch")
    assert finding.id == "LS403"
    assert word in finding.message


def test_a_network_of_attention_counts_its_products_in_each_convention() -> None:
    """4 queries and 5 keys, 6 wide: 4*5*6 products for the scores, and as many for the mean."""
    entry = {"type": "attention", "inputs": ["q", "v"]}
    reading = api.read({"inputs": {"q": [1, 4, 6], "v": [1, 5, 6]}, "layers": [entry]})
    assert reading.inferred
    assert reading.inferred.macs == reported(reading.inferred, "matmul") == 2 * 4 * 5 * 6
    assert reported(reading.inferred, "torchinfo") is None


def test_moving_statistics_are_not_trained() -> None:
    report = api.inspect({"input_dim": 8, "layers": [{"type": "batch_normalization"}]})
    assert (report.totals.params, report.totals.trainable_params, report.totals.non_trainable_params) == (32, 16, 16)
    assert [tensor.trainable for tensor in report["batch_normalization"].weights] == [True, True, False, False]
    frozen = api.inspect({"input_dim": 8, "layers": [{"type": "batch_normalization", "trainable": False}]})
    assert frozen.totals.trainable_params == 0


def test_the_width_of_pytorchs_attention_is_doubled_with_its_units() -> None:
    keras = family("multi_head_attention")(num_heads=2, key_dim=4)
    assert keras.scaled(2) == keras
    layer = family("multi_head_attention")(num_heads=2, embed_dim=8)
    assert layer.scaled(2).outputs((3, 5, 16), (3, 5, 16)) == ((3, 5, 16),)
    normalization = family("layer_normalization")(normalized_shape=(5, 8))
    assert normalization.scaled(2).outputs((3, 5, 16)) == ((3, 5, 16),)


@pytest.mark.parametrize("type_", ["Softmax", "LogSoftmax"])
@pytest.mark.parametrize(("rank", "axis"), [(2, 1), (3, 0), (4, 1)])
def test_torch_chooses_a_softmax_axis_that_is_not_set_by_the_rank_and_that_is_a_finding(
    type_: str, rank: int, axis: int
) -> None:
    shape = [2, 3, 4, 5][:rank]
    (finding,) = findings({"type": type_}, "torch", x=shape)
    assert (finding.id, finding.hint) == ("LS403", "write `dim: -1` for the last axis")
    assert not findings({"type": type_, "dim": -1}, "torch", x=shape)
    assert not findings({"type": type_}, x=shape)
    spec = {"framework": "torch", "inputs": {"x": shape}, "layers": [{"type": type_}]}
    model = api.read(spec).model
    assert model
    assert model.graph.nodes[0].layer.axes(tuple(shape)) == (axis,)  # type: ignore[attr-defined]
