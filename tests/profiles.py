"""How much random input the tests are given: ``dev`` for the README's command, ``ci`` for ten times as much.

``ci`` also gives hostile input a process of its own, under limits. It is on where ``LSTM_SHAPES_PROFILE`` says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from random import Random
from typing import TypeVar

import pytest

Case = TypeVar("Case")
PROFILE = os.environ.get("LSTM_SHAPES_PROFILE", "dev")
in_ci = pytest.mark.skipif(PROFILE != "ci", reason="takes long: runs with LSTM_SHAPES_PROFILE=ci")
"""Marks a test that is left to CI."""


def rounds(ci: int, dev: int | None = None) -> int:
    """How often a random test goes round, or how large an input is: as in CI, or ``dev``, a tenth of it by default."""
    return ci if PROFILE == "ci" else ci // 10 if dev is None else dev


def some(cases: Iterable[Case], *left_out: Case) -> list[Case]:
    """The cases of a test: in CI all, else without those that take long and are much like another."""
    return [case for case in cases if PROFILE == "ci" or case not in left_out]


def few(cases: Sequence[Case], dev: int) -> Sequence[Case]:
    """The cases of a test: in CI all, else the first and ``dev - 1`` others, drawn at random, the same each time."""
    if PROFILE == "ci" or len(cases) <= dev:
        return cases
    drawn = Random(0).sample(range(1, len(cases)), dev - 1)
    return [cases[number] for number in (0, *sorted(drawn))]
