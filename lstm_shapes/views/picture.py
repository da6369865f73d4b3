"""Pictures of a model and of a cell, laid out on a grid of as many character cells as a terminal has."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from lstm_shapes.analysis.explain.picture import Chain, Gate, Inside, Row
from lstm_shapes.render.drawing import WIDTH, Grid, Label, Line, Mark, Rect, columns, shortened
from lstm_shapes.render.wrapping import wrapped
from lstm_shapes.symbolic.size import Size
from lstm_shapes.views import narrow_cell

STUB = 4


class Frame(NamedTuple):
    """Where the timesteps stand: the columns at which their boxes begin, the boxes' width and that of the labels."""

    width: int
    starts: tuple[int, ...]
    box: int
    label: int

    def lefts(self, time: Size | None) -> list[int]:
        """Where boxes begin: one for each timestep if there is room for all, else for the first ones and the last."""
        count = time if isinstance(time, int) and time < len(self.starts) else len(self.starts)
        return list(self.starts[: max(count, 1)])

    def times(self, time: Size | None, *, turned: bool = False) -> list[str]:
        """The timesteps of the boxes; ``turned``, from the last to the first."""
        count, last = len(self.lefts(time)), time or 1
        shown: list[Size] = [last - number for number in range(count - 1)] if turned else [*range(1, count)]
        return [shortened(f"t = {timestep}", self.label) for timestep in [*shown, 1 if turned else last]]


def frame(width: int = WIDTH) -> Frame:
    """Timesteps 1, 2 and the last, or 1 and the last where fewer than 100 columns are left."""
    if width >= WIDTH:
        return Frame(width=WIDTH, starts=(10, 42, 78), box=17, label=25)
    width = min(max(width, 60), 68)
    return Frame(width=width, starts=(8, width - 20), box=15, label=width - 30)


def chain(picture: Chain, width: int = WIDTH) -> Grid:
    """Layer under layer, the timesteps next to each other."""
    made = _Chain(frame(width))
    for number, row in enumerate(picture.rows):
        if picture.omitted and number == picture.gap:
            made.omitted(picture.omitted)
        made.row(row, last=number == len(picture.rows) - 1)
    description = " ".join(row.description for row in picture.rows)
    return Grid(picture.title, description, tuple(made.marks), made.y, made.frame.width)


class _Chain:
    """The marks so far, the line that comes next, and where the layer above passes on."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.marks: list[Mark] = []
        self.y = 0
        self.open: list[int] = []

    def omitted(self, count: int) -> None:
        self.y += 1
        self.marks.append(Label(2, self.y, f"… {count:,} layers between are left out", centred=False))
        self.y += 1
        self.open = []

    def row(self, row: Row, *, last: bool) -> None:
        """The boxes of a layer, the arrows into it where the row above has none, and those out of it."""
        lefts = self.frame.lefts(row.time)
        alone = self.open[0] - self.frame.box // 2 if len(self.open) == 1 else self.frame.starts[-1]
        where = lefts if row.arrives_each else [alone]
        centres = [left + self.frame.box // 2 for left in where]
        if row.reads or self.open != centres:
            self.enter(row, centres)
        leaving = [lefts[-1]]
        if row.body in ("linked", "each"):
            self.marks += [_box(left, self.y, self.frame.box, row) for left in lefts]
            self.states(row, lefts)
        elif row.body == "span":
            lefts = list(dict.fromkeys((*lefts, *(self.frame.lefts(row.leaves_time) if row.leaves_each else ()))))
            self.marks.append(_box(lefts[0], self.y, lefts[-1] + self.frame.box - lefts[0], row))
        else:
            self.marks.append(_box(where[0], self.y, self.frame.box, row))
            leaving = where
        self.y += 4
        if row.leaves_each:
            leaving = self.frame.lefts(row.leaves_time)
        if row.ends:
            self.end_apart(row, [lefts[0] + self.frame.box // 2, lefts[-1] + self.frame.box // 2])
        times = self.frame.times(row.leaves_time) if row.leaves_each and (row.body == "span" or row.backwards) else []
        self.arrows([left + self.frame.box // 2 for left in leaving], row.leaving, times, last=last)

    def enter(self, row: Row, centres: list[int]) -> None:
        """What the row reads, where that is not simply what the row above passes on."""
        if self.open:
            self.y += 1
        if row.reads:
            for line in wrapped(f"{row.name} {row.reads}", self.frame.width - 4, hanging=2):
                self.marks.append(Label(2, self.y, shortened(line, self.frame.width - 4), centred=False))
                self.y += 1
        if row.arrives_each:
            for centre, text in zip(centres, self.frame.times(row.time, turned=row.backwards), strict=True):
                self.marks.append(Label(centre, self.y, text))
            self.y += 1
        for centre in centres:
            self.marks.append(Label(centre, self.y, shortened(row.arriving, self.frame.label)))
            self.marks.append(Line(((centre, self.y + 1), (centre, self.y + 2)), below=True))
        self.y += 3

    def arrows(self, centres: list[int], label: str, times: list[str], *, last: bool) -> None:
        """The shape that leaves, on an arrow to the layer below, or at the end of one."""
        if last:
            self.marks += [Line(((centre, self.y), (centre, self.y + 1)), above=True) for centre in centres]
            self.y += 1
        else:
            self.marks += [Line(((centre, self.y), (centre, self.y)), plain=True, above=True) for centre in centres]
        for centre, time in zip(centres, times, strict=False):
            self.marks.append(Label(centre, self.y + 1, time))
        self.y += 1 + bool(times)
        self.marks += [Label(centre, self.y, shortened(label, self.frame.label)) for centre in centres]
        if not last:
            self.marks += [Line(((centre, self.y + 1), (centre, self.y + 1)), below=True) for centre in centres]
            self.y += 1
        self.y += 1
        self.open = centres

    def end_apart(self, row: Row, centres: list[int]) -> None:
        """What two directions pass on at both ends of the sequence, and the box that makes one of it."""
        for centre, text in zip(centres, row.ends, strict=True):
            joined = row.merge != "none" or centre == centres[-1]
            self.marks.append(Line(((centre, self.y), (centre, self.y)), plain=joined, above=True))
            self.marks.append(Label(centre, self.y + 1, shortened(text, self.frame.label)))
            if joined:
                self.marks.append(
                    Line(((centre, self.y + 2), (centre, self.y + 2)), below=True, plain=row.merge == "none")
                )
        self.y += 3
        if row.merge != "none":
            left, right = centres[0] - self.frame.box // 2, centres[-1] + self.frame.box // 2
            self.marks.append(Rect(left, self.y, right - left + 1, 3, (f"merge {row.merge}",)))
            self.y += 3

    def states(self, row: Row, lefts: list[int]) -> None:
        """The arrows between the timesteps with the states on them, and the dots for the timesteps between."""
        hidden = len(lefts) == len(self.frame.starts) and row.time != len(lefts)
        lines = [self.y + (1 if way == "forward" else 2) for way in row.ways]
        for way, y in zip(row.ways, lines, strict=True):
            stops = [(left - 1, left + self.frame.box) for left in lefts]
            spans = [(stops[0][0] - STUB, stops[0][0]), *_between(stops, hidden), (stops[-1][1], stops[-1][1] + 2)]
            self.marks += [Line(((a, y), (b, y)) if way == "forward" else ((b, y), (a, y))) for a, b in spans]
            if row.from_zero:
                start = lefts[0] - STUB - 3 if way == "forward" else lefts[-1] + self.frame.box + 4
                self.marks.append(Label(start, y, "0"))
        if hidden:
            self.marks += [Label((lefts[-2] + self.frame.box + lefts[-1]) // 2, y, "…") for y in lines or [self.y + 1]]
        for left, right in pairwise(lefts):
            middle, room = (left + self.frame.box + right) // 2, right - left - self.frame.box
            for text, y in zip(row.carries[:2], (self.y, self.y + 3), strict=False):
                fits = text if columns(text) <= room - 2 else text.partition(" (")[0]
                self.marks.append(Label(middle, y, shortened(fits, room - 2)))


def _between(stops: list[tuple[int, int]], hidden: bool) -> list[tuple[int, int]]:
    spans = []
    for number, ((_, end), (start, _)) in enumerate(pairwise(stops)):
        spans += [(end, end + 5), (start - 5, start)] if hidden and number == len(stops) - 2 else [(end, start)]
    return spans


def _box(x: int, y: int, w: int, row: Row) -> Rect:
    lines = tuple(dict.fromkeys((shortened(row.name, max(w - 4, 13)), shortened(row.type, max(w - 4, 13)))))
    return Rect(x, y, w, 4, lines, row.body == "linked")


LEFT, RIGHT, SIDE = 21, 98, 18


def inside(picture: Inside, width: int = WIDTH) -> Grid:
    """What comes in at the top, the products, the sum, the gates, the new states at the bottom."""
    if width < WIDTH:
        return narrow_cell.inside(picture, _described(picture), width)
    marks: list[Mark] = []
    half = (RIGHT - LEFT - 3) // 2
    spots = ((LEFT, picture.x, picture.kernel), (RIGHT - half, picture.h, picture.recurrent))
    for left, source, matrix in spots:
        centre = left + half // 2
        marks.append(Rect(left, 0, half, 4, (_fit(source.label, half), _fit(source.size, half))))
        marks.append(Line(((centre, 4), (centre, 4))))
        marks.append(Rect(left, 5, half, 4, (_fit(matrix.label, half), _fit(matrix.size, half)), True))
        marks.append(Line(((centre, 9), (centre, 9))))
    width = RIGHT - LEFT
    marks.append(Rect(LEFT, 10, width, 4, (_fit(picture.summed.label, width), _fit(picture.summed.size, width)), True))
    kept = picture.c or (picture.h if picture.kind == "gru" else None)
    if kept:
        marks.append(Rect(0, 0, SIDE, 4, (_fit(kept.label, SIDE), _fit(kept.size, SIDE))))
    draw = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}[picture.kind]
    y = draw(picture, marks)
    for note in picture.notes:
        marks.append(Label(1, y, shortened(note, WIDTH - 2), centred=False))
        y += 1
    return Grid(picture.title, _described(picture), tuple(marks), y)


def _described(picture: Inside) -> str:
    boxes = (picture.x, picture.h, picture.kernel, picture.recurrent, picture.summed)
    parts = [f"{box.label} {box.size}" for box in boxes]
    gates = [f"{gate.name}: {gate.function}, {gate.where}" for gate in picture.gates if gate.where]
    return ". ".join([*parts, *gates, *filter(None, (picture.carry, picture.output)), *picture.notes]) + "."


def _fit(text: str, width: int) -> str:
    return shortened(text, width - 4)


def _gate(gate: Gate, x: int, y: int, w: int) -> Rect:
    return Rect(x, y, w, 6, tuple(_fit(text, w) for text in (gate.name, gate.function, gate.size, gate.where)))


def _lstm(picture: Inside, marks: list[Mark]) -> int:
    wide = 18
    lefts = [LEFT + number * (wide + 1) + (number == 3) for number in range(4)]
    for left, gate in zip(lefts, picture.gates, strict=True):
        marks.append(Line(((left + wide // 2, 14), (left + wide // 2, 14))))
        marks.append(_gate(gate, left, 15, wide))
    for left in lefts[:3]:
        marks.append(Line(((left + wide // 2, 21), (left + wide // 2, 21))))
    marks.append(Line(((SIDE // 2, 4), (SIDE // 2, 21))))
    end = lefts[2] + wide
    marks.append(Rect(0, 22, end, 3, (_fit(picture.carry, end),), True))
    marks.append(Line(((lefts[3] + wide // 2, 21), (lefts[3] + wide // 2, 25))))
    middle = lefts[1] + wide // 2
    marks.append(Line(((middle, 25), (middle, 25))))
    new = picture.output if picture.projection else f"new h = {picture.output}"
    marks.append(Rect(LEFT, 26, RIGHT - LEFT, 3, (_fit(new, RIGHT - LEFT),), True))
    y = 29
    if picture.projection:
        text = f"new h = that {picture.projection.label} {picture.projection.size}"
        marks.append(Line(((middle, y), (middle, y))))
        marks.append(Rect(LEFT, y + 1, RIGHT - LEFT, 3, (_fit(text, RIGHT - LEFT),), True))
        y += 4
    marks.append(Line(((SIDE // 2, 25), (SIDE // 2, y)), above=True))
    marks.append(Line(((middle, y), (middle, y)), above=True))
    for centre, state in zip((middle, SIDE // 2), picture.passes, strict=True):
        marks.append(Label(centre, y + 1, shortened(f"new {state.label} {state.size}", SIDE)))
    return y + 2


def _gru(picture: Inside, marks: list[Mark]) -> int:
    wide, gap = 23, 4
    lefts = [LEFT + number * (wide + gap) for number in range(3)]
    for left, gate in zip(lefts, picture.gates, strict=True):
        marks.append(Line(((left + wide // 2, 14), (left + wide // 2, 14))))
        marks.append(_gate(gate, left, 15, wide))
    marks.append(Line(((lefts[1] + wide, 17), (lefts[2] - 1, 17))))
    for left in (lefts[0], lefts[2]):
        marks.append(Line(((left + wide // 2, 21), (left + wide // 2, 21))))
    marks.append(Line(((SIDE // 2, 4), (SIDE // 2, 21))))
    return _output(picture, marks, 0, 22)


def _rnn(picture: Inside, marks: list[Mark]) -> int:
    marks.append(Line((((LEFT + RIGHT) // 2, 14), ((LEFT + RIGHT) // 2, 14))))
    return _output(picture, marks, LEFT, 15)


def _output(picture: Inside, marks: list[Mark], left: int, y: int) -> int:
    marks.append(Rect(left, y, RIGHT - left, 3, (_fit(picture.output, RIGHT - left),), True))
    centre = (LEFT + RIGHT) // 2
    marks.append(Line(((centre, y + 3), (centre, y + 3)), above=True))
    state = picture.passes[0]
    marks.append(Label(centre, y + 4, f"new {state.label} {shortened(state.size, 40)}"))
    return y + 5
