"""``check SPEC --checkpoint FILE``: each tensor that is missing, left over or of another shape is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..command import run_here

FOLDER = Path(__file__).parents[1] / "importers" / "checkpoints"
FITS = """\
framework: torch
inputs: unknown
name: encoder
layers:
  - {type: lstm, input_dim: 4, units: 3, num_layers: 2, bidirectional: true}
"""


def check(spec: str, tmp_path: Path, checkpoint: str = "several.pt", *more: str) -> tuple[int, str]:
    (tmp_path / "model.yaml").write_text(spec, "utf-8")
    file = str(FOLDER / checkpoint)
    ended = run_here("check", "--isolated", "model.yaml", "--checkpoint", file, *more, cwd=tmp_path)
    return ended.code, (ended.out + ended.err).decode().replace(file, checkpoint)


def test_a_model_that_fits_has_no_findings(tmp_path: Path) -> None:
    assert check(FITS, tmp_path) == (0, "no findings in 1 file\n")


@pytest.mark.parametrize("checkpoint", ["state_dict.pt", "training.pth.tar", "legacy.pth", "model.safetensors"])
def test_what_was_converted_fits_where_it_came_from(checkpoint: str, tmp_path: Path) -> None:
    spec = run_here("convert", str(FOLDER / checkpoint), "--to", "yaml", cwd=tmp_path).out.decode()
    assert check(spec, tmp_path, checkpoint) == (0, "no findings in 1 file\n")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            FITS.replace("units: 3", "units: 5"),
            ["lstm (lstm): weight_hh_l1_reverse is (20, 5), but the checkpoint stores (12, 3) as lstm.weight_hh_l1"],
        ),
        (
            FITS.replace("num_layers: 2", "num_layers: 3"),
            [
                "lstm (lstm): weight_ih_l2 (12, 6) is not in the checkpoint several.pt",
                "the checkpoint's layer is `{type: lstm, input_dim: 4, units: 3, num_layers: 2, bidirectional: true}`",
            ],
        ),
        (
            FITS.replace(", bidirectional: true", ""),
            ["lstm (lstm) has no bias_ih_l0_reverse, but the checkpoint stores (12,) as lstm.bias_ih_l0_reverse"],
        ),
        (
            FITS + "  - {type: dense, name: head, input_dim: 6, units: 2}\n",
            ["head (dense): the checkpoint several.pt has none of its tensors: weight (2, 6), bias (2,)"],
        ),
        (
            "{framework: torch, inputs: unknown, name: encoder, layers: [{type: embedding, vocab: 9, units: 2}]}",
            ["embedding (embedding): the checkpoint several.pt has none of its tensors: weight (9, 2)"],
        ),
        (FITS.replace("units: 3", "units: H"), ["fits where that is (12, 3)"]),
    ],
)
def test_what_differs_is_named(spec: str, words: list[str], tmp_path: Path) -> None:
    _, said = check(spec, tmp_path)
    for text in words:
        assert text in said
    assert "LS208" in said or "LS503" in said


def test_what_is_left_over_is_named_with_the_layer_to_add(tmp_path: Path) -> None:
    spec = "{framework: torch, inputs: unknown, layers: [{type: gru, name: decoder, input_dim: 6, units: 5}]}"
    code, said = check(spec, tmp_path, "state_dict.pt")
    assert code == 1
    assert "no layer has what the checkpoint state_dict.pt stores as cell: weight_ih (8, 3), weight_hh (8, 2)" in said
    assert "hint: add `{type: lstm_cell, name: cell, input_dim: 3, units: 2}`" in said
    assert "stores as decoder" not in said


def test_a_model_of_keras_is_compared_as_pytorch_would_have_it(tmp_path: Path) -> None:
    spec = "{timesteps: 9, input_dim: 6, name: decoder, layers: [{type: gru, name: decoder, units: 5}]}"
    assert check(spec, tmp_path)[0] == 0


@pytest.mark.parametrize(
    ("spec", "checkpoint", "more", "words"),
    [
        (FITS, "module.pt", (), "a pickled object of class torch.nn.modules.container.Sequential"),
        (FITS, "nothing.pt", (), "no such file"),
        (FITS, "several.pt", ("--fix",), "--checkpoint: is compared with one file"),
        (FITS, "several.pt", ("--diff", "HEAD"), "--checkpoint: is compared with one file"),
        (FITS, "several.pt", ("model.yaml",), "--checkpoint: is compared with one file"),
    ],
)
def test_what_cannot_be_compared_is_wrong_usage(
    spec: str, checkpoint: str, more: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    code, said = check(spec, tmp_path, checkpoint, *more)
    assert code == 2
    assert words in said


BOTH = """\
framework: torch
inputs: unknown
layers:
  - {type: lstm, name: encoder, input_dim: 4, units: 3, num_layers: 2, bidirectional: true}
  - {type: gru, name: decoder, input_dim: 6, units: 5}
"""


def test_several_state_dicts_are_compared_together_where_none_has_the_name_of_the_model(tmp_path: Path) -> None:
    assert check(BOTH, tmp_path) == (0, "no findings in 1 file\n")
    code, said = check(BOTH.replace("units: 5", "units: 7"), tmp_path)
    assert code == 1
    assert "decoder (gru): weight_hh_l0 is (21, 7), but the checkpoint stores (15, 5) as decoder.weight_hh_l0" in said
    _, said = check(BOTH.rpartition("  - ")[0], tmp_path)
    assert "no layer has what the checkpoint several.pt stores as decoder: weight_ih_l0 (15, 6)" in said


SCRIPT = """\
from torch import nn
class Encoder(nn.Module):
    def __init__(self, hidden=3):
        super().__init__()
        self.lstm = nn.LSTM(4, hidden, 2, bidirectional=True)
    def forward(self, x):
        return self.lstm(x)
"""


def test_a_class_of_a_script_is_compared_with_the_state_dict_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT, "utf-8")
    arguments = ("check", "--isolated", "train.py", "--checkpoint", str(FOLDER / "several.pt"))
    assert run_here(*arguments, cwd=tmp_path).code == 0
    (tmp_path / "train.py").write_text(SCRIPT.replace("hidden=3", "hidden=4"), "utf-8")
    ended = run_here(*arguments, cwd=tmp_path)
    assert ended.code == 1
    assert b"train.py:5:21: LS208 lstm (lstm): weight_hh_l0 is (16, 4), but" in ended.out + ended.err
