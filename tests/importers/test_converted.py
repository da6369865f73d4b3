"""A file of any kind, converted, is the same model: the law of tests/spec/test_writer.py over what importers read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import lstm_shapes as ls
from lstm_shapes import formats, importers
from lstm_shapes.analysis.report import report
from lstm_shapes.spec.reader import read_imported
from lstm_shapes.views.convert import view

from ..profiles import few
from ..spec.test_writer import figures

HERE = Path(__file__).parent
SCRIPT = """\
import argparse
import torch
from torch import nn
from keras.models import Sequential
from keras.layers import LSTM, Dense
parser = argparse.ArgumentParser()
parser.add_argument("--hidden", type=int)
args = parser.parse_args()

class Encoder(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.rnn = nn.LSTM(8, width, batch_first=True)
        self.out = nn.Linear(width, 2)
    def forward(self, x):
        y, _ = self.rnn(x)
        return self.out(y[:, -1, :])

model = Sequential()
model.add(LSTM(args.hidden, input_shape=(10, 8)))
model.add(Dense(1))
encoder = Encoder(16)
"""
KEPT = sorted(
    path for path in HERE.rglob("*") if path.suffix in (".onnx", ".pt", ".pth", ".tar", ".safetensors", ".keras", ".h5")
)
RECORDED = [
    pytest.param(model["config"], id=f"{path.stem}-{name}")
    for path in sorted((HERE / "recorded").glob("*.json"))
    for name, model in json.loads(path.read_text()).get("models", {}).items()
]


def converted(path: Path, folder: Path) -> int:
    """How many models of a file were compared, each in both languages; those that could not be read are none."""
    compared = 0
    for imported in importers.translate(formats.read(str(path))):
        if imported.document.data is None:
            continue
        reading = read_imported(imported)
        expected = figures(report(reading))
        for form in ("yaml", "json"):
            spec = folder / f"spec.{form}"
            spec.write_text(str(view(reading)[form]()), "utf-8")
            assert figures(ls.inspect(spec)) == expected
            compared += 1
    return compared


@pytest.mark.parametrize("path", few(KEPT, 15), ids=lambda path: path.name)
def test_a_binary_file_converted_is_the_same_model(path: Path, tmp_path: Path) -> None:
    converted(path, tmp_path)


def test_most_files_are_compared(tmp_path: Path) -> None:
    assert sum(bool(converted(path, tmp_path)) for path in KEPT[:6]) > 3


@pytest.mark.parametrize("config", few(RECORDED, 15))
def test_a_keras_configuration_converted_is_the_same_model(config: str, tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(config, "utf-8")
    assert converted(tmp_path / "model.json", tmp_path) == 2


def test_a_script_converted_is_the_same_models_with_where_values_come_from(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(SCRIPT, "utf-8")
    assert converted(path, tmp_path) == 4
    names = [imported.name for imported in importers.translate(formats.read(str(path)))]
    text = ls.convert(path, name=next(name for name in names if "model" in name))
    assert text.startswith(f"# from {path} (script")
    assert text.splitlines()[1].startswith("# hidden = ") and text.splitlines()[1].endswith("(line 7)")
    assert "# line 20" in text


def test_what_the_version_decides_is_written_out(tmp_path: Path) -> None:
    """Keras 2 resets the gate of a GRU before the product, and its recurrent activation is the old hard_sigmoid."""
    layer = {"class_name": "GRU", "config": {"name": "g", "units": 4, "batch_input_shape": [None, 5, 3]}}
    config = {"class_name": "Sequential", "config": [layer], "keras_version": "2.1.6"}
    (tmp_path / "old.json").write_text(json.dumps(config), "utf-8")
    assert "reset_after: false" in ls.convert(tmp_path / "old.json")


def test_a_layer_s_path_is_its_name_in_its_own_framework(tmp_path: Path) -> None:
    inner = {"class_name": "Sequential", "config": {"name": "block", "layers": [
        {"class_name": "LSTM", "config": {"name": "rnn", "units": 4, "batch_input_shape": [None, 5, 3]}}]}}  # fmt: skip
    config = {"class_name": "Sequential", "config": {"name": "m", "layers": [inner]}, "keras_version": "2.15.0"}
    (tmp_path / "m.json").write_text(json.dumps(config), "utf-8")
    (block,) = ls.inspect(tmp_path / "m.json").layers
    assert (block.path, block.layers[0].path) == ("block", "block/rnn")
    (tmp_path / "m.yaml").write_text(ls.convert(tmp_path / "m.json"), "utf-8")
    assert ls.inspect(tmp_path / "m.yaml").layers[0].path == "layers[0]"
