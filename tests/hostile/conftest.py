"""A folder for one hostile file, and the command on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .child import Outcome, run

Inspect = Callable[..., Outcome]


@pytest.fixture
def inspect(tmp_path: Path) -> Inspect:
    """``inspect(name, content)``: the outcome of the command, after which the folder holds that file and no other."""

    def command(name: str, content: str | bytes, *arguments: str, verb: str = "inspect") -> Outcome:
        raw = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(raw)
        outcome = run(verb, name, *arguments, cwd=tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [name]
        assert (tmp_path / name).read_bytes() == raw
        return outcome

    return command
