"""Commands on checkpoints: what they end with, and what can be said of weights without a model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lstm_shapes import inspect
from lstm_shapes.formats import parse
from lstm_shapes.views import to_complete

from ..command import run_here

FOLDER = Path(__file__).parents[1] / "importers" / "checkpoints"
SEVERAL = str(FOLDER / "several.pt")
EVERYTHING = str(FOLDER / "state_dict.pt")


def out(*arguments: str, code: int = 0) -> str:
    ended = run_here(*arguments, cwd=FOLDER)
    assert ended.code == code, ended.err
    return (ended.out + ended.err).decode()


def test_inspect_ends_with_a_spec_that_can_be_completed() -> None:
    printed = out("inspect", SEVERAL, "--model", "encoder")
    words, _, spec = printed.partition("the spec to complete: ")
    assert "bring the layers into their order" in spec
    text = spec.partition("\n")[2]
    completed = parse("model.yaml", text.encode()).data
    assert inspect({**completed, "input_dim": 4, "timesteps": 7}).totals.params == inspect_params("encoder")
    assert f"{inspect_params('encoder'):,}" in words


def inspect_params(name: str) -> int:
    counted = json.loads((FOLDER / "counts.json").read_text("utf-8"))[name]["params"]
    assert isinstance(counted, int)
    return counted


def test_a_spec_of_ours_ends_with_none(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("{inputs: unknown, layers: [{type: lstm, units: 2, input_dim: 3}]}", "utf-8")
    assert "to complete" not in out("inspect", str(tmp_path / "m.yaml"))


def test_a_long_spec_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "convert FILE" not in out("inspect", EVERYTHING)
    monkeypatch.setattr(to_complete, "MAX_LAYERS", 3)
    printed = out("inspect", EVERYTHING)
    assert printed.rstrip().endswith(
        f"and {len(inspect(EVERYTHING).layers) - 3} more layers; `lstm-shapes convert FILE --to yaml` writes all"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("verify", EVERYTHING), 1, "not confirmed: what reaches it is not known"),
        (("explain", EVERYTHING), 0, "not known"),
        (("sweep", EVERYTHING, "--set", "H=1..2"), 2, "no size of"),
        (("solve", EVERYTHING, "--for", "H", "--params", "100"), 2, "no size of"),
        (("solve", EVERYTHING, "--match", EVERYTHING, "--for", "H"), 2, "no size of"),
        (("check", EVERYTHING), 0, "no findings in 1 file"),
        (("inspect", SEVERAL, "--model", "nobody"), 2, "it has encoder, decoder"),
        (("verify", SEVERAL, "--model", "decoder"), 1, "not confirmed"),
    ],
)
def test_every_command_says_what_it_can(arguments: tuple[str, ...], code: int, words: str) -> None:
    assert words in out(*arguments, code=code)


def test_counts_side_by_side_have_what_fits_no_layer_too() -> None:
    row = next(line for line in out("inspect", "--framework", "all", EVERYTHING).splitlines() if line[:5] == "total")
    assert f"{inspect(EVERYTHING).totals.params:,}" in row


def test_costs_are_unknown_and_not_said_to_need_numbers() -> None:
    printed = out("inspect", "--cost", EVERYTHING)
    assert "peak bytes of inference: unknown" in printed
    assert "growth" not in printed
    assert "needs numbers" not in printed
