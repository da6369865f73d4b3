"""A command infers a model once, and once for each binding or change of its sizes: never the same model twice."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lstm_shapes.api import read
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.graph import shape_inference
from lstm_shapes.graph.model import Model

from ..command import run_here

MODEL = """
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: H, return_state: true}
  - {type: model, name: block, inputs: encoder, layers: [{type: dense, units: 5}]}
  - {type: dense, units: 3}
"""
BINDINGS, GROWTH = 2, 3
CALLS = {
    "inspect m.yaml": 1,
    "inspect m.yaml --weights --output-format json": 1,
    "inspect m.yaml --cost": 1 + GROWTH,
    "inspect m.yaml --cost --output-format json": 1 + GROWTH,
    "inspect m.yaml --convention thop": 1,
    "inspect m.yaml --verify": 1 + BINDINGS,
    "inspect m.yaml --cost --convention matmul --verify": 1 + BINDINGS + GROWTH,
    "verify m.yaml": 1 + BINDINGS,
    "check m.yaml": 1,
    "check m.yaml --output-format sarif": 1,
    "check --diff old.yaml m.yaml": 2,
    "explain m.yaml --layer encoder": 1,
    "explain m.yaml --output-format svg": 1,
    "params --units 32 --input-dim 8": 2 + len(FRAMEWORKS) - 1,
}
"""A command, and how many models it infers; params: the layer, with all outputs, and that of each other framework."""


@pytest.fixture
def inferred(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Model]]:
    """The models that are inferred, in order."""
    models: list[Model] = []
    real = shape_inference.Inferred

    def recorded(**fields: Any) -> shape_inference.Inferred:
        models.append(fields["model"])
        return real(**fields)

    monkeypatch.setattr(shape_inference, "Inferred", recorded)
    yield models


@pytest.mark.parametrize("command", CALLS)
def test_a_command_infers_a_model_once(command: str, inferred: list[Model], tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(MODEL, encoding="utf-8")
    (tmp_path / "old.yaml").write_text(MODEL.replace("5", "7"), encoding="utf-8")
    ended = run_here(*command.split(), cwd=tmp_path)
    assert ended.code in (0, 1) and b"Traceback" not in ended.err
    assert len(inferred) == CALLS[command]
    assert len(set(inferred)) == len(inferred)


def test_a_comparison_with_a_revision_infers_a_changed_model_once_on_each_side(
    inferred: list[Model], tmp_path: Path
) -> None:
    for name in ("m.yaml", "same.yaml"):
        (tmp_path / name).write_text(MODEL.replace("H", name[0].upper()), encoding="utf-8")
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.invalid", "-c", "commit.gpgsign=false")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "m.yaml").write_text(MODEL.replace("5", "7"), encoding="utf-8")
    for paths in (["."], ["m.yaml", "same.yaml"]):
        inferred.clear()
        ended = run_here("check", "--diff", "HEAD", *paths, cwd=tmp_path)
        assert ended.code == 0 and b"1 model changed" in ended.out, ended.err
        assert len(inferred) == len(set(inferred)) == 3


def test_a_second_inference_would_be_seen(inferred: list[Model]) -> None:
    reading = read({"input_dim": 8, "layers": [{"type": "lstm", "units": 4}]})
    assert reading.inferred is reading.inferred
    assert len(inferred) == 1
    assert reading.model
    shape_inference.infer(reading.model)
    assert len(inferred) == 2 and len(set(inferred)) == 1
