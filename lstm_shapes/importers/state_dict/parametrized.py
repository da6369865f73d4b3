"""Weights that are stored as something else: weight norm, spectral norm, pruning, dropped weights of AWD-LSTM."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lstm_shapes.importers.state_dict.stored import Tensor

_ORIGINAL = re.compile(r"parametrizations\.([^.]+)\.(original[01]?)")


class Plain(NamedTuple):
    """A module's tensors as it has them without what changes its weights.

    ``leaves`` are those that have the shape of the weight, by the weight's name; ``more`` are the others: magnitudes,
    and the ``buffers`` among them. ``changed`` says what was done, by the weight.
    """

    leaves: dict[str, Tensor]
    more: dict[str, Tensor]
    buffers: frozenset[str]
    changed: dict[str, str]


def plain(leaves: Mapping[str, Tensor]) -> Plain:
    """The tensors of a module with the weights under their own names.

    >>> shapes = {"weight_g": (4, 1), "weight_v": (4, 3)}
    >>> norm = {leaf: Tensor(f"fc.{leaf}", shape, "float32") for leaf, shape in shapes.items()}
    >>> plain(norm).leaves["weight"].shape, plain(norm).changed
    ((4, 3), {'weight': 'weight norm'})
    """
    rest = dict(leaves)
    own: dict[str, Tensor] = {}
    more: dict[str, Tensor] = {}
    changed: dict[str, str] = {}
    buffers: set[str] = set()
    for weight, stands_for, others, unlearned, what in _changes(leaves):
        if weight in leaves or weight in own:
            continue
        own[weight] = rest.pop(stands_for)
        changed[weight] = what
        more |= {leaf: rest.pop(leaf) for leaf in others if leaf in rest}
        buffers |= set(unlearned)
    ordered = {**own, **rest}
    return Plain(ordered, more, frozenset(buffers), changed)


_Change = tuple[str, str, tuple[str, ...], tuple[str, ...], str]
"""The weight, the tensor with its shape, the tensors beside it, the buffers among these, what was done."""


def _changes(leaves: Mapping[str, Tensor]) -> Iterator[_Change]:
    for leaf, tensor in leaves.items():
        match = _ORIGINAL.fullmatch(leaf)
        if match:
            yield from _parametrization(leaves, leaf, match[1], match[2])
        elif leaf.endswith("_v") and _is_magnitude(leaves.get(f"{leaf[:-2]}_g"), tensor):
            yield leaf[:-2], leaf, (f"{leaf[:-2]}_g",), (), "weight norm"
        elif leaf.endswith("_orig"):
            yield from _original(leaves, leaf, leaf.removesuffix("_orig"))
        elif leaf.endswith("_raw"):
            yield leaf.removesuffix("_raw"), leaf, (), (), "dropped weights"


def _parametrization(leaves: Mapping[str, Tensor], leaf: str, weight: str, which: str) -> Iterator[_Change]:
    """torch.nn.utils.parametrize: ``original`` has the weight's shape; of weight norm's two, ``original1`` has it."""
    head = f"parametrizations.{weight}."
    vectors = tuple(other for other in leaves if other.startswith(head) and other.endswith(("._u", "._v")))
    if which == "original":
        yield weight, leaf, vectors, vectors, "spectral norm" if vectors else "a parametrization"
    elif which == "original1" and _is_magnitude(leaves.get(f"{head}original0"), leaves[leaf]):
        yield weight, leaf, (f"{head}original0",), (), "weight norm"


def _original(leaves: Mapping[str, Tensor], leaf: str, weight: str) -> Iterator[_Change]:
    """torch.nn.utils.spectral_norm and torch.nn.utils.prune keep ``weight_orig``."""
    vectors = tuple(f"{weight}{end}" for end in ("_u", "_v") if f"{weight}{end}" in leaves)
    if f"{weight}_mask" in leaves:
        yield weight, leaf, (f"{weight}_mask",), (f"{weight}_mask",), "pruning"
    elif vectors:
        yield weight, leaf, vectors, vectors, "spectral norm"


def _is_magnitude(magnitude: Tensor | None, direction: Tensor) -> bool:
    """Whether one tensor has a number for each vector of another: its sizes are those, or 1."""
    if magnitude is None or direction.opaque:
        return False
    pairs = list(zip(magnitude.shape, direction.shape, strict=False))
    same_rank = len(magnitude.shape) == len(direction.shape)
    return not magnitude.shape or (same_rank and all(one in (1, size) for one, size in pairs))
