"""The check of files: what is kept between them, and in which order findings come."""

from __future__ import annotations

import gc
from pathlib import Path

import lstm_shapes as ls
from lstm_shapes.checking.run import check, check_document
from lstm_shapes.checking.settings import Settings
from lstm_shapes.formats import parse

BROKEN = b"""input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32}
  - {type: lstm, unit: 16}
  - {type: model, layers: [{type: dense, units: 3}]}
"""


def test_a_file_leaves_nothing_behind_for_the_collector() -> None:
    check_document(parse("warm.yaml", BROKEN), Settings())
    gc.collect()
    gc.disable()
    try:
        check_document(parse("model.yaml", BROKEN), Settings())
        assert gc.collect() == 0
        circle: list[object] = []
        circle.append(circle)
        del circle
        assert gc.collect() == 1
    finally:
        gc.enable()


def test_the_library_finds_what_the_command_finds(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_bytes(BROKEN)
    found = ls.check([tmp_path])
    assert found == check([str(tmp_path)], Settings()).findings
    assert [finding.id for finding in found] == ["LS101"]
    assert ls.check([tmp_path], ignore=["LS1"]) == ()


def test_a_layer_that_its_input_does_not_fit_gets_one_message_and_no_advice() -> None:
    text = b"""inputs: {x: [B]}
layers:
  - {type: time_distributed, layer: {type: lstm, units: 3, unroll: true, stateful: true}}
  - {type: lstm, units: 3, unroll: true, stateful: true, inputs: x}
  - {type: bidirectional, inputs: x, layer: {type: lstm, units: 3, unroll: true}}
  - {type: time_distributed, inputs: x, layer: {type: model, layers: [{type: gru, units: 3}]}}
"""
    settings = Settings(select=("LS2", "LS404", "LS405"), targets=("onnxruntime", "tflite"))
    found = check_document(parse("model.yaml", text), settings)
    assert [(finding.id, finding.place and finding.place.line) for finding in found] == [
        ("LS201", line) for line in (3, 4, 5, 6)
    ]
