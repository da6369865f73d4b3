"""Why a layer's figures changed: its settings, what reaches it, and the rest of its entry."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import NamedTuple

from lstm_shapes.analysis.diff.changes import (
    Effect,
    changes,
    difference,
    effect,
    figures,
    minus,
    reshapes,
    value_text,
)
from lstm_shapes.analysis.diff.matching import Candidate
from lstm_shapes.analysis.report import LayerRow
from lstm_shapes.graph.shape_inference import InferredNode
from lstm_shapes.layers.base import known_total
from lstm_shapes.symbolic.size import Shape, Size, shown


class Reason(NamedTuple):
    """A setting or an input that changed.

    ``params`` and ``macs`` are what it adds when nothing else changes; ``because`` names the layer above that an
    input's change comes from, ``reshapes`` is whether this by itself changes the layer's outputs.
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


class SideLayer(NamedTuple):
    """A layer of one side: its row in the report and its calls, none where it could not be read.

    ``named`` says whether a person gave it its name.
    """

    row: LayerRow
    calls: tuple[InferredNode, ...]
    named: bool
    bytes: Size | None

    @property
    def inputs(self) -> tuple[Shape, ...] | None:
        return self.calls[0].inputs if self.calls else None

    @property
    def candidate(self) -> Candidate:
        content: Hashable = tuple(self.calls[0].layer.settings().items()) if self.calls else None
        return Candidate(self.row.name if self.named else "", self.row.type, content)

    @property
    def shapes(self) -> tuple[Shape | None, ...]:
        return tuple(output.shape for output in self.row.outputs)

    @property
    def figures(self) -> dict[str, Size | None]:
        row = self.row
        return {"params": row.params, "trainable_params": row.trainable_params, "macs": row.macs, "bytes": self.bytes}


def reasons(
    old: SideLayer, new: SideLayer, names: Mapping[str, str], causes: Mapping[str, str]
) -> tuple[list[Reason], Effect]:
    """Why the figures changed: settings, then inputs, then the rest; and what they add only together."""
    reasons = [*_setting_reasons(old, new), *_input_reasons(old, new, causes)]
    was, now = dict(_wiring(old, names)), dict(_wiring(new, {}))
    for what in dict.fromkeys((*was, *now)):
        texts = was.get(what, "not there"), now.get(what, "not there")
        if texts[0] != texts[1]:
            reasons.append(Reason(what, *texts, 0, None if what == "calls" else 0))
    params = minus(minus(new.row.params, old.row.params), known_total(reason.params for reason in reasons))
    macs = minus(minus(new.row.macs, old.row.macs), known_total(reason.macs for reason in reasons))
    return reasons, Effect(params, macs)


def _setting_reasons(old: SideLayer, new: SideLayer) -> Iterator[Reason]:
    before, after = old.calls[0].layer, new.calls[0].layer
    for change in changes(before, after):
        alone = effect(before, after, change, old.inputs) if old.inputs else Effect(None, None)
        visible = not old.inputs or reshapes(before, after, change, old.inputs)
        values = value_text(change.before), value_text(change.after)
        yield Reason(change.setting, *values, *_for_all_calls(alone, old), reshapes=visible)


def _input_reasons(old: SideLayer, new: SideLayer, causes: Mapping[str, str]) -> Iterator[Reason]:
    if old.inputs and new.inputs and old.inputs != new.inputs:
        before = old.calls[0].layer
        alone = difference(figures(before, old.inputs), figures(before, new.inputs))
        shapes = [", ".join(map(shown, inputs)) for inputs in (old.inputs, new.inputs)]
        yield Reason("input", shapes[0], shapes[1], *_for_all_calls(alone, old), _because(new, causes))


def _for_all_calls(alone: Effect, layer: SideLayer) -> tuple[Size | None, Size | None]:
    """The effect on a layer that is called several times: its weights exist once."""
    calls = len(layer.calls)
    return alone.params, alone.macs if alone.macs is None or calls == 1 else alone.macs * calls


def _wiring(layer: SideLayer, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What a layer's entry says that changes no count; ``names`` are those that other layers have now."""
    node = layer.calls[0].node
    yield "inputs", ", ".join(names.get(ref.name, ref.name) for ref in node.inputs)
    yield "initial_state", ", ".join(f"{names.get(ref.name, ref.name)}.{ref.output}" for ref in node.states) or "none"
    yield "trainable", str(node.trainable).lower()
    yield "calls", str(len(layer.calls))
    yield from node.extras


def _because(layer: SideLayer, causes: Mapping[str, str]) -> str:
    """The layer above that changed, and how."""
    for ref in layer.calls[0].node.inputs:
        if causes.get(ref.name):
            return causes[ref.name]
    return ""
