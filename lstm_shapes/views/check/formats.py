"""The formats of ``check``: each is a module beside this one whose ``render`` turns an Outcome into text."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from lstm_shapes.checking.outcome import FORMATS, Outcome
from lstm_shapes.render.styled import Styled
from lstm_shapes.render.view import View


def view(outcome: Outcome) -> View:
    """The outcome in every format; the text can be colored."""
    return {**{name: partial(render, outcome, name) for name in FORMATS}, "text": partial(_text, outcome)}


def render(outcome: Outcome, name: str) -> str:
    """The outcome in the format of this name."""
    text: str = import_module(f"lstm_shapes.views.check.{name}").render(outcome)
    return text


def _text(outcome: Outcome) -> Styled:
    from lstm_shapes.views.check.text import styled

    return styled(outcome)
