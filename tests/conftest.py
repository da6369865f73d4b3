"""Settings that must stand before NumPy is loaded, how much random input there is, and which tests are slow."""

import os

import pytest

from .profiles import register
from .slow import SLOW

for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

register()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what ``-m "not slow"`` leaves out."""
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
