"""What Keras' own tests state of its layers, in shapes and numbers of weights: all of it holds, exclusions apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import lstm_shapes as ls

keras = pytest.importorskip("keras")
pytest.importorskip("torch")

from .keras_suite import Statement, entry, statements  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]
EXCLUDED = {
    "dense_test.test_quantize": "the weights of a quantized layer are not described",
    "embedding_test.test_quantize": "the weights of a quantized layer are not described",
    "dense_test.test_lora_rank": "low-rank weights are refused: they would not be counted",
    "embedding_test.test_lora_rank": "low-rank weights are refused: they would not be counted",
    "embedding_test.test_ragged": "a ragged batch has no one number of timesteps",
    "flatten_test.test_flatten_dense": "flatten has no data_format",
    "flatten_test.test_flatten_with_scalar_channels": "flatten has no data_format",
    "rnn_test.test_basics": "a class that a test defines is no layer of ours",
    "dropout_rnn_cell_test": "a class that a test defines is no layer of ours",
    "stacked_rnn_cells_test": "RNN around cells is not described",
    "activation_test.test_activation_basics": "an activation that is a Python function has no name",
}
"""How the name of a test begins that is left out, with the reason."""
REFUSED = ("permute_test.test_permute_errors",)
"""Tests of what Keras refuses."""


def reason(statement: Statement) -> str:
    return next((why for name, why in EXCLUDED.items() if statement.test.startswith(name)), "")


def described(statement: Statement) -> ls.Report:
    """The layer of a statement as our model."""
    shape = statement.shape
    several = isinstance(shape, list) or isinstance(shape[0], tuple | list)
    shapes = list(shape) if several else [shape]
    inputs = {f"x{number}": list(axes) for number, axes in enumerate(shapes)}
    layer = {**entry(statement.layer, statement.settings), "name": "layer"}
    return ls.inspect({"inputs": inputs, "layers": [{**layer, "inputs": list(inputs) if several else "x0"}]})


def differences(statement: Statement, report: ls.Report) -> list[str]:
    """Where Keras states something else than we do."""
    errors = [finding.message for finding in report.findings if finding.severity == "error"]
    if errors:
        return errors
    row, expected = report["layer"], statement.expected
    stated: dict[str, Any] = {
        "expected_output_shape": [tuple(output.shape or ()) for output in row.outputs],
        "expected_num_trainable_weights": sum(weight.trainable for weight in row.weights),
        "expected_num_non_trainable_weights": sum(not weight.trainable for weight in row.weights),
    }
    if "expected_output_shape" in expected:
        shape = expected["expected_output_shape"]
        nested = bool(shape) and isinstance(shape[0], tuple | list)
        expected = {**expected, "expected_output_shape": [tuple(s) for s in shape] if nested else [tuple(shape)]}
    wrong = {name for name, value in stated.items() if name in expected and expected[name] != value}
    return [f"{name}: Keras {expected[name]}, here {stated[name]}" for name in sorted(wrong)]


@pytest.fixture(scope="module")
def stated() -> list[Statement]:
    return statements()


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


def test_most_statements_are_compared_and_every_exclusion_excludes_one(stated: list[Statement]) -> None:
    kept = [statement for statement in stated if not reason(statement)]
    assert len(kept) >= 50
    assert {statement.layer.__name__ for statement in kept} >= {
        "LSTM",
        "GRU",
        "SimpleRNN",
        "Bidirectional",
        "ConvLSTM2D",
    }
    assert {name for name in EXCLUDED if not any(statement.test.startswith(name) for statement in stated)} == set()


def test_an_excluded_statement_is_one_that_does_not_hold(stated: list[Statement]) -> None:
    """An exclusion that is no longer needed is taken off the list."""
    held = dict.fromkeys(EXCLUDED, True)
    for statement in stated:
        for part in EXCLUDED:
            if part in statement.test and differences(statement, described(statement)):
                held[part] = False
    assert [part for part, holds in held.items() if holds] == []


def test_a_wrong_statement_would_be_noticed(stated: list[Statement]) -> None:
    (lstm, *_) = (statement for statement in stated if statement.layer.__name__ == "LSTM")
    assert not differences(lstm, described(lstm))
    for name, value in (("expected_output_shape", (3, 4)), ("expected_num_trainable_weights", 4)):
        assert differences(lstm._replace(expected={**lstm.expected, name: value}), described(lstm))
