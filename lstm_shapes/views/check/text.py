"""A check for people: every finding with its source line and hint, then the summary."""

from __future__ import annotations

from lstm_shapes.checking.outcome import Outcome
from lstm_shapes.render.escape import terminal
from lstm_shapes.render.styled import Span, Styled
from lstm_shapes.views import findings


def render(outcome: Outcome) -> str:
    """The findings file by file; the last line is the summary."""
    return styled(outcome).plain


def styled(outcome: Outcome) -> Styled:
    """The same with roles to color."""
    return Styled((*findings.styled(outcome.findings).lines, (Span(terminal(outcome.summary)),)))
