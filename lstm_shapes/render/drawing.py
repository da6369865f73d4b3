"""A picture on a grid of character cells, before it is drawn as text or as SVG: boxes, lines and labels."""

from __future__ import annotations

from typing import NamedTuple
from unicodedata import category, east_asian_width

from lstm_shapes.render.escape import terminal

WIDTH = 100


class Rect(NamedTuple):
    """A box: its left column, top line, width and height, borders included; ``lines`` are centred in it."""

    x: int
    y: int
    w: int
    h: int
    lines: tuple[str, ...]
    strong: bool = False


class Line(NamedTuple):
    """A line from one cell to another; it ends in an arrow's head unless ``plain``.

    It touches the box it begins or ends at; ``below`` and ``above`` are whether a label is there instead.
    """

    points: tuple[tuple[int, int], tuple[int, int]]
    plain: bool = False
    below: bool = False
    above: bool = False


class Label(NamedTuple):
    """A text that begins at a column, or is centred on it."""

    x: int
    y: int
    text: str
    centred: bool = True


Mark = Rect | Line | Label


class Grid(NamedTuple):
    """A picture in cells, ``width`` by ``height``; ``description`` says in words what it shows."""

    title: str
    description: str
    marks: tuple[Mark, ...]
    height: int
    width: int = WIDTH


def columns(text: str) -> int:
    """How many columns a text takes: wide characters two, combining ones none (UAX #11).

    >>> columns("a\\u4e00")
    3
    """
    if text.isascii():
        return len(text)
    return sum(0 if combines(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def combines(character: str) -> bool:
    """Whether a character is drawn over the one before it."""
    return category(character) in ("Mn", "Me")


def shortened(text: str, width: int) -> str:
    """The text, escaped, within ``width`` columns: a longer text ends in an ellipsis.

    >>> shortened("encoder_of_words", 8)
    'encoder…'
    """
    text = terminal(text[: 4 * width])
    if columns(text) <= width:
        return text
    beginning = ""
    for character in text:
        if columns(beginning + character) > width - 1:
            break
        beginning += character
    return beginning + "…"
