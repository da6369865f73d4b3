"""The layer that the pages use as an example, in all frameworks and settings: 8 features in, 32 units."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from lstm_shapes.analysis.params import Params, params
from lstm_shapes.symbolic.size import Size, product, readable

INPUT_DIM = 8
UNITS = 32
FEW, MANY = 10, 100
"""Two numbers of timesteps."""


@lru_cache(maxsize=64)
def example(cell: str = "lstm", units: int = UNITS, **settings: Any) -> Params:
    """The example layer's figures.

    >>> example().total, example("gru", framework="torch").total
    (5248, 4032)
    """
    return params(units=units, input_dim=INPUT_DIM, cell=cell, **settings)


def worked(layer: Params) -> str:
    """The count as formula, with the numbers put in, and its result.

    >>> worked(example())
    '4*units*(input_dim + units + 1) = 4*32*(8 + 32 + 1) = 5,248'
    """
    return f"{layer.formula} = {layer.worked} = {readable(layer.total)}"


def params_of(layer: Params, name: str) -> Size:
    """How many parameters the tensor called ``name`` has."""
    return product(next(tensor.shape for tensor in layer.weights if tensor.name == name))


def number(size: Size) -> int:
    """A size of the example that has no symbol in it."""
    assert isinstance(size, int)
    return size
