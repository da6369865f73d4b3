"""CONTRIBUTING.md names every file: a toy is added to a copy of the package by each of its lists, and works there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from .profiles import in_ci

ROOT = Path(__file__).resolve().parents[1]
TOYS = Path(__file__).parent / "toys"
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
COPIED = (
    "lstm_shapes",
    "tests",
    "docs",
    "examples",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "pyproject.toml",
    "benchmarks",
    ".ci",
)
MODEL = "input_dim: 8\nlayers:\n  - {type: lstm, name: x, units: 32}\n"
ROW = "| `lstm-shapes frameworks` | the frameworks |\n"
LISTED = "keras: Keras 3\ntorch: PyTorch\nonnx: ONNX\nflax: Flax nnx\nflax-linen: Flax linen\n"
BLOCK = f"\n```console\n$ lstm-shapes frameworks\n{LISTED}```\n"

Edit = Callable[[str], str]


class Toy(NamedTuple):
    """What is added: ``edits`` of files that are there, and of the new file's place in the list a file of ``toys/``.

    ``command`` uses it and ``prints`` a line with it; ``keywords`` choose the toy's tests among those of the list.
    """

    name: str
    edits: Mapping[str, Edit]
    command: str
    prints: str
    keywords: str
    code: int = 0
    model: str = MODEL


def after(line: str, more: str) -> Edit:
    """Put text after a line that is there once."""

    def edit(text: str) -> str:
        assert text.count(line) == 1, line
        return text.replace(line, line + more)

    return edit


def readme(text: str) -> str:
    """A row and a console block."""
    return after("| `lstm-shapes schema` | the JSON Schema of the spec file |\n", ROW)(text) + BLOCK


TOY = {
    "layer": Toy(
        "scale",
        {
            "lstm_shapes/layers/__init__.py": after('    "dense": "dense.Dense",\n', '    "scale": "scale.Scale",\n'),
            "lstm_shapes/frameworks/keras.py": after(
                "    layouts={\n", '        "scale": Layout((Slot("factor", "factor", "unit"),)),\n'
            ),
        },
        "inspect model.yaml --weights --verify",
        r"scale +\(B, T, 8\) +8 +input_dim",
        "scale or test_lists or committed",
        model="input_dim: 8\nlayers:\n  - {type: scale}\n",
    ),
    "framework": Toy(
        "toy",
        {"lstm_shapes/frameworks/__init__.py": after('NAMES = ("keras", "torch"', ', "toy"')},
        "params --units 32 --input-dim 8 --framework toy",
        r"^U +gate state unit +\(4, 32, 32\) +4,096",
        "toy or frameworks or bias or test_lists or committed",
    ),
    "rule": Toy(
        "name_of_a_letter",
        {},
        "check model.yaml --output-format concise",
        "LS698",
        "letter or document or test_lists",
        code=1,
    ),
    "topic": Toy(
        "features",
        {
            "lstm_shapes/analysis/explain/__init__.py": after('    "units",\n', '    "features",\n'),
            "tests/explain/broken_twins.py": after(
                "TWINS: dict[str, tuple[tuple[Layer, ...], ...]] = {\n", '    "features": ((Constant(units=5),),),\n'
            ),
            "tests/explain/test_topics.py": after("(conventions.md)\n", '    "features": {D},\n'),
        },
        "explain features --show",
        "the claim holds",
        "features or every_claim or without_a_topic",
    ),
    "command": Toy(
        "frameworks",
        {
            "lstm_shapes/cli/app.py": after(
                "COMMANDS = {\n", '    "frameworks": Described("List the frameworks.", "lstm-shapes frameworks"),\n'
            ),
            "README.md": readme,
        },
        "frameworks",
        "torch: PyTorch",
        "frameworks or every_command or forbidden_rooms",
    ),
}
"""The kind of thing that a list is about -> what is added by it."""


class Step(NamedTuple):
    """A numbered line: the paths that it names; with ``any_of`` one of them will do."""

    paths: frozenset[str]
    any_of: bool


def section(kind: str, text: str = CONTRIBUTING) -> str:
    """What stands under a heading."""
    (found,) = re.findall(rf"^## Add an? {kind}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return str(found)


def steps(kind: str, text: str = CONTRIBUTING) -> list[Step]:
    """The numbered list, with the toy's name for NAME in every path."""
    heads = re.findall(r"^\d+\. (.+?): ", section(kind, text), re.MULTILINE)
    named = [(re.findall(r"`([^`]+)`", head.replace("NAME", TOY[kind].name)), " or " in head) for head in heads]
    return [Step(frozenset(paths), any_of) for paths, any_of in named]


def named_tests(kind: str) -> list[str]:
    """What a section gives to ``python -m pytest``."""
    (line,) = re.findall(r"`python -m pytest (.+?)`", section(kind))
    return shlex.split(line)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the compiled ones."""
    paths = [path for part in COPIED for path in [folder / part, *(folder / part).rglob("*")] if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if "__pycache__" not in path.parts}


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the interpreter on the copy."""
    env = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "PYTEST_ADDOPTS": "-p no:cacheprovider",
        "LSTM_SHAPES_PROFILE": "dev",
    }
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=300
    )


def add(kind: str, folder: Path, text: str = CONTRIBUTING) -> dict[str, bytes]:
    """Copy the repository to ``folder``, touch the files that the list names, and return those that are other now."""
    toy, named = TOY[kind], {path for step in steps(kind, text) for path in step.paths}
    for part in COPIED:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy2
        copy(ROOT / part, folder / part)  # type: ignore[operator]
    before = contents(folder)
    for path in named:
        if (TOYS / Path(path).name).exists() and Path(path).suffix == ".py" and path not in before:
            shutil.copy(TOYS / Path(path).name, folder / path)
        elif path in toy.edits:
            (folder / path).write_text(toy.edits[path]((folder / path).read_text("utf-8")), "utf-8")
    (folder / "model.yaml").write_text(toy.model, "utf-8")
    if ": generated" in section(kind, text):
        done = python(folder, "docs/generate.py")
        assert done.returncode == 0, done.stderr
    return {path: content for path, content in contents(folder).items() if before.get(path) != content}


def works(kind: str, folder: Path) -> bool:
    """Whether the command that uses the toy prints what it should."""
    toy = TOY[kind]
    done = python(folder, "-m", "lstm_shapes", *shlex.split(toy.command))
    return done.returncode == toy.code and re.search(toy.prints, done.stdout, re.MULTILINE) is not None


@in_ci
@pytest.mark.parametrize("kind", TOY)
def test_whoever_touches_the_files_of_the_list_adds_what_works(kind: str, tmp_path: Path) -> None:
    changed = add(kind, tmp_path).keys()
    for step in steps(kind):
        assert changed & step.paths if step.any_of else changed >= step.paths, step
    assert changed <= {path for step in steps(kind) for path in step.paths}
    assert works(kind, tmp_path)
    done = python(tmp_path, "-m", "pytest", "-q", *named_tests(kind), "-k", TOY[kind].keywords)
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d+ passed", done.stdout)


def test_a_list_that_leaves_out_a_file_fails(tmp_path: Path) -> None:
    (line,) = re.findall(r"^2\. `lstm_shapes/cli/app.py`.*\n", CONTRIBUTING, re.MULTILINE)
    without = CONTRIBUTING.replace(line, "")
    assert len(steps("command", without)) == len(steps("command")) - 1
    add("command", tmp_path, without)
    assert not works("command", tmp_path)


def test_every_list_has_a_toy() -> None:
    assert re.findall(r"^## Add an? (\w+)$", CONTRIBUTING, re.MULTILINE) == list(TOY)
    assert CONTRIBUTING.count("\n") <= 60


def test_every_path_of_a_command_is_there() -> None:
    named = re.findall(r"(?<![\w.])(?:tests|benchmarks|docs|\.ci|lstm_shapes)/[\w./-]+", CONTRIBUTING)
    paths = {path.rstrip(".") for path in named if "NAME" not in path}
    assert {path for path in paths if not (ROOT / path).exists()} == set()
