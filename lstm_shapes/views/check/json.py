"""A check as one JSON object: the counts, and the findings as ``inspect`` writes them."""

from __future__ import annotations

from typing import Any

from lstm_shapes.analysis.report import FORMAT_VERSION
from lstm_shapes.checking.outcome import Outcome
from lstm_shapes.render import json
from lstm_shapes.views import findings


def render(outcome: Outcome) -> str:
    """``files``, ``skipped``, ``baseline`` and ``ignored`` are counts; lines and columns count from 1.

    ``too_large`` counts the skipped files of which only the beginning was read.

    ``changes`` and ``not_compared`` are there when the files were compared with what they were.
    """
    return json.written(
        {
            "format_version": FORMAT_VERSION,
            "files": len(outcome.files),
            "skipped": outcome.skipped,
            "too_large": outcome.too_large,
            "baseline": outcome.baseline,
            "ignored": outcome.ignored,
            **({} if outcome.fixed is None else {"fixed": outcome.fixed}),
            "findings": [findings.data(finding) for finding in outcome.findings],
            **_changes(outcome),
        }
    )


def _changes(outcome: Outcome) -> dict[str, Any]:
    if outcome.changes is None:
        return {}
    from lstm_shapes.views.diff import data

    return {
        "changes": [data(diff, since=outcome.changes.since) for diff in outcome.changes.diffs],
        "not_compared": [{"source": file.source, "reason": file.reason} for file in outcome.changes.uncompared],
    }
