"""A check for people: every finding with its source line and hint, then the sum of them."""

from __future__ import annotations

from lstm_shapes.checking.outcome import Outcome
from lstm_shapes.views import findings


def render(outcome: Outcome) -> str:
    """The findings file by file; the last line is the summary."""
    return f"{findings.render(outcome.findings)}{outcome.summary}\n"
