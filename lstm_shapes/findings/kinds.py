"""The kinds of finding that reading a file and inferring its shapes can give, each declared on a line.

Ids come in blocks: LS0xx the file, LS1xx its fields, LS2xx shapes, LS3xx the graph, LS4xx settings, LS5xx expectations
and budgets, LS6xx what has no effect, LS7xx speed, LS8xx exporters. Ids and names are never reused. The page of a kind
is rules/pages/NAME.md. A lint rule declares its own kind, in rules/lint/.
"""

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""From the most severe to the least."""


class Kind(NamedTuple):
    """What a finding is about: a stable id, a name and a severity."""

    id: str
    name: str
    severity: Severity


_KINDS = (
    Kind("LS001", "unreadable", "error"),
    Kind("LS002", "syntax", "error"),
    Kind("LS003", "duplicate-key", "error"),
    Kind("LS004", "too-large", "error"),
    Kind("LS005", "unsupported-yaml", "error"),
    Kind("LS006", "not-a-model", "error"),
    Kind("LS101", "unknown-key", "error"),
    Kind("LS102", "missing-key", "error"),
    Kind("LS103", "wrong-value", "error"),
    Kind("LS104", "unknown-type", "error"),
    Kind("LS105", "conflicting-keys", "error"),
    Kind("LS201", "wrong-rank", "error"),
    Kind("LS202", "last-step-only", "error"),
    Kind("LS203", "size-mismatch", "error"),
    Kind("LS204", "input-dim", "error"),
    Kind("LS205", "merge-mismatch", "error"),
    Kind("LS206", "state-mismatch", "error"),
    Kind("LS207", "shared-mismatch", "error"),
    Kind("LS208", "stored-arrays", "error"),
    Kind("LS209", "recorded-shape", "warning"),
    Kind("LS301", "unknown-layer", "error"),
    Kind("LS302", "duplicate-name", "error"),
    Kind("LS303", "cycle", "error"),
    Kind("LS304", "no-such-output", "error"),
    Kind("LS401", "wrong-setting", "error"),
    Kind("LS402", "not-in-framework", "error"),
    Kind("LS403", "beyond-framework", "warning"),
    Kind("LS501", "expectation", "error"),
    Kind("LS502", "budget", "error"),
    Kind("LS503", "undecided", "note"),
    Kind("LS604", "unused-ignore", "warning"),
)
KINDS = {kind.name: kind for kind in _KINDS}
"""Name -> kind."""
