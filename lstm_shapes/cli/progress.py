"""Long work: a progress bar on a terminal when it lasts over a second."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")
PATIENCE = 1.0
"""Seconds before a bar appears."""


def watched(work: Callable[[Callable[[str, int], None] | None], Result]) -> Result:
    """What ``work`` gives, a bar shown on standard error while it runs if that is a terminal.

    NumPy, loaded by the work, is kept to one thread unless the environment says otherwise: the products of a timestep
    are so small that sharing them out takes longer than computing them.
    """
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    if not sys.stderr.isatty():
        return work(None)
    from lstm_shapes.cli.interrupt import cleaning_up

    bar = _Bar()
    with cleaning_up():
        try:
            return work(bar.advance)
        finally:
            bar.close()


class _Bar:
    def __init__(self) -> None:
        self.started = time.monotonic()
        self.progress: Any = None
        self.done = 0

    def advance(self, name: str, total: int) -> None:
        """One more layer begins."""
        if self.progress is None and time.monotonic() - self.started > PATIENCE:
            from rich.console import Console
            from rich.progress import Progress
            from rich.text import Text

            self.progress = Progress(console=Console(stderr=True), transient=True)
            self.progress.start()
            self.task = self.progress.add_task(Text("verifying").plain, total=None)
        self.done += 1
        if self.progress is not None:
            self.progress.update(self.task, completed=self.done % total, total=total)

    def close(self) -> None:
        """Take the bar away."""
        if self.progress is not None:
            self.progress.stop()
