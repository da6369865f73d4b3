"""What a finding is known by from one run to the next: not by its line, which moves with every edit above it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256

from lstm_shapes.findings.finding import Finding
from lstm_shapes.views.check.paths import in_repository

_POSITION = re.compile(r"\b(lines?|columns?) \d[\d,]*")


def fingerprints(findings: Iterable[Finding]) -> Iterator[str]:
    """One for each, in order, no two alike: of path, rule, layer, message without lines, and how often that came."""
    seen: Counter[str] = Counter()
    for one in findings:
        known = json.dumps([in_repository(one.source), one.id, one.layer, _POSITION.sub(r"\1", one.message)])
        seen[known] += 1
        yield sha256(f"{known}{seen[known]}".encode("ascii")).hexdigest()[:32]
