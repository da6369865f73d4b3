"""Layers that stand for an operation, with the expression that Keras or PyTorch was given, and its values.

``python -m tests.golden.operations`` takes the values again; it needs the oracles extra.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_shapes.layers import family
from lstm_shapes.layers.base import Weights

FILE = Path(__file__).with_name("operations.json")
SEED = 21
X, Y, SQUARE = (2, 3, 4), (2, 3, 4), (2, 4, 3)


class Case(NamedTuple):
    """A layer's type and fields, the shapes that reach it, and the expression of ``ops``, ``layers`` or ``torch``."""

    type: str
    fields: dict[str, Any]
    shapes: tuple[tuple[int, ...], ...]
    expression: str

    def inputs(self) -> list[NDArray[Any]]:
        """Numbers drawn by the expression, the same on every machine."""
        draw = Random(f"{SEED} {self.expression}")
        return [
            np.array([draw.randint(-20, 20) / 8 for _ in range(int(np.prod(shape)))], np.float32).reshape(shape)
            for shape in self.shapes
        ]

    def run(self) -> list[NDArray[Any]]:
        return [np.asarray(output) for output in family(self.type)(**self.fields).run(Weights({}), *self.inputs())]


CASES = [
    Case("select", {"axis": 1, "index": -1}, (X,), "torch: x[:, -1, :]"),
    Case("select", {"axis": -1, "index": 2}, (X,), "torch: x.select(-1, 2)"),
    Case("select", {"axis": 1, "index": 0}, (X,), "keras: x[:, 0]"),
    Case("slice", {"axis": 1, "start": 1}, (X,), "torch: x[:, 1:]"),
    Case("slice", {"axis": -1, "start": -3, "stop": 10, "step": 2}, (X,), "torch: x[..., -3:10:2]"),
    Case("slice", {"axis": 1, "step": -1}, (X,), "keras: ops.flip(x, axis=1)"),
    Case("split", {"axis": 2, "sections": 2}, (X,), "torch: torch.chunk(x, 2, dim=2)"),
    Case("split", {"axis": -1, "sizes": (1, -1)}, (X,), "keras: ops.split(x, [1], axis=-1)"),
    Case("squeeze", {"axis": (1,)}, ((2, 1, 4),), "torch: x.squeeze(1)"),
    Case("squeeze", {}, ((2, 1, 4, 1),), "keras: ops.squeeze(x)"),
    Case("expand_dims", {"axis": -1}, (X,), "keras: ops.expand_dims(x, -1)"),
    Case("expand_dims", {"axis": 1}, (X,), "torch: x.unsqueeze(1)"),
    Case("transpose", {"axes": (1, 0, 2)}, (X,), "torch: x.permute(1, 0, 2)"),
    Case("transpose", {}, (X,), "keras: ops.transpose(x)"),
    Case("maximum", {}, (X, (2, 4)), "keras: layers.Maximum()([x, y])"),
    Case("minimum", {}, (X, (2, 1, 4)), "keras: layers.Minimum()([x, y])"),
    Case("dot", {"axes": (2,)}, (X, (2, 5, 4)), "keras: layers.Dot(axes=2)([x, y])"),
    Case(
        "dot",
        {"axes": (2, 1), "normalize": True},
        (X, (2, 4)),
        "keras: layers.Dot(axes=(2, 1), normalize=True)([x, y])",
    ),
    Case("dot", {"axes": (-1,)}, ((2, 4), (2, 4)), "keras: layers.Dot(axes=-1)([x, y])"),
    Case("reduce", {"op": "mean", "axis": (1,)}, (X,), "torch: x.mean(dim=1)"),
    Case(
        "reduce",
        {"op": "sum", "axis": (0, -1), "keepdims": True},
        (X,),
        "keras: ops.sum(x, axis=(0, -1), keepdims=True)",
    ),
    Case("reduce", {"op": "max", "axis": (2,)}, (X,), "torch: x.max(dim=2).values"),
    Case("reduce", {"op": "min"}, (X,), "keras: ops.min(x)"),
    Case("elementwise", {"op": "subtract"}, (X, (3, 1)), "torch: x - y"),
    Case("elementwise", {"op": "divide", "value": 4.0}, (X,), "keras: x / 4"),
    Case("elementwise", {"op": "greater_equal"}, (X, Y), "torch: (x >= y).float()"),
    Case("elementwise", {"op": "power", "value": 2.0}, (X,), "torch: x ** 2"),
    *(
        Case("elementwise", {"op": op}, (X,), f"keras: ops.{op}(x)")
        for op in ("exp", "abs", "square", "sin", "floor", "round")
    ),
    Case("gather", {"axis": 1, "indices": (2, 0, 2)}, (X,), "keras: ops.take(x, [2, 0, 2], axis=1)"),
    Case("gather", {"axis": -1, "indices": (3, 1)}, (X,), "torch: torch.index_select(x, -1, torch.tensor([3, 1]))"),
    Case("stack", {"axis": 1}, (X, Y), "torch: torch.stack([x, y], dim=1)"),
    Case("stack", {"axis": -1}, (X, Y), "keras: ops.stack([x, y], axis=-1)"),
    Case("matmul", {}, (X, SQUARE), "torch: x @ y"),
    Case("matmul", {}, (X, (4, 2)), "keras: ops.matmul(x, y)"),
    Case("matmul", {}, (X, (4,)), "torch: torch.matmul(x, y)"),
]


def taken(case: Case) -> list[Any]:
    """What the framework gives, as lists."""
    import keras
    import torch

    framework, _, expression = case.expression.partition(": ")
    tensors = [torch.from_numpy(array) for array in case.inputs()]
    names = {"ops": keras.ops, "layers": keras.layers, "torch": torch, **dict(zip("xy", tensors, strict=False))}
    outputs = eval(expression, names)
    listed = outputs if isinstance(outputs, list | tuple) else [outputs]
    assert framework in ("keras", "torch")
    return [keras.ops.convert_to_numpy(output).astype("float64").tolist() for output in listed]


def main() -> None:
    import keras
    import torch

    releases = {"keras": f"{keras.__version__} ({keras.backend.backend()})", "torch": torch.__version__}
    rows = ",\n".join(f"  {json.dumps(case.expression)}: {_rounded(taken(case))}" for case in CASES)
    head = f'{{\n "seed": {SEED},\n "releases": {json.dumps(releases)},\n "cases": {{\n{rows}\n }}\n}}\n'
    FILE.write_text(head, "utf-8")


def _rounded(outputs: list[Any]) -> str:
    """Nine digits, which bring every float32 back."""
    plain = json.loads(json.dumps(outputs), parse_float=lambda number: float(f"{float(number):.9g}"))
    return json.dumps(plain, separators=(",", ":"))


if __name__ == "__main__":
    os.environ.setdefault("KERAS_BACKEND", "torch")
    main()
