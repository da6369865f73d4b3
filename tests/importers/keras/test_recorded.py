"""Files of Keras 1.2.2, 2.2.4 and tf.keras 2.15.1: every layer has the name, parameters and shapes that theirs has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import lstm_shapes as ls
from lstm_shapes.analysis.report import LayerRow

RECORDED = Path(__file__).parents[1] / "recorded"
MODELS = [
    pytest.param(recorded["version"], model, id=f"{recorded['version']}-{name}")
    for path in sorted(RECORDED.glob("*.json"))
    for recorded in [json.loads(path.read_text())]
    for name, model in recorded["models"].items()
]


def shapes(layer: LayerRow) -> list[list[int | None]]:
    return [
        [axis if isinstance(axis, int) else None for axis in output.shape] for output in layer.outputs if output.shape
    ]


@pytest.mark.parametrize(("version", "model"), MODELS)
def test_a_recorded_model_is_read_as_its_keras_reads_it(version: str, model: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(model["config"])
    report = ls.inspect(path)
    assert [finding.message for finding in report.findings if finding.severity == "error"] == []
    assert report.source_kind == "keras-json"
    rows = [layer for layer in report.layers if not layer.name.startswith("branch_")]  # models that a Merge reads
    assert [layer.name for layer in rows] == [name for name, _, _ in model["layers"]]
    for layer, (name, params, outputs) in zip(rows, model["layers"], strict=True):
        assert (name, layer.params) == (name, params)
        count = len(outputs)
        assert (name, shapes(layer)[:count]) == (name, outputs)
    assert report.totals.params == model["params"]


@pytest.mark.parametrize(("version", "model"), MODELS)
def test_a_recorded_model_converted_to_a_spec_reports_the_same(
    version: str, model: dict[str, Any], tmp_path: Path
) -> None:
    file, spec = tmp_path / "model.json", tmp_path / "model.yaml"
    file.write_text(model["config"])
    spec.write_text(ls.convert(file))
    direct, converted = ls.inspect(file), ls.inspect(spec)
    assert direct.totals == converted.totals
    assert [figures(row) for row in direct.layers] == [figures(row) for row in converted.layers]


def figures(row: LayerRow) -> tuple[object, ...]:
    outputs = [str(output.shape) for output in row.outputs]
    return row.name, row.type, row.params, outputs, str(row.formula), str(row.macs), [str(one) for one in row.weights]
