"""A Finding: a mistake or advice as its reader sees it, with its place and the fix."""

from typing import Any, Literal, NamedTuple

from lstm_shapes.findings.kinds import Kind, Severity
from lstm_shapes.findings.route import Route


class Place(NamedTuple):
    """A range of a source text; lines and columns count from 1, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Related(NamedTuple):
    """Another place that explains a finding; ``stated`` when the finding's own message and hint name it too."""

    message: str
    place: Place | None = None
    stated: bool = False


Purpose = Literal["fix", "unsafe", "expect"]
"""Why an edit can be made: its hint says for certain what is meant; most likely; or a figure changed on purpose."""


class Edit(NamedTuple):
    """What a hint says to write, as data.

    ``action`` is "value" (replace the value at ``route`` by ``value``), "key" (rename the key that ``route`` ends in to
    ``value``), "set" (give the mapping at ``route`` the ``key`` with ``value``) or "remove" (take out the key that
    ``route`` ends in, with its value).
    """

    purpose: Purpose
    action: Literal["value", "key", "set", "remove"]
    route: Route
    value: Any = None
    key: str = ""


class Replacement(NamedTuple):
    """A change of a text: what is at ``place`` becomes ``text``."""

    place: Place
    text: str


class Finding(NamedTuple):
    """A mistake, or advice, with its place in the file and what to write instead.

    ``route`` leads from the document's root to the value at fault; ``layer`` is the name of the layer there.
    ``edit`` is what the hint says to write, where a program can write it; ``replacements`` are its changes of the text.

    >>> unknown_key = Kind("LS101", "unknown-key", "error")
    >>> finding = Finding(rule=unknown_key, message="unknown key 'unit'", route=("layers", 0, "unit"))
    >>> finding.id, finding.field
    ('LS101', 'unit')
    """

    rule: Kind
    message: str
    hint: str = ""
    source: str = ""
    place: Place | None = None
    layer: str = ""
    related: tuple[Related, ...] = ()
    excerpt: str = ""
    route: Route = ()
    edit: Edit | None = None
    replacements: tuple[Replacement, ...] = ()

    @property
    def kind(self) -> str:
        """The name of its rule, ``last-step-only``."""
        return self.rule.name

    @property
    def id(self) -> str:
        """The stable id of its rule, ``LS202``."""
        return self.rule.id

    @property
    def severity(self) -> Severity:
        """How much it matters: error, warning or note."""
        return self.rule.severity

    @property
    def field(self) -> str:
        """The layer's field, or the option, at fault: the key that the route ends in; '' for an item of a list."""
        return self.route[-1] if self.route and isinstance(self.route[-1], str) else ""
