"""A person's terminal: a table by rich, as wide as it is, with every character of every cell."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ..hostile.child import ROOT
from .test_output import folder as folder


def on_terminal(folder: Path, *arguments: str, columns: int) -> tuple[int, str]:
    """The command on a pseudo-terminal: its exit code and all that it showed."""
    above, below = pty.openpty()
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "lstm_shapes", *arguments]
    streams = {"stdin": below, "stdout": below, "stderr": below}
    child = subprocess.Popen(command, cwd=folder, env={**env, "COLUMNS": str(columns)}, **streams)
    os.close(below)
    shown = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and select.select([above], [], [], 60)[0]:
        try:
            part = os.read(above, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(above)
    return child.wait(timeout=60), shown.decode()


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_a_terminal_shows_a_table_that_is_not_cut(columns: int, folder: Path):
    code, shown = on_terminal(folder, "inspect", "model.yaml", columns=columns)
    assert code == 0
    assert "\x1b[" in shown
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    assert max(len(line) for line in plain.splitlines() if "─" in line) <= columns
    assert "…" not in plain
    letters = re.sub(r"\s", "", plain)
    if columns == 200:
        assert "a_rather_long_name_for_an_encoder_of_long_sequences" in plain
    for character in "a_rather_long":
        assert character in letters
    first = "".join(line.split("  ")[0].strip() for line in plain.splitlines())
    assert "a_rather_long_name_for_an_encoder_of_long_sequences" in first


def test_a_terminal_without_colour_has_the_table_still(folder: Path):
    code, shown = on_terminal(folder, "inspect", "model.yaml", "--color", "never", columns=100)
    assert code == 0
    assert "\x1b[3" not in shown
    assert "─" in shown
