"""Mutations of one line, each of which the default suite must notice: ``python -m tests.mutations [number ...]``.

Run on demand, not collected by the suite. Each mutation is applied to a copy of the repository, where the default suite
runs until its first failure: the tests of the mutated file's room and the golden values first, then all that are not
slow, then the others. The table says which test failed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from .mutation_list import MUTATIONS, Mutation

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("lstm_shapes", "tests", "docs", "examples", "benchmarks", ".ci")
TIMEOUT = 900
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$", re.MULTILINE)


class Result(NamedTuple):
    """A mutation and the test that noticed it; empty where none did."""

    mutation: Mutation
    killer: str


def check_list() -> None:
    """Fail unless each mutation's text is in its file exactly once. Raises ``ValueError``."""
    for mutation in MUTATIONS:
        count = (ROOT / mutation.file).read_text("utf-8").count(mutation.old)
        if count != 1:
            raise ValueError(f"{mutation.file} has {mutation.old!r} {count} times, expected once ({mutation.breaks})")


def try_mutation(mutation: Mutation) -> Result:
    """Run the suite on a copy with this mutation."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        copy_repository(copy)
        path = copy / mutation.file
        path.write_text(path.read_text("utf-8").replace(mutation.old, mutation.new), "utf-8")
        stages = (("not slow", *tests_nearby(mutation)), ("not slow",), ("slow",))
        return Result(mutation, next(filter(None, (first_failure(copy, *stage) for stage in stages)), ""))


def tests_nearby(mutation: Mutation) -> list[str]:
    """The golden values and the tests that mirror the mutated file's room."""
    folders = ("tests/golden", f"tests/{Path(mutation.file).parts[1]}")
    return [folder for folder in folders if (ROOT / folder).is_dir()]


def copy_repository(to: Path) -> None:
    """Copy what the suite reads."""
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy2(path, to)
        elif path.name in COPIED or (path / "action.yml").exists():
            shutil.copytree(path, to / path.name, ignore=shutil.ignore_patterns("__pycache__"))


def first_failure(folder: Path, marker: str, *paths: str) -> str:
    """The first test that fails in a folder, or nothing."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", marker, *paths]
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return "the suite hangs"
    if done.returncode == 0:
        return ""
    failed = FAILED.search(done.stdout)
    if not failed:
        raise RuntimeError(f"pytest ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return failed[1]


def main(numbers: list[int]) -> int:
    """Try the mutations with these numbers, or all; 1 when one survives or the unchanged copy fails."""
    check_list()
    survived = 0
    for number, mutation in enumerate(MUTATIONS):
        if numbers and number not in numbers:
            continue
        result = try_mutation(mutation)
        survived += not result.killer
        print(f"{number:2}  {mutation.file}: {mutation.breaks}\n      {result.killer or 'SURVIVED'}", flush=True)
    print(f"{survived} survived")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main([int(number) for number in sys.argv[1:]]))
