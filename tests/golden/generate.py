"""Take the golden values from Keras, PyTorch and ONNX' reference: ``python -m tests.golden.generate``.

Needs the oracles extra and onnx. Keras runs on its torch backend, sparsemax excepted, whose values follow the paper:
Keras 3.15 sums over the support wrongly (keras-team/keras#23425).
"""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from lstm_shapes.frameworks.convolutions import SLIDING, TRANSPOSED
from lstm_shapes.frameworks.pooling import TYPES as POOLING
from lstm_shapes.layers.activation_names import NAMES, OLD

from ..oracles.comparison import Array, carried
from .cases import CASES, POINTS, SEED, Case

FILE = Path(__file__).with_name("values.json")


def by_keras(case: Case) -> list[Array]:
    import keras

    from ..oracles.keras_twin import twin

    real, single = twin(case.layer), case.layer.type != "multi_head_attention"
    real.build(*([list(case.shapes)] if case.others and single else case.shapes))
    real.set_weights(list(carried("keras", case.layer, case.shapes, case.arrays()).values()))
    tensor = keras.ops.convert_to_tensor
    extra: dict[str, Any] = {"mask": tensor(case.mask())} if case.masked else {}
    if case.states:
        extra["initial_state"] = [tensor(state) for state in case.start()]
    outputs = []
    for call in range(case.calls):
        inputs = [tensor(x) for x in (case.sequence(call), *case.further())]
        if case.others:
            layer: Any = case.layer
            extra = {"return_attention_scores": True, "use_causal_mask": layer.causal}
        outputs += keras.tree.flatten(real(*([inputs] if case.others and single else inputs), **extra))
    return [keras.ops.convert_to_numpy(output) for output in outputs]


def torch_module(case: Case) -> Any:
    import torch

    from ..oracles.test_torch_layers import CLASSES

    layer: Any = case.layer
    if layer.type == "multi_head_attention":
        return torch.nn.MultiheadAttention(layer.embed_dim, layer.num_heads, bias=layer.bias, batch_first=True)
    if layer.type in (*SLIDING, *TRANSPOSED):
        from ..oracles.test_convolutions import module

        return module(layer, case.shape)
    if layer.type in POOLING:
        from ..oracles.test_pooling import module as pool

        return pool(layer)
    settings: dict[str, Any] = {}
    if layer.type == "rnn":
        settings["nonlinearity"] = layer.first.activation
    if layer.type == "lstm":
        settings["proj_size"] = layer.first.proj_size
    both = len(layer.layers[0]) == 2
    class_ = getattr(torch.nn, CLASSES[layer.type])
    sizes = (case.shape[-1], layer.first.units, len(layer.layers))
    return class_(*sizes, batch_first=True, bidirectional=both, **settings)


def by_torch(case: Case) -> list[Array]:
    import torch

    from ..oracles.test_torch_layers import called

    module = torch_module(case)
    tensors = carried("torch", case.layer, case.shapes, case.arrays())
    module.load_state_dict({t.name: torch.from_numpy(np.ascontiguousarray(array)) for t, array in tensors.items()})
    if case.others:
        layer: Any = case.layer
        value, key = map(torch.from_numpy, case.further())
        query, averaged = torch.from_numpy(case.sequence(0)), layer.average_scores
        return [tensor.detach().numpy() for tensor in module(query, key, value, average_attn_weights=averaged)]
    return called(module, case.sequence(0), case.start())


def by_onnx(case: Case) -> list[Array]:
    """ONNX' LSTM: gates in the order input, output, forget, candidate; peepholes input, output, forget."""
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    arrays, layer = case.arrays(), case.layer
    units, batch = int(layer.units), case.shape[0]  # type: ignore[attr-defined]
    gates = dict(zip(layer.gate_names, range(4), strict=True))
    order = [gates[name] for name in ("input", "output", "forget", "candidate")]
    kernel, recurrent = (_gates_first(case, role, gates)[order] for role in ("kernel", "recurrent"))
    bias = _gates_first(case, "bias", gates)[order].reshape(-1) if layer.bias else np.zeros(4 * units, np.float32)  # type: ignore[attr-defined]
    peephole = arrays["peephole"][[0, 2, 1]].reshape(1, -1)
    start = case.start() or [np.zeros((batch, units), np.float32)] * 2
    feeds = {
        "X": case.sequence(0).swapaxes(0, 1),
        "W": kernel.reshape(1, 4 * units, -1),
        "R": recurrent.reshape(1, 4 * units, -1),
        "B": np.concatenate([bias, np.zeros_like(bias)])[None],
        "h": start[0][None],
        "c": start[1][None],
        "P": peephole,
    }
    node = helper.make_node("LSTM", ["X", "W", "R", "B", "", "h", "c", "P"], ["Y", "Yh", "Yc"], hidden_size=units)
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, array.shape) for name, array in feeds.items()]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("Y", "Yh", "Yc")]
    graph = helper.make_graph([node], "lstm", infos, outputs)
    y, h, c = ReferenceEvaluator(helper.make_model(graph)).run(None, feeds)
    return [y[:, 0].swapaxes(0, 1), h[0], c[0]]


def _gates_first(case: Case, role: str, gates: dict[str, int]) -> Array:
    """A weight as (gate, unit) or (gate, unit, in)."""
    axes = case.layer.weight_axes()[role].split()  # type: ignore[attr-defined]
    order = [axes.index(axis) for axis in ("gate", "unit", *(axis for axis in axes if axis not in ("gate", "unit")))]
    return case.arrays()[role].transpose(order)


def activations() -> dict[str, list[Array]]:
    import keras

    points = keras.ops.convert_to_tensor(np.array(POINTS, np.float32))
    functions = {name: getattr(keras.activations, name) for name in NAMES if name not in ("sparsemax", *OLD)}
    values = {name: [keras.ops.convert_to_numpy(function(points))] for name, function in functions.items()}
    return {**values, "sparsemax": [np.array([sparsemax(row) for row in POINTS], np.float32)]}


def sparsemax(row: tuple[float, ...]) -> list[float]:
    """Martins & Astudillo 2016, algorithm 1, in fractions."""
    z = sorted(map(Fraction, row), reverse=True)
    k = max(k for k in range(1, len(z) + 1) if 1 + k * z[k - 1] > sum(z[:k]))
    threshold = (sum(z[:k]) - 1) / k
    return [float(max(Fraction(value) - threshold, Fraction(0))) for value in row]


def torch_names() -> dict[str, list[str]]:
    """The names of PyTorch's parameters, in its order."""
    cases = [case for case in CASES if case.framework == "torch"]
    return {case.name: [name for name, _ in torch_module(case).named_parameters()] for case in cases}


RUNS = {"keras": by_keras, "torch": by_torch, "onnx": by_onnx}


def text(outputs: list[Array]) -> list[Any]:
    """Nine digits, which bring every float32 back."""
    lists = json.dumps([output.astype(np.float64).tolist() for output in outputs])
    rounded: list[Any] = json.loads(lists, parse_float=lambda number: float(f"{float(number):.9g}"))
    return rounded


def main() -> None:
    import keras
    import onnx
    import torch

    backend = keras.backend.backend()
    releases = {"keras": f"{keras.__version__} ({backend})", "torch": torch.__version__, "onnx": onnx.__version__}
    lines = ["{", f' "seed": {SEED},', f' "releases": {json.dumps(releases)},']
    tables = {
        "activations": {name: text(outputs) for name, outputs in activations().items()},
        "torch_names": torch_names(),
        "cases": {case.name: text(RUNS[case.framework](case)) for case in CASES},
    }
    for title, rows in tables.items():
        body = ",\n".join(
            f"  {json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}" for name, row in rows.items()
        )
        lines.append(f' "{title}": {{\n{body}\n }}' + ("\n}" if title == "cases" else ","))
    FILE.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    os.environ.setdefault("KERAS_BACKEND", "torch")
    main()
