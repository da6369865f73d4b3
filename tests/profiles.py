"""How much random input the tests are given: ``dev`` for the README's command, ``ci`` for ten times as much.

``ci`` also gives hostile input a process of its own, under limits. It is on where ``LSTM_SHAPES_PROFILE`` says so.
"""

from __future__ import annotations

import os

from hypothesis import settings

PROFILE = os.environ.get("LSTM_SHAPES_PROFILE", "dev")


def register() -> None:
    """Give hypothesis both profiles, the same examples at every run, and load the one that is on."""
    settings.register_profile("dev", max_examples=40, deadline=None, derandomize=True, database=None)
    settings.register_profile("ci", max_examples=400, deadline=None, derandomize=True, database=None)
    settings.load_profile(PROFILE)


def rounds(ci: int) -> int:
    """How often a random test goes round: as often as CI does, or a tenth of it."""
    return ci if PROFILE == "ci" else ci // 10
