"""The lists of slow and of sampled tests name tests that are there; a sample is the same each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from .profiles import PROFILE
from .sampled import SAMPLED, left_out
from .slow import SLOW


class Case(NamedTuple):
    nodeid: str


ROOT = Path(__file__).resolve().parents[1]


def is_there(beginning: str) -> bool:
    """Whether a file or folder has this path, and a test that begins so."""
    path, _, test = beginning.partition("::")
    return (ROOT / path).exists() and (not test or f"def {test}" in (ROOT / path).read_text("utf-8"))


@pytest.mark.parametrize("beginning", [*SLOW, *SAMPLED])
def test_a_slow_or_sampled_test_is_there(beginning: str) -> None:
    assert is_there(beginning)


def test_a_sample_has_the_first_case_and_nothing_is_left_out_that_is_named() -> None:
    beginning = "tests/checking/test_gitignore.py::test_random_trees"
    cases: list[Any] = [Case(f"{beginning}[{number}]") for number in range(100)]
    left = left_out(cases, [])
    assert cases[0] not in left and left == left_out(cases, []) and left_out(cases, [cases[7].nodeid]) == set()
    assert len(left) == (0 if PROFILE == "ci" else 100 - SAMPLED[beginning])


def test_one_that_was_renamed_would_be_noticed() -> None:
    assert not is_there("tests/test_slow.py::" + "test_gone")
    assert not is_there("tests/test_gone.py")
