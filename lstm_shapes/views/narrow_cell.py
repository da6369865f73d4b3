"""The picture of a cell for a terminal of fewer than 100 columns: the gates are listed in one box."""

from __future__ import annotations

from lstm_shapes.analysis.explain.picture import Box, Inside
from lstm_shapes.render.drawing import Grid, Label, Line, Mark, Rect, columns, shortened
from lstm_shapes.render.wrapping import wrapped

GAP = 2


def inside(picture: Inside, description: str, width: int) -> Grid:
    """What comes in at the top, the products, the sum, the gates and what they forget, the new states."""
    made = _Cell(min(max(width, 60), 72))
    made.products(picture)
    made.box(0, made.width, (picture.summed.label, picture.summed.size), strong=True)
    before = picture.c or (picture.h if picture.kind == "gru" else None)
    if picture.kind == "rnn" or before is None:
        made.arrow(made.width // 2)
        made.box(0, made.width, (picture.output,), strong=True)
        made.passes([(made.width // 2, picture.passes[0])])
    else:
        made.gates(picture, before)
    for note in picture.notes:
        made.note(note)
    return Grid(picture.title, description, tuple(made.marks), made.y, made.width)


class _Cell:
    """The marks so far, and the line that comes next."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.marks: list[Mark] = []
        self.y = 0

    def products(self, picture: Inside) -> None:
        """The inputs and the state, each above the matrix that it is multiplied with."""
        half = (self.width - GAP) // 2
        for above, next_to in ((picture.x, picture.h), (picture.kernel, picture.recurrent)):
            for left, box in ((0, above), (self.width - half, next_to)):
                texts = tuple(shortened(text, half - 4) for text in (box.label, box.size))
                self.marks.append(Rect(left, self.y, half, 4, texts, box in (picture.kernel, picture.recurrent)))
                self.marks.append(Line(((left + half // 2, self.y + 4), (left + half // 2, self.y + 4))))
            self.y += 5

    def gates(self, picture: Inside, before: Box) -> None:
        """The gates next to the state before; the sum of them; what is passed on."""
        side = min(max(columns(before.label), columns(before.size)) + 4, 18)
        left, top = self.width - side, self.y
        room = left - 1
        self.arrow(room // 2)
        self.marks.append(Rect(left, top, side, 4, tuple(shortened(t, side - 4) for t in (before.label, before.size))))
        self.box(0, room, _listed(picture))
        right = left + side // 2
        self.marks.append(Line(((right, top + 4), (right, self.y)), below=False))
        self.arrow(room // 2)
        if not picture.carry:
            self.box(0, self.width, (picture.output,), strong=True)
            self.passes([(self.width // 2, picture.passes[0])])
            return
        gates_end = self.y - 1
        self.box(5, self.width - 5, (picture.carry,), strong=True)
        self.marks.append(Line(((2, gates_end), (2, self.y))))
        carried = self.y
        self.arrow(room // 2)
        self.box(0, room, (picture.output if picture.projection else f"new h = {picture.output}",), strong=True)
        if picture.projection:
            self.arrow(room // 2)
            self.box(0, room, (f"new h = that {picture.projection.label} {picture.projection.size}",), strong=True)
        self.marks.append(Line(((right, carried), (right, self.y)), above=True))
        h, c = picture.passes
        self.passes([(room // 2, h), (right, c)])

    def box(self, left: int, width: int, texts: tuple[str, ...], *, strong: bool = False) -> None:
        """A box as high as its wrapped texts."""
        lines = [shortened(line, width - 4) for text in texts for line in _fitted(text, width - 4)]
        self.marks.append(Rect(left, self.y, width, len(lines) + 2, tuple(lines), strong))
        self.y += len(lines) + 2

    def arrow(self, x: int) -> None:
        """An arrow to the box below."""
        self.marks.append(Line(((x, self.y), (x, self.y))))
        self.y += 1

    def passes(self, states: list[tuple[int, Box]]) -> None:
        """The new states at the end of their arrows."""
        self.marks.append(Line(((states[0][0], self.y), (states[0][0], self.y)), above=True))
        for x, state in states:
            self.marks.append(Label(x, self.y + 1, shortened(f"new {state.label} {state.size}", self.width // 2)))
        self.y += 2

    def note(self, text: str) -> None:
        """A sentence below the picture."""
        for line in wrapped(text, self.width - 2, hanging=2):
            self.marks.append(Label(1, self.y, shortened(line, self.width - 2), centred=False))
            self.y += 1


def _fitted(text: str, width: int) -> list[str]:
    """A list keeps its columns; another text is wrapped."""
    return [text] if columns(text) <= width else wrapped(text, width)


def _listed(picture: Inside) -> tuple[str, ...]:
    """A line for each gate, its function and its place, in columns."""
    cells = [(gate.name, gate.function, gate.where) for gate in picture.gates]
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    head = f"{len(cells)} gates, each {picture.gates[0].size}"
    lines = ["  ".join(text + " " * (w - columns(text)) for text, w in zip(row, widths, strict=True)) for row in cells]
    longest = max(map(columns, [head, *lines]))
    return tuple(line + " " * (longest - columns(line)) for line in (head, *lines))
