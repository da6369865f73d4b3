"""Files of Keras 1.2.2, 2.2.4 and tf.keras 2.15.0: every array belongs to a layer and has the shape of its weight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lstm_shapes import formats, importers
from lstm_shapes.analysis.report import Report, report
from lstm_shapes.formats.document import Document
from lstm_shapes.spec.reader import read_imported

FOLDER = Path(__file__).parents[1] / "recorded"
PARAMS = {"keras_1_2_2.h5": 258, "keras_2_2_4.h5": 258, "keras_2_15_0.keras": 267}
"""What ``count_params`` said in the version that wrote the file."""


def judged(document: Document) -> tuple[Any, Report]:
    (imported,) = importers.translate(document)
    return imported, report(read_imported(imported))


def weights(document: Document) -> list[dict[str, Any]]:
    """The arrays that are weights: not the optimizer's, of which some are called like them."""
    return [array for array in document.data["arrays"] if "optimizer" not in array["path"]]


@pytest.mark.parametrize("name", PARAMS)
def test_a_recorded_file_has_the_parameters_that_its_keras_counts_and_no_array_is_left(name: str) -> None:
    document = formats.read(str(FOLDER / name))
    imported, answer = judged(document)
    assert (answer.totals.params, [finding for finding in answer.findings if finding.severity == "error"]) == (
        PARAMS[name],
        [],
    )
    assert imported.version == name.removeprefix("keras_").rpartition(".")[0].replace("_", ".")
    stored = [array.name for arrays in imported.stored.values() for array in arrays]
    assert sorted(stored) == sorted(array["path"].replace("\\", "/") for array in weights(document))
    assert () not in imported.stored


@pytest.mark.parametrize("name", PARAMS)
def test_another_shape_of_any_array_is_a_finding_of_one_layer(name: str) -> None:
    document = formats.read(str(FOLDER / name))
    for array in weights(document):
        shape = array["shape"]
        array["shape"] = [*shape[:-1], shape[-1] + 1]
        found = [finding.message for finding in judged(document)[1].findings if finding.kind == "stored-arrays"]
        array["shape"] = shape
        assert len(found) == 1, (array["path"], found)
        assert f"{shape[-1] + 1}" in found[0]
