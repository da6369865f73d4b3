"""``expect``, ``budget`` and ``input_dim``: each is judged against its own layer, wherever that stands."""

from __future__ import annotations

from typing import Any

import pytest

import lstm_shapes as ls
from lstm_shapes.formats.document import Document
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.spec import reader


def findings(*layers: Any, **model: Any) -> list[tuple[str, str]]:
    data = {"input_dim": 8, **model, "layers": list(layers)}
    return [(finding.id, finding.layer) for finding in diagnose(reader.read(Document(source="-", data=data)))]


LSTM = {"type": "lstm", "units": 4, "return_sequences": True}
DENSE = {"type": "dense", "name": "twin", "units": 4}
BOTH = {"type": "lstm", "units": 4, "bidirectional": True, "merge": "none"}


def test_a_budget_inside_a_nested_model_is_judged_against_its_own_layer_not_one_of_the_same_name_outside() -> None:
    """Keras' Dense(4) has 8*4 + 4 = 36 parameters on 8 features, and 4*4 + 4 = 20 on 4."""
    inner = {**DENSE, "budget": {"params": 35}}
    assert findings({"type": "model", "layers": [inner]}, DENSE) == [("LS502", "twin")]
    assert findings({"type": "model", "layers": [{**DENSE, "budget": {"params": 36}}]}, DENSE) == []
    assert findings(DENSE, {"type": "model", "name": "block", "layers": [{**DENSE, "expect": {"params": 36}}]}) == [
        ("LS501", "twin")
    ]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_expectations_are_judged_at_any_depth_and_inside_time_distributed(depth: int) -> None:
    for params, expected in ((36, []), (37, [("LS501", "twin")])):
        layer: dict[str, Any] = {**DENSE, "expect": {"params": params, "output": ["B", "T", 4]}}
        timed: dict[str, Any] = {**DENSE, "expect": {"params": params, "output": ["B*T", 4]}}
        for _ in range(depth):
            layer, timed = {"type": "model", "layers": [layer]}, {"type": "model", "layers": [timed]}
        assert findings(layer) == expected
        assert findings({"type": "time_distributed", "layer": timed}) == expected


def test_every_copy_of_a_repeated_layer_is_judged() -> None:
    """LSTM(4): 4*4*(8 + 4 + 1) = 208 parameters, then 4*4*(4 + 4 + 1) = 144."""
    assert findings({**LSTM, "repeat": 3, "expect": {"params": 208}}) == [("LS501", "lstm_2"), ("LS501", "lstm_3")]
    block = {"type": "model", "repeat": 2, "layers": [{**LSTM, "name": "inner", "expect": {"params": 208}}]}
    assert findings(block) == [("LS501", "inner")]


def test_input_dim_inside_a_nested_model_is_judged() -> None:
    assert findings({"type": "model", "layers": [{**DENSE, "input_dim": 8}]}) == []
    assert findings({"type": "model", "layers": [{**DENSE, "input_dim": 9}]}) == [("LS204", "twin")]


@pytest.mark.parametrize(
    ("output", "ids"),
    [
        ([["B", 4], ["B", 4]], []),
        ([["B", 4], ["B", 5]], ["LS501"]),
        ([["B", 4]], ["LS501"]),
        (["B", 4], ["LS501"]),
        ([["B", 4], ["B", 4], ["B", 4]], ["LS501"]),
        ([["B", 4], ["N", 4]], ["LS503"]),
    ],
)
def test_several_outputs_are_expected_as_a_list_of_shapes(output: Any, ids: list[str]) -> None:
    assert [id_ for id_, _ in findings({**BOTH, "expect": {"output": output}})] == ids
    assert [id_ for id_, _ in findings(BOTH, expect={"output": output})] == ids


def test_a_list_with_a_single_shape_is_that_of_a_single_output() -> None:
    assert findings(DENSE, expect={"output": [["B", "T", 4]]}) == []
    assert findings(DENSE, expect={"output": ["B", "T", 4]}) == []


def test_the_backward_output_is_no_state() -> None:
    assert findings({**BOTH, "expect": {"states": {"backward": ["B", 4]}}}) == [("LS501", "lstm")]


def test_an_expectation_of_a_layer_that_is_used_again_is_that_of_the_used_layer() -> None:
    model: dict[str, Any] = {
        "inputs": {"a": ["B", "T", 8], "b": ["B", "T", 8]},
        "layers": [
            {"type": "lstm", "name": "encoder", "units": 32, "inputs": "a", "trainable": False},
            {"use": "encoder", "name": "again", "inputs": "b", "expect": {"params": 5248, "trainable_params": 0}},
        ],
        "outputs": ["encoder", "again"],
    }
    assert not diagnose(reader.read(Document(source="", data=model)))
    model["layers"][1]["expect"] = {"params": 0}
    assert [finding.kind for finding in diagnose(reader.read(Document(source="", data=model)))] == ["expectation"]


def test_a_layer_used_again_on_a_width_of_another_symbol_fits_where_the_two_are_equal() -> None:
    """Keras makes the weights for the first input: another width is an error, another symbol may be the same width."""

    def model(width: Any, *, nested: bool = False, **dims: int) -> list[tuple[str, str]]:
        layers = [
            {"type": "lstm", "name": "first", "units": 4, "inputs": "a"},
            {"use": "first", "name": "again", "inputs": "b"},
            {"type": "add", "inputs": ["first", "again"]},
        ]
        inputs = {"a": ["B", "T", "H"], "b": ["B", "T", width]}
        if nested:
            layers = [{"type": "model", "inputs": ["a", "b"], "layers": layers}]
        data = {"inputs": inputs, "layers": layers, **({"dims": dims} if dims else {})}
        return [(finding.id, finding.layer) for finding in diagnose(reader.read(Document(source="-", data=data)))]

    for nested in (False, True):
        assert model("H", nested=nested) == []
        assert model("K", nested=nested) == [("LS503", "again")]
        assert model("H+1", nested=nested) == [("LS207", "again")]
        assert model("K", nested=nested, H=3, K=3) == []
        assert model("K", nested=nested, H=3, K=4) == [("LS207", "again")]


def test_verify_chooses_equal_sizes_for_the_symbols_of_a_layer_used_again() -> None:
    layers = [{"type": "dense", "name": "first", "units": 4, "inputs": "a"}, {"use": "first", "inputs": "b"}]
    outcome = ls.verify({"inputs": {"a": ["B", "H"], "b": ["B", "K"]}, "layers": layers, "outputs": ["first"]})
    assert outcome.verdict == "confirmed"
    assert all(sizes["H"] == sizes["K"] for sizes in outcome.bindings)
