"""A picture for a terminal: box-drawing characters, or ASCII where those cannot be written."""

from __future__ import annotations

from lstm_shapes.render.drawing import Grid, Label, Line, Rect, columns, combines, shortened
from lstm_shapes.render.escape import terminal
from lstm_shapes.render.wrapping import wrapped

_BOXES = "─│┌┐└┘▶◀▼▲…"
_ASCII = "-|++++><v^~"


def render(grid: Grid, *, ascii_only: bool = False) -> str:
    """The picture, its title above; lines end with a newline, without blanks before it."""
    cells = [[" "] * grid.width for _ in range(grid.height)]
    for mark in grid.marks:
        match mark:
            case Rect():
                _rect(cells, mark)
            case Line():
                _line(cells, mark)
            case Label():
                left = mark.x - columns(mark.text) // 2 if mark.centred else mark.x
                _write(cells, left, mark.y, mark.text)
    lines = [terminal("".join(row).rstrip()) for row in cells]
    title = [shortened(line, grid.width) for line in wrapped(grid.title, grid.width)]
    text = "\n".join([*title, "", *lines]).rstrip() + "\n"
    return _plain(text) if ascii_only else text


def _plain(text: str) -> str:
    """ASCII only; another character of a name becomes a question mark, which takes no more room than it did."""
    translated = text.translate(str.maketrans(_BOXES, _ASCII))
    return "".join(character if character.isascii() else "?" * columns(character) for character in translated)


def _write(cells: list[list[str]], x: int, y: int, text: str) -> None:
    width = len(cells[y])
    left = max(0, min(x, width - columns(text)))
    for character in text:
        if combines(character):
            cells[y][max(left - 1, 0)] += character
            continue
        if left >= width:
            return
        cells[y][left] = character
        if columns(character) == 2 and left + 1 < width:
            cells[y][left + 1] = ""
        left += columns(character)


def _rect(cells: list[list[str]], box: Rect) -> None:
    edge = "─" * (box.w - 2)
    _write(cells, box.x, box.y, f"┌{edge}┐")
    for number in range(box.h - 2):
        text = box.lines[number] if number < len(box.lines) else ""
        _write(cells, box.x, box.y + 1 + number, "│" + " " * (box.w - 2) + "│")
        _write(cells, box.x + (box.w - columns(text)) // 2, box.y + 1 + number, text)
    _write(cells, box.x, box.y + box.h - 1, f"└{edge}┘")


def _line(cells: list[list[str]], line: Line) -> None:
    (ax, ay), (bx, by) = line.points[0], line.points[-1]
    if ay == by and ax != bx:
        for x in range(min(ax, bx), max(ax, bx) + 1):
            _write(cells, x, ay, "─")
        head = "▶" if bx > ax else "◀"
    else:
        for y in range(ay, by + 1):
            _write(cells, ax, y, "│")
        head = "▼"
    if not line.plain:
        _write(cells, bx, by, head)
