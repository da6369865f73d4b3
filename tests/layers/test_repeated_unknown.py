"""A layer that declares its output, repeated, where nothing is known of what reaches it."""

from __future__ import annotations

import lstm_shapes as ls


def test_a_declared_output_stays_known() -> None:
    layer = {"type": "custom", "output": ["B", 4], "params": 7, "inputs": "unknown", "repeat": "N"}
    report = ls.inspect({"input_dim": 8, "layers": [layer]})
    assert [str(row.params) for row in report.layers] == ["7*N"]
    assert not [finding for finding in report.findings if finding.severity == "error"]
