"""Settings that must stand before NumPy is loaded, how much random input there is, and which tests are slow."""

import gc
import os
from pathlib import Path

import pytest

from .sampled import left_out
from .slow import SLOW

for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no file of slow tests alone for ``-m "not slow"``: it may import much."""
    path = collection_path.relative_to(config.rootpath).as_posix()
    return True if config.option.markexpr == "not slow" and path in SLOW else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take some cases of what is ``sampled``; mark what ``-m "not slow"`` leaves out."""
    left = left_out(items, config.args)
    if left:
        config.hook.pytest_deselected(items=[item for item in items if item in left])
        items[:] = [item for item in items if item not in left]
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lives as long as the session."""
    gc.collect()
    gc.freeze()
