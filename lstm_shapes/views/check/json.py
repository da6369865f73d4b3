"""A check as one JSON object: the counts, and the findings as ``inspect`` writes them."""

from __future__ import annotations

from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.checking.outcome import Outcome
from lstm_shapes.render import json
from lstm_shapes.views import findings


def render(outcome: Outcome) -> str:
    """``files``, ``skipped``, ``baseline`` and ``ignored`` are counts; lines and columns count from 1."""
    return json.written(
        {
            "format_version": FORMAT_VERSION,
            "files": len(outcome.files),
            "skipped": outcome.skipped,
            "baseline": outcome.baseline,
            "ignored": outcome.ignored,
            "findings": [findings.data(finding) for finding in outcome.findings],
        }
    )
