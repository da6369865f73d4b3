"""What is said about a mistake: a Finding for the reader, a Mismatch on its way to becoming one.

Every kind of finding is declared here once, in blocks: LS0xx the file, LS1xx its fields, LS2xx shapes, LS3xx the
graph, LS4xx settings, LS5xx expectations and budgets, LS6xx what has no effect, LS7xx speed, LS8xx exporters. Ids and
names are never reused.
"""

from difflib import get_close_matches
from typing import Literal, NamedTuple

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

Route = tuple[str | int, ...]
"""The way from a document's root to a value: ``("layers", 2, "units")``."""


class Mismatch(Exception):
    """What a layer says of shapes or settings it cannot take: it knows its fields, not the file they stand in.

    ``kind`` is a name in KINDS, ``field`` the layer's own field at fault, ``hint`` an imperative with the literal to
    type.
    """

    def __init__(self, message: str, *, kind: str = "size-mismatch", field: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message, self.kind, self.field, self.hint = message, kind, field, hint


class Place(NamedTuple):
    """A stretch of a source text; lines and columns count from 1, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Related(NamedTuple):
    """Another place that explains a finding."""

    message: str
    place: Place | None = None


class Finding(NamedTuple):
    """One mistake, one message.

    >>> Finding(kind="unknown-key", message="unknown key 'unit'", hint="write units").id
    'LS101'
    """

    kind: str
    message: str
    hint: str = ""
    source: str = ""
    place: Place | None = None
    layer: str = ""
    related: tuple[Related, ...] = ()
    excerpt: str = ""

    @property
    def id(self) -> str:
        """The stable id, ``LS202``."""
        return KINDS[self.kind][0]

    @property
    def severity(self) -> Severity:
        """How much it matters: error, warning or note."""
        return KINDS[self.kind][1]


def nearest(word: str, known: list[str]) -> str:
    """The known word that a typo most likely means, or ''.

    >>> nearest("unit", ["units", "bias"])
    'units'
    """
    exact = [name for name in known if name.lower().replace("-", "_") == word[:80].lower().replace("-", "_")]
    close = exact or get_close_matches(word[:80], known, n=1, cutoff=0.6)
    return close[0] if close else ""
