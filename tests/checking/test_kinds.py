"""check on files of other kinds: which a search takes, which are named, and what changed between two of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ..command import Ended, completed, run_here

SPEC = "name: small\ntimesteps: 10\ninput_dim: 8\nlayers:\n  - {type: lstm, units: 16}\n  - {type: dense, units: 1}\n"
SCRIPT = """\
from keras.models import Sequential
from keras.layers import LSTM, Dense

def small():
    model = Sequential()
    model.add(LSTM(16, input_shape=(10, 8)))
    model.add(Dense(1))
    return model

def large():
    model = Sequential()
    model.add(LSTM(64, input_shape=(10, 8)))
    model.add(Dense(1))
    return model
"""


DENSE = "from keras.layers import Dense\nfrom keras import Sequential\nm = Sequential([Dense(3, input_shape=(8,))])\n"


def keras_json(units: int) -> str:
    lstm = {"name": "lstm", "units": units, "batch_input_shape": [None, 10, 8]}
    layers = [{"class_name": "LSTM", "config": lstm}, {"class_name": "Dense", "config": {"name": "dense", "units": 1}}]
    config = {"name": "small", "layers": layers}
    return json.dumps(
        {"class_name": "Sequential", "config": config, "keras_version": "2.15.0", "backend": "tensorflow"}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    texts = {
        "spec.yaml": SPEC,
        "keras.json": keras_json(16),
        "train.py": SCRIPT,
        "other.py": "import os\n",
        "dense.py": DENSE,
        "package.json": '{"name": "x"}',
        "list.json": "[1, 2, 3]",
        "text.json": '"LSTM"',
        "spec.model": SPEC,
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def check(folder: Path, *arguments: str) -> Ended:
    return run_here("check", *arguments, cwd=folder)


def test_a_search_takes_specs_keras_json_and_scripts_that_name_a_recurrent_class(folder: Path) -> None:
    assert check(folder, ".", "--show-files").out.decode().split() == ["keras.json", "spec.yaml", "train.py"]
    assert check(folder).out.decode() == "no findings in 3 files (3 skipped)\n"


def test_settings_include_more(folder: Path) -> None:
    (folder / "lstm-shapes.toml").write_text('include = ["*.model"]', "utf-8")
    assert "spec.model" in check(folder, ".", "--show-files").out.decode().split()
    (folder / "lstm-shapes.toml").write_text('include = ["*.model"]\nexclude = ["spec.*"]', "utf-8")
    assert "spec.model" not in check(folder, ".", "--show-files").out.decode().split()


def test_what_is_named_is_read_whatever_it_is_called_and_skipped_where_it_is_no_model(folder: Path) -> None:
    done = check(folder, "spec.model", "other.py", "package.json", "list.json")
    assert (done.code, done.out.decode()) == (0, "no findings in 1 file (3 skipped)\n")
    done = check(folder, "other.py")
    assert (done.code, done.out.decode()) == (0, "no findings in 0 files (1 skipped)\n")
    assert check(folder, "nowhere.py").code == 2


@pytest.mark.parametrize(("before", "after"), [("keras.json", "spec.yaml"), ("spec.yaml", "keras.json")])
def test_a_keras_file_and_its_spec_do_not_differ(before: str, after: str, folder: Path) -> None:
    """Keras counts 1,600 and 17: nothing changed but what only one of the two names."""
    done = json.loads(check(folder, after, "--diff", f"./{before}", "--output-format", "json").out)
    (change,) = done["changes"]
    assert [layer for layer in change["layers"] if layer["change"] not in ("same", "renamed")] == []
    assert change["totals"]["params"]["after"] == 1617


def test_models_of_two_files_are_paired_by_name(folder: Path) -> None:
    (folder / "old.py").write_text(SCRIPT.replace("LSTM(64", "LSTM(32").replace("def small", "def tiny"), "utf-8")
    done = json.loads(check(folder, "train.py", "--diff", "./old.py", "--output-format", "json").out)
    changes = {change["model"]: change["totals"]["params"] for change in done["changes"]}
    params = {name: (total["before"], total["after"]) for name, total in changes.items()}
    assert params == {"large": (5281, 18753), "small": (0, 1617), "tiny": (1617, 0)}
    text = check(folder, "train.py", "--diff", "./old.py").out.decode()
    assert "old.py -> train.py (large)" in text


def test_one_model_is_compared_with_the_one_of_its_name(folder: Path) -> None:
    done = json.loads(check(folder, "train.py", "--diff", "./spec.yaml", "--output-format", "json").out)
    assert [change["totals"]["params"]["after"] for change in done["changes"]] == [1617]
    (folder / "spec.yaml").write_text(SPEC.replace("small", "other"), "utf-8")
    done = check(folder, "train.py", "--diff", "./spec.yaml")
    assert done.code == 2
    assert done.err.decode().endswith(", and none is called 'other'\n")


def test_every_model_of_a_file_is_compared_with_a_revision(folder: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=folder, check=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "a")
    (folder / "train.py").write_text(SCRIPT.replace("LSTM(", "LSTM(2*"), "utf-8")
    (folder / "dense.py").write_text(DENSE.replace("3", "4"), "utf-8")  # no search takes it
    done = json.loads(check(folder, ".", "--diff", "HEAD", "--output-format", "json").out)
    changed = {change["model"]: change["after"] for change in done["changes"]}
    assert changed == {"small": "train.py", "large": "train.py"}


def test_a_model_of_another_kind_has_no_other_name_for_it(folder: Path) -> None:
    """What --diff HEAD -- model.keras means is a file also inside a repository."""
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    done = completed("check", "spec.yaml", "--diff", "keras.json", cwd=folder)
    assert "spec.yaml" in done.stdout
    assert done.returncode == 0, done.stderr
