"""Every kind of finding, declared here once, in blocks: LS0xx the file, LS1xx its fields, LS2xx shapes, LS3xx the
graph, LS4xx settings, LS5xx expectations and budgets, LS6xx what has no effect, LS7xx speed, LS8xx exporters. Ids and
names are never reused.
"""

from typing import Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""The gravest first."""

KINDS: dict[str, tuple[str, Severity]] = {
    "unreadable": ("LS001", "error"),
    "syntax": ("LS002", "error"),
    "duplicate-key": ("LS003", "error"),
    "too-large": ("LS004", "error"),
    "unsupported-yaml": ("LS005", "error"),
    "not-a-model": ("LS006", "error"),
    "unknown-key": ("LS101", "error"),
    "missing-key": ("LS102", "error"),
    "wrong-value": ("LS103", "error"),
    "unknown-type": ("LS104", "error"),
    "conflicting-keys": ("LS105", "error"),
    "wrong-rank": ("LS201", "error"),
    "last-step-only": ("LS202", "error"),
    "size-mismatch": ("LS203", "error"),
    "input-dim": ("LS204", "error"),
    "merge-mismatch": ("LS205", "error"),
    "state-mismatch": ("LS206", "error"),
    "shared-mismatch": ("LS207", "error"),
    "unknown-layer": ("LS301", "error"),
    "duplicate-name": ("LS302", "error"),
    "cycle": ("LS303", "error"),
    "no-such-output": ("LS304", "error"),
    "wrong-setting": ("LS401", "error"),
    "not-in-framework": ("LS402", "error"),
    "beyond-framework": ("LS403", "warning"),
    "stateful-batch": ("LS404", "error"),
    "unroll-timesteps": ("LS405", "error"),
    "expectation": ("LS501", "error"),
    "budget": ("LS502", "error"),
    "undecided": ("LS503", "note"),
    "unused-output": ("LS601", "warning"),
    "needless-return-state": ("LS602", "note"),
    "dropout-one-layer": ("LS603", "warning"),
    "unused-ignore": ("LS604", "warning"),
    "cudnn-path": ("LS701", "note"),
    "target-onnxruntime": ("LS801", "error"),
    "target-tflite": ("LS802", "error"),
}
"""Name -> id and severity."""
