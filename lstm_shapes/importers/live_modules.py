"""The layers of a live PyTorch module: the classes of torch.nn by their attributes, others by their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lstm_shapes.formats.document import Document
from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.layers import family
from lstm_shapes.spec.keys import DTYPES, RECURRENT_KEYS, WIDTH_KEYS, canonical, other_keys, spellings
from lstm_shapes.spec.layer_names import MAX_NAME, UniqueNames
from lstm_shapes.spec.reader import read
from lstm_shapes.spec.writer import written

_ROLES = {"Embedding": "embeddings", "Linear": "kernel"}
"""Classes whose weight can be another layer's, and our name of it."""
_DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(("bias", "affine", "elementwise_affine", "track_running_stats", "batch_first"), True),
    **{"proj_size": 0, "dropout": 0.0, "bidirectional": False, "num_layers": 1, "nonlinearity": "tanh"},
    **{"padding_mode": "zeros", "groups": 1, "dilation": 1, "eps": 1e-05, "momentum": 0.1},
}
"""Attributes that are left out at these values."""


class _Part(NamedTuple):
    """A module that becomes a layer: its path, its class in torch.nn or '', its own parameters and buffers."""

    path: str
    module: Any
    class_name: str
    parameters: Mapping[str, Any]
    buffers: Mapping[str, Any]


def module_data(model: Any) -> dict[str, Any] | None:
    """The data of a spec with a layer for each module; None for a module without any.

    A layer whose count here would not be that of its parameters is `unknown`, with the number that they have.
    """
    parts = list(_parts("", model, set()))
    dtype = next((_dtype(one) for part in parts for one in part.parameters.values()), "")
    top = {"framework": "torch", **({"dtype": dtype} if dtype not in ("float32", "") else {}), "inputs": "unknown"}
    opaque: set[str] = set()
    while parts:
        entries = list(_Entries(opaque).of(parts))
        data = written({**top, "layers": entries})
        miscounted = set(_miscounted(data, entries)) - opaque
        if not miscounted:
            return {**data, "layers": [_without_count(entry) for entry in data["layers"]]}
        opaque |= miscounted
    return None


def _parts(path: str, module: Any, seen: set[int]) -> Iterator[_Part]:
    """The modules of torch.nn, and others as far as they have parameters of their own, or nothing inside."""
    class_name, children = _class_in_torch(module), list(module.named_children())
    if class_name or id(module) in seen:
        yield _Part(path, module, class_name, dict(module.named_parameters()), dict(module.named_buffers()))
        return
    seen.add(id(module))
    own, buffers = dict(module.named_parameters(recurse=False)), dict(module.named_buffers(recurse=False))
    if own or buffers or not children:
        yield _Part(path, module, "", own, buffers)
    for name, child in children:
        yield from _parts(f"{path}.{name}".removeprefix("."), child, seen)


def _class_in_torch(module: Any) -> str:
    """The class of torch.nn that a module is, or derives from, where it is a layer here; '' for others."""
    for class_ in type(module).__mro__:
        known = canonical(class_.__name__) if class_.__module__.startswith("torch.nn.modules.") else None
        if known and known[0] not in ("model", "unknown") and FRAMEWORKS["torch"].has(family(known[0])):
            return str(class_.__name__)
    return ""


def _dtype(tensor: Any) -> str:
    name = str(tensor.dtype).removeprefix("torch.")
    return name if name in DTYPES else ""


class _Entries:
    """Makes the entries of a spec; ``opaque`` names the layers of which only the number of parameters is written."""

    def __init__(self, opaque: set[str]) -> None:
        self._names, self._opaque = UniqueNames(("unknown",)), opaque
        self._owners: dict[int, tuple[str, str]] = {}
        self._layers: dict[int, str] = {}

    def of(self, parts: Iterable[_Part]) -> Iterator[dict[str, Any]]:
        """The entries of the modules; ``count`` in each is the number of its parameters."""
        for part in parts:
            name = self._names.unique((part.path or type(part.module).__name__)[: MAX_NAME - 20])
            used = self._layers.get(id(part.module))
            if used:
                yield {"use": used, "name": name, "inputs": "unknown"}
            else:
                yield from self._entries(part, name)

    def _entries(self, part: _Part, name: str) -> Iterator[dict[str, Any]]:
        """The entry of a module, or two where training changes a part of it."""
        fresh = [one for one in part.parameters.values() if id(one) not in self._owners]
        shared = [key for key, one in part.parameters.items() if id(one) in self._owners]
        trained = [one for one in fresh if one.requires_grad]
        ties = dict(self._ties(part, shared))
        partly = bool(trained) and len(trained) < len(fresh)
        alike = name not in self._opaque and not partly and len(ties) == len(shared) and _count(fresh) is not None
        known = part.class_name and alike
        if known:
            self._layers[id(part.module)] = name
        role = _ROLES.get(part.class_name, "") if known else ""
        self._owners |= {id(one): (name, role if key == "weight" else "") for key, one in part.parameters.items()}
        frozen = {"trainable": False} if fresh and not trained else {}
        if known:
            settings = _settings(part.module, part.class_name)
            more = {**({"tied_to": ties} if ties else {}), **frozen}
            yield {"type": part.class_name, "name": name, **settings, **_reads(part), **more, "count": _count(fresh)}
            return
        buffers = sum(one.numel() for one in part.buffers.values())
        unknown = {"type": "unknown", "class": type(part.module).__name__[:MAX_NAME], "inputs": "unknown"}
        yield {
            **unknown,
            "name": name,
            **_params(trained if partly else fresh),
            **({"buffers": buffers} if buffers else {}),
            **frozen,
        }
        if partly:
            name = self._names.unique(f"{name}.frozen")
            frozen_ones = [one for one in fresh if not one.requires_grad]
            yield {**unknown, "name": name, **_params(frozen_ones), "trainable": False}

    def _ties(self, part: _Part, shared: list[str]) -> Iterator[tuple[str, str]]:
        """The weight of the layer that is another's, where a spec can say so."""
        role = _ROLES.get(part.class_name, "")
        for key in shared if role else ():
            owner, theirs = self._owners[id(part.parameters[key])]
            if key == "weight" and theirs:
                yield role, f"{owner}.{theirs}"


def _reads(part: _Part) -> dict[str, Any]:
    known = canonical(part.class_name)
    least = family(known[0]).arity[0] if known else 1
    return {"inputs": ["unknown"] * least if least > 1 else "unknown"}


def _params(parameters: list[Any]) -> dict[str, int]:
    count = _count(parameters)
    return {} if count is None else {"params": count}


def _count(parameters: list[Any]) -> int | None:
    """How many numbers parameters have; None where one has no shape yet, as in a lazy module."""
    try:
        return sum(int(one.numel()) for one in parameters)
    except (RuntimeError, ValueError):
        return None


def _settings(module: Any, class_name: str) -> dict[str, Any]:
    """The arguments with which a module was made, from the attributes that keep them."""
    known = canonical(class_name)
    type_ = known[0] if known else ""
    recurrent = RECURRENT_KEYS if family(type_).recurrent else frozenset()
    taken = {*spellings(type_), *recurrent, *(key for key in WIDTH_KEYS if key in other_keys(type_))}
    settings = {key: _plain(key, value) for key, value in vars(module).items() if key in taken and _is_plain(value)}
    if "bias" in taken and "bias" not in settings:
        attribute = "in_proj_bias" if class_name == "MultiheadAttention" else "bias"
        has_weights = settings.get("elementwise_affine", True)
        settings["bias"] = getattr(module, attribute, True) is not None or not has_weights
    same = {key for key in ("kdim", "vdim") if settings.get(key) == settings.get("embed_dim")}
    return {
        key: value
        for key, value in settings.items()
        if key not in same and not (key in _DEFAULTS and value == _DEFAULTS[key])
    }


def _is_plain(value: Any) -> bool:
    items = value if isinstance(value, tuple | list) else (value,)
    return all(isinstance(item, bool | int | float | str) for item in items)


def _plain(key: str, value: Any) -> Any:
    """A value as a spec has it: a size for one axis is no list."""
    if not isinstance(value, tuple | list):
        return value
    return value[0] if len(value) == 1 and key != "normalized_shape" else list(value)


def _miscounted(data: Mapping[str, Any], entries: list[dict[str, Any]]) -> Iterator[str]:
    """The layers that would have another count, or could not be read."""
    spec = {**data, "layers": [_without_count(entry) for entry in data["layers"]]}
    reading = read(Document(source="", data=spec))
    counts = {node.name: node.params for node in reading.inferred.nodes} if reading.inferred else {}
    for entry in entries:
        if "count" in entry and counts.get(entry["name"]) != entry["count"]:
            yield entry["name"]


def _without_count(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "count"}
