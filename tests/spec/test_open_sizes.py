"""Sizes that are not fixed: null and None in shapes, Keras' input_shape."""

from __future__ import annotations

from typing import Any

import pytest

from lstm_shapes import api
from lstm_shapes.analysis.report import Report


def inspect(*layers: Any, **model: Any) -> Report:
    return api.inspect({"layers": list(layers), **model})


def shapes(report: Report) -> list[str]:
    return [" ".join(map(str, named.shape or ())) for named in report.inputs]


LSTM = {"type": "lstm", "units": 4}


@pytest.mark.parametrize("unknown", [None, "None"])
def test_null_in_an_input_is_the_batch_in_front_and_a_symbol_of_its_own_elsewhere(unknown: Any) -> None:
    """Keras writes both (None, None, 8), and lets two inputs have other lengths."""
    a, b = [unknown, unknown, 8], [unknown, unknown, unknown, 3]
    report = inspect({**LSTM, "inputs": "a"}, inputs={"a": a, "b": b})
    assert shapes(report) == ["B T 8", "B T_2 T_3 3"]
    assert not [finding for finding in report.findings if finding.severity == "error"]


def test_a_symbol_that_the_file_has_itself_is_not_taken_for_an_unknown_axis() -> None:
    report = inspect(
        {**LSTM, "inputs": "a"}, inputs={"a": [None, None, 8], "b": ["N", "T", 8], "c": [None, "T_3", None]}
    )
    assert shapes(report) == ["B T_2 8", "N T 8", "B T_3 T_4"]


def test_batch_and_two_lengths_are_three_numbers_where_the_model_is_run() -> None:
    model = {
        "inputs": {"a": [None, None, 8], "b": [None, None, 8]},
        "layers": [
            {**LSTM, "inputs": "a"},
            {**LSTM, "inputs": "b"},
            {"type": "concatenate", "inputs": ["lstm", "lstm_1"]},
        ],
    }
    verification = api.verify(model)
    assert verification.verdict == "confirmed"
    assert all(len(set(values.values())) == 3 for values in verification.bindings)


def test_null_in_batch_and_timesteps_is_their_default() -> None:
    assert shapes(inspect(LSTM, batch=None, timesteps="None", input_dim=8)) == ["B T 8"]


def test_null_in_an_expectation_is_the_batch_or_the_timesteps_of_the_model() -> None:
    expected = {"expect": {"output": [None, None, 4]}}
    model = {"batch": 32, "timesteps": "L", "input_dim": 8}
    assert inspect({**LSTM, "return_sequences": True, **expected}, **model).findings == ()
    (finding,) = inspect({**LSTM, **expected}, **model).findings
    assert finding.message.endswith("expected shape (32, L, 4), got (32, 4)")


@pytest.mark.parametrize(
    "layer",
    [
        {"type": "lstm", "units": "None"},
        {"type": "lstm", "units": None},
        {"type": "lstm", "units": "2*None"},
        {**LSTM, "expect": {"output": ["B", "T", None]}},
        {**LSTM, "expect": {"params": "None"}},
        {"type": "reshape", "target_shape": [None, 4]},
        {"type": "reshape", "target_shape": [-1, -1]},
    ],
)
def test_null_where_no_axis_gives_it_a_meaning_is_an_error(layer: dict[str, Any]) -> None:
    assert [finding.kind for finding in inspect(layer, input_dim=8).findings] == ["wrong-value"]


def test_input_shape_on_the_first_layer_is_the_shape_of_an_example() -> None:
    assert shapes(inspect({**LSTM, "input_shape": [10, 8]})) == ["B 10 8"]
    assert shapes(inspect({**LSTM, "input_shape": [None, 8]}, batch=32)) == ["32 T 8"]
    assert shapes(inspect({"type": "embedding", "vocab": 5, "units": 3, "input_shape": [7]})) == ["B 7"]
    assert shapes(inspect({"type": "model", "layers": [{**LSTM, "input_shape": [10, 8]}]})) == ["B 10 8"]
    wrapped = {"type": "bidirectional", "layer": {**LSTM, "input_shape": [10, 8]}}
    assert shapes(inspect(wrapped)) == ["B 10 8"]


def test_input_shape_elsewhere_is_an_error() -> None:
    assert [
        finding.kind
        for finding in inspect(LSTM, {"type": "dense", "units": 2, "input_shape": [4]}, input_dim=8).findings
    ] == ["wrong-setting"]
    first = {**LSTM, "input_shape": [10, 8]}
    assert [finding.kind for finding in inspect(first, input_dim=8).findings] == ["conflicting-keys"]
    assert "input_shape" in inspect({**first, "inputs": "x"}, inputs={"x": ["B", "T", 8]}).findings[0].message
