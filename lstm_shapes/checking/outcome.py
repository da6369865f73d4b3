"""What a check of files found: all that its renderers see."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.kinds import SEVERITIES, Severity

FORMATS = ("text", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown")
"""The forms that an outcome can be given."""


class Checked(NamedTuple):
    """One model file and its findings, in the order of its lines."""

    source: str
    findings: tuple[Finding, ...]


class Outcome(NamedTuple):
    """The files that were checked, in order; ``skipped`` counts those of a walk that are no models.

    ``baseline`` counts findings that a baseline file allows, ``ignored`` those that comments silence.
    """

    files: tuple[Checked, ...]
    skipped: int = 0
    baseline: int = 0
    ignored: int = 0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, file by file."""
        return tuple(finding for file in self.files for finding in file.findings)

    @property
    def counts(self) -> dict[Severity, int]:
        """How many findings of each severity there are, the gravest first; severities without any are left out."""
        counted = Counter(finding.severity for finding in self.findings)
        return {severity: counted[severity] for severity in SEVERITIES if counted[severity]}

    def fails(self, at: Severity) -> bool:
        """Whether a finding is at least as grave as ``at``."""
        return any(SEVERITIES.index(severity) <= SEVERITIES.index(at) for severity in self.counts)

    @property
    def summary(self) -> str:
        """The outcome in a line: ``2 errors, 1 warning in 3 files (1 skipped)``."""
        counts = ", ".join(f"{count} {severity}{'s' * (count != 1)}" for severity, count in self.counts.items())
        files = f"{len(self.files)} file{'s' * (len(self.files) != 1)}"
        more = [f"{self.skipped} skipped"] * bool(self.skipped) + [f"{self.baseline} in the baseline"] * bool(
            self.baseline
        )
        more += [f"{self.ignored} ignored"] * bool(self.ignored)
        return f"{counts or 'no findings'} in {files}" + (f" ({', '.join(more)})" if more else "")
