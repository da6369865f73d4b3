"""ONNX files read by the importer beside ONNX' own backend tests, and graphs built by hand beside ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lstm_shapes as ls

onnx = pytest.importorskip("onnx")
pytestmark = pytest.mark.oracle

from .test_onnx_suite import cases  # noqa: E402


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_backend_test_of_a_recurrent_operator_has_the_shapes_that_it_expects(
    case: Any, tmp_path: Path, compared: Any
) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(case.model, path)
    report = ls.inspect(path)
    ((_, outputs),) = case.data_sets
    (layer,) = report.layers
    node = case.model.graph.node[0]
    assert [finding.message for finding in report.findings if finding.severity == "error"] == []
    assert layer.type == node.op_type.lower()
    assert report.totals.params == 0  # the weights are inputs: the file stores none
    named = [output for output, name in zip(layer.outputs, node.output, strict=False) if name]
    assert [output.shape for output in named] == [np.shape(array) for array in outputs]
    compared("onnx")
