"""What ``expect`` and ``budget`` are compared with."""

from __future__ import annotations

from typing import Any

from lstm_shapes.formats.document import Document
from lstm_shapes.rules.shapes import diagnose
from lstm_shapes.spec.reader import read


def test_an_expectation_of_a_layer_that_is_used_again_is_that_of_the_used_layer() -> None:
    model: dict[str, Any] = {
        "inputs": {"a": ["B", "T", 8], "b": ["B", "T", 8]},
        "layers": [
            {"type": "lstm", "name": "encoder", "units": 32, "inputs": "a", "trainable": False},
            {"use": "encoder", "name": "again", "inputs": "b", "expect": {"params": 5248, "trainable_params": 0}},
        ],
        "outputs": ["encoder", "again"],
    }
    assert not diagnose(read(Document(source="", data=model)))
    model["layers"][1]["expect"] = {"params": 0}
    assert [finding.kind for finding in diagnose(read(Document(source="", data=model)))] == ["expectation"]
