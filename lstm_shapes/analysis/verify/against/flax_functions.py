"""What JAX computes of tensors, with which a model of Flax is written: jax.numpy, and jax.nn's activation functions."""

from __future__ import annotations

from typing import Any

from lstm_shapes.analysis.verify.against.operations import Function, NumpyFunctions
from lstm_shapes.analysis.verify.against.twin import NotCompared

FUNCTIONS = {
    "exponential": "exp",
    "hard_silu": "hard_silu",
    "softsign": "soft_sign",
    "log_sigmoid": "log_sigmoid",
    "sparse_plus": "sparse_plus",
    "sparse_sigmoid": "sparse_sigmoid",
    "squareplus": "squareplus",
}
"""Our names of activation functions -> those in jax.nn."""
SAME = frozenset("relu tanh sigmoid softmax log_softmax elu selu celu softplus relu6 silu mish hard_tanh".split())
METHODS = {"nearest": "nearest", "bilinear": "linear"}


class FlaxFunctions(NumpyFunctions):
    """The functions of ``jax.numpy`` and of ``jax``, the imported package."""

    def __init__(self, title: str, jax: Any, jnp: Any) -> None:
        super().__init__(jnp)
        self.title, self.jax = title, jax

    def activation(self, name: str) -> Function:
        """A function of jax.nn. Raises ``NotCompared`` on one that is not there under the same definition."""
        if name in SAME:
            return vars(self.jax.nn)[name]  # type: ignore[no-any-return]
        if name == "gelu":
            return lambda x: self.jax.nn.gelu(x, approximate=False)
        if name == "leaky_relu":
            return lambda x: self.jax.nn.leaky_relu(x, 0.2)
        if name == "hard_sigmoid":
            return self.jax.nn.hard_sigmoid  # type: ignore[no-any-return]
        if name == "linear":
            return lambda x: x
        if name not in FUNCTIONS:
            raise NotCompared(f"JAX has no function {name}")
        return self.xp.exp if name == "exponential" else vars(self.jax.nn)[FUNCTIONS[name]]  # type: ignore[no-any-return]

    def with_slope(self, name: str, x: Any, slope: float) -> Any:
        """``leaky_relu`` or ``elu``."""
        return vars(self.jax.nn)[name](x, slope)

    def along(self, name: str, x: Any, axis: int) -> Any:
        """``softmax`` or ``log_softmax``."""
        return vars(self.jax.nn)[name](x, axis=axis)

    def elementwise(self, name: str, *inputs: Any) -> Any:
        """A function of jax.numpy or jax.lax."""
        if name == "rsqrt":
            return self.jax.lax.rsqrt(*inputs)
        return super().elementwise(name, *inputs)

    def resized(self, x: Any, shape: tuple[int, ...], interpolation: str) -> Any:
        """``jax.image.resize``."""
        return self.jax.image.resize(x, shape, METHODS[interpolation])
