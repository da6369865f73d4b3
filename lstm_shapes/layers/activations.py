"""The activation functions of Keras 3 and PyTorch that keep a shape, as NumPy; ``out`` may be the input itself.

Definitions follow keras/src/activations and torch.nn.functional with their default arguments. ``glu`` halves its axis
and ``threshold`` has no defaults: neither can follow a gate, so neither is here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Activation = Callable[..., "Array"]


def activation(name: str) -> Activation:
    """The function called ``name``: ``f(x, out=None)``. Raises ``KeyError`` on a name not in ``NAMES``.

    >>> activation("hard_sigmoid")(np.array([-3.0, 0.0, 3.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return _functions()[name]


@lru_cache(maxsize=1)
def _functions() -> dict[str, Activation]:
    simple = {name: _stored(function) for name, function in _PLAIN.items()}
    return {"tanh": np.tanh, "sigmoid": _sigmoid, "relu": _relu, "linear": _linear, **simple}


def _sigmoid(x: Array, out: Array | None = None) -> Array:
    """1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2, which cannot overflow."""
    out = np.multiply(x, 0.5, out=out)
    np.tanh(out, out=out)
    out *= 0.5
    out += 0.5
    return out


def _relu(x: Array, out: Array | None = None) -> Array:
    return np.maximum(x, 0, out=out)


def _linear(x: Array, out: Array | None = None) -> Array:
    return np.positive(x, out=out)


def _stored(function: Callable[[Array], Array]) -> Activation:
    def stored(x: Array, out: Array | None = None) -> Array:
        value = function(x)
        if out is None:
            return value
        out[...] = value
        return out

    return stored


def _softplus(x: Array) -> Array:
    return np.logaddexp(x, 0)


def _expm1(x: Array) -> Array:
    """exp(x) - 1 for x < 0, 0 above: no overflow where it is not used."""
    below: Array = np.expm1(np.minimum(x, 0))
    return below


def _softmax(x: Array) -> Array:
    powers: Array = np.exp(x - x.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def _log_softmax(x: Array) -> Array:
    shifted: Array = x - x.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted


def _sparsemax(x: Array) -> Array:
    """The point of the simplex nearest to x (Martins & Astudillo 2016, algorithm 1)."""
    ordered = -np.sort(-x, axis=-1)
    sums = np.cumsum(ordered, axis=-1)
    count = np.arange(1, x.shape[-1] + 1, dtype=x.dtype)
    support = np.maximum((1 + count * ordered > sums).sum(axis=-1, keepdims=True), 1)
    threshold = (np.take_along_axis(sums, support - 1, axis=-1) - 1) / support.astype(x.dtype)
    nearest: Array = np.maximum(x - threshold, 0)
    return nearest


def _erf(x: Array) -> Array:
    from math import erf

    values: Array = np.vectorize(erf, otypes=[x.dtype])(x)
    return values


def _hard_sigmoid(x: Array) -> Array:
    """relu6(x + 3) / 6, as Keras 3 and PyTorch."""
    line: Array = np.clip(x + 3, 0, 6)
    line /= 6
    return line


_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805

_PLAIN: dict[str, Callable[[Array], Array]] = {
    "celu": lambda x: np.maximum(x, 0) + _expm1(x),
    "elu": lambda x: np.maximum(x, 0) + _expm1(x),
    "exponential": np.exp,
    "gelu": lambda x: x * (1 + _erf(x / np.sqrt(2).astype(x.dtype))) / 2,
    "hard_shrink": lambda x: np.where(np.abs(x) <= 0.5, x * 0, x),
    "hard_sigmoid": _hard_sigmoid,
    "hard_sigmoid_keras2": lambda x: np.clip(0.2 * x + 0.5, 0, 1),  # keras/activations.py before Keras 3
    "hard_silu": lambda x: x * _hard_sigmoid(x),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "log_sigmoid": lambda x: -_softplus(-x),
    "log_softmax": _log_softmax,
    "mish": lambda x: x * np.tanh(_softplus(x)),
    "relu6": lambda x: np.clip(x, 0, 6),
    "selu": lambda x: _SELU_SCALE * (np.maximum(x, 0) + _SELU_ALPHA * _expm1(x)),
    "silu": lambda x: x * _sigmoid(x),
    "soft_shrink": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
    "softmax": _softmax,
    "softplus": _softplus,
    "softsign": lambda x: x / (1 + np.abs(x)),
    "sparse_plus": lambda x: np.where(x <= -1, x * 0, np.where(x < 1, (x + 1) ** 2 / 4, x)),
    "sparse_sigmoid": lambda x: np.clip((x + 1) / 2, 0, 1),
    "sparsemax": _sparsemax,
    "squareplus": lambda x: (x + np.sqrt(x * x + 4)) / 2,
    "tanh_shrink": lambda x: x - np.tanh(x),
}
