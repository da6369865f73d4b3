"""Functions of TensorFlow, Keras' backend and ``keras.ops``: what a ``call`` does between its layers."""

from __future__ import annotations

from collections.abc import Callable

from lstm_shapes.importers.script import torch_shapes as shapes
from lstm_shapes.importers.script.run import Arguments, Run
from lstm_shapes.importers.script.tensors import elementwise
from lstm_shapes.importers.script.values import Tensor, Value

Meaning = Callable[[Run, Arguments], Value]


def _operator(sign: str) -> Meaning:
    def compute(run: Run, given: Arguments) -> Value:
        left, right = given.get(0, "a", "x"), given.get(1, "b", "y")
        both = isinstance(left, Tensor) and isinstance(right, Tensor)
        plain = not given.named.keys() & {"transpose_a", "transpose_b"}
        return elementwise(run, sign, left, right, given.node) if both and plain else run.opaque(given.node)

    return compute


def _filled(run: Run, given: Arguments) -> Value:
    """``tf.zeros((4, 32))``: a tensor that no layer gives."""
    sizes = given.get(0, "shape", "dims")
    known = [run.size(size) for size in sizes] if isinstance(sizes, list | tuple) else [None]
    return Tensor(None, shape=None if None in known else tuple(known))


_MODULES = ("tensorflow", "tensorflow.math", "keras.backend", "keras.ops")
_NAMES: dict[str, Meaning] = {
    **{f"{prefix}{op}": shapes.reduced(op) for op in ("mean", "sum", "max", "min") for prefix in ("", "reduce_")},
    "expand_dims": shapes.unsqueeze,
    "squeeze": shapes.squeeze,
    "reshape": shapes.reshape,
    "transpose": shapes.permute,
    "permute_dimensions": shapes.permute,
    "stack": shapes.stack,
    "concat": shapes.concatenate,
    "matmul": _operator("@"),
    "add": _operator("+"),
    "multiply": _operator("*"),
    "subtract": _operator("-"),
    "zeros": _filled,
    "ones": _filled,
}
FUNCTIONS: dict[str, Meaning] = {f"{module}.{name}": meaning for module in _MODULES for name, meaning in _NAMES.items()}
"""A function, by its path -> what its call gives."""
