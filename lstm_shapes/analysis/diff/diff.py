"""What changed from one model to another: per layer in shape, parameters, multiply-accumulates and bytes, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from lstm_shapes.analysis.diff.changes import Effect, minus
from lstm_shapes.analysis.diff.matching import match_layers, moved_layers
from lstm_shapes.analysis.diff.reasons import Reason, SideLayer, reasons
from lstm_shapes.analysis.report import Report, report
from lstm_shapes.graph.shape_inference import InferredNode
from lstm_shapes.spec.keys import DTYPES
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Shape, Size, shown

FIGURES = ("params", "trainable_params", "macs", "bytes")


class Figure(NamedTuple):
    """A figure on both sides; None is not known, 0 means that the side does not have the layer."""

    before: Size | None
    after: Size | None

    @property
    def difference(self) -> Size | None:
        """What was added; None where it is not known."""
        return minus(self.after, self.before)


class Total(NamedTuple):
    """A sum over the layers on both sides, None where a layer of the side is unknown; ``_at_least`` is what is known.

    ``difference`` is None where that of a changed layer is not known: unknown layers that did not change cancel out.
    """

    before: Size | None
    after: Size | None
    before_at_least: Size | None
    after_at_least: Size | None
    difference: Size | None


class LayerDiff(NamedTuple):
    """A layer that is added, removed or changed. ``outputs`` are all its shapes on both sides, None where not known.

    ``together`` is what several reasons add beyond the sum of what each adds by itself.
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
        """Whether it had another name before."""
        return bool(self.name and self.before_name) and self.name != self.before_name


@dataclass(frozen=True, kw_only=True)
class Diff:
    """What changed; ``layers`` are those that did, in the order of the newer model, removed layers at their old places.

    ``unknown`` counts the changed layers whose parameters are not known. ``model`` tells the models of a file apart.
    """

    before: str
    after: str
    reasons: tuple[Reason, ...]
    layers: tuple[LayerDiff, ...]
    totals: Mapping[str, Total]
    unchanged: int
    unknown: int
    model: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing changed."""
        return not self.reasons and not self.layers


def diff(before: Reading | None, after: Reading | None) -> Diff:
    """What changed from ``before`` to ``after``; None is a file that does not exist.

    Layers are matched by the names that people gave, then by place and type. A setting's effect is that of this change
    alone, in parameters; sizes may be expressions in the model's symbols.

    >>> from lstm_shapes.api import read
    >>> old = {"input_dim": 8, "layers": [{"type": "gru", "units": 32}]}
    >>> new = {"input_dim": 8, "layers": [{"type": "gru", "units": 32, "reset_after": False}]}
    >>> changed = diff(read(old), read(new))
    >>> [(str(reason), reason.params) for reason in changed.layers[0].reasons]
    [('reset_after true -> false', -96)]
    """
    reports = [report(reading, weights=False) if reading else None for reading in (before, after)]
    left, right = _layers(before, reports[0]), _layers(after, reports[1])
    pairs = match_layers([layer.candidate for layer in left], [layer.candidate for layer in right])
    partners = {b: a for a, b in pairs}
    changed = _changed(left, right, partners, moved_layers(pairs))
    layers = _in_order(left, right, partners, changed)
    return Diff(
        before=_source(before),
        after=_source(after),
        reasons=tuple(_model_reasons(reports[0], reports[1])),
        layers=tuple(layers),
        totals={name: _total(reports, name, layers) for name in FIGURES},
        unchanged=len(right) - len(changed),
        unknown=sum(layer.figures["params"].difference is None for layer in layers),
    )


def _source(reading: Reading | None) -> str:
    return reading.document.source if reading else ""


def _layers(reading: Reading | None, side: Report | None) -> list[SideLayer]:
    """The layers of one side in the order of its report."""
    if reading is None or side is None or not side.layers or reading.inferred is None:
        return []
    calls, bytes_each = reading.inferred.by_owner, DTYPES[reading.inferred.model.dtype]
    return [
        SideLayer(
            row=row,
            calls=calls.get(row.name, ()),
            named=_is_named(reading.document.data, calls.get(row.name, ())),
            bytes=None if row.params is None else row.params * bytes_each,
        )
        for row in side.layers
    ]


def _is_named(data: Any, calls: Sequence[InferredNode]) -> bool:
    """Whether the layer's entry has a name."""
    for key in calls[0].route if calls else ():
        data = data[key]
    return isinstance(data, dict) and "name" in data


def _changed(
    left: list[SideLayer], right: list[SideLayer], partners: Mapping[int, int], moved: set[int]
) -> dict[int, LayerDiff]:
    """The layers of the newer model that are added or changed, by position."""
    names = {left[a].row.name: right[b].row.name for b, a in partners.items()}
    changed: dict[int, LayerDiff] = {}
    causes: dict[str, str] = {}
    for number in _reading_order(right):
        layer = right[number]
        if number not in partners:
            changed[number] = _one_sided("added", layer)
            causes[layer.row.name] = "added"
            continue
        layer_diff = _pair(left[partners[number]], layer, number in moved, names, causes)
        if layer_diff:
            changed[number] = layer_diff
            causes[layer.row.name] = _cause(layer_diff)
    return changed


def _reading_order(layers: list[SideLayer]) -> list[int]:
    """The positions in the order of the graph: that of the rows, but layers that could not be read come last."""
    return sorted(range(len(layers)), key=lambda number: not layers[number].calls)


def _in_order(
    left: list[SideLayer], right: list[SideLayer], partners: Mapping[int, int], changed: Mapping[int, LayerDiff]
) -> list[LayerDiff]:
    """Changed layers in the order of the newer model, each removed one after the layer that it followed."""
    staying = {a: b for b, a in partners.items()}
    removed: dict[int, list[LayerDiff]] = {}
    last = -1
    for number, layer in enumerate(left):
        if number in staying:
            last = staying[number]
        else:
            removed.setdefault(last, []).append(_one_sided("removed", layer))
    listed = removed.get(-1, [])
    for number in range(len(right)):
        listed += [changed[number]] if number in changed else []
        listed += removed.get(number, [])
    return listed


def _one_sided(change: str, layer: SideLayer) -> LayerDiff:
    """A layer that is added or removed."""
    added, row = change == "added", layer.row
    return LayerDiff(
        change=change,
        name=row.name if added else "",
        type=row.type,
        path=row.path if added else "",
        before_name="" if added else row.name,
        before_path="" if added else row.path,
        moved=False,
        outputs=((), layer.shapes) if added else (layer.shapes, ()),
        figures={name: Figure(0, size) if added else Figure(size, 0) for name, size in layer.figures.items()},
    )


def _pair(
    old: SideLayer, new: SideLayer, moved: bool, names: Mapping[str, str], causes: Mapping[str, str]
) -> LayerDiff | None:
    """A layer that is on both sides, if anything of it changed."""
    listed, together = reasons(old, new, names, causes) if old.calls and new.calls else ([], Effect(None, None))
    was, now = old.figures, new.figures
    renamed = old.row.name != new.row.name and (old.named or new.named)
    same = old.shapes == new.shapes and was == now and old.row.type == new.row.type
    if same and not (listed or moved or renamed):
        return None
    return LayerDiff(
        change="changed",
        name=new.row.name,
        type=new.row.type,
        path=new.row.path,
        before_name=old.row.name,
        before_path=old.row.path,
        moved=moved,
        outputs=(old.shapes, new.shapes),
        figures={name: Figure(was[name], now[name]) for name in FIGURES},
        reasons=tuple(listed),
        together=together,
    )


def _cause(changed: LayerDiff) -> str:
    """What a layer's change is to the layers that read it: its own settings, or what reached it from above."""
    own = [str(reason) for reason in changed.reasons if reason.reshapes]
    above = [reason.because for reason in changed.reasons if reason.because]
    return f"{changed.name}: {', '.join(own[:3])}" if own else above[0] if above else ""


def _model_reasons(before: Report | None, after: Report | None) -> Iterator[Reason]:
    """What changed of the model itself."""
    if before is None or after is None:
        yield Reason("file", "there" if before else "not there", "there" if after else "not there")
        return
    was, now = _headline(before), _headline(after)
    for what in was:
        if was[what] != now[what]:
            yield Reason(what, was[what] or "not known", now[what] or "not known")
    for kind in ("input", "output"):
        old, new = _named_shapes(before, kind), _named_shapes(after, kind)
        for name in dict.fromkeys((*old, *new)):
            texts = old.get(name, "not there"), new.get(name, "not there")
            if texts[0] != texts[1]:
                yield Reason(f"{kind} {name}", *texts)


def _headline(side: Report) -> dict[str, str]:
    return {"name": side.name, "framework": side.framework, "dtype": side.dtype}


def _named_shapes(side: Report, kind: str) -> dict[str, str]:
    """The model's inputs or outputs by name."""
    tensors = side.inputs if kind == "input" else side.outputs
    return {tensor.name: shown(tensor.shape) if tensor.shape else "not known" for tensor in tensors}


def _total(reports: Sequence[Report | None], name: str, layers: Sequence[LayerDiff]) -> Total:
    """A sum on both sides; nothing is known of a model that cannot be read."""
    (before, before_at_least), (after, after_at_least) = (_sum(side, name) for side in reports)
    known = all(layer.figures[name].difference is not None for layer in layers)
    difference = minus(after_at_least, before_at_least) if known else None
    return Total(before, after, before_at_least, after_at_least, difference)


def _sum(side: Report | None, name: str) -> tuple[Size | None, Size | None]:
    """The sum, and what is known of it. A side that does not exist has no layers: 0."""
    if side is None:
        return 0, 0
    if not side.layers:
        return None, None
    sums = side.totals
    return {
        "params": (sums.params, sums.params_at_least),
        "trainable_params": (sums.trainable_params, sums.trainable_params_at_least),
        "macs": (sums.macs, sums.macs_at_least),
        "bytes": (sums.param_bytes, sums.param_bytes_at_least),
    }[name]
