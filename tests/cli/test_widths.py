"""Everything printed on a terminal fits its width: each command on each example and on models that are hard to fit."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from lstm_shapes.analysis.explain import TOPICS
from lstm_shapes.cli.app import COMMANDS
from lstm_shapes.render.drawing import columns
from lstm_shapes.rules import catalog

from ..command import ROOT, run_here
from ..profiles import PROFILE

WIDTHS = (60, 72, 80, 100, 140)
WIDE = 1000
LONG_NAME = "a_very_long_name_of_a_layer_that_is_wider_than_the_narrowest_terminal"
MODELS = {
    "names.yaml": f"""
name: {LONG_NAME}
inputs: {{first_of_the_inputs: [B, T, 8], second_of_the_inputs: [B, T, number_of_features]}}
layers:
  - {{type: lstm, name: {LONG_NAME}, units: 32, return_state: true, return_sequences: true,
     inputs: first_of_the_inputs}}
  - {{type: gru, name: another_long_name_of_a_layer, units: 4, inputs: second_of_the_inputs, return_sequences: true}}
  - {{type: concatenate, name: both, inputs: [{LONG_NAME}, another_long_name_of_a_layer]}}
  - {{type: dense, units: 1}}
""",
    "symbols.yaml": """
batch: examples_in_a_batch
timesteps: timesteps_of_a_sequence
input_dim: features_per_timestep
layers:
  - type: bidirectional
    name: both_directions
    layer: {type: lstm, units: 2*width_of_the_encoder + extra, proj_size: projected, return_sequences: true}
  - {type: gru, units: width_of_the_decoder, return_sequences: true, name: \u540d\u524d\u306e\u9577\u3044\u5c64}
  - {type: time_distributed, layer: {type: dense, units: classes * timesteps_of_a_sequence // 7 + extra}}
budget: {params: 10000}
""",
    "nested.yaml": """
batch: 4
input_dim: 8
layers:
  - type: model
    name: block_of_layers
    layers:
      - {type: lstm, name: inner_encoder_of_the_block, units: 32, peephole: true, return_sequences: true}
      - {type: model, name: deeper, layers: [{type: gru, name: innermost, units: 4, return_sequences: true}]}
  - {type: lstm, name: stateful_one, units: 3, stateful: true}
""",
    "wrong.yaml": """
input_dim: 8
layers:
  - {type: lstm, name: a_rather_long_name, units: 32, return_sequences: true, return_state: no, unitts: 3, bais: false}
  - {type: dense, units: "a string where a number belongs, and it is much longer than any terminal is wide, isn't it"}
  - {type: lstm, units: 3, inputs: a_layer_that_does_not_exist_anywhere_in_this_file}
""",
    "before.yaml": "{input_dim: 8, layers: [{type: lstm, name: encoder, units: 32}, {type: dense, units: 1}]}",
    "after.yaml": "{input_dim: 9, layers: [{type: gru, name: encoder, units: H}, {type: dense, units: 2}]}",
}
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.*") if path.suffix in (".yaml", ".json"))
SWEPT = """
input_dim: 8
layers: [{type: lstm, units: width_of_the_encoder, return_sequences: true}, {type: lstm, units: H}]
"""
OF_A_FILE = (
    ("inspect",),
    ("inspect", "--weights"),
    ("inspect", "--cost", "--convention", "torchinfo"),
    ("check",),
    ("explain",),
)
RUN = (("inspect", "--cost", "--verify"), ("verify",))
WITHOUT_A_FILE = [
    *((command, "--help") for command in COMMANDS),
    ("--help",),
    *(("explain", topic) for topic in TOPICS),
    ("rules",),
    *(("rules", page.id) for page in catalog.pages()),
    ("params", "--units", "32", "--input-dim", "8"),
    ("params", "--units", "width_of_the_layer", "--input-dim", "features", "--bidirectional", "--num-layers", "3"),
    ("params", "--units", "8", "--input-dim", "4", "--cell", "gru", "--framework", "torch"),
    ("layout", "gru", "--from", "torch", "--to", "flax", "--bidirectional"),
    ("layout", "lstm", "--from", "keras", "--to", "onnx", "--units", "width_of_the_layer", "--num-layers", "2"),
    ("layout", "gru", "--from", "onnx", "--to", "torch"),
    ("solve", "--input-dim", "8", "--params", "50k"),
    ("solve", "swept.yaml", "--for", "H", "--params", "2M", "--max-macs", "5000k", "--set", "width_of_the_encoder=64"),
    ("sweep", "swept.yaml", "--set", "width_of_the_encoder=16,32", "--set", "H=8..32:8"),
    ("check", "--diff", "before.yaml", "after.yaml"),
    ("check", "."),
    ("check", ".", "--show-settings"),
    ("check", "no_such_file_of_a_long_name_" * 3 + ".yaml"),
    ("inspect", "before.yaml", "--set", "width_of_nothing=3", "--weights"),
    ("explain", "no_such_topic"),
    ("rules", "no-such-rule"),
    ("inspekt",),
    ("inspect", "--wieghts", "before.yaml"),
    ("sweep", "before.yaml"),
]
DRAWN = [
    ("sweep", "swept.yaml", "--set", "width_of_the_encoder=16,32", "--set", "H=8..32:8", "--plot"),
    ("explain", "keras_weather.json"),
    ("explain", "bilstm_tagger.yaml", "--layer", "context"),
    ("explain", "speech_lstmp_torch.yaml", "--layer", "lstm"),
    ("explain", "symbols.yaml", "--layer", "both_directions"),
]
ALL = [
    *((command, name, *more) for command, *more in OF_A_FILE for name in (*EXAMPLES, *MODELS)),
    *((command, name, *more) for command, *more in RUN for name in ("bilstm_tagger.yaml", "names.yaml", "nested.yaml")),
    *(("explain", topic, "--show") for topic in TOPICS),
    *WITHOUT_A_FILE,
    *DRAWN,
]
SAMPLE = [
    ("inspect", "names.yaml", "--cost", "--verify"),
    ("inspect", "symbols.yaml", "--weights"),
    ("verify", "nested.yaml"),
    ("check", "wrong.yaml"),
    ("explain", "symbols.yaml", "--layer", "both_directions"),
    ("explain", "bias"),
    ("check", "--help"),
    ("layout", "gru", "--from", "torch", "--to", "flax", "--bidirectional"),
    ("solve", "--help"),
    ("rules",),
    ("rules", "LS206"),
    ("check", "--diff", "before.yaml", "after.yaml"),
    ("explain", "no_such_topic"),
]


@pytest.fixture(autouse=True)
def no_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar is shown where a run lasts over a second, and taken away again."""
    monkeypatch.setattr("lstm_shapes.cli.progress.PATIENCE", 1e9)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("widths")
    for name in EXAMPLES:
        (made / name).write_bytes((ROOT / "examples" / name).read_bytes())
    for name, text in MODELS.items():
        (made / name).write_text(text, encoding="utf-8")
    (made / "swept.yaml").write_text(SWEPT)
    return made


@cache
def shown(*arguments: str, width: int, folder: Path) -> str:
    """What a terminal of a width shows, without colors."""
    ended = run_here(*arguments, cwd=folder, terminal=width)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", (ended.out + ended.err).decode())


def too_wide(text: str, width: int) -> list[str]:
    """The lines that are wider, unless they are one word, which would be torn or could not be copied."""
    return [line for line in text.splitlines() if columns(line) > width and len(line.split()) > 1]


def words(text: str) -> set[str]:
    """The words of the sentences and cells: without drawings, rules of tables and source lines, which may be cut."""
    if "  in  " in text:  # the explanation of a model, below its pictures
        text = text[text.index("  in  ") :]
    lines = [line for line in text.splitlines() if not re.match(r"\s+\d* \| |─+$", line)]
    return set(" ".join(lines).split())


def choices(text: str) -> set[str]:
    """The words with which a help may list the choices of an option: in its name, or in its explanation."""
    groups = re.findall(r"<([^>]*\|[^>]*)>", text)
    named = {f"{choice}{end}" for group in groups for choice in group.split("|") for end in (",", ".")}
    return {"NAME", "One", "of", "\\", *(f"<{group}>" for group in groups), *named}


@pytest.mark.parametrize("width", WIDTHS if PROFILE == "ci" else (60, 100))
@pytest.mark.parametrize("arguments", ALL if PROFILE == "ci" else SAMPLE, ids=" ".join)
def test_what_is_printed_fits_the_terminal_and_no_word_is_torn_or_lost(
    arguments: tuple[str, ...], width: int, folder: Path
) -> None:
    narrow = shown(*arguments, width=width, folder=folder)
    assert narrow
    assert not too_wide(narrow, width)
    if "--plot" not in arguments:
        wide = shown(*arguments, width=WIDE, folder=folder)
        assert words(narrow) - choices(wide) == words(wide) - choices(wide)


def test_a_line_too_many_and_a_torn_or_lost_word_would_be_noticed() -> None:
    text = "encoder  lstm  4*units*(input_dim + 1)\n"
    assert too_wide(text, 30) == [text.strip()]
    assert words("encod  lstm  4*units*(input_dim + 1)\ner\n") != words(text)
    assert words("encoder  4*units*(input_dim + 1)\n") != words(text)
    assert words("encoder  lstm\n  formula  4*units*(input_dim\n + 1)\n") - {"formula"} == words(text)


def test_a_word_wider_than_the_terminal_is_whole_on_its_own_line_so_that_it_can_be_copied(folder: Path) -> None:
    table = shown("inspect", "names.yaml", width=60, folder=folder)
    assert LONG_NAME in table.splitlines()
    path = "no_such_folder/" * 6 + "model.yaml"
    assert f"  {path}:" in shown("inspect", path, width=60, folder=folder).splitlines()


@pytest.mark.parametrize("arguments", [("inspect", "names.yaml"), ("check", "wrong.yaml"), ("inspect", "wrong.yaml")])
def test_what_is_piped_is_not_folded(arguments: tuple[str, ...], folder: Path) -> None:
    piped = [run_here(*arguments, cwd=folder, env={"COLUMNS": str(width)}) for width in (60, 200)]
    assert (piped[0].out, piped[0].err) == (piped[1].out, piped[1].err)
    assert max(map(len, (piped[0].out + piped[0].err).decode().splitlines())) > 100
