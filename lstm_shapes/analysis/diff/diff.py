"""What changed from one model to another: per layer in shape, parameters, multiply-accumulates and bytes, and why."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from lstm_shapes.analysis.diff.changes import (
    Effect,
    changes,
    difference,
    effect,
    figures,
    less,
    reshapes,
    settings,
    written,
)
from lstm_shapes.analysis.diff.matching import Seen, matched, moved
from lstm_shapes.analysis.report import LayerRow, Report, report
from lstm_shapes.graph.shape_inference import Step, infer_shapes
from lstm_shapes.layers.base import known_total
from lstm_shapes.spec.keys import DTYPES
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Shape, Size, shown

FIGURES = ("params", "trainable_params", "macs", "bytes")


class Figure(NamedTuple):
    """A figure on both sides; None is not known, and 0 stands for a layer that is not there."""

    before: Size | None
    after: Size | None

    @property
    def difference(self) -> Size | None:
        """What was added; None where it is not known."""
        return less(self.after, self.before)


class Reason(NamedTuple):
    """A setting, or an input, that is another one now.

    ``params`` and ``macs`` are what it adds when nothing else changes; ``because`` names the layer above that an
    input's change comes from, ``reshapes`` says that this alone changes the layer's outputs.
    """

    what: str
    before: str
    after: str
    params: Size | None = None
    macs: Size | None = None
    because: str = ""
    reshapes: bool = False

    def __str__(self) -> str:
        return f"{self.what} {self.before} -> {self.after}"


class LayerDiff(NamedTuple):
    """A layer that is added, removed or changed. ``outputs`` are all its shapes on both sides, None where not known.

    ``together`` is what several reasons add beyond the sum of what each adds alone.
    """

    change: str
    name: str
    type: str
    path: str
    before_name: str
    before_path: str
    moved: bool
    outputs: tuple[tuple[Shape | None, ...], tuple[Shape | None, ...]]
    figures: Mapping[str, Figure]
    reasons: tuple[Reason, ...] = ()
    together: Effect = Effect(0, 0)

    @property
    def renamed(self) -> bool:
        """Whether it went by another name."""
        return bool(self.name and self.before_name) and self.name != self.before_name


@dataclass(frozen=True, kw_only=True)
class Diff:
    """What changed; ``layers`` are those that did, in the order of the newer model, removed ones where they stood.

    ``totals`` are sums over what is known; ``unknown`` counts the layers whose difference is not.
    """

    before: str
    after: str
    reasons: tuple[Reason, ...]
    layers: tuple[LayerDiff, ...]
    totals: Mapping[str, Figure]
    unchanged: int
    unknown: int

    @property
    def empty(self) -> bool:
        """Whether nothing changed."""
        return not self.reasons and not self.layers


class _Layer(NamedTuple):
    """A layer of one side: its row in the report, and what it was made of; None where it could not be read."""

    row: LayerRow
    steps: tuple[Step, ...]
    given: bool
    bytes: Size | None

    @property
    def inputs(self) -> tuple[Shape, ...] | None:
        return self.steps[0].inputs if self.steps else None

    @property
    def seen(self) -> Seen:
        content: Hashable = tuple(settings(self.steps[0].node.layer).items()) if self.steps else None
        return Seen(self.row.name if self.given else "", self.row.type, content)


def diff(before: Reading | None, after: Reading | None) -> Diff:
    """What changed from ``before`` to ``after``; None is a file that is not there.

    Layers are matched by the names that people gave, then by place and type. A setting's effect is that of this change
    alone, in parameters; sizes may be expressions in the model's symbols.

    >>> from lstm_shapes.api import read
    >>> old = {"input_dim": 8, "layers": [{"type": "gru", "units": 32}]}
    >>> new = {"input_dim": 8, "layers": [{"type": "gru", "units": 32, "reset_after": False}]}
    >>> changed = diff(read(old), read(new))
    >>> [(str(reason), reason.params) for reason in changed.layers[0].reasons]
    [('reset_after true -> false', -96)]
    """
    reports = [report(one, weights=False) if one else None for one in (before, after)]
    left, right = _layers(before, reports[0]), _layers(after, reports[1])
    pairs = matched([one.seen for one in left], [one.seen for one in right])
    shifted = moved(pairs)
    names = {left[a].row.name: right[b].row.name for a, b in pairs}
    partners = {b: a for a, b in pairs}
    found: dict[int, LayerDiff] = {}
    causes: dict[str, str] = {}
    for number in _reading_order(right):
        one = right[number]
        if number not in partners:
            found[number] = _alone("added", one)
            causes[one.row.name] = "added"
            continue
        changed = _pair(left[partners[number]], one, number in shifted, names, causes)
        if changed:
            found[number] = changed
            causes[one.row.name] = _cause(changed)
    listed = _merged(left, right, partners, found)
    return Diff(
        before=_source(before),
        after=_source(after),
        reasons=tuple(_of_model(reports[0], reports[1])),
        layers=tuple(listed),
        totals={name: _total(reports, name) for name in FIGURES},
        unchanged=len(right) - len(found),
        unknown=sum(one.figures["params"].difference is None for one in listed),
    )


def _source(reading: Reading | None) -> str:
    return reading.document.source if reading else ""


def _layers(reading: Reading | None, rows: Report | None) -> list[_Layer]:
    """The layers of one side, calls of a shared one gathered, in the order of the report."""
    if reading is None or reading.model is None or rows is None:
        return []
    calls: dict[str, list[Step]] = {}
    for step in infer_shapes(reading.model.graph, reading.model.shapes):
        calls.setdefault(step.node.owner or step.node.name, []).append(step)
    each = DTYPES[reading.model.dtype]
    return [
        _Layer(
            row=row,
            steps=tuple(calls.get(row.name, ())),
            given=_given(reading.document.data, calls.get(row.name, ())),
            bytes=None if row.params is None else row.params * each,
        )
        for row in rows.layers
    ]


def _given(data: Any, steps: Sequence[Step]) -> bool:
    """Whether a person wrote the layer's name."""
    for key in steps[0].node.route if steps else ():
        data = data[key]
    return isinstance(data, dict) and "name" in data


def _reading_order(layers: list[_Layer]) -> list[int]:
    """The positions in the order of the graph, whose rows it is but for layers that could not be read."""
    return sorted(range(len(layers)), key=lambda number: not layers[number].steps)


def _merged(
    left: list[_Layer], right: list[_Layer], partners: Mapping[int, int], found: Mapping[int, LayerDiff]
) -> list[LayerDiff]:
    """Changed layers in the order of the newer model, each removed one behind the layer that it stood behind."""
    staying = {a: b for b, a in partners.items()}
    behind: dict[int, list[LayerDiff]] = {}
    last = -1
    for number, one in enumerate(left):
        if number in staying:
            last = staying[number]
        else:
            behind.setdefault(last, []).append(_alone("removed", one))
    listed = behind.get(-1, [])
    for number in range(len(right)):
        listed += [found[number]] if number in found else []
        listed += behind.get(number, [])
    return listed


def _alone(change: str, one: _Layer) -> LayerDiff:
    """A layer that is on one side only."""
    added = change == "added"
    shapes = tuple(output.shape for output in one.row.outputs)
    values = _figures(one)
    return LayerDiff(
        change=change,
        name=one.row.name if added else "",
        type=one.row.type,
        path=one.row.path if added else "",
        before_name="" if added else one.row.name,
        before_path="" if added else one.row.path,
        moved=False,
        outputs=((), shapes) if added else (shapes, ()),
        figures={name: Figure(0, size) if added else Figure(size, 0) for name, size in values.items()},
    )


def _figures(one: _Layer) -> dict[str, Size | None]:
    row = one.row
    return {"params": row.params, "trainable_params": row.trainable_params, "macs": row.macs, "bytes": one.bytes}


def _pair(
    old: _Layer, new: _Layer, shifted: bool, names: Mapping[str, str], causes: Mapping[str, str]
) -> LayerDiff | None:
    """A layer that is on both sides, if anything of it changed."""
    reasons, together = _reasons(old, new, names, causes) if old.steps and new.steps else ([], Effect(None, None))
    shapes = tuple(tuple(output.shape for output in one.row.outputs) for one in (old, new))
    was, now = _figures(old), _figures(new)
    renamed = old.row.name != new.row.name and (old.given or new.given)
    if not (reasons or shifted or renamed or shapes[0] != shapes[1] or was != now or old.row.type != new.row.type):
        return None
    return LayerDiff(
        change="changed",
        name=new.row.name,
        type=new.row.type,
        path=new.row.path,
        before_name=old.row.name,
        before_path=old.row.path,
        moved=shifted,
        outputs=(shapes[0], shapes[1]),
        figures={name: Figure(was[name], now[name]) for name in FIGURES},
        reasons=tuple(reasons),
        together=together,
    )


def _reasons(
    old: _Layer, new: _Layer, names: Mapping[str, str], causes: Mapping[str, str]
) -> tuple[list[Reason], Effect]:
    """Why the figures are others: settings, then what arrives, then the rest; and what they add only together."""
    before, after = old.steps[0].node.layer, new.steps[0].node.layer
    found: list[Reason] = []
    for one in changes(before, after):
        alone = effect(before, after, one, old.inputs) if old.inputs else Effect(None, None)
        seen = not old.inputs or reshapes(before, after, one, old.inputs)
        found.append(Reason(one.setting, written(one.before), written(one.after), *_called(alone, old), reshapes=seen))
    if old.inputs and new.inputs and old.inputs != new.inputs:
        alone = difference(figures(before, old.inputs), figures(before, new.inputs))
        because = _because(new, causes)
        found.append(Reason("input", _shapes(old.inputs), _shapes(new.inputs), *_called(alone, old), because))
    said = dict(_said(old, names)), dict(_said(new, {}))
    for what in dict.fromkeys((*said[0], *said[1])):
        was, now = (one.get(what, "not there") for one in said)
        if was != now:
            found.append(Reason(what, was, now, 0, None if what == "calls" else 0))
    whole = Effect(less(new.row.params, old.row.params), less(new.row.macs, old.row.macs))
    params = _rest(whole.params, [one.params for one in found])
    return found, Effect(params, _rest(whole.macs, [one.macs for one in found]))


def _called(alone: Effect, layer: _Layer) -> tuple[Size | None, Size | None]:
    """The effect on a layer that is called several times: its weights are there once."""
    calls = len(layer.steps)
    return alone.params, alone.macs if alone.macs is None or calls == 1 else alone.macs * calls


def _said(layer: _Layer, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What stands in a layer's entry and changes no count of it; ``names`` are those that other layers have now."""
    node = layer.steps[0].node
    yield "inputs", ", ".join(names.get(one.name, one.name) for one in node.inputs)
    yield "initial_state", ", ".join(f"{names.get(one.name, one.name)}.{one.output}" for one in node.states) or "none"
    yield "trainable", str(node.trainable).lower()
    yield "calls", str(len(layer.steps))
    yield from node.extras


def _because(layer: _Layer, causes: Mapping[str, str]) -> str:
    """The layer above that changed, and how."""
    for one in layer.steps[0].node.inputs:
        if causes.get(one.name):
            return causes[one.name]
    return ""


def _cause(changed: LayerDiff) -> str:
    """What a layer's change is to the layers that read it: its own settings, or what it got from above."""
    own = [str(one) for one in changed.reasons if one.reshapes]
    above = [one.because for one in changed.reasons if one.because]
    return f"{changed.name}: {', '.join(own[:3])}" if own else above[0] if above else ""


def _rest(whole: Size | None, parts: Sequence[Size | None]) -> Size | None:
    """What is left of a difference; None when it, or the part of a reason, is not known."""
    known = known_total(parts)
    return less(whole, known)


def _shapes(shapes: Sequence[Shape]) -> str:
    return ", ".join(map(shown, shapes))


def _of_model(before: Report | None, after: Report | None) -> Iterator[Reason]:
    """What changed of the model as a whole."""
    if before is None or after is None:
        there = ["there" if one else "not there" for one in (before, after)]
        yield Reason("file", there[0], there[1])
        return
    for what in ("name", "framework", "dtype"):
        was, now = (getattr(one, what) or "not known" for one in (before, after))
        if was != now:
            yield Reason(what, was, now)
    for what in ("inputs", "outputs"):
        shapes = [{one.name: one.shape for one in getattr(side, what)} for side in (before, after)]
        for name in dict.fromkeys((*shapes[0], *shapes[1])):
            was, now = (_arriving(one, name) for one in shapes)
            if was != now:
                yield Reason(f"{what[:-1]} {name}", was, now)


def _arriving(shapes: Mapping[str, Shape | None], name: str) -> str:
    shape = shapes.get(name)
    return shown(shape) if shape else "not known" if name in shapes else "not there"


def _total(reports: Sequence[Report | None], name: str) -> Figure:
    """A sum on both sides; None where nothing of a model could be read."""
    word = {"bytes": "param_bytes"}.get(name, name)
    sides = [0 if one is None else getattr(one.totals, word) if one.layers else None for one in reports]
    return Figure(*sides)
