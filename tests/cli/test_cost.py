"""``inspect --cost`` and ``--convention``: columns, estimates with their assumption, the same numbers in every form."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from ..hostile.child import run

SPEC = """framework: torch
batch: 4
timesteps: 10
input_dim: 8
layers: [{type: lstm, units: 32, name: encoder}, {type: linear, units: 3, name: head}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.yaml").write_text(SPEC)
    (tmp_path / "wrong.yaml").write_text("input_dim: 8\nlayers: [{type: lstm, unit: H}]\n")
    return tmp_path


def test_the_columns_stand_in_every_form(folder: Path):
    text = run("inspect", "model.yaml", "--cost", cwd=folder).text
    page = run("inspect", "model.yaml", "--cost", "--output-format", "markdown", cwd=folder).text
    rows = list(
        csv.DictReader(io.StringIO(run("inspect", "model.yaml", "--cost", "--output-format", "csv", cwd=folder).text))
    )
    data = json.loads(run("inspect", "model.yaml", "--cost", "--output-format", "json", cwd=folder).text)["cost"]
    assert (rows[0]["macs"], rows[0]["flops"], rows[0]["state_bytes"]) == ("204800", "409600", "1024")
    assert data["layers"][0] == {"name": "encoder", "macs": 204_800, "flops": 409_600, "state_bytes": 1_024}
    assert data["flops"] == 2 * (204_800 + 4 * 10 * 32 * 3)
    for number in ("204,800", "409,600", "1,024"):
        assert number in text
        assert number in page


def test_estimates_are_labelled_and_say_what_they_assume(folder: Path):
    text = run("inspect", "model.yaml", "--cost", cwd=folder).text
    labelled = [line for line in text.splitlines() if line.startswith("estimate, ")]
    assert len(labelled) == 3
    assert all("(assumes: " in line for line in labelled)
    data = json.loads(run("inspect", "model.yaml", "--cost", "--output-format", "json", cwd=folder).text)["cost"]
    assert all(estimate["assumes"] for estimate in data["estimates"].values())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("torchinfo", "torchinfo 1.8.0 reports 215,436 mult-adds"),
        ("matmul", "lstm-shapes reports 208,640 MACs"),
        ("calflops", "its MACs are 0"),
    ],
)
def test_a_convention_says_what_the_tool_reports_and_what_is_wrong_with_it(name: str, said: str, folder: Path):
    done = run("inspect", "model.yaml", "--convention", name, cwd=folder)
    assert done.code == 0
    assert said in done.text


def test_without_the_options_nothing_is_added(folder: Path):
    plain = run("inspect", "model.yaml", cwd=folder).text
    assert "flops" not in plain
    assert "cost" not in json.loads(run("inspect", "model.yaml", "--output-format", "json", cwd=folder).text)


def test_a_model_that_cannot_be_read_has_no_cost(folder: Path):
    for form in ("text", "json", "csv", "markdown"):
        args = ["--cost", "--convention", "thop", "--output-format", form]
        done = run("inspect", "wrong.yaml", *args, cwd=folder)
        assert done.code == 1
        assert "Traceback" not in done.said
