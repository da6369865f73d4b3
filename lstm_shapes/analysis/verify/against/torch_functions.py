"""What PyTorch computes of tensors: its functions under NumPy's names, and its activation functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lstm_shapes.analysis.verify.against.operations import Function, NumpyFunctions, Sizes
from lstm_shapes.analysis.verify.against.twin import NotCompared

FUNCTIONS = {
    "hard_shrink": "hardshrink",
    "hard_sigmoid": "hardsigmoid",
    "hard_silu": "hardswish",
    "hard_tanh": "hardtanh",
    "log_sigmoid": "logsigmoid",
    "soft_shrink": "softshrink",
    "tanh_shrink": "tanhshrink",
}
"""Our names of activation functions -> those in torch.nn.functional, where they differ."""
KERAS_ALONE = frozenset(("hard_sigmoid_keras2", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus"))
ALONG_AN_AXIS = frozenset(("softmax", "log_softmax"))


class TorchFunctions(NumpyFunctions):
    """The functions of ``torch``, the imported package."""

    title = "PyTorch"

    def activation(self, name: str) -> Function:
        """The function of that name. Raises ``NotCompared`` on one that PyTorch does not have."""
        if name == "linear":
            return lambda x: x
        if name in KERAS_ALONE:
            raise NotCompared(f"PyTorch has no function {name}")
        if name == "exponential":
            return self.xp.exp  # type: ignore[no-any-return]
        function: Function = vars(self.xp.nn.functional)[FUNCTIONS.get(name, name)]
        if name in ALONG_AN_AXIS:
            return lambda x: function(x, dim=-1)
        return (lambda x: function(x, 0.2)) if name == "leaky_relu" else function

    def with_slope(self, name: str, x: Any, slope: float) -> Any:
        """``leaky_relu`` or ``elu``."""
        return vars(self.xp.nn.functional)[name](x, slope)

    def along(self, name: str, x: Any, axis: int) -> Any:
        """``softmax`` or ``log_softmax``."""
        return vars(self.xp.nn.functional)[name](x, dim=axis)

    def elementwise(self, name: str, *inputs: Any) -> Any:
        """A function of tensors; numbers are made tensors of float64."""
        tensors = (x if self.xp.is_tensor(x) else self.xp.tensor(x, dtype=self.xp.float64) for x in inputs)
        return super().elementwise({"power": "pow", "equal": "eq"}.get(name, name), *tensors)

    def number(self, x: Any) -> Any:
        """Truths as float64."""
        return x.double()

    def reduced(self, name: str, x: Any, axes: Sizes, keepdims: bool) -> Any:
        """The largest and the smallest along several axes are ``amax`` and ``amin``."""
        return super().reduced({"max": "amax", "min": "amin"}.get(name, name), x, axes, keepdims)

    def transpose(self, x: Any, axes: Sequence[int]) -> Any:
        """``permute``."""
        return x.permute(tuple(axes))

    def split(self, x: Any, sizes: Sizes, axis: int) -> Sequence[Any]:
        """Parts of these sizes."""
        return list(self.xp.split(x, list(sizes), dim=axis))

    def cut(self, x: Any, axis: int, start: int | None, stop: int | None, step: int) -> Any:
        """A slice; PyTorch has none with a step below 0."""
        if step > 0:
            return super().cut(x, axis, start, stop, step)
        return self.take(x, list(range(x.shape[axis])[slice(start, stop, step)]), axis)

    def take(self, x: Any, indices: Any, axis: int) -> Any:
        """``index_select`` of the indices in a row, counted from the start."""
        if isinstance(indices, int):
            return x.select(axis, indices)
        at = self.xp.as_tensor(indices).long() % x.shape[axis]
        flat = self.xp.index_select(x, axis, at.reshape(-1))
        return flat.reshape(*x.shape[:axis], *at.shape, *x.shape[axis + 1 :])

    def pad(self, x: Any, ends: Sequence[tuple[int, int]]) -> Any:
        """``torch.nn.functional.pad``, which takes the ends of the last axis first; below 0 they are cut off."""
        return self.xp.nn.functional.pad(x, [size for pair in reversed(ends) for size in pair])

    def resized(self, x: Any, shape: Sizes, interpolation: str) -> Any:
        """``torch.nn.functional.interpolate``, channels first."""
        moved = self.xp.movedim(x, -1, 1)
        return self.xp.movedim(self.xp.nn.functional.interpolate(moved, shape[1:-1], mode=interpolation), 1, -1)
