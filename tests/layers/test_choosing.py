"""What choosing and merging layers say of sizes that do not fit, and of sizes that depend on a symbol."""

from __future__ import annotations

from typing import Any

import pytest

from lstm_shapes import api
from lstm_shapes.findings.finding import Finding


def model(*layers: dict[str, Any], **inputs: list[Any]) -> dict[str, Any]:
    return {"inputs": inputs or {"x": [4, 10, 9]}, "layers": list(layers)}


def only(*layers: dict[str, Any], **inputs: list[Any]) -> Finding:
    (finding,) = api.inspect(model(*layers, **inputs)).findings
    return finding


@pytest.mark.parametrize(
    ("layer", "id", "field", "hint"),
    [
        ({"type": "select", "axis": 1, "index": 10}, "LS203", "index", "write an index from -10 to 9"),
        ({"type": "select", "axis": 1, "index": -11}, "LS203", "index", "write an index from -10 to 9"),
        ({"type": "select", "axis": 3, "index": 0}, "LS201", "axis", "write an axis from -3 to 2"),
        ({"type": "slice", "axis": 1, "start": 5, "stop": 5}, "LS203", "stop", "write a start before the stop"),
        ({"type": "slice", "axis": 1, "start": 12}, "LS203", "start", "write a start before the stop"),
        ({"type": "slice", "axis": 1, "step": 0}, "LS203", "step", "write `step: 1`"),
        ({"type": "split", "axis": 1}, "LS401", "", "write `sections: 2`"),
        ({"type": "split", "axis": 1, "sections": 2, "sizes": [5, 5]}, "LS401", "sections", "write `sections: 2`"),
        ({"type": "split", "axis": 2, "sections": 2}, "LS203", "sections", "write `sizes:`"),
        ({"type": "split", "axis": 2, "sizes": [2, 3]}, "LS203", "sizes", "write -1 for one of them"),
        ({"type": "split", "axis": 2, "sizes": [9, -1]}, "LS203", "sizes", "write -1 for one of them"),
        ({"type": "squeeze", "axis": 1}, "LS203", "axis", "name an axis of size 1"),
        ({"type": "squeeze", "axis": [0, -3]}, "LS201", "axis", "write each axis once"),
        ({"type": "expand_dims", "axis": 4}, "LS201", "axis", "write an axis from -4 to 3"),
        ({"type": "transpose", "axes": [0, 1]}, "LS201", "axes", "write each of 0, 1, 2 once"),
        ({"type": "transpose", "axes": [0, 1, 1]}, "LS201", "axes", "write each of 0, 1, 2 once"),
        ({"type": "dot", "axes": [1, 2], "inputs": ["x", "x"]}, "LS205", "axes", ""),
        ({"type": "dot", "axes": 0, "inputs": ["x", "x"]}, "LS201", "axes", "write `axes: -1`"),
        ({"type": "dot", "axes": [1, 1, 2], "inputs": ["x", "x"]}, "LS401", "axes", "write `axes: -1`"),
    ],
)
def test_what_does_not_fit_is_reported_at_its_field(layer: dict[str, Any], id: str, field: str, hint: str) -> None:
    finding = only(layer)
    assert (finding.id, finding.field if field else "") == (id, field)
    assert finding.hint.startswith(hint)


@pytest.mark.parametrize(
    ("layer", "condition"),
    [
        ({"type": "select", "axis": 1, "index": 4}, "T >= 5"),
        ({"type": "select", "axis": 1, "index": -5}, "T >= 5"),
        ({"type": "slice", "axis": 1, "stop": 100}, "T >= 100"),
        ({"type": "slice", "axis": 1, "start": 4}, "T >= 5"),
        ({"type": "slice", "axis": 1, "start": 1, "stop": -1}, "T >= 3"),
        ({"type": "split", "axis": 1, "sizes": [4, -1]}, "T >= 5"),
        ({"type": "split", "axis": 1, "sections": 3}, "3 divides T"),
        ({"type": "squeeze", "axis": 1}, "T = 1"),
    ],
)
def test_what_depends_on_a_symbol_is_a_note_with_the_condition(layer: dict[str, Any], condition: str) -> None:
    finding = only(layer, x=["B", "T", 8])
    assert finding.id == "LS503"
    assert finding.message.endswith(condition)


@pytest.mark.parametrize("index", [0, -1])
def test_the_first_and_the_last_timestep_are_there_at_any_length(index: int) -> None:
    assert api.inspect(model({"type": "select", "axis": 1, "index": index}, x=["B", "T", 8])).findings == ()


def test_two_inputs_of_open_length_fit_where_the_lengths_are_equal() -> None:
    layers = [{"type": "add", "inputs": ["x", "y"]}, {"type": "dot", "axes": 1, "inputs": ["x", "y"]}]
    report = api.inspect(model(*layers, x=[None, None, 8], y=[None, None, 8]) | {"outputs": ["add", "dot"]})
    assert [finding.message for finding in report.findings] == [
        "add (add): fits where T_2 = T",
        "dot (dot): fits where T_2 = T",
    ]
    assert [str(size) for size in report["dot"].outputs[0].shape] == ["B", "8", "8"]


@pytest.mark.parametrize(
    "layers",
    [
        [{"type": "slice", "axis": 1, "stop": 100}],
        [{"type": "slice", "axis": 1, "start": "K", "stop": "K + 3"}],
        [{"type": "squeeze", "axis": 1}],
        [
            {"type": "split", "axis": 1, "sections": 4},
            {"type": "select", "inputs": "split.part_4", "axis": 1, "index": 2},
        ],
        [{"type": "add", "inputs": ["x", "y"]}],
    ],
)
def test_a_run_is_made_with_sizes_that_meet_the_conditions(layers: list[dict[str, Any]]) -> None:
    first = {"inputs": "x"} | layers[0]
    answer = api.verify(model(first, *layers[1:], x=["B", "T", 8], y=["B", "S", 8]))
    assert answer.verdict == "confirmed", answer.reason
    assert len(answer.bindings) == 2


def test_a_model_that_no_size_fits_is_not_run() -> None:
    layers = [{"type": "squeeze", "inputs": "x", "axis": 1}, {"type": "select", "inputs": "x", "axis": 1, "index": 2}]
    assert api.verify(model(*layers, x=["B", "T", 8])).verdict == "not confirmed"
