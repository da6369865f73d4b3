"""The answer of ``layout``: the tensors of both frameworks, and the code that makes the one from the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from lstm_shapes.symbolic.size import Shape


class Tensor(NamedTuple):
    """A tensor of the target, or of the source: its name, axes and shape there."""

    name: str
    axes: str
    shape: Shape


class Made(NamedTuple):
    """A tensor of the target: the tensors that it is made ``of``, the ``code`` in NumPy, its steps in words."""

    tensor: Tensor
    of: tuple[str, ...]
    code: str
    steps: tuple[str, ...]


class Layout(NamedTuple):
    """How a layer's weights in ``source`` become those in ``target``.

    ``left_out`` is the code of what the target has no place for: the conversion is exact where it is 0. ``parameters``
    are sizes that the function has to be told. ``python`` is the source of a module with that function, which converts
    arrays and needs only NumPy.
    """

    type: str
    source: str
    target: str
    settings: Mapping[str, Any]
    given: tuple[Tensor, ...]
    made: tuple[Made, ...]
    left_out: tuple[str, ...]
    parameters: tuple[str, ...]
    notes: tuple[str, ...]
    python: str = ""

    @property
    def exact(self) -> bool:
        """Whether every weight of the source has its place in the target."""
        return not self.left_out
