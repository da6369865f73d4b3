"""The NumPy LSTM in one thread, float32: against torch.nn.LSTM and against the bare matrix products that it needs."""

from __future__ import annotations

import os

for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import torch
from timing import interleaved, line, ratio

from lstm_shapes.frameworks import FRAMEWORKS
from lstm_shapes.frameworks.layout import tensors, unpack
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.lstm import LSTM

SIZES = ((32, 100, 64, 128), (64, 100, 128, 256), (8, 20, 1024, 1024), (1, 20, 512, 1024))
"""Batch, time, features, units: two whose weights stay in the cache, two whose weights do not."""
ROUNDS = 25


def main() -> None:
    """Print the two ratios of each size."""
    torch.set_num_threads(1)
    for batch, time, features, units in SIZES:
        x = np.random.default_rng(0).normal(size=(batch, time, features)).astype(np.float32)
        runs = {"ours": ours(x, units), "torch": theirs(x, units), "products": products(x, units)}
        seconds = interleaved(runs, ROUNDS)
        taken, size = seconds["ours"], f"(B {batch}, T {time}, D {features}, H {units})"
        for peer, limit in (("torch", 1.8), ("products", 1.6)):
            print(line(f"NumPy LSTM {size} to {peer}", median(taken), ratio(taken, seconds[peer]), limit))


def module(x: np.ndarray[Any, Any], units: int) -> torch.nn.LSTM:
    """The real layer, with weights that depend on the size alone."""
    torch.manual_seed(0)
    return torch.nn.LSTM(x.shape[2], units, batch_first=True)


def ours(x: np.ndarray[Any, Any], units: int) -> Callable[[], object]:
    """Our layer with the weights of the real one; checked to give the same numbers before it is timed."""
    real, layer = module(x, units), LSTM(units=units, return_sequences=True, recurrent_bias=True)
    held = dict(real.named_parameters())
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for tensor in tensors(FRAMEWORKS["torch"], layer, x.shape):
        arrays |= unpack(tensor, held[tensor.name].detach().numpy())
    with torch.inference_mode():
        expected = real(torch.from_numpy(x))[0].numpy()
    np.testing.assert_allclose(layer.run(Weights(arrays), x)[0], expected, atol=1e-5)
    return lambda: layer.run(Weights(arrays), x)


def theirs(x: np.ndarray[Any, Any], units: int) -> Callable[[], object]:
    """torch.nn.LSTM in inference mode."""
    real, data = module(x, units), torch.from_numpy(x)

    def run() -> object:
        with torch.inference_mode():
            return real(data)

    return run


def products(x: np.ndarray[Any, Any], units: int) -> Callable[[], object]:
    """The matrix products alone, in the fastest of the forms tried: the input's at once, a state's per timestep."""
    batch, time, features = x.shape
    kernel = np.ones((4 * units, features), np.float32)
    recurrent = np.ones((4 * units, units), np.float32)
    sequence = np.ascontiguousarray(x.transpose(1, 2, 0))
    hoisted = np.empty((time, 4 * units, batch), np.float32)
    state, room = np.zeros((units, batch), np.float32), np.empty((4 * units, batch), np.float32)

    def run() -> object:
        np.matmul(kernel, sequence, out=hoisted)
        for _ in range(time):
            np.matmul(recurrent, state, out=room)
        return room

    return run


if __name__ == "__main__":
    main()
