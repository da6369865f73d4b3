"""The NumPy multi-head attention and layer normalization in one thread, float32, against torch.nn's."""

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
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Layer, Weights

SIZES = ((32, 64, 64, 4), (16, 128, 128, 8), (4, 512, 256, 8))
"""Batch, time, features, heads."""
ROUNDS = 25
LIMIT = 3.0


def main() -> None:
    """Print the two ratios of each size."""
    torch.set_num_threads(1)
    for batch, time, width, heads in SIZES:
        x = np.random.default_rng(0).normal(size=(batch, time, width)).astype(np.float32)
        pairs: dict[str, tuple[Layer, torch.nn.Module, int]] = {
            "attention": (
                family("multi_head_attention")(num_heads=heads, embed_dim=width),
                torch.nn.MultiheadAttention(width, heads, batch_first=True),
                3,
            ),
            "normalization": (family("layer_normalization")(epsilon=1e-5), torch.nn.LayerNorm(width), 1),
        }
        for name, (layer, module, count) in pairs.items():
            seconds = interleaved(runs(layer, module, x, count), ROUNDS)
            size = f"(B {batch}, T {time}, D {width}{f', {heads} heads' * (count > 1)})"
            taken = seconds["ours"]
            print(line(f"NumPy {name} {size} to torch", median(taken), ratio(taken, seconds["torch"]), LIMIT))


def runs(layer: Layer, module: torch.nn.Module, x: np.ndarray[Any, Any], count: int) -> dict[str, Callable[[], object]]:
    """Both with the same weights, checked to give the same numbers; torch in inference mode, without scores."""
    inputs = [x] * count
    held = dict(module.named_parameters())
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for tensor in tensors(FRAMEWORKS["torch"], layer, *(array.shape for array in inputs)):
        arrays |= unpack(tensor, held[tensor.name].detach().numpy())
    data, more = [torch.from_numpy(array) for array in inputs], {"need_weights": False} if count > 1 else {}
    module.eval()

    def theirs() -> Any:
        with torch.inference_mode():
            made = module(*data, **more)
        return made[0] if isinstance(made, tuple) else made

    np.testing.assert_allclose(layer.run(Weights(arrays), *inputs)[0], theirs().numpy(), atol=1e-5)
    return {"ours": lambda: layer.run(Weights(arrays), *inputs), "torch": theirs}


if __name__ == "__main__":
    main()
