"""A Finding: one mistake as its reader sees it, with its place and the fix."""

from typing import NamedTuple

from lstm_shapes.findings.kinds import KINDS, Severity


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
