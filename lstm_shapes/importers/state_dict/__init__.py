"""A state dict -> specs: layers and their sizes, from the names and shapes of tensors; what cannot be known is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Document, Origin, located
from lstm_shapes.formats.pickled import Opaque
from lstm_shapes.importers.state_dict.entries import Entries, Entry
from lstm_shapes.importers.state_dict.names import modules, split, widths, without_wrappers, wrapper_of
from lstm_shapes.importers.state_dict.search import StateDict, state_dicts
from lstm_shapes.importers.state_dict.stored import Tensor, is_buffer, with_first
from lstm_shapes.spec.imported import Imported, Stored

_DTYPES = ("float64", "float32", "float16", "bfloat16")
_GENERAL = "a checkpoint has no order of layers, no timesteps and no batch_first: each layer reads `unknown`"
_HINT = "save the weights: `torch.save(model.state_dict(), 'weights.pt')`"


def translate(document: Document) -> tuple[Imported, ...]:
    """The models of a checkpoint: one for each state dict in it."""
    kind = "safetensors" if document.format == "safetensors" else "torch"
    if document.data is None:
        return (Imported(document, kind),)
    if kind == "safetensors":
        return (_model(document, kind, _of_header(document.data), (), ()),)
    models, beside = state_dicts(document.data["tree"])
    if not models:
        return (Imported(_refused(document), kind),)
    holders = document.data["holders"]
    notes: tuple[str, ...] = (f"next to the state dict, not counted: {_listed(beside)}",) if beside else ()
    notes += (f"objects that hold tensors and are not built: {_listed(holders)}",) if holders else ()
    return tuple(_model(document, kind, model, notes, model.path if models[1:] else ()) for model in models)


def _of_header(data: Mapping[str, Any]) -> StateDict:
    """The tensors of a safetensors header; its metadata name those that are another and were left out."""
    tensors = {
        tensor["name"]: Tensor(tensor["name"], tuple(tensor["shape"]), tensor["dtype"], tensor["name"])
        for tensor in data["tensors"]
    }
    same = {
        name: tensors[kept]._replace(name=name)
        for name, kept in data["metadata"].items()
        if kept in tensors and name not in tensors
    }
    return StateDict((), {**tensors, **same})


def _refused(document: Document) -> Document:
    """The document of a file without a state dict, with the class of what holds its tensors."""
    tree, holders = document.data["tree"], document.data["holders"]
    name = tree.name if isinstance(tree, Opaque) else holders[-1] if holders else ""
    inside = [value.name for value in tree.values() if isinstance(value, Opaque)] if isinstance(tree, dict) else []
    message = "no tensors by name: not a state dict"
    if name:
        message = f"a pickled object of class {name[:80]}, which is not built"
    elif inside:
        message = f"no tensors, but objects that are not built: {inside[0][:80]}"
    finding = located(document.source, "", "not-a-model", message, None, hint=_HINT)
    return document._replace(data=None, findings=(*document.findings, finding))


def _model(document: Document, kind: str, model: StateDict, notes: tuple[str, ...], path: tuple[str, ...]) -> Imported:
    short, wrappers = without_wrappers(model.tensors)
    tensors = with_first(model.tensors)
    parts = modules({short[name]: tensor for name, tensor in tensors.items()})
    maker = Entries(widths(parts))
    entries = [entry for part in parts for entry in maker.of(part)]
    routes: dict[Route, Route | Any] = {("layers", number): entry.layer["name"] for number, entry in enumerate(entries)}
    spec: dict[str, Any] = {"framework": "torch"}
    name = ".".join(path)
    if name:
        spec = {"name": name[:200], **spec}
    dtype, more = _dtype(tensors.values())
    if dtype != "float32":
        spec["dtype"] = dtype
    spec |= {"inputs": "unknown", "layers": [entry.layer for entry in entries]}
    origin = Origin(document, routes)
    return Imported(
        document._replace(data=spec, origin=origin),
        kind,
        name=name,
        stored={("layers", number): tuple(_stored(entry.tensors)) for number, entry in enumerate(entries)},
        notes=(_GENERAL, *_removed(wrappers), *_tied(tensors), *more, *_of_layers(entries), *notes),
    )


def _stored(tensors: Iterable[Tensor]) -> Iterable[Stored]:
    return (Stored(tensor.name, tensor.shape, tensor.dtype) for tensor in tensors if not tensor.opaque)


def _dtype(tensors: Iterable[Tensor]) -> tuple[str, tuple[str, ...]]:
    """The dtype of most parameters, of those that a spec can have, and a note where there are others."""
    counts: Counter[str] = Counter()
    for tensor in tensors:
        if not is_buffer(split(tensor.name)[1], tensor) and not tensor.opaque:
            counts[tensor.dtype or "an unknown dtype"] += tensor.own_elements
    dtype = next((dtype for dtype, _ in counts.most_common() if dtype in _DTYPES), "float32")
    others = sorted(other for other in counts if other != dtype)
    return dtype, (f"tensors of {', '.join(others)} too: bytes are those of {dtype}",) if others else ()


def _removed(wrappers: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"names are without `{wrapper}` ({wrapper_of(wrapper)})" for wrapper in wrappers)


def _tied(tensors: Mapping[str, Tensor]) -> tuple[str, ...]:
    tied = [f"{tensor.name} is {tensor.first}" for tensor in tensors.values() if tensor.first]
    return (f"one tensor under several names, counted once: {_listed(tied)}",) if tied else ()


def _of_layers(entries: Iterable[Entry]) -> tuple[str, ...]:
    """What is to be said of layers, those of which it is the same together."""
    by_note: dict[str, list[str]] = {}
    for entry in entries:
        if entry.note:
            by_note.setdefault(entry.note, []).append(entry.layer["name"])
    return tuple(f"{_listed(names)}: {note}" for note, names in by_note.items())


def _listed(names: Iterable[str]) -> str:
    """The first names, and how many more there are."""
    names = [name[:80] for name in names]
    more = f" and {len(names) - 4} more" if len(names) > 5 else ""
    return ", ".join(names[:4] if more else names) + more
