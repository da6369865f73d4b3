"""Settings that must stand before NumPy is loaded, how much random input there is, and which tests are slow."""

import gc
import os
from pathlib import Path

import pytest

from .slow import SLOW

for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no file of slow tests alone for ``-m "not slow"``: it may import much."""
    path = collection_path.relative_to(config.rootpath).as_posix()
    return True if config.option.markexpr == "not slow" and path in SLOW else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what ``-m "not slow"`` leaves out."""
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lives as long as the session."""
    gc.collect()
    gc.freeze()
