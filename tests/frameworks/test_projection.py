"""The projected LSTM's tensors, in the two frameworks that define it, put into the equation that each documents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import pack, tensors
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.lstm import LSTM

Array = NDArray[Any]
SHAPE = (2, 4, 7)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def tensorflow(x: Array, h: Array, c: Array, tensor: dict[str, Array]) -> tuple[Array, Array]:
    """TensorFlow 1.15, rnn_cell_impl.py, ``LSTMCell.call``: ``m = matmul(m, proj_kernel)``.

    Its kernel is [x; h] in one, its gates i, j, f, o; Keras has the kernels apart and the gates i, f, j, o.
    """
    i, f, j, o = np.split(x @ tensor["kernel"] + h @ tensor["recurrent_kernel"] + tensor["bias"], 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(j)
    return (sigmoid(o) * np.tanh(c)) @ tensor["projection_kernel"], c


def torch(x: Array, h: Array, c: Array, tensor: dict[str, Array]) -> tuple[Array, Array]:
    """torch.nn.LSTM: ``W_ii x + b_ii + W_hi h + b_hi`` for i, f, g, o, and ``h = W_hr h``, of columns."""
    from_x = tensor["weight_ih_l0"] @ x.T + tensor["bias_ih_l0"][:, None]
    from_h = tensor["weight_hh_l0"] @ h.T + tensor["bias_hh_l0"][:, None]
    i, f, g, o = np.split(from_x + from_h, 4)
    new_c = sigmoid(f) * c.T + sigmoid(i) * np.tanh(g)
    return (tensor["weight_hr_l0"] @ (sigmoid(o) * np.tanh(new_c))).T, new_c.T


EQUATIONS = {"keras": tensorflow, "torch": torch}


def agrees(framework: str, *, transposed: str = "") -> bool:
    """Whether our run gives what the framework's equation gives on the packed tensors, of which one may be transposed.

    Raises ``ValueError`` where the tensors do not fit the equation.
    """
    layer = LSTM(units=5, proj_size=3, return_sequences=True, recurrent_bias=framework == "torch")
    listed = tensors(FRAMEWORKS[framework], layer, SHAPE)
    random = np.random.default_rng(0)
    arrays = {weight.key: random.normal(size=weight.shape) for tensor in listed for weight in tensor.weights}
    packed = {tensor.name: pack(tensor, arrays) for tensor in listed}
    packed |= {name: packed[name].T for name in packed if name == transposed}
    x, h, c = random.normal(size=SHAPE), np.zeros((2, 3)), np.zeros((2, 5))
    expected = []
    for timestep in range(SHAPE[1]):
        h, c = EQUATIONS[framework](x[:, timestep], h, c, packed)
        expected.append(h)
    return np.allclose(layer.run(Weights(arrays), x)[0], np.stack(expected, axis=1))


@pytest.mark.parametrize("framework", EQUATIONS)
def test_the_tensors_fit_the_frameworks_equation(framework: str) -> None:
    assert agrees(framework)


@pytest.mark.parametrize(("framework", "name"), [("keras", "projection_kernel"), ("torch", "weight_hr_l0")])
def test_a_transposed_projection_does_not_fit(framework: str, name: str) -> None:
    with pytest.raises(ValueError, match="mismatch"):
        agrees(framework, transposed=name)
