"""ONNX files read by the importer beside ONNX' own backend tests, and graphs built by hand beside ONNX Runtime."""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lstm_shapes as ls

from ..importers.onnx_cases import CASES
from ..profiles import PROFILE
from .comparison import Array

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


RUN = [name for name in CASES if name != "lstm without hidden_size" and not name.startswith("opset 6")]
"""The models that ONNX Runtime runs: from opset 7 on, with the attribute that the operator's definition leaves open."""


@pytest.mark.parametrize("name", RUN)
def test_a_model_by_hand_has_the_shapes_of_onnx_runtime(name: str, tmp_path: Path, compared: Any) -> None:
    oracle = pytest.importorskip("onnxruntime") and importlib.import_module("tests.oracles.onnx_oracle")
    case = CASES[name]
    path = tmp_path / "model.onnx"
    path.write_bytes(case.raw)
    proto = onnx.load(path)
    feeds = {value.name: array(value, case.sizes) for value in proto.graph.input}
    report = ls.inspect(path, dims=case.sizes)
    assert oracle.stored_numbers(proto) == case.params == report.totals.params
    ran = oracle.outputs(proto, feeds)
    assert [output.shape for output in report.outputs] == [np.shape(each) for each in ran]
    compared("onnx")


def array(value: Any, sizes: dict[str, int]) -> Array:
    """Numbers for an input: lengths where it counts the timesteps of each example."""
    kind = value.type.tensor_type
    shape = [sizes.get(axis.dim_param, axis.dim_value) for axis in kind.shape.dim]
    if kind.elem_type == onnx.TensorProto.INT32:
        return np.full(shape, sizes["T"], "int32")
    return np.random.default_rng(0).random(shape).astype("float32")


FOREIGN = ("test_affine_grid", "test_identity_opt", "test_identity_sequence", "test_loop13_seq")
"""Cases with inputs that are no tensors, and one whose function computes shapes from numbers that are its inputs."""


@pytest.mark.skipif(PROFILE != "ci", reason="the generator makes some 1,900 models")
def test_no_backend_test_of_any_operator_has_other_shapes_than_it_expects(tmp_path: Path, compared: Any) -> None:
    from onnx.backend.test.case.node import collect_testcases

    wrong: list[str] = []
    with warnings.catch_warnings(action="ignore"):
        every = [case for case in collect_testcases(None) if case.model and not case.name.startswith(FOREIGN)]
    path = tmp_path / "model.onnx"
    for case in every:
        onnx.save(case.model, path)
        report = ls.inspect(path)
        ((_, outputs), *_) = case.data_sets
        ours = [output.shape for output in report.outputs]
        wrong += [f"{case.name}: {finding.message}" for finding in report.findings if finding.id not in ("LS006",)]
        if len(ours) == len(outputs) and report.shapes_complete:
            real = [np.shape(array) if isinstance(array, np.ndarray | np.generic) else None for array in outputs]
            pairs = [(shape, own) for shape, own in zip(ours, real, strict=True) if own is not None]
            wrong += [f"{case.name}: {shape} is {own}" for shape, own in pairs if not agrees(shape, own)]
            compared("onnx")
    assert not wrong, "\n".join(wrong)
    assert len(every) > 1_800


def agrees(shape: Any, real: tuple[int, ...]) -> bool:
    """Whether the sizes that are numbers are those of the array."""
    pairs = zip(shape, real, strict=False)
    return len(shape) == len(real) and all(size == own for size, own in pairs if isinstance(size, int))
