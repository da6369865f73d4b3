"""Layers that stand for an operation give what Keras and PyTorch gave."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from lstm_shapes.layers import family

from .operations import CASES, FILE, SEED, Case

VALUES: dict[str, Any] = json.loads(FILE.read_text("utf-8"))


def agrees(case: Case) -> bool:
    expected, outputs = VALUES["cases"][case.expression], case.run()
    return [output.shape for output in outputs] == [np.shape(array) for array in expected] and all(
        np.allclose(output, array, rtol=1e-5, atol=2e-6) for output, array in zip(outputs, expected, strict=True)
    )


@pytest.mark.parametrize("case", CASES, ids=[case.expression for case in CASES])
def test_a_layer_gives_what_the_expression_gave(case: Case) -> None:
    assert agrees(case)
    inputs = [array.shape for array in case.inputs()]
    assert list(family(case.type)(**case.fields).outputs(*inputs)) == [output.shape for output in case.run()]


def test_every_value_was_taken_from_a_case_that_is_still_run() -> None:
    assert VALUES["seed"] == SEED
    assert list(VALUES["cases"]) == [case.expression for case in CASES]
    assert len({case.expression for case in CASES}) == len(CASES)


def test_another_index_another_axis_or_another_function_does_not_agree() -> None:
    by_expression = {case.expression: case for case in CASES}
    changes: list[tuple[str, dict[str, Any]]] = [
        ("torch: x[:, -1, :]", {"index": 0}),
        ("torch: x[:, 1:]", {"start": None, "stop": 2}),
        ("keras: ops.take(x, [2, 0, 2], axis=1)", {"indices": (2, 0, 1)}),
        ("torch: x.mean(dim=1)", {"op": "max"}),
        ("torch: x - y", {"op": "add"}),
    ]
    for expression, change in changes:
        case = by_expression[expression]
        assert not agrees(case._replace(fields={**case.fields, **change}))
