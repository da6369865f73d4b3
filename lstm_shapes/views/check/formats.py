"""The formats of ``check``: each is a module of this folder whose ``render`` turns an Outcome into text."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from lstm_shapes.checking.outcome import FORMATS, Outcome
from lstm_shapes.render.view import Content, Series, View


def view(outcome: Outcome) -> View:
    """The outcome in every format; the text can be colored, and shows what changed before what is wrong."""
    return {**{name: partial(render, outcome, name) for name in FORMATS}, "text": partial(_text, outcome)}


def render(outcome: Outcome, name: str) -> str:
    """The outcome in the format of this name."""
    text: str = import_module(f"lstm_shapes.views.check.{name}").render(outcome)
    return text


def lines_of_changes(outcome: Outcome) -> tuple[str, ...]:
    """A line for each file that differs from before; none where nothing was compared."""
    if outcome.changes is None:
        return ()
    from lstm_shapes.views.diff import lines

    return tuple(lines(outcome.changes))


def _text(outcome: Outcome) -> Content:
    from lstm_shapes.views.check.text import styled

    if outcome.changes is None:
        return styled(outcome)
    from lstm_shapes.views.diff import pages

    return Series((pages(outcome.changes), styled(outcome)))
