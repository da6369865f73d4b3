"""Exports of PyTorch (both exporters) and tf2onnx: shapes as ONNX Runtime has them, the total that the file stores."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import lstm_shapes as ls
from lstm_shapes.analysis.report import Report
from lstm_shapes.symbolic.size import Shape

FOLDER = Path(__file__).parent / "onnx_files"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text())


def report(name: str, **more: Any) -> Report:
    return ls.inspect(FOLDER / name, **more)


def differences(answer: Report, shapes: dict[str, list[list[int]]]) -> list[str]:
    """The layers whose shapes are others than those of the nodes with their names."""
    return [
        f"{layer.name}: {output.shape} is {shape}"
        for layer in answer.layers
        for output, shape in zip(layer.outputs, shapes.get(layer.name, ()), strict=False)
        if output.shape is None or not agrees(output.shape, shape)
    ]


def agrees(shape: Shape, real: list[int]) -> bool:
    """Whether all sizes are equal but those that a run alone can tell, such as the rounds of a loop."""
    pairs = zip(shape, real, strict=False)
    return len(shape) == len(real) and all(size == own for size, own in pairs if isinstance(size, int))


@pytest.mark.parametrize("name", EXPECTED)
def test_an_export_has_the_shapes_and_the_total_of_its_file(name: str) -> None:
    expected = EXPECTED[name]
    dims = {axis: size for axis, size in expected["sizes"].items() if re.fullmatch(r"[A-Za-z_]\w*", axis)}
    answer = report(name, dims=dims)
    assert [finding.message for finding in answer.findings if finding.severity == "error"] == []
    assert answer.totals.params == expected["params"]
    assert answer.source_kind == "onnx"
    compared = [layer for layer in answer.layers if layer.name in expected["shapes"]]
    assert len(compared) >= len(answer.layers) - 3
    assert differences(answer, expected["shapes"]) == []


def test_a_shape_that_is_wrong_is_seen() -> None:
    shapes = EXPECTED["last.onnx"]["shapes"]
    wrong = {name: [[size + 1 for size in shape] for shape in listed] for name, listed in shapes.items()}
    assert differences(report("last.onnx"), wrong)


def test_every_recurrent_module_is_a_layer_of_its_type() -> None:
    types = [layer.type for layer in report("crnn.onnx").layers]
    assert types.count("lstm") == 2
    assert types.count("dense") == 1
    assert types.count("conv2d") == 2
    assert "gru" in [layer.type for layer in report("attention.export.onnx").layers]


def test_the_translation_says_the_same_when_it_is_read_again() -> None:
    from lstm_shapes import formats, importers

    for name in EXPECTED:
        (imported,) = importers.translate(formats.read(str(FOLDER / name)))
        again, first = ls.inspect(imported.document.data), report(name)
        assert again.totals == first.totals, name
        assert [layer.outputs for layer in again.layers] == [layer.outputs for layer in first.layers]
