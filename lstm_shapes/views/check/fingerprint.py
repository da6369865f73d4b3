"""What identifies a finding across runs: not its line, which moves with every edit above it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256

from lstm_shapes.findings.finding import Finding
from lstm_shapes.views.check.paths import in_repository

_POSITION = re.compile(r"\b(lines?|columns?) \d[\d,]*|(?<=\.toml):\d+")


def fingerprints(findings: Iterable[Finding]) -> Iterator[str]:
    """A distinct fingerprint for each finding, in order: path, rule, layer, message without lines, how often seen."""
    seen: Counter[str] = Counter()
    for finding in findings:
        identity = json.dumps(
            [in_repository(finding.source), finding.id, finding.layer, _POSITION.sub(r"\1", finding.message)]
        )
        seen[identity] += 1
        yield sha256(f"{identity}{seen[identity]}".encode("ascii")).hexdigest()[:32]
