"""Work that has to clean up when it is interrupted; everywhere else Ctrl-C ends the process at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def cleaning_up() -> Iterator[None]:
    """Let Ctrl-C raise ``KeyboardInterrupt``, so that ``finally`` is run: a file is removed, a cursor shown again."""
    before = signal.getsignal(signal.SIGINT)
    try:
        if callable(before):
            signal.signal(signal.SIGINT, signal.default_int_handler)
    except ValueError:  # in a thread, which gets no signals
        yield
        return
    try:
        yield
    finally:
        if callable(before):
            signal.signal(signal.SIGINT, before)
