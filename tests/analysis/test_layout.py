"""The function that ``layout`` prints is run on random arrays, and compared with how each framework keeps a weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np
import pytest

import lstm_shapes as ls
from lstm_shapes.analysis.layout.function import function
from lstm_shapes.analysis.layout.layer_pair import NoConversion
from lstm_shapes.analysis.layout.layout import Layout, layout
from lstm_shapes.frameworks import FRAMEWORKS, NAMES

from ..profiles import few

Arrays = dict[str, np.ndarray[Any, np.dtype[np.float64]]]
SIZES = {"num_heads": 2, "key_dim": 2, "filters": 3, "kernel_size": 2, "vocab": 7, "units": 3, "input_dim": 4}
OF_A_TYPE = {
    "lstm": ("units", "input_dim"),
    "gru": ("units", "input_dim"),
    "rnn": ("units", "input_dim"),
    "conv_lstm2d": ("filters", "kernel_size", "input_dim"),
    "dense": ("units", "input_dim"),
    "embedding": ("vocab", "units"),
    "conv1d": ("filters", "kernel_size", "input_dim"),
    "conv2d": ("filters", "kernel_size", "input_dim"),
    "conv3d_transpose": ("filters", "kernel_size", "input_dim"),
    "depthwise_conv2d": ("kernel_size", "input_dim"),
    "batch_normalization": ("input_dim",),
    "layer_normalization": ("input_dim",),
    "multi_head_attention": ("num_heads", "key_dim", "input_dim"),
}
SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"bidirectional": True},
    {"num_layers": 2},
    {"bidirectional": True, "num_layers": 2},
    {"bias": False},
    {"reset_after": True},
)
PAIRS = list(permutations(NAMES, 2))


def cases() -> Sequence[tuple[str, str, str, dict[str, Any]]]:
    """Every type in every pair of frameworks that have it, recurrent ones in the settings that they have."""
    listed = []
    for type_ in OF_A_TYPE:
        for source, target in PAIRS:
            if all(type_ in FRAMEWORKS[name].layouts for name in (source, target)):
                recurrent = type_ in ("lstm", "gru", "rnn")
                listed += [(type_, source, target, each) for each in (SETTINGS if recurrent else SETTINGS[:1])]
    listed = [case for case in listed if case[0] == "gru" or "reset_after" not in case[3]]
    return few(listed, 24)


def answered(type_: str, source: str, target: str, settings: Mapping[str, Any] = SETTINGS[0]) -> Layout:
    return layout(
        type_, source=source, target=target, dims={name: SIZES[name] for name in OF_A_TYPE[type_]}, **settings
    )


def converted(answer: Layout, arrays: Arrays) -> Arrays:
    """What the printed function makes of arrays."""
    names: dict[str, Any] = {}
    exec(function(answer), names)
    made: Arrays = names[f"{answer.target}_from_{answer.source}".replace("-", "_")](arrays)
    return made


def given(answer: Layout, seed: int = 0) -> Arrays:
    """Random arrays of the source; what the target has no place for is 0."""
    rng = np.random.default_rng(seed)
    arrays = {tensor.name: rng.normal(size=[int(str(size)) for size in tensor.shape]) for tensor in answer.given}
    for code in answer.left_out:
        exec(f"{code}[...] = 0", {"weights": arrays, "np": np})
    return arrays


@pytest.mark.parametrize(("type_", "source", "target", "settings"), cases(), ids=str)
def test_the_printed_function_makes_every_tensor_in_order_and_the_way_back_makes_the_same_arrays(
    type_: str, source: str, target: str, settings: dict[str, Any]
) -> None:
    try:
        there = answered(type_, source, target, settings)
        back = answered(type_, target, source, {**settings, **carried(source, type_, settings)})
    except NoConversion as error:
        assert "reset_after" in str(error) or "bias" in str(error)
        return
    arrays = given(there)
    made = converted(there, arrays)
    assert [(name, array.shape) for name, array in made.items()] == [
        (each.tensor.name, each.tensor.shape) for each in there.made
    ]
    again = converted(back, made)
    twice = converted(there, again)
    for name, array in made.items():
        np.testing.assert_allclose(twice[name], array, atol=1e-12, err_msg=name)
    if not any("biases added" in each.steps for each in there.made):
        for name in {name for each in there.made for name in each.of}:  # a counter of batches may have no place there
            np.testing.assert_allclose(again[name], arrays[name], atol=1e-12, err_msg=name)


def carried(source: str, type_: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The way back is that of the layer that came: where the target has other defaults, they are set."""
    if type_ != "gru" or "reset_after" in settings:
        return {}
    return {"reset_after": FRAMEWORKS[source].defaults.get("gru", {}).get("reset_after", True)}


def by_name(answer: Layout) -> dict[str, str]:
    return {made.tensor.name: made.code for made in answer.made}


def test_keras_gru_swaps_reset_and_update_of_torch() -> None:
    """torch/nn/modules/rnn.py: W_ir|W_iz|W_in; keras/src/layers/rnn/gru.py: z, r, h."""
    arrays = {name: np.repeat([1.0, 2.0, 3.0], 3) for name in ("bias_ih_l0", "bias_hh_l0")}
    arrays["weight_ih_l0"] = np.repeat([[1.0], [2.0], [3.0]], 3, axis=0) * np.ones(4)
    arrays["weight_hh_l0"] = np.repeat([[1.0], [2.0], [3.0]], 3, axis=0) * np.ones(3)
    made = converted(answered("gru", "torch", "keras"), arrays)
    assert made["kernel"][0].tolist() == [2, 2, 2, 1, 1, 1, 3, 3, 3]
    assert made["bias"].tolist() == [[2, 2, 2, 1, 1, 1, 3, 3, 3]] * 2


def test_onnx_lstm_has_input_output_forget_cell_where_torch_has_input_forget_cell_output() -> None:
    """onnx/defs/rnn/defs.cc: W[iofc]; torch: W_ii|W_if|W_ig|W_io."""
    arrays = {"weight_ih_l0": np.repeat([[1.0], [2.0], [3.0], [4.0]], 3, axis=0) * np.ones(4)}
    arrays |= {"weight_hh_l0": np.zeros((12, 3)), "bias_ih_l0": np.zeros(12), "bias_hh_l0": np.ones(12)}
    made = converted(answered("lstm", "torch", "onnx"), arrays)
    assert made["W"].shape == (1, 12, 4)
    assert made["W"][0, :, 0].tolist() == [1, 1, 1, 4, 4, 4, 2, 2, 2, 3, 3, 3]
    assert made["B"].tolist() == [[0] * 12 + [1] * 12]


def test_keras_keeps_a_matrix_transposed_and_one_bias_where_torch_has_two() -> None:
    codes = by_name(layout("lstm", source="torch", target="keras"))
    assert codes == {
        "kernel": 'weights["weight_ih_l0"].T',
        "recurrent_kernel": 'weights["weight_hh_l0"].T',
        "bias": 'weights["bias_ih_l0"] + weights["bias_hh_l0"]',
    }
    assert by_name(layout("lstm", source="keras", target="torch"))["bias_hh_l0"] == 'np.zeros_like(weights["bias"])'


def test_attention_of_torch_has_query_key_and_value_one_above_the_other_in_one_tensor() -> None:
    """torch/nn/functional.py, _in_projection_packed: w_q, w_k, w_v = w.chunk(3); a head is rows next to each other."""
    arrays = {"in_proj_weight": np.arange(18.0)[:, None] * np.ones(6), "in_proj_bias": np.arange(18.0)}
    arrays |= {"out_proj.weight": np.ones((6, 1)) * np.arange(6.0), "out_proj.bias": np.arange(6.0)}
    answer = layout("multi_head_attention", source="torch", target="keras", embed_dim=6, num_heads=2)
    made = converted(answer, arrays)
    assert made["key/kernel"][0].tolist() == made["key/bias"].tolist() == [[6, 7, 8], [9, 10, 11]]
    assert made["attention_output/kernel"][:, :, 0].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert answer.made[0].steps == ("one weight", "reshaped", "transposed")


def test_attention_between_keras_and_flax_needs_no_width_of_all_heads_together() -> None:
    answer = layout("multi_head_attention", source="keras", target="flax", num_heads=2, key_dim=3, input_dim=5)
    assert [made.tensor.shape for made in answer.made][:2] == [(5, 2, 3), (2, 3)]
    with pytest.raises(ls.LayerSettingsError, match="embed_dim"):
        layout("multi_head_attention", source="keras", target="torch", num_heads=2, key_dim=3, input_dim=5)


def test_the_function_is_public() -> None:
    answer = ls.layout("lstm", source="torch", target="keras")
    assert isinstance(answer, ls.Layout)
    assert answer.python == function(answer)
    with pytest.raises(ls.NoConversion):
        ls.layout("dropout", source="torch", target="keras")


def test_a_gru_that_resets_before_the_product_has_no_counterpart_in_torch() -> None:
    with pytest.raises(NoConversion, match="reset_after: in PyTorch's gru it is true"):
        layout("gru", source="keras", target="torch", reset_after=False)
    with pytest.raises(NoConversion, match="false is the default in ONNX"):
        layout("gru", source="onnx", target="torch")
    assert layout("gru", source="onnx", target="torch", reset_after=True).exact


def test_a_bias_that_the_target_has_no_place_for_is_refused_unless_it_is_zero() -> None:
    """Flax nnx' GRUCell has no bias in dense_h; that of the candidate is multiplied by the reset gate elsewhere."""
    answer = answered("gru", "torch", "flax")
    assert not answer.exact
    arrays = given(answer)
    converted(answer, arrays)
    arrays["bias_hh_l0"][-1] = 1
    with pytest.raises(ValueError, match="Flax nnx has no place for"):
        converted(answer, arrays)


def test_sizes_that_no_array_tells_are_arguments_of_the_function() -> None:
    answer = layout("lstm", source="keras", target="flax", bias=False)
    assert answer.parameters == ("units",)
    assert "weights: Mapping[str, Array], *, units: int)" in function(answer)


@pytest.mark.parametrize(
    ("type_", "settings", "message"),
    [
        ("lstmm", {}, "did you mean lstm"),
        ("dropout", {}, "no type of layer that has weights"),
        ("conv2d", {"units": 4}, "units: conv2d has no units; its sizes are kernel_size, filters, input_dim"),
        ("dense", {"bidirectional": True}, "bidirectional: dense has no bidirectional"),
        ("lstm", {"dims": {"filters": 3}}, "set: lstm has no size filters"),
        ("lstm", {"num_layers": "N"}, "num_layers: expected a number from 1 to 1000, got N"),
        ("lstm", {"proj_size": 2}, "proj_size: in Keras 3's lstm it is 0"),
        (
            "multi_head_attention",
            {"embed_dim": 7, "num_heads": 2},
            "expected a multiple of num_heads 2, got 7",
        ),
        (
            "multi_head_attention",
            {"embed_dim": 8},
            "expected numbers for it and num_heads, got 8 and num_heads",
        ),
        ("multi_head_attention", {"embed_dim": 8, "key_dim": 2, "num_heads": 4}, "key_dim: set as well as embed_dim"),
        ("multi_head_attention", {"units": 4}, "its sizes are num_heads, key_dim, embed_dim, input_dim"),
        ("additive_attention", {}, "PyTorch has no additive_attention"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(type_: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(NoConversion, match=message):
        layout(type_, source="torch", target="keras", **settings)
    with pytest.raises(NoConversion, match="expected two frameworks"):
        layout("lstm", source="torch", target="torch")
