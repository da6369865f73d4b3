"""One entry of a spec -> the layer that it describes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

from lstm_shapes.findings.route import Route
from lstm_shapes.findings.spelling import nearest
from lstm_shapes.frameworks.layout import Framework
from lstm_shapes.layers import FAMILIES, family
from lstm_shapes.layers.base import Layer
from lstm_shapes.spec.bound import Bound
from lstm_shapes.spec.errors import WRONG, Notes
from lstm_shapes.spec.keys import NODE_KEYS, PASSTHROUGH_KEYS, RECURRENT_KEYS, Spelling, canonical, required, spellings
from lstm_shapes.spec.values import KINDS, choice, flag, found, size
from lstm_shapes.symbolic.size import Size


class Entries(ABC):
    """Reads layers as a framework has them."""

    def __init__(self, notes: Notes, framework: Framework, bound: Bound) -> None:
        self.notes, self.framework, self.bound = notes, framework, bound

    @abstractmethod
    def block(self, entry: dict[Any, Any], route: Route) -> Layer | None:
        """A nested model; None when something of it is wrong."""

    def type_of(self, entry: dict[Any, Any], route: Route) -> tuple[str, dict[str, Any]] | None:
        """The entry's type in our words, and the fields that its name implies."""
        written = entry.get("type")
        if written is None:
            self.notes.wrong("missing-key", "a layer without a type", route, "write `type: lstm`")
            return None
        known = canonical(written) if isinstance(written, str) else None
        if known is None:
            close = nearest(str(written), [*FAMILIES, "model", "linear", "simple_rnn"])
            hint = f"write {close}" if close else "a layer of your own is `type: custom` with its output and params"
            self.notes.wrong("unknown-type", f"no layer type {found(written)}", (*route, "type"), hint)
        return known

    def layer(self, entry: Any, route: Route, *, inside: bool = False) -> Layer | None:
        """The layer, or None when something of it is wrong; ``inside`` a wrapper a cell stays a single layer."""
        mapping = self.notes.mapping(entry, "a layer (a mapping with a type)", route)
        known = mapping is not None and self.type_of(mapping, route)
        if not mapping or not known:
            return None
        type_, implied = known
        if type_ == "model":
            return self.block(mapping, route)
        if type_ in self.framework.absent:
            message = f"{self.framework.title} has no {type_}"
            self.notes.wrong("not-in-framework", message, (*route, "type"), "write `framework: keras`")
            return None
        values = self.fields(type_, mapping, route, implied)
        if values is None:
            return None
        settings = {**self.framework.defaults.get(type_, {}), **implied, **values}
        if type_ == "bidirectional":
            return self.wrapped(settings, route)
        layer = family(type_)(**settings)
        return layer if inside or not layer.recurrent else self.directed(layer, mapping, route)

    def fields(
        self, type_: str, entry: dict[Any, Any], route: Route, implied: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """The fields that the entry sets, read; None when one is wrong, or missing and not ``implied``."""
        before = self.notes.mistakes
        known = spellings(type_)
        values: dict[str, Any] = {}
        meant: set[str] = set()
        recurrent = "return_sequences" in known
        for key, value in entry.items():
            spelling = known.get(key)
            if spelling is None:
                if key not in NODE_KEYS and key not in PASSTHROUGH_KEYS and not (recurrent and key in RECURRENT_KEYS):
                    more = RECURRENT_KEYS if recurrent else ()
                    close = self.notes.unknown_key(key, [*known, *NODE_KEYS, *more], type_, route)
                    meant |= {known[close].field} if close in known else set()
            elif spelling.field in values:
                message = f"{key} says again what another name of {spelling.field} said"
                self.notes.wrong("conflicting-keys", message, (*route, key), "keep one of them", key=True)
            else:
                values[spelling.field] = self.read(spelling, value, (*route, key))
        for name in required(type_):
            known_already = name in values or name in implied or name in meant
            if not known_already and (type_, name) != ("bidirectional", "backward_layer"):
                self.missing(type_, name, route)
        return None if self.notes.mistakes > before else values

    def missing(self, type_: str, name: str, route: Route) -> None:
        examples = {
            "size": "32",
            "shape": "[T, 32]",
            "target": "[T, 32]",
            "layer": "{type: lstm, units: 32}",
            "activation": "relu",
            "integers": "[2, 1]",
        }
        example = examples.get(spellings(type_)[name].kind, "3")
        self.notes.wrong("missing-key", f"{type_} needs {name}", route, f"write `{name}: {example}`")

    def read(self, spelling: Spelling, value: Any, route: Route) -> Any:
        """A field's value, symbols bound; WRONG when a message has been written."""
        if spelling.kind == "flag" and isinstance(value, bool):
            return value
        if spelling.kind == "layer":
            return self.layer(value, route, inside=True) or WRONG
        if spelling.kind == "size" and value == 0 and spelling.field == "proj_size" and value is not False:
            return 0
        reader = partial(choice, choices=spelling.choices) if spelling.kind == "choice" else KINDS[spelling.kind]
        return self.bound.read(reader, value, route)

    def wrapped(self, settings: dict[str, Any], route: Route) -> Layer | None:
        """Bidirectional as a wrapper: the backward layer is a copy turned round unless it is written."""
        for name in ("layer", "backward_layer"):
            if name in settings and not settings[name].recurrent:
                message = f"expected a recurrent layer (lstm, gru, rnn, conv_lstm2d), got {settings[name].type}"
                self.notes.wrong("wrong-value", message, (*route, name))
                return None
        settings.setdefault("backward_layer", _reversed(settings["layer"]))
        bidirectional: Any = family("bidirectional")
        return cast("Layer", bidirectional(**settings))

    def directed(self, layer: Layer, entry: dict[Any, Any], route: Route) -> Layer | None:
        """A recurrent layer with ``bidirectional``, ``merge`` and ``num_layers`` carried out."""
        if not self.framework.stacks and RECURRENT_KEYS.isdisjoint(entry):
            return layer
        notes = self.notes
        both = notes.value(flag, entry.get("bidirectional", False), (*route, "bidirectional"))
        written = "merge" if "merge" in entry else "merge_mode"
        choices = spellings("bidirectional")["merge"].choices
        merge = notes.value(partial(choice, choices=choices), entry.get(written, "concat"), (*route, written))
        depth = notes.value(size, entry.get("num_layers", 1), (*route, "num_layers"))
        if WRONG in (both, merge, depth):
            return None
        if "merge" in entry and "merge_mode" in entry:
            message = "merge_mode says again what merge said"
            notes.wrong("conflicting-keys", message, (*route, "merge_mode"), "keep one of them", key=True)
            return None
        if written in entry and not both:
            hint = "add `bidirectional: true`, or remove it"
            notes.wrong("conflicting-keys", f"{written} without bidirectional", (*route, written), hint, key=True)
            return None
        if self.framework.stacks:
            return self.stack(layer, depth, 2 if both else 1, merge, route)
        if depth != 1:
            hint = f"write a layer for each, or `repeat: {depth}` with return_sequences: true"
            notes.wrong(
                "wrong-setting",
                f"num_layers is PyTorch's; a {self.framework.title} layer is one",
                (*route, "num_layers"),
                hint,
            )
            return None
        return self.wrapped({"layer": layer, "merge": merge}, route) if both else layer

    def stack(self, layer: Any, depth: Size, directions: int, merge: str, route: Route) -> Layer | None:
        from lstm_shapes.layers.stack import MAX_DEPTH, stacked

        if not isinstance(depth, int) or depth > MAX_DEPTH:
            message = f"num_layers: expected a number up to {MAX_DEPTH:,}, got {depth}"
            self.notes.wrong("wrong-value", message, (*route, "num_layers"))
            return None
        if merge != "concat":
            message = f"{self.framework.title} concatenates the directions, got merge {merge}"
            self.notes.wrong("wrong-setting", message, (*route, "merge"), "remove merge")
            return None
        return stacked(layer, depth, directions)


def _reversed(layer: Any) -> Any:
    return replace(layer, go_backwards=not layer.go_backwards)
