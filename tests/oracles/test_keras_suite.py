"""What Keras' own tests state of its layers, in shapes and numbers of weights: all of it holds, exclusions apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lstm_shapes.analysis.report import report
from lstm_shapes.api import read
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.spec.reading import Reading

keras = pytest.importorskip("keras")
pytest.importorskip("torch")

from .keras_suite import Statement, Suite, entry, suite, type_of  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]
EXCLUDED = {
    "dense_test.test_quantize": "the weights of a quantized layer are not described",
    "embedding_test.test_quantize": "the weights of a quantized layer are not described",
    "dense_test.test_lora_rank": "low-rank weights are refused: they would not be counted",
    "embedding_test.test_lora_rank": "low-rank weights are refused: they would not be counted",
    "conv_test.test_lora_rank": "low-rank weights are refused: they would not be counted",
    "lambda_layer_test.test_lambda_basics": "a Python function is never run, so the shape of its output is not known",
    "embedding_test.test_ragged": "a ragged batch has no one number of timesteps",
    "flatten_test.test_flatten_dense": "flatten has no data_format",
    "flatten_test.test_flatten_with_scalar_channels": "flatten has no data_format",
    "batch_normalization_test.test_renorm": "the statistics of batch renormalization are refused: they are not counted",
    "rescaling_test.test_numpy_args": "a rescaling has one factor for all numbers",
    "activation_test.test_activation_basics": "an activation that is a Python function has no name",
}
"""How the name of a test begins that is left out, with the reason."""
REFUSED = ("permute_test.test_permute_errors", "relu_test.test_invalid_usage")
"""Tests of what Keras refuses."""
UNREACHED = {
    "dense_test.test_dense_sparse": "PyTorch has no sparse tensors for Keras",
    "dropout_rnn_cell_test.test_basics": "a class that the test defines is no layer of Keras",
    "grouped_query_attention_test.test_basics_with_flash_attention": "needs an accelerator",
    "multi_head_attention_test.test_basics_with_flash_attention": "needs an accelerator",
}
"""Tests with a call of ``run_layer_test`` that is not made here, with the reason."""


def reason(statement: Statement) -> str:
    """Why a statement is not compared; '' when it is."""
    if not type_of(statement.layer):
        return f"lstm-shapes has no {statement.layer.__name__}"
    if statement.shape is not None and any(0 in shape for shape in shapes(statement)):
        return "lstm-shapes has no axis of 0"
    return next((why for name, why in EXCLUDED.items() if statement.test.startswith(name)), "")


def described(statement: Statement) -> Reading:
    """The layer of a statement as our model."""
    inputs = {f"x{number}": list(axes) for number, axes in enumerate(shapes(statement))}
    layer = {**entry(statement.layer, statement.settings), "name": "layer"}
    return read({"inputs": inputs, "layers": [{**layer, "inputs": list(inputs) if inputs.keys() - {"x0"} else "x0"}]})


def shapes(statement: Statement) -> list[Any]:
    """The shape of each input of the layer."""
    shape = statement.shape
    if isinstance(shape, dict):  # attention: query_shape, value_shape, key_shape
        return [shape[f"{name}_shape"] for name in ("query", "value", "key") if f"{name}_shape" in shape]
    return list(shape) if isinstance(shape, list) or isinstance(shape[0], tuple | list) else [shape]


def differences(statement: Statement, reading: Reading) -> list[str]:
    """Where Keras states something else than we do."""
    answer = report(reading)
    errors = [finding.message for finding in answer.findings if finding.severity == "error"]
    if errors or reading.model is None:
        return errors
    row, expected, layer = answer["layer"], dict(statement.expected), reading.model.graph.nodes[0].layer
    stated: dict[str, Any] = {
        "expected_output_shape": [tuple(output.shape or ()) for output in row.outputs],
        "expected_num_trainable_weights": sum(weight.trainable for weight in row.weights),
        "expected_num_non_trainable_weights": sum(not weight.trainable for weight in row.weights),
        "supports_masking": _passes_mask_on(layer, shapes(statement)),
    }
    if expected.get("supports_masking"):  # or it reads the mask and ends it
        del expected["supports_masking"]
    numbers = expected.get("expected_output")
    if numbers is not None:
        expected.setdefault("expected_output_shape", tuple(numbers.shape))
    if "expected_output_shape" in expected:
        shape = expected["expected_output_shape"]
        nested = bool(shape) and isinstance(shape[0], tuple | list)
        expected["expected_output_shape"] = [tuple(s) for s in shape] if nested else [tuple(shape)]
    wrong = {name for name, value in stated.items() if name in expected and expected[name] != value}
    differing = [f"{name}: Keras {expected[name]}, here {stated[name]}" for name in sorted(wrong)]
    return differing or _different_numbers(statement, layer)


def _passes_mask_on(layer: Layer, shapes: list[Any]) -> bool:
    """Whether the layer passes on the masks of its inputs."""
    masks = tuple(np.ones(shape[:2], bool) for shape in shapes)
    return layer.masks(masks, *map(np.zeros, shapes))[0] is not None


def _different_numbers(statement: Statement, layer: Layer) -> list[str]:
    """Where a layer without weights, run on the data of the test, gives other numbers than the test states."""
    numbers = statement.expected.get("expected_output")
    if numbers is None or layer.weights(statement.shape):
        return []
    (output, *_), _ = layer.run_masked(Weights({}), (np.asarray(statement.data),), (None,))
    return [] if np.allclose(output, np.asarray(numbers), atol=1e-6) else [f"Keras {numbers}, here {output}"]


@pytest.fixture(scope="module")
def all_of_keras() -> Suite:
    return suite()


@pytest.fixture(scope="module")
def stated(all_of_keras: Suite) -> list[Statement]:
    return all_of_keras.statements


def test_what_kerass_tests_state_holds(stated: list[Statement], compared: Callable[[str], None]) -> None:
    wrong = []
    for statement in stated:
        if not reason(statement):
            found = differences(statement, described(statement))
            refused = statement.test.startswith(REFUSED)
            if bool(found) != refused:
                wrong.append(f"{statement.test} {statement.settings} {statement.shape}: {found or 'not refused'}")
            compared("keras")
    assert wrong == []


def test_every_statement_is_compared_or_left_out_for_a_reason(all_of_keras: Suite) -> None:
    """The law of the suite: what is reached and what is left out is all that there is."""
    stated, reasons = all_of_keras.statements, Counter(map(reason, all_of_keras.statements))
    left_out = {why: count for why, count in reasons.items() if why}
    assert reasons[""] + sum(left_out.values()) == len(stated) >= 371
    assert reasons[""] >= 59
    assert {why for why in left_out if not why.startswith("lstm-shapes has no ")} == set(EXCLUDED.values())
    ours = {statement.layer.__name__ for statement in stated if type_of(statement.layer)}
    assert ours >= {"LSTM", "GRU", "SimpleRNN", "Bidirectional", "ConvLSTM2D", "TimeDistributed", "Dense"}
    assert {name for name in EXCLUDED if not any(statement.test.startswith(name) for statement in stated)} == set()


def test_every_call_in_keras_source_is_reached_but_for_those_with_a_reason(all_of_keras: Suite) -> None:
    assert set(all_of_keras.unreached) == set(UNREACHED)


def test_an_excluded_statement_is_one_that_does_not_hold(stated: list[Statement]) -> None:
    """An exclusion that is no longer needed is taken off the list."""
    held = dict.fromkeys(EXCLUDED, True)
    for statement in stated:
        for part in EXCLUDED:
            if statement.test.startswith(part) and differences(statement, described(statement)):
                held[part] = False
    assert [part for part, holds in held.items() if holds] == []


def test_a_wrong_statement_would_be_noticed(stated: list[Statement]) -> None:
    (lstm, *_) = (statement for statement in stated if statement.layer.__name__ == "LSTM")
    assert not differences(lstm, described(lstm))
    for name, value in (("expected_output_shape", (3, 4)), ("expected_num_trainable_weights", 4)):
        assert differences(lstm._replace(expected={**lstm.expected, name: value}), described(lstm))
    with_numbers = (each for each in stated if "expected_output" in each.expected and not reason(each))
    repeated = next(each for each in with_numbers if each.layer is keras.layers.RepeatVector)
    numbers = np.asarray(repeated.expected["expected_output"]) + 1
    assert not differences(repeated, described(repeated))
    for name, value in (("expected_output", numbers), ("supports_masking", False)):
        wrong = repeated if name == "expected_output" else lstm._replace(test="dropout", layer=keras.layers.Dropout)
        wrong = wrong._replace(expected={name: value}, settings=wrong.settings if wrong is repeated else {"rate": 0.5})
        assert differences(wrong, described(wrong))
