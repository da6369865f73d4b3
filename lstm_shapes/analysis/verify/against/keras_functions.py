"""What Keras computes of tensors: keras.ops, for layers of ours that are operations there, as ``x[:, -1, :]``."""

from __future__ import annotations

from typing import Any

from lstm_shapes.analysis.verify.against.operations import Function, NumpyFunctions

OPERATIONS = frozenset(
    "select slice split squeeze expand_dims transpose log_softmax reduce elementwise gather stack matmul".split()
)
"""The types that Keras has no layer for."""


class KerasFunctions(NumpyFunctions):
    """The functions of ``keras.ops``, the imported module."""

    title = "Keras"

    def activation(self, name: str) -> Function:
        """Not needed: Keras has a layer for it."""
        raise NotImplementedError

    def with_slope(self, name: str, x: Any, slope: float) -> Any:
        """Not needed: Keras has a layer for it."""
        raise NotImplementedError

    def resized(self, x: Any, shape: tuple[int, ...], interpolation: str) -> Any:
        """Not needed: Keras has a layer for it."""
        raise NotImplementedError

    def along(self, name: str, x: Any, axis: int) -> Any:
        """``softmax`` or ``log_softmax``."""
        return vars(self.xp)[name](x, axis=axis)

    def number(self, x: Any) -> Any:
        """Truths as float64."""
        return self.xp.cast(x, "float64")

    def cut(self, x: Any, axis: int, start: int | None, stop: int | None, step: int) -> Any:
        """A slice; PyTorch, the backend, has none with a step below 0."""
        if step > 0:
            return super().cut(x, axis, start, stop, step)
        return self.take(x, list(range(x.shape[axis])[slice(start, stop, step)]), axis)

    def indices(self, given: Any, length: int) -> Any:
        """Indices as a tensor of integers, counted from the start."""
        array = self.xp.cast(self.xp.convert_to_tensor(given), "int32")
        return self.xp.where(array < 0, array + length, array)
