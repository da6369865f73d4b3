"""LS408 next to Keras' own refusal: what it reports is what Keras fails on (tests/oracles/test_keras_masks.py)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .judging import judged

EMBEDDED = {"type": "embedding", "vocab": 100, "units": 8, "mask_zero": True, "name": "words"}
SEQUENCES: dict[str, Any] = {"type": "lstm", "units": 3, "return_sequences": True}


def reported(*layers: dict[str, Any], framework: str = "keras") -> list[str | None]:
    """The hints of LS408."""
    findings = judged(json.dumps({"framework": framework, "inputs": {"t": ["B", "T"]}, "layers": [EMBEDDED, *layers]}))
    return [finding.hint for finding in findings if finding.id == "LS408"]


@pytest.mark.parametrize(
    "between",
    [
        [],
        [SEQUENCES],
        [{"type": "bidirectional", "layer": SEQUENCES}],
        [{"type": "dropout", "rate": 0.1}, {"type": "dense", "units": 3}],
    ],
    ids=str,
)
def test_a_mask_that_reaches_softmax_is_reported(between: list[dict[str, Any]]) -> None:
    assert reported(*between, {"type": "softmax"}) == ['write `"type": "activation"` and `"activation": "softmax"`']


def test_along_another_axis_the_layer_that_makes_the_mask_is_named() -> None:
    assert reported({"type": "softmax", "axis": 1}) == ['set `"mask_zero": false` on words']
    masked = {"type": "masking", "name": "gaps"}
    without = {"type": "dense", "units": 2, "name": "d"}
    findings = judged(json.dumps({"input_dim": 3, "layers": [masked, without, {"type": "softmax", "axis": 1}]}))
    assert [finding.hint for finding in findings if finding.id == "LS408"] == ["remove gaps"]


@pytest.mark.parametrize(
    "layers",
    [
        [{"type": "activation", "activation": "softmax"}],
        [{"type": "lstm", "units": 3}, {"type": "softmax"}],
        [{"type": "conv1d", "filters": 3, "kernel_size": 1}, {"type": "softmax"}],
    ],
    ids=str,
)
def test_softmax_that_no_mask_reaches_is_not_reported(layers: list[dict[str, Any]]) -> None:
    assert reported(*layers) == []


def test_a_framework_without_masks_is_not_reported() -> None:
    assert reported({"type": "softmax", "axis": -1}, framework="torch") == []
