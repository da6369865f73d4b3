"""How the command helps: help with groups and an example, the nearest name, one voice for wrong usage, completion."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_shapes.analysis.explain import TOPICS
from lstm_shapes.cli.app import COMMANDS

from ..command import ROOT, completed

MODEL = "{input_dim: 8, layers: [{type: lstm, units: H}]}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.yaml").write_text(MODEL)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "small.yaml").write_text(MODEL)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_of_every_help_runs(command: str, folder: Path) -> None:
    shown = completed(command, "--help", cwd=folder)
    (example,) = re.findall(r"^Example:\n  lstm-shapes (.*)\n\Z", shown.stdout, re.MULTILINE)
    assert example.split()[0] == command
    done = completed(*shlex.split(example), cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("columns", [80, 120])
def test_a_help_fits_the_terminal(command: str, columns: int, folder: Path) -> None:
    shown = completed(command, "--help", cwd=folder, env={"COLUMNS": str(columns)})
    assert max(map(len, shown.stdout.splitlines())) <= columns


def test_options_that_several_commands_share_stand_in_the_same_group(folder: Path) -> None:
    for command in ("inspect", "verify", "sweep", "solve", "explain", "check"):
        groups = re.split(r"^(\w[\w ]*):\n", completed(command, "--help", cwd=folder).stdout, flags=re.MULTILINE)
        named = dict(zip(groups[1::2], groups[2::2], strict=True))
        assert "--output-file" in named["Output"], command
        assert "--framework" in named["Input"], command
        assert "--output-file" not in named["Options"], command


def test_nothing_asked_is_answered_with_help_and_2_as_ruff_does(folder: Path) -> None:
    bare = completed(cwd=folder)
    assert (bare.returncode, bare.stdout) == (2, "")
    assert all(re.search(rf"^  {name} ", bare.stderr, re.MULTILINE) for name in COMMANDS)
    explain = completed("explain", cwd=folder)
    assert (explain.returncode, explain.stdout) == (2, "")
    assert all(re.search(rf"\b{topic}\b", explain.stderr) for topic in TOPICS)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("inspct model.yaml", "no such command: inspct; did you mean inspect?"),
        ("quux", f"no such command: quux; the commands are {', '.join(COMMANDS)}"),
        ("inspect --wieghts model.yaml", "no such option: --wieghts; did you mean --weights?"),
        ("inspect --zzz model.yaml", "no such option: --zzz; see `lstm-shapes inspect --help`"),
        ("--versoin", "no such option: --versoin; did you mean --version?"),
        ("inspect", "inspect: expected FILE...; see `lstm-shapes inspect --help`"),
        ("sweep model.yaml", "sweep: expected --set; see `lstm-shapes sweep --help`"),
        ("inspect model.yaml --framework", "--framework: expected a value"),
        ("verify model.yaml --seed x", "--seed: 'x' is not a valid int range"),
        ("inspect model.yaml --color red", "--color: 'red' is not one of 'auto', 'always', 'never'"),
        ("schema x", "schema: got unexpected extra argument(s) (x); see `lstm-shapes schema --help`"),
    ],
)
def test_wrong_usage_is_one_line_in_one_voice(typed: str, line: str, folder: Path) -> None:
    done = completed(*typed.split(), cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {line}\n")


@pytest.mark.parametrize(
    ("words", "offered"),
    [("lstm-shapes ins", ["inspect"]), ("lstm-shapes inspect --out", ["--output-format", "--output-file"])],
)
def test_bash_completes_commands_and_options(words: str, offered: list[str]) -> None:
    asked = {"_LSTM_SHAPES_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    env = {**os.environ, "PYTHONPATH": str(ROOT), **asked}
    done = subprocess.run([sys.executable, "-m", "lstm_shapes"], env=env, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == offered
