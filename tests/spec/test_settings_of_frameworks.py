"""Settings that a framework does not have, or has in another sense: none is dropped without a word."""

from __future__ import annotations

from typing import Any

import pytest

from lstm_shapes import api
from lstm_shapes.analysis.report import Report

LSTM = {"type": "lstm", "units": 4}


def inspect(*layers: Any, framework: str = "torch", **model: Any) -> Report:
    return api.inspect({"framework": framework, "input_dim": 8, **model, "layers": list(layers)})


def kinds(report: Report) -> list[str]:
    return [finding.kind for finding in report.findings]


@pytest.mark.parametrize(
    "setting",
    [
        {"go_backwards": True},
        {"activation": "relu"},
        {"recurrent_activation": "hard_sigmoid"},
        {"stateful": True},
        {"unroll": True},
        {"recurrent_dropout": 0.1},
        {"return_sequences": False},
        {"recurrent_bias": False},
        {"zero_output_for_mask": True},
        {"peephole": True},
    ],
)
def test_what_a_pytorch_module_does_not_have_is_reported_at_its_key(setting: dict[str, Any]) -> None:
    (key,) = setting
    wrapped = {"type": "time_distributed", "layer": {**LSTM, **setting}}
    assert kinds(inspect({**LSTM, **setting})) == ["beyond-framework"]
    assert kinds(inspect({"type": "model", "layers": [{**LSTM, **setting}]})) == ["beyond-framework"]
    sequences = {"framework": "torch", "inputs": {"x": ["B", "T", 5, 8]}}
    (finding,) = api.inspect({**sequences, "layers": [wrapped]}).findings
    assert (finding.kind, key in finding.message) == ("beyond-framework", True)


@pytest.mark.parametrize(
    "layer",
    [
        {**LSTM, "activation": "tanh", "recurrent_activation": "sigmoid", "stateful": False, "return_sequences": True},
        {"type": "rnn", "units": 4, "nonlinearity": "relu"},
        {"type": "gru", "units": 4, "reset_after": True, "dropout": 0.1, "num_layers": 2},
    ],
)
def test_what_a_pytorch_module_has_is_not_reported(layer: dict[str, Any]) -> None:
    assert kinds(inspect(layer)) == []


def test_the_activation_of_a_simple_rnn_of_pytorch_is_tanh_or_relu() -> None:
    assert kinds(inspect({"type": "rnn", "units": 4, "nonlinearity": "gelu"})) == ["beyond-framework"]


def test_batch_first_false_puts_time_in_front_and_is_run() -> None:
    """torch.nn.LSTM(8, 4): (T, B, 8) in, (T, B, 4), (1, B, 4) and (1, B, 4) out."""
    model = {
        "framework": "torch",
        "input_dim": 8,
        "layers": [{**LSTM, "batch_first": False}, {"type": "dense", "units": 3}],
    }
    report = api.inspect(model)
    assert kinds(report) == []
    assert [str(size) for size in report.inputs[0].shape or ()] == ["T", "B", "8"]
    assert [[str(size) for size in out.shape or ()] for out in report["lstm"].outputs] == [
        ["T", "B", "4"],
        ["1", "B", "4"],
        ["1", "B", "4"],
    ]
    assert str(report["lstm"].macs) == str(api.inspect({**model, "layers": [LSTM]})["lstm"].macs)
    assert api.verify(model).verdict == "confirmed"
    assert (
        api.inspect({**model, "layers": [{**LSTM, "batch_first": True}]}).inputs[0].shape
        == api.inspect({**model, "layers": [LSTM]}).inputs[0].shape
    )


def test_a_deep_module_that_reads_time_first_is_run() -> None:
    layer = {**LSTM, "batch_first": False, "num_layers": 2, "bidirectional": True}
    assert api.verify(
        {"framework": "torch", "input_dim": 8, "layers": [layer, {**layer, "return_sequences": False}]}
    ).verdict == ("confirmed")


def test_keras_and_wrappers_have_the_batch_in_front() -> None:
    time_first = {**LSTM, "batch_first": False}
    assert kinds(inspect(time_first, framework="keras")) == ["wrong-setting"]
    assert kinds(inspect({**LSTM, "batch_first": True}, framework="keras")) == []
    for wrapper in ("time_distributed", "bidirectional"):
        report = api.inspect(
            {"framework": "torch", "inputs": {"x": ["B", "T", 8]}, "layers": [{"type": wrapper, "layer": time_first}]}
        )
        assert kinds(report) == ["wrong-setting"]


@pytest.mark.parametrize(("key", "refused"), [("lora_rank", 4), ("lora_alpha", 8), ("time_major", True)])
def test_a_setting_that_would_change_shape_or_count_is_refused(key: str, refused: Any) -> None:
    harmless = False if key == "time_major" else None
    assert kinds(inspect({"type": "dense", "units": 4, key: refused}, framework="keras")) == ["wrong-setting"]
    assert kinds(inspect({"type": "dense", "units": 4, key: harmless}, framework="keras")) == []


@pytest.mark.parametrize("entry", [{"type": "dense", "units": 4}, {"type": "model", "layers": [{"type": "flatten"}]}])
def test_a_dtype_on_a_layer_is_that_of_the_model_or_refused(entry: dict[str, Any]) -> None:
    for model, layer, expected in (
        ("float32", "float32", []),
        ("float16", "float16", []),
        ("float32", None, []),
        ("float16", "float32", ["wrong-setting"]),
        ("float32", "mixed_float16", ["wrong-setting"]),
    ):
        data = {"input_dim": 8, "dtype": model, "layers": [{**entry, "dtype": layer}]}
        report = api.inspect(data)
        assert kinds(report) == expected
        assert all("dtype: float32" in finding.hint for finding in report.findings if layer == "float32")


def test_the_slope_of_a_leaky_relu_is_that_of_its_framework_or_its_own() -> None:
    """keras.layers.LeakyReLU: negative_slope=0.3; torch.nn.LeakyReLU: 0.01."""
    for framework, slope in (("keras", 0.3), ("torch", 0.01)):
        for layer, expected in (({}, slope), ({"negative_slope": 0.5}, 0.5)):
            reading = api.read({"framework": framework, "input_dim": 8, "layers": [{"type": "LeakyReLU", **layer}]})
            assert reading.model
            assert reading.model.graph.nodes[0].layer.settings()["negative_slope",] == expected
    assert kinds(inspect({"type": "silu", "negative_slope": 0.5})) == ["unknown-key"]
