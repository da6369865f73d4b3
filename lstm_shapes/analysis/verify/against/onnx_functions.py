"""What ONNX computes of tensors: each function a node that ONNX Runtime runs, and the operators of activations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_shapes.analysis.verify.against.operations import Function, Sizes
from lstm_shapes.analysis.verify.against.twin import NotCompared

if TYPE_CHECKING:
    from lstm_shapes.layers.base import Array

Run = Callable[..., tuple[Any, ...]]
"""An operator's name, its inputs by name and its attributes -> its outputs."""
FUNCTIONS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "tanh": ("Tanh", {}),
    "sigmoid": ("Sigmoid", {}),
    "relu": ("Relu", {}),
    "softsign": ("Softsign", {}),
    "softplus": ("Softplus", {}),
    "hard_sigmoid": ("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}),
    "hard_sigmoid_keras2": ("HardSigmoid", {"alpha": 0.2, "beta": 0.5}),
    "leaky_relu": ("LeakyRelu", {"alpha": 0.2}),
    "elu": ("Elu", {"alpha": 1.0}),
    "softmax": ("Softmax", {"axis": -1}),
    "log_softmax": ("LogSoftmax", {"axis": -1}),
    "exponential": ("Exp", {}),
    "selu": ("Selu", {}),
    "celu": ("Celu", {"alpha": 1.0}),
    "mish": ("Mish", {}),
    "gelu": ("Gelu", {}),
    "hard_silu": ("HardSwish", {}),
    "hard_shrink": ("Shrink", {"lambd": 0.5, "bias": 0.0}),
    "soft_shrink": ("Shrink", {"lambd": 0.5, "bias": 0.5}),
}
"""Our names of activation functions -> the operator and its attributes."""
CLIPPED = {"relu6": (0.0, 6.0), "hard_tanh": (-1.0, 1.0)}
"""Activation functions that are the operator Clip between these ends."""
OPERATORS = {
    **{name: name.capitalize() for name in "abs ceil cos exp floor log reciprocal round sign sin sqrt".split()},
    **{"negative": "Neg", "add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div", "power": "Pow"},
    **{"maximum": "Max", "minimum": "Min", "equal": "Equal", "greater": "Greater", "less": "Less"},
    **{"greater_equal": "GreaterOrEqual", "less_equal": "LessOrEqual"},
}
"""NumPy's names of functions of numbers -> the operators."""
COMPARISONS = frozenset("equal greater less greater_equal less_equal".split())


class OnnxFunctions:
    """Nodes of one operator each, which ``run`` runs; tensors are NumPy's arrays of float32."""

    title = "ONNX"

    def __init__(self, run: Run) -> None:
        self.run = run

    def activation(self, name: str) -> Function:
        """An activation as a node. Raises ``NotCompared`` on one that has no operator."""
        if name == "linear":
            return lambda x: x
        if name == "silu":
            return lambda x: self.elementwise("multiply", x, self.activation("sigmoid")(x))
        if name in CLIPPED:
            low, high = map(np.float32, CLIPPED[name])
            return lambda x: self.run("Clip", {"x": x, "min": np.array(low), "max": np.array(high)})[0]
        if name not in FUNCTIONS:
            raise NotCompared(f"ONNX has no operator {name}")
        op, given = FUNCTIONS[name]
        return lambda x: self.run(op, {"x": x}, **given)[0]

    def with_slope(self, name: str, x: Any, slope: float) -> Any:
        """LeakyRelu or Elu."""
        return self.run({"leaky_relu": "LeakyRelu", "elu": "Elu"}[name], {"x": x}, alpha=slope)[0]

    def along(self, name: str, x: Any, axis: int) -> Any:
        """Softmax or LogSoftmax."""
        return self.run(FUNCTIONS[name][0], {"x": x}, axis=axis)[0]

    def elementwise(self, name: str, *inputs: Any) -> Any:
        """An operator on numbers, or two where ONNX has none of that name."""
        if name == "square":
            return self.elementwise("multiply", inputs[0], inputs[0])
        if name == "rsqrt":
            return self.elementwise("reciprocal", self.elementwise("sqrt", inputs[0]))
        if name == "not_equal":
            return self.elementwise("subtract", 1, self.elementwise("equal", *inputs))
        slots = {f"x{number}": np.asarray(x, dtype=np.float32) for number, x in enumerate(inputs)}
        (made,) = self.run(OPERATORS[name], slots, kind="BOOL" if name in COMPARISONS else "FLOAT")
        return made.astype(np.float32)

    def reduced(self, name: str, x: Any, axes: Sizes, keepdims: bool) -> Any:
        """ReduceMean, ReduceSum, ReduceMax or ReduceMin; no axes leave a tensor as it is."""
        slots = {"data": x, "axes": _integers(axes)}
        return self.run(f"Reduce{name.capitalize()}", slots, keepdims=int(keepdims))[0] if axes else x

    def reshape(self, x: Any, shape: Sequence[int]) -> Any:
        """Reshape."""
        return self.run("Reshape", {"data": x, "shape": _integers(shape)})[0]

    def transpose(self, x: Any, axes: Sequence[int]) -> Any:
        """Transpose."""
        return self.run("Transpose", {"data": x}, perm=list(axes))[0]

    def concatenate(self, parts: Sequence[Any], axis: int) -> Any:
        """Concat."""
        return self.run("Concat", {f"x{number}": part for number, part in enumerate(parts)}, axis=axis)[0]

    def stack(self, parts: Sequence[Any], axis: int) -> Any:
        """Unsqueeze and Concat."""
        at = _integers([axis])
        return self.concatenate([self.run("Unsqueeze", {"data": part, "axes": at})[0] for part in parts], axis)

    def split(self, x: Any, sizes: Sizes, axis: int) -> Sequence[Any]:
        """Split."""
        return self.run("Split", {"input": x, "split": _integers(sizes)}, len(sizes), axis=axis)

    def cut(self, x: Any, axis: int, start: int | None, stop: int | None, step: int) -> Any:
        """Slice, whose ends are beyond the axis where none is given."""
        far = 1 << 31
        first = (0 if step > 0 else far) if start is None else start
        last = (far if step > 0 else -far) if stop is None else stop
        ends = {"starts": [first], "ends": [last], "axes": [axis], "steps": [step]}
        return self.run("Slice", {"data": x, **{name: _integers(value) for name, value in ends.items()}})[0]

    def take(self, x: Any, indices: Any, axis: int) -> Any:
        """Gather."""
        return self.run("Gather", {"data": x, "indices": np.asarray(indices).astype(np.int64)}, axis=axis)[0]

    def matmul(self, x: Any, y: Any) -> Any:
        """MatMul."""
        return self.run("MatMul", {"a": x, "b": y})[0]

    def pad(self, x: Any, ends: Sequence[tuple[int, int]]) -> Any:
        """Pad."""
        return self.run("Pad", {"data": x, "pads": _integers([*(b for b, _ in ends), *(a for _, a in ends)])})[0]

    def resized(self, x: Any, shape: Sizes, interpolation: str) -> Any:
        """Resize, channels first."""
        moved = self.transpose(x, [0, x.ndim - 1, *range(1, x.ndim - 1)])
        slots = {"X": moved, "roi": None, "scales": None, "sizes": _integers([shape[0], shape[-1], *shape[1:-1]])}
        nearest = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        given = nearest if interpolation == "nearest" else {"mode": "linear"}
        return self.transpose(self.run("Resize", slots, **given)[0], [0, *range(2, x.ndim), 1])


def _integers(numbers: Sequence[int]) -> Array:
    return np.array(list(numbers), dtype=np.int64)
