"""Batch normalization's statistics: weights in Keras, buffers in PyTorch and Flax; in every figure and every place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lstm_shapes as ls
from lstm_shapes import api
from lstm_shapes.analysis.layout.layout import layout
from lstm_shapes.analysis.side_by_side import side_by_side
from tests.command import run_here

STATISTICS = ["running_mean", "running_var", "num_batches_tracked"]


def inspected(framework: str, *layers: dict[str, Any], x: list[Any] | None = None) -> Any:
    """The report of these layers on (B, 8, 10), or on ``x``."""
    return api.inspect({"framework": framework, "inputs": {"x": x or ["B", 8, 10]}, "layers": list(layers)})


@pytest.mark.parametrize(
    ("framework", "axis", "params", "trainable", "buffers"),
    [("keras", 1, 32, 16, 0), ("torch", 1, 16, 16, 17), ("flax", 1, 16, 16, 16), ("flax-linen", 1, 16, 16, 16)],
)
def test_a_framework_counts_statistics_as_its_own_parameters_do(
    framework: str, axis: int, params: int, trainable: int, buffers: int
) -> None:
    totals = inspected(framework, {"type": "batch_normalization", "axis": axis}).totals
    assert (totals.params, totals.trainable_params, totals.buffers) == (params, trainable, buffers)
    assert totals.param_bytes == 4 * params


def test_torch_lists_its_buffers_among_the_tensors_and_marks_them() -> None:
    (row,) = inspected("torch", {"type": "nn.BatchNorm1d", "num_features": 8}).layers
    assert [tensor.name for tensor in row.weights if tensor.buffer] == STATISTICS
    assert row.weights[-1].shape == ()
    assert (sum(tensor.params for tensor in row.weights), row.params, row.formula) == (16, 16, "2*channels")


@pytest.mark.parametrize(
    ("keys", "params", "buffers"),
    [
        ({"affine": False}, 0, 17),
        ({"track_running_stats": False}, 16, 0),
        ({"affine": False, "track_running_stats": False}, 0, 0),
    ],
)
def test_a_batch_norm_without_scale_or_statistics_has_none(keys: dict[str, Any], params: int, buffers: int) -> None:
    spec = {"type": "nn.BatchNorm1d", "num_features": 8, **keys}
    report = inspected("torch", spec)
    assert not report.findings
    assert (report.totals.params, report.totals.buffers) == (params, buffers)
    assert api.verify({"framework": "torch", "inputs": {"x": [3, 8, 10]}, "layers": [spec]}).verdict == "confirmed"


@pytest.mark.parametrize("framework", ["keras", "flax", "onnx"])
def test_other_frameworks_always_keep_statistics(framework: str) -> None:
    report = inspected(framework, {"type": "batch_normalization", "axis": 1, "track_running_stats": False})
    assert [finding.id for finding in report.findings if "track_running_stats" in finding.message] == ["LS403"]


@pytest.mark.parametrize(
    ("layer", "times"),
    [
        ({"type": "time_distributed", "layer": {"type": "batch_normalization", "axis": -1}}, 1),
        ({"type": "model", "layers": [{"type": "batch_normalization"}, {"type": "batch_normalization"}]}, 2),
        ({"type": "batch_normalization", "repeat": 3}, 3),
        ({"type": "batch_normalization", "repeat": "N"}, "N"),
    ],
    ids=["time_distributed", "model", "repeat", "symbolic repeat"],
)
def test_buffers_are_counted_wherever_the_layer_stands(layer: dict[str, Any], times: Any) -> None:
    totals = inspected("torch", layer, x=["B", 8, 8]).totals
    assert [str(totals.params), str(totals.buffers)] == (
        [f"16*{times}", f"17*{times}"] if times == "N" else [str(16 * times), str(17 * times)]
    )


def test_a_tied_buffer_is_counted_with_its_source() -> None:
    first, second = ({"type": "batch_normalization", "name": name} for name in ("a", "b"))
    tied = {**second, "tied_to": {"gamma": "a.gamma", "moving_mean": "a.moving_mean"}}
    totals = inspected("torch", first, tied).totals
    assert (totals.params, totals.buffers) == (32 - 8, 34 - 8)


def test_the_page_says_that_buffers_are_left_out(tmp_path: Path) -> None:
    spec = b'{"framework": "torch", "inputs": {"x": [2, 8, 10]}, "layers": [{"type": "BatchNorm1d"}]}'
    page = run_here("inspect", "-", cwd=tmp_path, stdin=spec).out.decode()
    assert "buffers, in neither the params nor their bytes: 17 numbers" in page


def test_the_frameworks_side_by_side_say_why_they_differ() -> None:
    spec = {"framework": "keras", "inputs": {"x": ["B", 10, 8]}, "layers": [{"type": "batch_normalization"}]}
    counts = side_by_side(api.read(spec))
    assert counts.layers[0].params == {"keras": 32, "torch": 16, "onnx": 32, "flax": 16, "flax-linen": 16}
    (difference,) = counts.differences
    assert (difference.params, difference.reason) == (-16, "do not count moving statistics as parameters")


def test_a_conversion_leaves_the_counter_of_batches_and_starts_it_at_0() -> None:
    there = layout("batch_normalization", source="torch", target="keras")
    back = layout("batch_normalization", source="keras", target="torch")
    assert there.exact
    assert back.made[-1].steps == ("zeros",)
    assert not [note for note in (*there.notes, *back.notes) if "buffers" in note]


@pytest.mark.parametrize("type_", ["batch_normalization", "group_normalization"])
def test_an_axis_that_is_the_batchs_is_a_finding_where_the_channels_are_declared(type_: str) -> None:
    field = {"batch_normalization": "num_features", "group_normalization": "num_channels"}[type_]
    report = api.inspect({"inputs": {"x": [3, 4, 5]}, "layers": [{"type": type_, "axis": 0, field: 3}]})
    assert [finding.id for finding in report.findings] == ["LS201"]


@pytest.mark.parametrize(("module", "shape", "fitting"), [("2d", [2, 8, 10], "1d"), ("1d", [2, 8, 4, 5], "2d")])
def test_instance_norm_reads_the_axes_of_its_module_and_learns_nothing_unless_affine(
    module: str, shape: list[int], fitting: str
) -> None:
    """torch/nn/modules/instancenorm.py: affine=False; InstanceNorm1d is (N, C, L), 2d (N, C, H, W)."""
    spec = {"framework": "torch", "inputs": {"x": shape}}
    report = ls.inspect({**spec, "layers": [{"type": f"nn.InstanceNorm{module}", "num_features": 8}]})
    assert [finding.hint for finding in report.findings] == [f"write InstanceNorm{fitting}"]
    for affine, params in ((False, 0), (True, 16)):
        layer = {"type": f"nn.InstanceNorm{fitting}", "num_features": 8, "affine": affine}
        assert ls.inspect({**spec, "layers": [layer]}).totals.params == params
