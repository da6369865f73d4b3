"""Our run beside the values that Keras, PyTorch and ONNX gave, as far as single precision goes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm_shapes.frameworks.layout import tensors
from lstm_shapes.frameworks.torch import TORCH
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.layers.activation_names import NAMES, OLD
from lstm_shapes.layers.activations import activation
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.layers.recurrent import Stepwise

from .cases import CASES, POINTS, SEED, Case

VALUES: dict[str, Any] = json.loads(Path(__file__).with_name("values.json").read_text("utf-8"))


def agrees(case: Case) -> bool:
    expected = VALUES["cases"][case.name]
    outputs = case.run()
    return [output.shape for output in outputs] == [np.shape(array) for array in expected] and all(
        np.allclose(output, array, rtol=1e-5, atol=2e-6) for output, array in zip(outputs, expected, strict=True)
    )


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_layer_gives_what_the_framework_gave(case: Case) -> None:
    assert agrees(case)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OLD])
def test_an_activation_gives_what_the_framework_gave(name: str) -> None:
    (expected,) = VALUES["activations"][name]
    np.testing.assert_allclose(activation(name)(np.array(POINTS, np.float32)), expected, rtol=2e-6, atol=2e-7)


@pytest.mark.parametrize("case", [case for case in CASES if case.framework == "torch"], ids=lambda case: case.name)
def test_the_tensors_have_the_names_that_torch_gave_them(case: Case) -> None:
    assert [tensor.name for tensor in tensors(TORCH, case.layer, *case.shapes)] == VALUES["torch_names"][case.name]


def test_every_value_was_taken_from_a_case_that_is_still_run() -> None:
    assert VALUES["seed"] == SEED
    assert set(VALUES["cases"]) == {case.name for case in CASES}
    assert set(VALUES["activations"]) == set(NAMES) - set(OLD)


def test_the_hard_sigmoid_of_keras_2_is_the_line_of_its_source_between_0_and_1() -> None:
    points = np.array([-3, -2.5, -1, 0, 1, 2, 2.5, 3], np.float32)
    expected = [0, 0, 0.3, 0.5, 0.7, 0.9, 1, 1]  # keras 2.15, backend.py: clip(0.2 * x + 0.5, 0, 1)
    np.testing.assert_allclose(activation("hard_sigmoid_keras2")(points), expected, rtol=1e-6)
    assert not np.allclose(activation("hard_sigmoid")(points), expected)


def test_every_recurrent_family_has_a_case() -> None:
    recurrent = {name for name in FAMILIES if issubclass(family(name), Stepwise)}
    assert recurrent <= {case.layer.type for case in CASES}
    assert {"lstm", "gru", "rnn", "conv_lstm2d"} <= recurrent


def test_a_cell_without_tanh_does_not_agree() -> None:
    (case,) = (case for case in CASES if case.name == "lstm")
    assert agrees(case)
    assert isinstance(case.layer, LSTM)
    assert not agrees(replace(case, layer=replace(case.layer, activation="linear")))


def test_two_gates_exchanged_do_not_agree() -> None:
    class Exchanged(Case):
        def arrays(self) -> Any:
            return {key: array[[1, 0, 2, 3]] for key, array in super().arrays().items()}

    (case,) = (case for case in CASES if case.name == "lstm")
    assert not agrees(Exchanged(name=case.name, framework="keras", layer=case.layer, shape=case.shape))
