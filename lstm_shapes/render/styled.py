"""Text whose parts have a role, such as a rule's id or a caret, so that a terminal can color them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """A part of a text, with its role: place, error, warning, gutter, caret, hint, or none."""

    text: str
    role: str = ""


class Styled(NamedTuple):
    """A text in spans.

    >>> Styled((Span("model.yaml:2:1", "place"), Span(": "), Span("LS101", "error"))).plain
    'model.yaml:2:1: LS101'
    """

    spans: tuple[Span, ...]

    @property
    def plain(self) -> str:
        """The text without styles."""
        return "".join(span.text for span in self.spans)


def lines(content: Iterable[Iterable[Span]]) -> Styled:
    """Each line of spans, ended by a newline."""
    return Styled(tuple(span for line in content for span in (*line, Span("\n"))))
