"""Hypothesis with the profile that is on, for the tests that use it: others need not import it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from .profiles import PROFILE

__all__ = ["given", "st"]

settings.register_profile("dev", max_examples=15, deadline=None, derandomize=True, database=None)
settings.register_profile("ci", max_examples=400, deadline=None, derandomize=True, database=None)
settings.load_profile(PROFILE)
