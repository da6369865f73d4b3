"""A tensor of a checkpoint: its name, shape and dtype, and whether training changes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import prod
from typing import NamedTuple

_BUFFERS = re.compile(r"running_mean|running_var|num_batches_tracked|position_ids|.*\.\d+\._[uv]|.*_mask")
"""Buffers of PyTorch's modules, of its spectral norms and of pruning, by the end of their names."""
_COUNTERS = re.compile(r"u?int\d+|bool")
_LEARNED = re.compile(r"(in_proj_)?(weight|bias)(_[a-z]+)*(_l\d+)?")


class Tensor(NamedTuple):
    """A tensor by its name in the checkpoint. ``first`` is the name under which the same tensor stands before it.

    ``place`` is the same for two names of one tensor; None where the file does not say. One that was stored in a way
    that tells no shape has ``opaque``, the name of what it is.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    place: object = None
    first: str = ""
    opaque: str = ""

    @property
    def elements(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)

    @property
    def own_elements(self) -> int:
        """How many numbers it has that no tensor before it has."""
        return 0 if self.first else self.elements


def is_buffer(leaf: str, tensor: Tensor) -> bool:
    """Whether a module keeps the tensor as a buffer, by its name and its dtype: a state dict does not say.

    >>> is_buffer("running_mean", Tensor("bn.running_mean", (5,), "float32"))
    True
    """
    return bool(_BUFFERS.fullmatch(leaf) or (_COUNTERS.fullmatch(tensor.dtype) and not _LEARNED.fullmatch(leaf)))


def with_first(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors, each with the name under which it stands before, if it does."""
    seen: dict[object, str] = {}
    linked = {}
    for name, tensor in tensors.items():
        if tensor.place is not None and tensor.elements:
            first = seen.setdefault(tensor.place, name)
            tensor = tensor._replace(first="" if first == name else first)
        linked[name] = tensor
    return linked
