"""What the experiments share: random weights, a run, how far two results differ. A page loads this, not NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.symbolic.size import fixed

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

TOLERANCE = 1e-9
"""What two float64 runs of the same function may differ by; what differs by less counts as the same."""
CLOSED, OPEN = -50.0, 50.0
"""Arguments of the sigmoid at which a gate is 0 and 1 to the last digit."""


def allocate(layer: Layer, random: Any, features: int = 3) -> dict[str, Array]:
    """Random weights between -1 and 1, by weight key."""
    return {
        weight.key: random.uniform(-1, 1, [fixed(size) for size in weight.shape])
        for weight in layer.weights((1, 1, features))
    }


def sequence(random: Any, batch: int = 2, timesteps: int = 6, features: int = 3) -> Array:
    """A random batch (batch, time, in)."""
    x: Array = random.uniform(-1, 1, (batch, timesteps, features))
    return x


def run(
    layer: Layer, arrays: Mapping[str, Array], x: Array, *state: Array, mask: Array | None = None
) -> tuple[Array, ...]:
    """Every output of the layer, computed."""
    return layer.run(Weights(arrays), x, *state, mask=mask)


def executed(layer: Layer, arrays: Mapping[str, Array], x: Array) -> int:
    """The multiply-accumulates that a run executes, counted in its matrix products."""
    from lstm_shapes.analysis.verify.counting import Counter, counted

    counter = Counter()
    run(layer, {key: counted(array, counter) for key, array in arrays.items()}, x)
    return counter.macs


def distance(a: Array, b: Array) -> float:
    """The largest difference; infinite where the shapes differ."""
    import numpy as np

    return float(np.max(np.abs(a - b), initial=0)) if a.shape == b.shape else float("inf")


def alike(difference: float) -> bool:
    """Whether a difference is only rounding."""
    return difference <= TOLERANCE


def figure(value: float) -> str:
    """A measured number with two digits.

    >>> figure(0.0), figure(0.01234), figure(2.2e-16)
    ('0', '0.012', '2.2e-16')
    """
    return f"{value:.2g}"
