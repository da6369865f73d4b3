"""Tensors as blocks: the smallest arrays that frameworks keep in different tensors and orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from lstm_shapes.frameworks.layout import Tensor
from lstm_shapes.layers.axes import Groups, parse
from lstm_shapes.layers.base import Weight

COUNTED = ("way", "role", "gate", "peep")
"""The axes that count blocks: directions, weights in a tensor, gates, gates with a peephole."""
BIASES = ("bias", "recurrent_bias")


class Block(NamedTuple):
    """A gate of a weight in one direction of one layer; ``gate`` is '' where a weight has no gates."""

    depth: int
    backward: bool
    role: str
    gate: str


class Stored(NamedTuple):
    """A tensor under the ``name`` that it has in a framework; ``depth`` is that of its layer in a stack."""

    name: str
    tensor: Tensor
    depth: int

    @property
    def groups(self) -> Groups:
        """Its dimensions, each with the axes in it. A convolution that has no groups has no axis of groups."""
        sizes = self.tensor.sizes
        return tuple(
            tuple(axis for axis in group if len(group) == 1 or axis != "group" or sizes[axis] != 1)
            for group in parse(self.tensor.axes)
        )

    @property
    def counted(self) -> tuple[tuple[str, int], ...]:
        """Its axes that count blocks, with their lengths."""
        sizes = self.tensor.sizes
        axes = [axis for group in self.groups for axis in group if axis in COUNTED]
        return tuple((axis, int(str(sizes[axis]))) for axis in axes)

    def blocks(self, chosen: Sequence[int] = ()) -> tuple[Block, ...]:
        """Its blocks in order: all of them, or those at the first places of ``counted`` that are ``chosen``."""
        places: list[tuple[int, ...]] = [(place,) for place in chosen]
        places += [tuple(range(length)) for _, length in self.counted[len(chosen) :]]
        axes = [axis for axis, _ in self.counted]
        return tuple(self._block(dict(zip(axes, place, strict=True))) for place in product(*places))

    def _block(self, places: dict[str, int]) -> Block:
        tensor = self.tensor
        weight = tensor.weights[places.get("way", 0) * len(tensor.roles) + places.get("role", 0)]
        gate = tensor.gate
        if "gate" in places:
            gate = tensor.gates[places["gate"]]
        if "peep" in places:
            gate = tuple(gate for gate in tensor.gates if gate != "candidate")[places["peep"]]
        return Block(*self._place(weight), gate)

    @property
    def weights(self) -> tuple[tuple[tuple[int, bool, str], Weight], ...]:
        """The weights in it, each with its depth, whether it is of the backward direction, and its role."""
        return tuple((self._place(weight), weight) for weight in self.tensor.weights)

    def _place(self, weight: Weight) -> tuple[int, bool, str]:
        depth = next((int(part) for part in weight.path if part.isdigit()), self.depth)
        return depth, "backward" in weight.path, weight.role


class Reference(NamedTuple):
    """Some of a tensor's blocks: those at the first places of its counted axes that are ``chosen``."""

    stored: Stored
    chosen: tuple[int, ...]

    @property
    def axes(self) -> tuple[str, ...]:
        """The counted axes that are left."""
        return tuple(axis for axis, _ in self.stored.counted[len(self.chosen) :])


def references(tensors: Sequence[Stored]) -> dict[tuple[tuple[str, ...], tuple[Block, ...]], Reference]:
    """Every run of blocks that can be taken out of a tensor, by the axes that count them and what they are."""
    return {
        (reference.axes, reference.stored.blocks(reference.chosen)): reference
        for stored in tensors
        for reference in _references(stored)
    }


def _references(stored: Stored) -> Iterator[Reference]:
    lengths = [length for _, length in stored.counted]
    for depth in range(len(lengths) + 1):
        for chosen in product(*map(range, lengths[:depth])):
            yield Reference(stored, chosen)
