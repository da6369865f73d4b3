"""Files that the real Keras writes: every stored array belongs to a layer, and has the shape of its weight."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lstm_shapes import formats, importers
from lstm_shapes.analysis.report import report
from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats.document import Document
from lstm_shapes.spec.reader import read_imported

from ..profiles import rounds

pytestmark = pytest.mark.oracle
COUNT = 1_000 if os.environ.get("ORACLES") == "all" else rounds(150, dev=10)
SHARE = 25
ABOUT_ARRAYS = ("stored-arrays", "recorded-shape")


def saved(model: Any, folder: Path, suffix: str) -> Document:
    path = folder / f"model{suffix}"
    model.save_weights(path) if suffix == ".weights.h5" else model.save(path)
    return formats.read(str(path))


def judged(document: Document) -> tuple[Any, list[Finding]]:
    """The report of a file, and its findings about arrays and recorded shapes."""
    (imported,) = importers.translate(document)
    answer = report(read_imported(imported))
    return answer, [finding for finding in answer.findings if finding.kind in ABOUT_ARRAYS]


def parameters(arrays: list[dict[str, Any]], layers: str) -> int:
    """The numbers in the arrays of layers."""
    total = 0
    for array in arrays:
        count = 1
        for size in array["shape"]:
            count *= size
        total += count * (array["path"].startswith(layers) and "seed_generator" not in array["path"])
    return total


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("first", range(0, COUNT, SHARE))
def test_every_array_is_that_of_a_layer(first: int, compared: Callable[[str], None], tmp_path: Path) -> None:
    pytest.importorskip("keras")
    from .keras_files import random_keras_model

    for seed in range(first, min(first + SHARE, COUNT)):
        model = random_keras_model(seed)
        for suffix in (".keras", ".h5"):
            document = saved(model, tmp_path, suffix)
            answer, findings = judged(document)
            assert findings == [], (seed, suffix, [finding.message for finding in findings])
            assert answer.totals.params == model.count_params(), (seed, suffix)
            (imported,) = importers.translate(document)
            assert () not in imported.stored, (seed, suffix)
            compared("keras")
        answer, findings = judged(saved(model, tmp_path, ".weights.h5"))
        assert (findings, answer.totals.params) == ([], model.count_params()), seed


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_another_shape_of_any_array_is_a_finding_of_its_layer(suffix: str, tmp_path: Path) -> None:
    pytest.importorskip("keras")
    from .keras_files import random_keras_model

    for seed in range(5):
        document = saved(random_keras_model(seed), tmp_path, suffix)
        for array in document.data["arrays"]:
            if "optimizer" in array["path"] or "seed_generator" in array["path"] or not array["shape"]:
                continue
            shape = array["shape"]
            array["shape"] = [*shape[:-1], shape[-1] + 1]
            _, findings = judged(document)
            array["shape"] = shape
            states = suffix == ".keras" and not findings and array["path"].count("/") == 3
            assert states or [finding.id for finding in findings] == ["LS208"], (seed, array["path"])
            assert states or str(shape[-1] + 1) in findings[0].message
