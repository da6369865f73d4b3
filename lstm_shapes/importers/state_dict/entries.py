"""The layers of a spec from the modules of a state dict: every number is counted in one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from lstm_shapes.importers.state_dict.modules import Recognized, recognize
from lstm_shapes.importers.state_dict.names import Module
from lstm_shapes.importers.state_dict.parametrized import Plain, plain
from lstm_shapes.importers.state_dict.stored import Tensor, is_buffer
from lstm_shapes.spec.layer_names import MAX_NAME, UniqueNames

_ROLES = {
    ("embedding", "weight"): "embeddings",
    ("dense", "weight"): "kernel",
    ("dense", "bias"): "bias",
}
"""The tensors that can be another layer's, by type and end of the name, and our names of them."""


class Entry(NamedTuple):
    """A layer of the spec, its tensors in the file, and what is to be said of it."""

    layer: dict[str, Any]
    tensors: tuple[Tensor, ...]
    note: str = ""


class Written(NamedTuple):
    """A layer that is written, to which others can be tied: its settings, and its tensors by the end of their names."""

    settings: Mapping[str, Any]
    name: str
    tensors: Mapping[str, str]


class Entries:
    """Makes the layers of a spec, module by module; what was written before is what tensors are tied to.

    ``widths`` are the features that recurrent layers of the model read.
    """

    def __init__(self, widths: Collection[int] = ()) -> None:
        self._widths = widths
        self._names = UniqueNames(("unknown",))
        self._by_tensor: dict[str, Written] = {}

    def of(self, module: Module) -> Iterator[Entry]:
        """The layer that a module is, and a layer of unknown kind for each tensor of it that does not fit."""
        tensors = plain(module.leaves)
        known = recognize(module.path, tensors.leaves, self._widths)
        entry = known and self._recognized(module.path, known, tensors)
        if known is None or entry is None:
            yield self._unknown(module.path or "parameters", module.leaves, tensors)
            return
        yield entry
        rest = {leaf: tensor for leaf, tensor in tensors.leaves.items() if leaf not in known.leaves} | tensors.more
        for leaf, tensor in rest.items():
            yield self._unknown(f"{module.path}.{leaf}".removeprefix("."), {leaf: tensor}, tensors)

    def _recognized(self, path: str, known: Recognized, tensors: Plain) -> Entry | None:
        """The layer; None where some of its tensors are others' in a way that a spec cannot say."""
        own = {leaf: tensors.leaves[leaf] for leaf in tensors.leaves if leaf in known.leaves}
        settings = {**known.settings, "inputs": known.settings.get("inputs", "unknown")}
        tied = {leaf: tensor for leaf, tensor in own.items() if tensor.first}
        note = known.note
        if tied:
            again = self._same(own, known.settings)
            if again:
                name = self._name(path or str(settings["type"]))
                layer = {"use": again.name, "name": name, "inputs": settings["inputs"]}
                return Entry(layer, tuple(own.values()))
            ties = self._ties(tied, str(settings["type"]))
            if ties is None:
                return None
            settings["tied_to"] = ties
        changed = sorted({what for leaf, what in tensors.changed.items() if leaf in known.leaves})
        name = self._name(path or str(settings["type"]))
        layer = {"type": settings.pop("type"), "name": name, **settings}
        written = Written(known.settings, name, {leaf: tensor.name for leaf, tensor in own.items()})
        self._by_tensor |= {tensor.name: written for tensor in own.values() if not tensor.first}
        return Entry(layer, tuple(own.values()), note or (f"stored with {', '.join(changed)}" if changed else ""))

    def _same(self, own: Mapping[str, Tensor], settings: Mapping[str, Any]) -> Written | None:
        """The layer of which this is another name: every tensor is that of the layer with the same end of its name."""
        firsts = {leaf: tensor.first for leaf, tensor in own.items()}
        written = self._by_tensor.get(next(iter(firsts.values())))
        return written if written and written.tensors == firsts and written.settings == settings else None

    def _ties(self, tied: Mapping[str, Tensor], type_: str) -> dict[str, str] | None:
        ties = {}
        for leaf, tensor in tied.items():
            written = self._by_tensor.get(tensor.first)
            there = written and next((end for end, name in written.tensors.items() if name == tensor.first), "")
            role, source = _ROLES.get((type_, leaf)), written and _ROLES.get((written.settings["type"], there or ""))
            if role is None or written is None or source is None:
                return None
            ties[role] = f"{written.name}.{source}"
        return ties

    def _unknown(self, path: str, leaves: Mapping[str, Tensor], tensors: Plain) -> Entry:
        """A layer of unknown kind: how many parameters it has is known where its tensors are."""
        buffers = {leaf for leaf, tensor in leaves.items() if leaf in tensors.buffers or is_buffer(leaf, tensor)}
        layer: dict[str, Any] = {"type": "unknown", "name": self._name(path)}
        opaque = next((tensor.opaque for tensor in leaves.values() if tensor.opaque), "")
        if opaque:
            layer["class"] = opaque
        else:
            layer["params"] = sum(tensor.own_elements for leaf, tensor in leaves.items() if leaf not in buffers)
        stored = sum(tensor.own_elements for leaf, tensor in leaves.items() if leaf in buffers)
        return Entry({**layer, **({"buffers": stored} if stored else {}), "inputs": "unknown"}, tuple(leaves.values()))

    def _name(self, path: str) -> str:
        return self._names.unique(path[: MAX_NAME - 20])
