"""Ctrl-C at any moment: exit code 130, no traceback, no half-written file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ..profiles import rounds, some

ROOT = Path(__file__).resolve().parents[2]
SPEC = "input_dim: 8\nlayers:\n" + "  - {type: lstm, units: 4, return_sequences: true}\n" * 20
COMMANDS = {
    "inspect": ["inspect", "model.yaml", "--output-format", "json", "-o", "out.txt"],
    "check": ["check", "."],
    "verify": ["verify", "model.yaml"],
    "help": ["--help"],
}
AT_THE_CALL = """
import atexit, os, signal, sys
wanted, calls = int(sys.argv.pop(1)), 0
def count(frame, event, argument):
    global calls
    calls += 1
    if calls == wanted:
        os.kill(os.getpid(), signal.SIGINT)
from lstm_shapes.__main__ import main
if not wanted:
    atexit.register(lambda: print(calls, file=sys.stderr))
sys.setprofile(count)
{}
"""
"""A process that sends itself the signal at a given call or return of a function, counted from ``main`` on."""


def run(folder: Path, moment: int, command: list[str], start: str = "main()") -> subprocess.CompletedProcess[bytes]:
    (folder / "model.yaml").write_text(SPEC, "utf-8")
    return subprocess.run(
        [sys.executable, "-c", AT_THE_CALL.format(start), str(moment), *command],
        cwd=folder, capture_output=True, timeout=60, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.parametrize("name", some(COMMANDS, "verify", "help", "check"))
def test_an_interrupt_ends_the_command_with_130_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    done = run(tmp_path, 0, COMMANDS[name])
    calls = int(done.stderr.split()[-1])
    moments = rounds(40)
    for number in range(moments):
        before = sorted(path.name for path in tmp_path.iterdir())
        done = run(tmp_path, 20 + (calls - 40) * number // moments, COMMANDS[name])
        assert (done.returncode, done.stderr) == (130, b""), (number, calls)
        assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_an_interrupt_while_a_file_is_written_removes_what_is_half_written(tmp_path: Path) -> None:
    start = (
        "import lstm_shapes.cli.output as output\\n"
        "write = os.fchmod\\n"
        "os.fchmod = lambda *a: (os.kill(os.getpid(), signal.SIGINT), write(*a))\\nmain()"
    ).replace("\\n", "\n")
    done = run(tmp_path, -1, COMMANDS["inspect"], start)
    assert done.returncode == 130
    assert b"Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["model.yaml"]


def test_an_interrupt_that_a_shell_has_ignored_stays_ignored(tmp_path: Path) -> None:
    done = run(tmp_path, 500, COMMANDS["inspect"], "signal.signal(signal.SIGINT, signal.SIG_IGN)\nmain()")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.slow
def test_an_interrupt_from_outside_while_the_command_runs_ends_it_with_130(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text(SPEC, "utf-8")
    code = "print('started', flush=True)\nfrom lstm_shapes.__main__ import main\nmain()"
    moments = rounds(100, dev=4)
    for number in range(moments):
        process = subprocess.Popen(
            [sys.executable, "-c", f"import lstm_shapes.__main__\n{code}", "verify", "model.yaml"],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert process.stdout and process.stdout.readline() == b"started\n"
        time.sleep(0.002 + 0.2 * number / moments)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (130, b"") or process.returncode == 0
