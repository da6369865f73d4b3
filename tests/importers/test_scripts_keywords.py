"""A misspelled keyword of a Keras layer is reported where it stands; one that Keras has is none."""

from __future__ import annotations

from pathlib import Path

import pytest

import lstm_shapes as ls
from lstm_shapes.importers.script.keras_layers import PARAMETERS, _is_slip
from lstm_shapes.importers.script.keras_parameters import KERAS_1, OLD_NAMES
from lstm_shapes.spec.keys import canonical, spellings

HEAD = "from keras.models import Sequential\nfrom keras.layers import LSTM, Bidirectional, Dense\n"
SHAPES = frozenset("input_shape batch_input_shape batch_shape batch_size input_dim input_length".split())


def findings(folder: Path, layers: str) -> list[tuple[str, int, str]]:
    (folder / "train.py").write_text(f"{HEAD}model = Sequential([\n{layers},\n])\n")
    return [
        (finding.id, finding.place.line if finding.place else 0, finding.hint)
        for finding in ls.check([folder / "train.py"], select=["LS1", "LS2"])
    ]


@pytest.mark.parametrize("layer", ["LSTM(8, {}, input_shape=(5, 3))", "Bidirectional(LSTM(8, {}), input_shape=(5, 3))"])
def test_a_misspelled_keyword_is_reported_with_what_to_write(tmp_path: Path, layer: str) -> None:
    wrong = layer.format("return_sequence=True")
    assert findings(tmp_path, f"{wrong},\nLSTM(4)") == [("LS101", 4, "write return_sequences")]
    assert findings(tmp_path, f"{layer.format('return_sequences=True')},\nLSTM(4)") == []


def test_a_keyword_that_says_nothing_of_shapes_is_passed_over(tmp_path: Path) -> None:
    keywords = "kernel_initializer='he_normal', recurrent_regularizer=None, seed=1, implementation=2"
    assert findings(tmp_path, f"LSTM(8, {keywords}, input_shape=(5, 3))") == []


@pytest.mark.parametrize("name", PARAMETERS)
def test_no_parameter_of_old_keras_is_a_slip(name: str) -> None:
    type_ = (canonical(name) or ("unknown", {}))[0]
    old = (SHAPES | KERAS_1 | set(PARAMETERS[name].split())) - set(OLD_NAMES) - set(spellings(type_))
    assert [key for key in old if _is_slip(key, type_)] == []
