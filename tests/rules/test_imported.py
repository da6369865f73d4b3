"""What rules say of models that come from files of other kinds: in their words, and nothing that was not so then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import lstm_shapes as ls


def keras_json(folder: Path, version: str) -> Path:
    lstm = {"units": 4, "recurrent_activation": "hard_sigmoid", "batch_input_shape": [None, 5, 3], "name": "lstm_1"}
    config = {"name": "m", "layers": [{"class_name": "LSTM", "config": lstm}]}
    path = folder / "model.json"
    path.write_text(json.dumps({"class_name": "Sequential", "keras_version": version, "config": config}))
    return path


@pytest.mark.parametrize("version", ["1.2.2", "2.2.4", "2.3.1"])
def test_a_keras_without_the_fused_kernel_is_not_told_of_it(tmp_path: Path, version: str) -> None:
    assert ls.check([keras_json(tmp_path, version)], select=["LS701"]) == ()


@pytest.mark.parametrize("version", ["2.2.4-tf", "2.15.0"])
def test_a_keras_with_it_is_told_in_its_own_words(tmp_path: Path, version: str) -> None:
    (finding,) = ls.check([keras_json(tmp_path, version)], select=["LS701"])
    assert "recurrent_activation hard_sigmoid" in finding.message
    assert "keras2" not in finding.message
    assert '`"recurrent_activation": "sigmoid"`' in finding.hint


def test_a_linear_cannot_do_without_in_features(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(
        "import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.lstm = nn.LSTM(8, 64, bidirectional=True)\n        self.fc = nn.Linear(64, 2)\n"
        "    def forward(self, x):\n        out, _ = self.lstm(x)\n        return self.fc(out)\n"
    )
    (finding,) = ls.check([tmp_path / "net.py"])
    assert (finding.id, finding.place and finding.place.line, finding.hint) == ("LS204", 6, "write 128")
