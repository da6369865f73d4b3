"""The command in this process: with arguments, streams, a folder and an environment of its own, and how it ended.

Exactly what ``python -m lstm_shapes`` would do, a hundred times as fast. Tests of real streams, signals and imports
start a real process instead.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from lstm_shapes.__main__ import main

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended; ``seconds`` are the processor's."""

    code: int
    out: bytes
    err: bytes
    seconds: float


def run_here(
    *arguments: str | bytes,
    cwd: Path,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    terminal: int | None = None,
) -> Ended:
    """Run the command in ``cwd``, with these environment variables and no others but the path.

    ``terminal`` is the width of the terminal on which it prints; None stands for pipes.
    """
    variables = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **(env or {})}
    if terminal:
        variables |= {"COLUMNS": str(terminal), "TERM": "xterm-256color"}
    argv = ["lstm-shapes", *map(os.fsdecode, arguments)]
    start = time.process_time()
    with (
        _signals(),
        chdir(cwd),
        patch.dict(os.environ, variables, clear=True),
        patch.object(sys, "argv", argv),
        _streams(stdin, _Terminal if terminal else io.TextIOWrapper) as (out, err),
    ):
        code = _exit_code()
    return Ended(code=code, out=out.getvalue(), err=err.getvalue(), seconds=time.process_time() - start)


def completed(
    *arguments: str, cwd: Path, stdin: str = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The same as text, in the form in which ``subprocess`` reports it."""
    ended = run_here(*arguments, cwd=cwd, stdin=stdin.encode(), env=env)
    out, err = (stream.decode().replace("\r\n", "\n") for stream in (ended.out, ended.err))
    return subprocess.CompletedProcess(arguments, ended.code, out, err)


@contextmanager
def _signals() -> Iterator[None]:
    """What Ctrl-C does is the command's own affair, as long as it runs."""
    before = signal.getsignal(signal.SIGINT)
    yield
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, before)


class _Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@contextmanager
def _streams(stdin: bytes, stream: type[io.TextIOWrapper]) -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    """Standard streams as a process has them: text over bytes, in UTF-8 unless told."""
    out, err = io.BytesIO(), io.BytesIO()
    encoding = os.environ.get("PYTHONIOENCODING", "utf-8")
    streams = {
        "stdin": io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"),
        "stdout": stream(out, encoding=encoding),
        "stderr": stream(err, encoding=encoding, errors="backslashreplace"),
    }
    with patch.multiple(sys, **streams):
        yield out, err
        for name in ("stdout", "stderr"):
            streams[name].flush()
            streams[name].detach()  # or the bytes would be closed with it


def _exit_code() -> int:
    """Run ``main`` as the interpreter would: what ``sys.exit`` was given, or 1 after a traceback."""
    try:
        main()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except Exception:
        traceback.print_exc()
        return 1
    return 0
