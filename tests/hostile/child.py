"""The command on hostile input, and what every end of it must be.

In this process by default; with the CI profile each in a process of its own, under limits of memory and time.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..command import run_here
from ..profiles import PROFILE

ROOT = Path(__file__).resolve().parents[2]
LAUNCH = Path(__file__).with_name("launch.py")
HANGS = 60
"""Seconds after which a command is taken to hang."""
MEMORY = 300 * 2**20
REFUSAL = 2.0
"""Seconds of work in which a refusal must come, on a machine that reads a trivial model in ``USUAL``."""
USUAL = 0.25
PLACED = re.compile(r"^(?P<path>.+?)(?::[1-9][0-9]*:[1-9][0-9]*)?: (?P<id>LS[0-9]{3}) ", re.MULTILINE)
"""A finding, at its line and column where the file is a text."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a command ended: ``code`` is negative when a signal ended it; ``seconds`` are the processor's."""

    code: int
    out: bytes
    err: bytes
    seconds: float
    held: int

    @property
    def said(self) -> str:
        return self.err.decode("utf-8")

    @property
    def text(self) -> str:
        return self.out.decode("utf-8")

    def ids(self) -> list[str]:
        return [match["id"] for match in PLACED.finditer(self.said)]


def run(*arguments: str | bytes, cwd: Path, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Outcome:
    """The command with these arguments, in ``cwd``; its memory is known where it has a process of its own."""
    if PROFILE == "ci":
        return run_process(*arguments, cwd=cwd, stdin=stdin, env=env)
    ended = run_here(*arguments, cwd=cwd, stdin=stdin, env=env)
    return Outcome(code=ended.code, out=ended.out, err=ended.err, seconds=ended.seconds, held=0)


def run_process(
    *arguments: str | bytes, cwd: Path, stdin: bytes = b"", env: Mapping[str, str] | None = None
) -> Outcome:
    """The same in a process of its own: for limits, and for real streams."""
    with tempfile.TemporaryDirectory() as folder:
        report, out, err = (os.path.join(folder, name) for name in ("report", "out", "err"))
        command: Sequence[str | bytes] = (sys.executable, "-m", "lstm_shapes", *arguments)
        variables = {
            "PATH": os.environ["PATH"],
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
        }
        with open(out, "wb") as output, open(err, "wb") as errors:
            subprocess.run(
                [sys.executable, "-I", "-S", str(LAUNCH), report, str(HANGS), *command],
                cwd=cwd, input=stdin, stdout=output, stderr=errors, env={**variables, **(env or {})}, check=True,
            )  # fmt: skip
        took = json.loads(Path(report).read_text())
        return Outcome(
            code=took["code"],
            out=Path(out).read_bytes(),
            err=Path(err).read_bytes(),
            seconds=took["seconds"],
            held=took["bytes"],
        )


def slack() -> float:
    """How much slower this machine is now than one that reads a trivial model in the usual time; never below 1.

    A processor that others use at the same time does less in a second of its own, too.
    """
    model = b"{input_dim: 8, layers: [{type: lstm, units: 2}]}"
    took = min(run_process("inspect", "-", cwd=ROOT, stdin=model).seconds for _ in range(3))
    return max(1.0, took / USUAL)


def decent(outcome: Outcome, *, codes: Sequence[int] = (0, 1, 2)) -> None:
    """What holds of every end: a documented code, no traceback, no signal, no hang, little memory."""
    assert b"Traceback" not in outcome.err, outcome.said[-2000:]
    assert outcome.code in codes, (outcome.code, outcome.err[-2000:], outcome.out[-500:])
    assert outcome.held < MEMORY, f"{outcome.held / 2**20:.0f} MiB"


def refused(outcome: Outcome, id_: str) -> None:
    """A file that is at fault: exit 1, in time, the finding with its place."""
    decent(outcome, codes=(1,))
    assert outcome.seconds < REFUSAL or outcome.seconds < REFUSAL * slack(), f"{outcome.seconds:.1f} s"
    assert id_ in outcome.ids(), outcome.said[:2000]


def accepted(outcome: Outcome) -> None:
    """A harmless file: exit 0, nothing said, something printed."""
    decent(outcome, codes=(0,))
    assert not outcome.err, outcome.said
    assert outcome.out
