"""The list of slow tests names tests that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from .slow import SLOW

ROOT = Path(__file__).resolve().parents[1]


def is_there(beginning: str) -> bool:
    """Whether a file or folder has this path, and a test that begins so."""
    path, _, test = beginning.partition("::")
    return (ROOT / path).exists() and (not test or f"def {test}" in (ROOT / path).read_text("utf-8"))


@pytest.mark.parametrize("beginning", SLOW)
def test_a_slow_test_is_there(beginning: str) -> None:
    assert is_there(beginning)


def test_one_that_was_renamed_would_be_noticed() -> None:
    assert not is_there("tests/test_slow.py::" + "test_gone")
    assert not is_there("tests/test_gone.py")
