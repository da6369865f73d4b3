"""The columns of a table on a terminal; where they are too wide together, some are written below their row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lstm_shapes.render.drawing import columns
from lstm_shapes.render.page import Table
from lstm_shapes.render.wrapping import escaped, longest, wrapped

GAP = 2
PROSE = 20
"""The columns below which a sentence is not squeezed."""


class Layout(NamedTuple):
    """The columns that are shown with their widths, and those that are written below each row."""

    shown: tuple[int, ...]
    widths: tuple[int, ...]
    below: tuple[int, ...]

    @property
    def width(self) -> int:
        """The columns of the terminal that the table takes."""
        return sum(self.widths) + GAP * (len(self.widths) - 1)


def layout(table: Table, width: int) -> Layout:
    """As many columns as fit; ``table.folds`` names those that go first."""
    everything = range(len(table.headers))
    cells = [[escaped(row[at]) for row in (table.headers, *table.rows)] for at in everything]
    natural = [max(map(columns, column)) for column in cells]
    least = [_least(column, natural[at], width) for at, column in enumerate(cells)]
    folded = [table.headers.index(header) for header in table.folds if header in table.headers]
    folded += [at for at in reversed(everything) if at and at not in folded]
    for count in range(len(folded) + 1):
        shown = [at for at in everything if at not in folded[:count]]
        room = width - GAP * (len(shown) - 1)
        if sum(least[at] for at in shown) <= room:
            break
    widths = _shared([least[at] for at in shown], [natural[at] for at in shown], room)
    return Layout(tuple(shown), tuple(widths), tuple(sorted(folded[:count])))


def _least(cells: Sequence[str], natural: int, width: int) -> int:
    """The width below which a column does not go: that of its longest word, and some for a sentence."""
    return max(min(natural, PROSE), max(longest(cell, 2 * width // 3) for cell in cells))


def _shared(least: Sequence[int], natural: Sequence[int], room: int) -> list[int]:
    """The width of each column: what is left over goes to those that need the least of it first."""
    widths, left = list(least), max(room - sum(least), 0)
    for number, at in enumerate(sorted(range(len(least)), key=lambda at: natural[at] - least[at])):
        more = min(natural[at] - least[at], left // (len(least) - number))
        widths[at] += more
        left -= more
    return widths


def lines(cells: Sequence[str], right: Sequence[bool], widths: Sequence[int]) -> Iterator[list[str]]:
    """The lines of a row, each with a padded piece of every cell."""
    wraps = [
        wrapped(cell, width, hanging=2 * (not at)) for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    for number in range(max(map(len, wraps))):
        pieces = [wrap[number] if number < len(wrap) else "" for wrap in wraps]
        yield [_padded(*sized) for sized in zip(pieces, right, widths, strict=True)]


def _padded(text: str, right: bool, width: int) -> str:
    blanks = " " * (width - columns(text))
    return blanks + text if right else text + blanks
