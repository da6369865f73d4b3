"""The outcome of checking files: everything that the views of ``check`` show."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.kinds import SEVERITIES, Severity
from lstm_shapes.formats.limits import MAX_BYTES

if TYPE_CHECKING:
    from lstm_shapes.analysis.diff.diff import Diff

FORMATS = ("text", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown")
"""The output formats of ``check``."""


class Checked(NamedTuple):
    """A model file and its findings, in the order of its lines."""

    source: str
    findings: tuple[Finding, ...]


class Uncompared(NamedTuple):
    """A file whose difference cannot be told, and why."""

    source: str
    reason: str


class Changes(NamedTuple):
    """The models that differ from what they were at the revision ``since``, or in another file when it is ''."""

    since: str
    diffs: tuple[Diff, ...]
    uncompared: tuple[Uncompared, ...] = ()

    @property
    def summary(self) -> str:
        """The number of models that changed: ``2 models changed since main, 1 not compared``."""
        count = sum(not diff.empty for diff in self.diffs)
        changed = f"{count or 'no'} model{'s' * (count != 1)} changed" + (f" since {self.since}" if self.since else "")
        return changed + (f", {len(self.uncompared)} not compared" if self.uncompared else "")


class Outcome(NamedTuple):
    """The files that were checked, in order; ``skipped`` counts the files in folders that are not models.

    ``baseline`` counts the findings that a baseline file allows, ``ignored`` those that a comment silences; ``changes``
    is None when nothing was compared. ``unread`` are messages on named files that cannot be read: wrong usage.
    ``fixed`` counts the findings that edits removed, None where none were requested; ``too_large`` those of the skipped
    files that are above the size limit, of which only the beginning was read. ``unmet`` are the classes that are
    declared, and that no unknown layer has; ``replaced`` the names in scripts for which values were given, None where
    no file is a script.
    """

    files: tuple[Checked, ...]
    skipped: int = 0
    baseline: int = 0
    ignored: int = 0
    changes: Changes | None = None
    unread: tuple[str, ...] = ()
    fixed: int | None = None
    too_large: int = 0
    unmet: tuple[str, ...] = ()
    replaced: frozenset[str] | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, file by file."""
        return tuple(finding for file in self.files for finding in file.findings)

    @property
    def counts(self) -> dict[Severity, int]:
        """The number of findings of each severity that occurs, from the most severe to the least."""
        counted = Counter(finding.severity for finding in self.findings)
        return {severity: counted[severity] for severity in SEVERITIES if counted[severity]}

    def fails(self, at: Severity) -> bool:
        """Whether a finding is at least as severe as ``at``."""
        return any(SEVERITIES.index(severity) <= SEVERITIES.index(at) for severity in self.counts)

    @property
    def summary(self) -> str:
        """The outcome in a single line: ``2 errors, 1 warning in 3 files (1 skipped)``."""
        counts = ", ".join(f"{count} {severity}{'s' * (count != 1)}" for severity, count in self.counts.items())
        files = f"{len(self.files)} file{'s' * (len(self.files) != 1)}"
        more = [f"{self.skipped} skipped"] * bool(self.skipped)
        more += [f"{self.too_large} of them larger than {MAX_BYTES // 2**20} MiB"] * bool(self.too_large)
        more += [f"{self.baseline} in the baseline"] * bool(self.baseline)
        more += [f"{self.ignored} ignored"] * bool(self.ignored)
        more += [f"{self.fixed} fixed"] * (self.fixed is not None)
        changes = f"; {self.changes.summary}" if self.changes else ""
        return f"{counts or 'no findings'} in {files}" + (f" ({', '.join(more)})" if more else "") + changes
