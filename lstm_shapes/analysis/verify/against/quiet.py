"""What a framework prints while it is imported and run, its warnings and logs, kept out of our output."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from io import StringIO


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing is written to standard output and standard error, from Python or below it.

    >>> with quiet():
    ...     print("a warning of a framework")
    """
    with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        with _discarded(1), _discarded(2):
            yield


@contextmanager
def _discarded(descriptor: int) -> Iterator[None]:
    """What the process writes to this descriptor is thrown away; a closed one stays closed."""
    try:
        kept = os.dup(descriptor)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)
        yield
    finally:
        os.dup2(kept, descriptor)
        os.close(kept)
