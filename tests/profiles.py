"""How much random input the tests are given: ``dev`` for the README's command, ``ci`` for ten times as much.

``ci`` also gives hostile input a process of its own, under limits. It is on where ``LSTM_SHAPES_PROFILE`` says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

Case = TypeVar("Case")
PROFILE = os.environ.get("LSTM_SHAPES_PROFILE", "dev")


def rounds(ci: int, dev: int | None = None) -> int:
    """How often a random test goes round, or how large an input is: as in CI, or ``dev``, a tenth of it by default."""
    return ci if PROFILE == "ci" else ci // 10 if dev is None else dev


def some(cases: Iterable[Case], *left_out: Case) -> list[Case]:
    """The cases of a test: in CI all, else without those that take long and are much like another."""
    return [case for case in cases if PROFILE == "ci" or case not in left_out]
