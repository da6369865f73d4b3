"""A check as a GitLab Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

from typing import Any

from lstm_shapes.checking.outcome import Outcome
from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.kinds import Severity
from lstm_shapes.render import json
from lstm_shapes.render.escape import terminal
from lstm_shapes.views.check.fingerprint import fingerprints
from lstm_shapes.views.check.paths import in_repository
from lstm_shapes.views.findings import sentence

SEVERITIES: dict[Severity, str] = {"error": "major", "warning": "minor", "note": "info"}


def render(outcome: Outcome) -> str:
    """A list with an object for each finding, empty when there are none."""
    findings = outcome.findings
    return json.written([_issue(finding, mark) for finding, mark in zip(findings, fingerprints(findings), strict=True)])


def _issue(finding: Finding, fingerprint: str) -> dict[str, Any]:
    line = finding.place.line if finding.place else 1
    return {
        "description": terminal(sentence(finding)),
        "check_name": f"{finding.id} {finding.kind}",
        "fingerprint": fingerprint,
        "severity": SEVERITIES[finding.severity],
        "location": {"path": in_repository(finding.source), "lines": {"begin": line}},
    }
