"""The tensors of ONNX and Flax as flax 0.12.8 and onnx/defs/rnn/defs.cc have them, for 3 features and 4 units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import pack, tensors, unpack
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.directions_apart import apart

INPUT = (2, 5, 3)
GATES = "ifgo"
TREES: dict[tuple[str, str], dict[str, tuple[int, ...]]] = {
    ("flax", "lstm"): {
        "cell/dense_h/bias": (16,),
        "cell/dense_h/kernel": (4, 16),
        "cell/dense_i/kernel": (3, 16),
    },
    ("flax", "gru"): {"cell/dense_h/kernel": (4, 12), "cell/dense_i/bias": (12,), "cell/dense_i/kernel": (3, 12)},
    ("flax", "rnn"): {"cell/dense_h/kernel": (4, 4), "cell/dense_i/bias": (4,), "cell/dense_i/kernel": (3, 4)},
    ("flax-linen", "lstm"): {
        **{f"cell/h{gate}/bias": (4,) for gate in GATES},
        **{f"cell/h{gate}/kernel": (4, 4) for gate in GATES},
        **{f"cell/i{gate}/kernel": (3, 4) for gate in GATES},
    },
    ("flax-linen", "gru"): {
        "cell/hn/bias": (4,),
        **{f"cell/h{gate}/kernel": (4, 4) for gate in "rzn"},
        **{f"cell/i{gate}/bias": (4,) for gate in "rzn"},
        **{f"cell/i{gate}/kernel": (3, 4) for gate in "rzn"},
    },
    ("flax-linen", "rnn"): {"cell/h/kernel": (4, 4), "cell/i/bias": (4,), "cell/i/kernel": (3, 4)},
    ("onnx", "lstm"): {"W": (1, 16, 3), "R": (1, 16, 4), "B": (1, 32)},
    ("onnx", "gru"): {"W": (1, 12, 3), "R": (1, 12, 4), "B": (1, 24)},
    ("onnx", "rnn"): {"W": (1, 4, 3), "R": (1, 4, 4), "B": (1, 8)},
}


def layer(framework: str, type_: str) -> Any:
    """Our layer with the framework's defaults."""
    cell: Any = family(type_)(units=4, **FRAMEWORKS[framework].defaults[type_])
    return apart(cell, "forward") if FRAMEWORKS[framework].apart else cell


@pytest.mark.parametrize(("framework", "type_"), TREES)
def test_the_tensors_are_those_that_the_framework_lists(framework: str, type_: str) -> None:
    listed = tensors(FRAMEWORKS[framework], layer(framework, type_), INPUT)
    assert {tensor.name: tensor.shape for tensor in listed} == TREES[framework, type_]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def packed(framework: str, own: Any, seed: int = 0) -> tuple[dict[str, Any], dict[str, Any]]:
    """Random arrays of ours, and the same as the framework's tensors."""
    random = np.random.default_rng(seed)
    listed = tensors(FRAMEWORKS[framework], own, INPUT)
    arrays = {weight.key: random.normal(size=weight.shape) for tensor in listed for weight in tensor.weights}
    return arrays, {tensor.name: pack(tensor, arrays) for tensor in listed}


@pytest.mark.parametrize("framework", ["flax", "flax-linen"])
def test_a_gru_of_flax_computes_the_equation_of_its_source(framework: str) -> None:
    """flax/nnx/nn/recurrent.py and flax/linen/recurrent.py: ``n = tanh(in(x) + r * hn(h))``."""
    own = layer(framework, "gru")
    arrays, tensor = packed(framework, own)
    x, h, outputs = np.random.default_rng(1).normal(size=INPUT), np.zeros((2, 4)), []
    for now in range(INPUT[1]):
        if framework == "flax":
            sides = x[:, now] @ tensor["cell/dense_i/kernel"] + tensor["cell/dense_i/bias"]
            (ir, iz, i_n), (hr, hz, hn) = np.split(sides, 3, 1), np.split(h @ tensor["cell/dense_h/kernel"], 3, 1)
        else:
            ir, iz, i_n = (x[:, now] @ tensor[f"cell/i{g}/kernel"] + tensor[f"cell/i{g}/bias"] for g in "rzn")
            hr, hz, hn = (h @ tensor[f"cell/h{g}/kernel"] for g in "rzn")
            hn = hn + tensor["cell/hn/bias"]
        z = sigmoid(iz + hz)
        h = (1 - z) * np.tanh(i_n + sigmoid(ir + hr) * hn) + z * h
        outputs.append(h)
    np.testing.assert_allclose(own.run(Weights(arrays), x)[0], np.stack(outputs, axis=1), rtol=1e-10, atol=1e-12)


def test_a_forget_gate_of_linens_conv_lstm_holds_one_less() -> None:
    """flax/linen/recurrent.py, ConvLSTMCell: ``i, g, f, o = split(...)`` and ``f = sigmoid(f + 1)``."""
    own: Any = family("conv_lstm1d")(filters=2, kernel_size=3, **FRAMEWORKS["flax-linen"].defaults["conv_lstm1d"])
    listed = {tensor.name: tensor for tensor in tensors(FRAMEWORKS["flax-linen"], own, (1, 2, 5, 3))}
    bias = np.arange(8.0).reshape(4, 2)
    made = pack(listed["cell/ih/bias"], {"bias": bias})
    gates = dict(zip(own.gate_names, bias, strict=True))
    expected = [gates["input"], gates["candidate"], gates["forget"] - 1, gates["output"]]
    np.testing.assert_array_equal(made, np.concatenate(expected))
    np.testing.assert_array_equal(unpack(listed["cell/ih/bias"], made)["bias"], bias)


def test_directions_that_are_alike_stand_in_one_tensor_and_come_back() -> None:
    cell: Any = family("lstm")(units=4, recurrent_bias=True, peephole=True)
    own = apart(cell, "bidirectional")
    arrays, tensor = packed("onnx", own)
    assert {name: array.shape for name, array in tensor.items()} == {
        "W": (2, 16, 3), "R": (2, 16, 4), "B": (2, 32), "P": (2, 12)
    }  # fmt: skip
    back: dict[str, Any] = {}
    for listed in tensors(FRAMEWORKS["onnx"], own, INPUT):
        back |= unpack(listed, tensor[listed.name], back)
    assert all(np.array_equal(back[key], array) for key, array in arrays.items())
    i, o, f = np.split(tensor["P"][0], 3)
    np.testing.assert_array_equal(np.stack([i, f, o]), arrays["forward/peephole"])
