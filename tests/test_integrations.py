"""The pre-commit hook and the GitHub action, run as far as that is possible without a network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .command import completed
from .profiles import few

ROOT = Path(__file__).parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
HOOK, PYTHON_HOOK = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
BROKEN = "input_dim: 8\nlayers:\n  - {type: lstm, units: 4}\n  - {type: gru, units: 3}\n"


def launcher(folder: Path) -> Path:
    """The command, as a file of its own that runs this interpreter's package."""
    path = folder / "lstm-shapes"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lstm_shapes "$@"\n', "utf-8")
    path.chmod(0o755)
    return path


def steps(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The action's check step, with its inputs where the runner puts them: in the environment."""
    given = {name: setting["default"] for name, setting in ACTION["inputs"].items()} | inputs
    step = ACTION["runs"]["steps"][1]
    launcher(folder / "temp" / "lstm-shapes" / "bin")
    environment = {
        name: given[re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", value)[1]] for name, value in step["env"].items()
    }  # type: ignore[index]
    (folder / "summary.md").touch()
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={
            **os.environ,
            **environment,
            "RUNNER_TEMP": str(folder / "temp"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_action_marks_the_lines_writes_the_summary_and_fails(tmp_path: Path) -> None:
    (tmp_path / "a model.yaml").write_text(BROKEN, "utf-8")
    done = steps(tmp_path, paths="a model.yaml\n")
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=a model.yaml,line=4,")
    assert "LS202" in (tmp_path / "summary.md").read_text("utf-8")


def test_the_action_passes_a_clean_model_and_hands_on_options(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text(BROKEN, "utf-8")
    done = steps(tmp_path, args="--ignore\nLS202", summary="false")
    assert done.returncode == 0
    assert (tmp_path / "summary.md").read_text("utf-8") == ""


@pytest.fixture(scope="module")
def pull_request(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clone that a job has: a branch that widened a layer, and ``origin/main``, from which it started."""
    tmp_path = tmp_path_factory.mktemp("pull_request")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}

    def git(folder: Path, *args: str) -> None:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.invalid", *args]
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)

    origin = tmp_path / "origin"
    (origin / "models").mkdir(parents=True)
    git(origin, "init", "-q", "-b", "main")
    (origin / "models" / "a.yaml").write_text("input_dim: 8\nlayers:\n  - {type: lstm, units: 32}\n", "utf-8")
    (origin / "models" / "broken.yaml").write_text(BROKEN, "utf-8")
    git(origin, "add", "-A")
    git(origin, "commit", "-q", "-m", "main")
    git(origin, "checkout", "-q", "-b", "wider")
    (origin / "models" / "a.yaml").write_text("input_dim: 8\nlayers:\n  - {type: lstm, units: 64}\n", "utf-8")
    git(origin, "commit", "-q", "-a", "-m", "wider")
    git(tmp_path, "clone", "-q", f"file://{origin}", "clone")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{origin}", "shallow")
    return tmp_path


def test_the_action_compares_with_a_revision_and_shows_the_difference(pull_request: Path) -> None:
    """Four gates of a kernel, a recurrent kernel and a bias: 4*32*(8 + 32 + 1) and 4*64*(8 + 64 + 1)."""
    done = steps(pull_request / "clone", paths="models", diff="origin/main")
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("::error file=models/broken.yaml,line=4,")
    assert lines[1].startswith("models/a.yaml: params 5,248 -> 18,688 (+13,440)")
    assert lines[2] == "1 error in 2 files; 1 model changed since origin/main"
    summary = (pull_request / "clone" / "summary.md").read_text("utf-8")
    assert "LS202" in summary
    assert "### models/a.yaml, changes since origin/main" in summary
    assert "5,248 -&gt; 18,688 (+13,440)" in summary
    passing = steps(pull_request / "clone", paths="models/a.yaml", args="--diff=origin/main", summary="false")
    assert (passing.returncode, "(+13,440)" in passing.stdout) == (0, True)


def test_the_action_in_a_shallow_clone_says_how_to_fetch_the_rest(pull_request: Path) -> None:
    done = steps(pull_request / "shallow", paths="models", diff="origin/main")
    assert (done.returncode, done.stdout) == (2, "")
    assert "fetch-depth: 0" in done.stderr


@pytest.mark.parametrize("hostile", few(["$(touch x)", "--output=x", "-h", "x y; touch x", "--exit-zero"], 2))
def test_a_revision_is_one_word_and_never_an_option(hostile: str, pull_request: Path) -> None:
    done = steps(pull_request / "clone", paths="models", diff=hostile, summary="false")
    assert (done.returncode, done.stdout) == (2, "")
    assert not (pull_request / "clone" / "x").exists()


@pytest.mark.parametrize(
    "hostile", few(["$(touch x)", "`touch x`", "'; touch x; '", "--output-file=x", "a\nb; touch x"], 2)
)
def test_what_an_input_says_is_never_run(hostile: str, tmp_path: Path) -> None:
    done = steps(tmp_path, paths=hostile, summary="false")
    assert done.returncode == 2
    assert not (tmp_path / "x").exists()


def test_no_step_of_the_action_pastes_an_input_into_its_script() -> None:
    assert all("${{" not in step["run"] for step in ACTION["runs"]["steps"])


def test_every_input_has_a_description_and_a_default() -> None:
    assert all({"description", "default"} <= setting.keys() for setting in ACTION["inputs"].values())


@pytest.mark.parametrize("hook", [HOOK, PYTHON_HOOK], ids=lambda hook: hook["id"])
def test_a_hook_skips_what_is_no_model_and_fails_on_a_broken_one(hook: dict[str, Any], tmp_path: Path) -> None:
    """pre-commit appends the names of the files that changed."""
    script = "from keras import Sequential\nfrom keras.layers import LSTM, GRU\nm = Sequential()\n"
    script += "m.add(LSTM(4, input_shape=(5, 3)))\nm.add(GRU(3))\n"
    files = {"broken.yaml": BROKEN, "other.yaml": "a: 1\n", "broken.py": script, "setup.py": "import os\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    suffix = ".py" if "python" in hook["types_or"] else ".yaml"
    command = [*hook["entry"].split(), *hook["args"]]
    assert command[0] == "lstm-shapes"
    named = [name for name in files if name.endswith(suffix)]
    done = completed(*command[1:], *named, cwd=tmp_path)
    assert (done.returncode, "LS202" in done.stdout, "(1 skipped)" in done.stdout) == (1, True, True)
    assert completed(*command[1:], named[1], cwd=tmp_path).returncode == 0


def test_the_hook_runs_in_pre_commit_and_fails_on_a_broken_model(tmp_path: Path) -> None:
    hook = {
        **HOOK,
        "language": "system",
        "entry": HOOK["entry"].replace("lstm-shapes", str(launcher(tmp_path / "bin"))),
    }
    config = {"repos": [{"repo": "local", "hooks": [hook]}]}
    repository = tmp_path / "repository"
    (repository / "models").mkdir(parents=True)
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), "utf-8")
    (repository / "models" / "a.yaml").write_text(BROKEN, "utf-8")
    (repository / "other.yaml").write_text("services: []\n", "utf-8")
    (repository / "--baseline=b.yaml").write_text("services: []\n", "utf-8")
    (repository / "build").mkdir()
    (repository / "build" / "copy.yaml").write_text(BROKEN, "utf-8")
    (repository / "configs").mkdir()
    (repository / "configs" / "lstm.yaml").write_text(BROKEN, "utf-8")
    environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache"), "GIT_CONFIG_GLOBAL": "/dev/null"}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)

    run("git", "init", "-q")
    run("git", "add", "-A")
    done = run(sys.executable, "-m", "pre_commit", "run", "--all-files")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "models/a.yaml:4:5: LS202" in done.stdout and "configs/lstm.yaml:4:5: LS202" in done.stdout
    assert "build/copy.yaml" not in done.stdout and "error:" not in done.stdout + done.stderr
    for path in ("models/a.yaml", "configs/lstm.yaml"):
        (repository / path).write_text(BROKEN.replace("units: 4", "units: 4, return_sequences: true"), "utf-8")
    run("git", "add", "-A")
    assert run(sys.executable, "-m", "pre_commit", "run", "--all-files").returncode == 0
