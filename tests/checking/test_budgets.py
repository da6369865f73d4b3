"""Broken budgets: where the budget is, and the size that would meet it, compared with trying every value.

Keras' LSTM(units) has 4*units*(units + input_dim + 1) parameters, its Dense(units) units*(inputs + 1).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import lstm_shapes as ls
from lstm_shapes.findings.finding import Finding

from ..command import completed

LAYERS = [{"type": "lstm", "name": "encoder", "units": 128}, {"type": "dense", "units": 1}]
SETTINGS = """[tool.other]
params = 100
[tool.lstm-shapes]
ignore = ["LS6"]
{budget}
"""


def findings(folder: Path, *options: str) -> list[dict[str, Any]]:
    done = completed("check", *options, "--output-format", "json", ".", cwd=folder)
    return [finding for finding in json.loads(done.stdout)["findings"] if finding["id"] in ("LS501", "LS502")]


def spec(folder: Path, layers: Any = LAYERS, **model: Any) -> None:
    (folder / "m.json").write_text(json.dumps({"input_dim": 8, "layers": layers, **model}, indent=1))


def largest(bound: int, count: Any) -> int:
    """The largest value whose count is within a bound: every value tried."""
    return max(units for units in range(1, 2_000) if count(units) <= bound)


def lstm(units: int, inputs: int = 8) -> int:
    return 4 * units * (units + inputs + 1)


def hints(folder: Path, *options: str) -> list[str]:
    return [finding["hint"] for finding in findings(folder, *options)]


@pytest.mark.parametrize(
    ("budget", "line"),
    [
        ("[tool.lstm-shapes.budget]\nparams = 50_000\n", 6),
        ("[tool.lstm-shapes.budget]\n# params = 50_000\n'params' = 50_000\n", 7),
        ("budget = {bytes = 1_000_000, params = 50000}\n", 5),
        ("budget.params = 5e4\n[tool.lstm-shapes.dims]\nparams = 50000\n", 5),
        ("[tool.lstm-shapes.per-file-ignores]\n'a' = []\n[tool.lstm-shapes.budget]\nparams = '49999 + 1'\n", 8),
    ],
)
def test_a_finding_names_the_line_of_the_settings(budget: str, line: int, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(SETTINGS.format(budget=budget))
    spec(tmp_path)
    (finding,) = findings(tmp_path)
    assert finding["message"].endswith(f"(20,273 over); the budget is set in pyproject.toml:{line}")


def test_a_budget_of_the_file_is_at_its_own_line(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("input_dim: 8\nlayers: [{type: lstm, units: 32}]\nbudget:\n  params: 5247\n")
    (finding,) = findings(tmp_path)
    assert (finding["line"], finding["column"]) == (4, 11)
    assert "set in" not in finding["message"]


@pytest.mark.parametrize("bound", [60, 1_000, 50_000, 70_272])
def test_the_size_that_would_meet_it_is_the_largest_of_all_values(bound: int, tmp_path: Path) -> None:
    spec(tmp_path, budget={"params": bound})
    units = largest(bound, lambda units: lstm(units) + units + 1)
    assert hints(tmp_path) == [f"write `units: {units}` on line 7, the largest that fits"]
    for value, broken in ((units, 0), (units + 1, 1)):
        spec(tmp_path, [{**LAYERS[0], "units": value}, LAYERS[1]], budget={"params": bound})
        assert len(findings(tmp_path)) == broken


def test_all_broken_budgets_of_a_model_are_met_at_once(tmp_path: Path) -> None:
    spec(tmp_path, budget={"params": 50_000, "bytes": 100_000})
    units = largest(25_000, lambda units: lstm(units) + units + 1)
    assert set(hints(tmp_path)) == {f"write `units: {units}` on line 7, the largest that fits"}


def test_a_symbol_that_several_layers_use_is_a_single_size(tmp_path: Path) -> None:
    layers = [{"type": "lstm", "units": "H", "return_sequences": True}, {"type": "lstm", "units": "H"}, LAYERS[1]]
    spec(tmp_path, layers, dims={"H": 128}, budget={"params": 50_000})
    units = largest(50_000, lambda units: lstm(units) + lstm(units, units) + units + 1)
    text = (tmp_path / "m.json").read_text().splitlines()
    line = next(number for number, content in enumerate(text, 1) if '"H": 128' in content)
    assert hints(tmp_path) == [f"write `H: {units}` on line {line}, the largest that fits"]
    spec(tmp_path, layers, budget={"params": 50_000})
    assert hints(tmp_path, "--set", "H=128") == [f"give H the value {units}, the largest that fits"]


def test_a_layers_own_budget_is_met_by_its_own_size(tmp_path: Path) -> None:
    layers = [LAYERS[0], {"type": "dense", "units": 100, "budget": {"params": 1_000}}, {"type": "dense", "units": 3}]
    spec(tmp_path, layers)
    assert hints(tmp_path)[0].startswith(f"write `units: {largest(1_000, lambda units: 129 * units)}` on line ")


@pytest.mark.parametrize(
    ("layers", "model"),
    [
        # two sizes, either of which could be changed
        ([{"type": "lstm", "units": 128, "return_sequences": True}, *LAYERS], {}),
        # the sum needs both layers to have the same units
        (
            [
                {"type": "lstm", "name": "a", "units": 64, "inputs": "input", "return_sequences": True},
                {"type": "lstm", "name": "b", "units": 64, "inputs": "input", "return_sequences": True},
                {"type": "add", "inputs": ["a", "b"]},
            ],
            {},
        ),
        # no size is small enough
        (LAYERS, {"budget": {"params": 39}}),
        # the author says what the output is
        ([{**LAYERS[0], "expect": {"output": ["B", 128]}}, LAYERS[1]], {}),
        # a layer whose parameters are declared
        ([{"type": "custom", "output": ["B", 7], "params": 100_000}], {}),
        # something else is wrong with the file
        ([{**LAYERS[0], "unit": 3}, LAYERS[1]], {}),
    ],
)
def test_there_is_no_hint_where_no_single_size_does(layers: Any, model: Any, tmp_path: Path) -> None:
    spec(tmp_path, layers, **{"budget": {"params": 30_000}, **model})
    assert set(hints(tmp_path)) <= {""}


@pytest.mark.parametrize("other", ["*u", "&v 128"])
def test_a_number_with_an_anchor_is_left_alone(other: str, tmp_path: Path) -> None:
    layers = f"[{{type: lstm, units: &u 128}}, {{type: dense, units: {other}}}, {{type: dense, units: 1}}]"
    (tmp_path / "m.yaml").write_text(f"input_dim: 8\nlayers: {layers}\nbudget: {{params: 50000}}\n")
    assert hints(tmp_path) == [""]


def test_a_layer_that_is_written_once_and_used_twice_is_changed_once(tmp_path: Path) -> None:
    layers = "\n- &a {type: lstm, units: 128, return_sequences: true}\n- *a\n- {type: dense, units: 1}"
    (tmp_path / "m.yaml").write_text(f"input_dim: 8\nlayers: {layers}\nbudget: {{params: 50000}}\n")
    units = largest(50_000, lambda units: lstm(units) + lstm(units, units) + units + 1)
    assert hints(tmp_path) == [f"write `units: {units}` on line 3, the largest that fits"]


def test_a_budget_that_the_known_part_exceeds_is_broken() -> None:
    unknown = {"type": "custom", "output": ["B", "T", 7]}
    for bound, ids in ((lstm(32) - 1, ["LS502"]), (lstm(32), [])):
        model = {"input_dim": 8, "layers": [{"type": "lstm", "units": 32, "return_sequences": True}, unknown]}
        answer = ls.inspect({**model, "budget": {"params": bound}})
        assert [finding.id for finding in answer.findings] == ids
        assert [message(finding) for finding in answer.findings] == [
            "the model: expected at most 5,247 params, got at least 5,248 (at least 1 over)"
        ] * len(ids)
        assert [finding.id for finding in ls.inspect({**model, "expect": {"params": bound}}).findings] == [
            id_.replace("LS502", "LS501") for id_ in ids
        ]


def message(finding: Finding) -> str:
    return finding.message


def test_a_budget_of_bytes_says_them_in_kibibytes_too() -> None:
    """4*32*(8 + 32 + 1) parameters of 4 bytes: 20,992 bytes, 20.5 times 1,024."""
    model = {"input_dim": 8, "layers": [{"type": "lstm", "units": 32}], "budget": {"bytes": 10_240, "params": 5_000}}
    messages = {finding.message for finding in ls.inspect(model).findings if finding.kind == "budget"}
    assert messages == {
        "the model: expected at most 10,240 bytes (10.0 KiB), got 20,992 (20.5 KiB) (10,752 over)",
        "the model: expected at most 5,000 params, got 5,248 (248 over)",
    }
