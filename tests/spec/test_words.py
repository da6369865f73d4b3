"""The words that people bring: accepted where they mean one thing, explained where they do not, never a wrong hint."""

from __future__ import annotations

from typing import Any

import pytest

from lstm_shapes import api
from lstm_shapes.analysis.report import Report


def inspect(*layers: Any, **model: Any) -> Report:
    return api.inspect({"input_dim": 8, **model, "layers": list(layers)})


def hints(report: Report) -> list[str]:
    return [finding.hint for finding in report.findings]


LSTM = {"type": "lstm", "units": 4}


@pytest.mark.parametrize(
    ("framework", "type_"),
    [
        ("keras", "keras.layers.LSTM"),
        ("keras", "tf.keras.layers.LSTM"),
        ("keras", "tensorflow.keras.layers.LSTM"),
        ("keras", "layers.LSTM"),
        ("torch", "nn.LSTM"),
        ("torch", "torch.nn.LSTM"),
    ],
)
def test_a_class_may_stand_with_its_module(framework: str, type_: str) -> None:
    report = inspect({**LSTM, "type": type_}, framework=framework)
    assert (report.findings, report.totals) == ((), inspect(LSTM, framework=framework).totals)


@pytest.mark.parametrize(("framework", "type_"), [("keras", "nn.LSTM"), ("torch", "keras.layers.LSTM")])
def test_a_class_of_the_other_framework_is_not_counted_by_the_rules_of_this_one(framework: str, type_: str) -> None:
    report = inspect({**LSTM, "type": type_}, framework=framework)
    assert [finding.kind for finding in report.findings] == ["not-in-framework"]


@pytest.mark.parametrize("word", ["pytorch", "PyTorch", "tf", "TensorFlow"])
def test_a_framework_may_have_the_name_that_people_use(word: str) -> None:
    name = "torch" if "torch" in word.lower() else "keras"
    for report in (inspect(LSTM, framework=word), api.inspect({"input_dim": 8, "layers": [LSTM]}, framework=word)):
        assert (report.findings, report.framework) == ((), name)


@pytest.mark.parametrize("merge", [{}, {"merge": "sum"}])
def test_a_bilstm_is_a_bidirectional_lstm(merge: dict[str, str]) -> None:
    for name, type_ in (("BiLSTM", "lstm"), ("BiGRU", "gru"), ("BiRNN", "rnn")):
        short = inspect({"type": name, "units": 4, **merge})
        assert short.findings == ()
        assert short.totals == inspect({"type": type_, "units": 4, "bidirectional": True, **merge}).totals
    assert hints(inspect({"type": "BiLSTM", "units": 4, "bidirectional": False})) == ["remove it"]


def test_the_features_may_have_the_names_of_pytorch() -> None:
    linear = {"type": "Linear", "in_features": 8, "out_features": 3}
    assert inspect(linear).findings == ()
    assert api.inspect({"layers": [linear]}).totals.params == 8 * 3 + 3
    assert api.inspect({"input_size": 8, "layers": [LSTM]}).totals.params == 4 * 4 * (8 + 4 + 1)
    assert [finding.kind for finding in inspect({**linear, "in_features": 9}).findings] == ["input-dim"]
    for twice in (inspect(LSTM, input_size=8), inspect({**LSTM, "input_dim": 8, "input_size": 8})):
        assert [finding.kind for finding in twice.findings] == ["conflicting-keys"]


def test_a_budget_may_be_rounded_and_bytes_and_expectations_may_not() -> None:
    assert inspect(LSTM, budget={"params": "50k", "macs": "208*B*T"}).findings == ()
    (finding,) = inspect({"type": "dense", "units": 9000}, budget={"params": "50k"}).findings
    assert "at most 50,000 params, got 81,000" in finding.message
    assert (
        "at most 1,500,000"
        in inspect({"type": "dense", "units": 900_000}, budget={"params": "1.5M"}).findings[0].message
    )
    assert hints(inspect(LSTM, budget={"bytes": "2M"})) == ["write 2000000"]
    assert hints(inspect({**LSTM, "expect": {"params": "50k"}})) == ["write 50000"]
    assert hints(inspect({**LSTM, "units": "1k"})) == ["write 1000"]


@pytest.mark.parametrize(
    ("layer", "hint"),
    [
        ({"class_name": "LSTM", "units": 4}, "write `type: LSTM` instead of class_name"),
        ({"_target_": "torch.nn.LSTM", "hidden_size": 4}, "write `type: torch.nn.LSTM` instead of _target_"),
        ({**LSTM, "class_name": "LSTM"}, "remove it: `type` names the layer"),
        ({**LSTM, "in_features": 8}, "write `input_dim: 8`"),
        ({**LSTM, "batch_input_shape": [1, 2, 3]}, "write `inputs: {x: [32, 10, 8]}` on the model"),
        ({"type": "lstm", "hidden_dim": 4}, "write units"),
        ({"type": "lstm", "num_units": 4}, "write units"),
        ({"type": "InputLayer"}, "remove the layer and write `inputs: {x: [B, T, 8]}` on the model"),
        ({"type": "keras.layers.Input"}, "remove the layer and write `inputs: {x: [B, T, 8]}` on the model"),
    ],
)
def test_a_word_that_is_not_here_is_explained(layer: dict[str, Any], hint: str) -> None:
    assert hints(inspect(layer)) == [hint]


@pytest.mark.parametrize(("name", "gates"), [("CuDNNLSTM", 4), ("cudnn_gru", 3)])
def test_the_layers_of_keras_2_for_gpus_have_two_biases(name: str, gates: int) -> None:
    """Keras 2.2.4, cudnn_recurrent.py: a bias of 8*units or 6*units numbers."""
    assert inspect({"type": name, "units": 4}).totals.params == gates * 4 * (8 + 4 + 2)


@pytest.mark.parametrize(("key", "hint"), [("batch_size", "write batch"), ("seq_len", "write timesteps")])
def test_a_word_of_a_model_that_is_not_here_is_explained(key: str, hint: str) -> None:
    assert hints(inspect(LSTM, **{key: 3})) == [hint]


def test_the_size_of_a_vocabulary_has_another_name_here() -> None:
    assert hints(api.inspect({"layers": [{"type": "embedding", "vocab_size": 4, "units": 2}]})) == ["write vocab"]
