"""Names of tensors as modules: what wrappers put before them left out, the tensors of a module gathered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from lstm_shapes.importers.state_dict.stored import Tensor

_WRAPPERS = {
    "_orig_mod.": "torch.compile",
    "module.": "DataParallel",
    "_fsdp_wrapped_module.": "FullyShardedDataParallel",
    "model.": "a module that holds the model",
}
_PARAMETRIZED = re.compile(r"(?:(.*)\.)?(parametrizations\.[^.]+\.(?:original\d?|\d+\..+))")
_ATTENTION = ("in_proj_weight", "q_proj_weight")
_OUT = ".out_proj"
_DROPPED = "_raw"
"""The end of weights that AWD-LSTM drops; the others are of the module inside, called ``module``."""


class Module(NamedTuple):
    """The tensors of a module by the end of their names, in order."""

    path: str
    leaves: dict[str, Tensor]


def without_wrappers(names: Iterable[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Each name without what wrappers put before all of them, and those wrappers.

    >>> without_wrappers(["module.fc.weight", "module.fc.bias"])
    ({'module.fc.weight': 'fc.weight', 'module.fc.bias': 'fc.bias'}, ('module.',))
    """
    short = {name: name for name in names}
    removed = []
    if any("_orig_mod." in name for name in short):
        removed.append("_orig_mod.")
        short = {name: own.replace("_orig_mod.", "") for name, own in short.items()}
    while wrapper := next((head for head in _WRAPPERS if _is_before_all(head, short.values())), ""):
        removed.append(wrapper)
        short = {name: own.removeprefix(wrapper) for name, own in short.items()}
    return (short, tuple(removed)) if len(set(short.values())) == len(short) else ({name: name for name in short}, ())


def _is_before_all(head: str, names: Iterable[str]) -> bool:
    """Whether a wrapper stands before all names, and is no module of which these are the weights."""
    rest = [name.removeprefix(head) if name.startswith(head) else "" for name in names]
    return bool(rest) and all(rest) and any("." in name for name in rest)


def wrapper_of(head: str) -> str:
    """Who puts this before the names."""
    return _WRAPPERS[head]


def modules(tensors: Mapping[str, Tensor]) -> tuple[Module, ...]:
    """The modules that tensors belong to, in the order of their first ones.

    The output projection of an attention is a part of it, and so are the weights of a module that AWD-LSTM drops.
    """
    gathered: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        path, leaf = split(name)
        gathered.setdefault(path, {})[leaf] = tensor
    for path in [path for path in gathered if path.endswith(_OUT) or path == _OUT[1:]]:
        above = gathered.get(path.removesuffix(_OUT[1:]).removesuffix("."))
        if above is not None and any(leaf in above for leaf in _ATTENTION):
            above.update({f"out_proj.{leaf}": tensor for leaf, tensor in gathered.pop(path).items()})
    for path, leaves in list(gathered.items()):
        inner = f"{path}.module".removeprefix(".")
        if (
            inner in gathered
            and all(leaf.endswith(_DROPPED) for leaf in leaves)
            and leaves.keys().isdisjoint(gathered[inner])
        ):
            leaves.update(gathered.pop(inner))
    return tuple(Module(path, leaves) for path, leaves in gathered.items())


def widths(parts: Iterable[Module]) -> frozenset[int]:
    """How many features the recurrent modules read."""
    kernels = (part.leaves.get(leaf) for part in parts for leaf in ("weight_ih_l0", "weight_ih"))
    return frozenset(kernel.shape[1] for kernel in kernels if kernel is not None and len(kernel.shape) == 2)


def split(name: str) -> tuple[str, str]:
    """The module that a tensor belongs to, and the end of its name.

    >>> split("encoder.lstm.weight_ih_l0"), split("fc.parametrizations.weight.original0")
    (('encoder.lstm', 'weight_ih_l0'), ('fc', 'parametrizations.weight.original0'))
    """
    match = _PARAMETRIZED.fullmatch(name)
    if match:
        return match[1] or "", match[2]
    path, _, leaf = name.rpartition(".")
    return (path, leaf) if path else ("", name)
