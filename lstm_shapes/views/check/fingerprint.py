"""What identifies a finding across runs: not its line, which moves with every edit above it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256

from lstm_shapes.checking.budgets import IN_SETTINGS
from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.route import as_path
from lstm_shapes.views.check.paths import in_repository


def fingerprints(findings: Iterable[Finding]) -> Iterator[str]:
    """A distinct fingerprint for each finding, in order: path, rule, layer, message, how often seen.

    No message names a line of the file, and hints, which may, are left out. Instead of the message of a budget in the
    settings, which says where it is set, its route counts.
    """
    seen: Counter[str] = Counter()
    for finding in findings:
        identity = json.dumps([in_repository(finding.source), finding.id, finding.layer, _subject(finding)])
        seen[identity] += 1
        yield sha256(f"{identity}{seen[identity]}".encode("ascii")).hexdigest()[:32]


def _subject(finding: Finding) -> str:
    return as_path(finding.route) if finding.route[:1] == (IN_SETTINGS,) else finding.message
