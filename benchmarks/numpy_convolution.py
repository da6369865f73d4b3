"""The NumPy convolutions in one thread, float32, against torch.nn's at three ordinary sizes each."""

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
from lstm_shapes.layers.base import Weights

SIZES: dict[str, tuple[tuple[tuple[int, ...], int, dict[str, Any]], ...]] = {
    "Conv1d": (
        ((32, 64, 200), 128, {"kernel_size": 5}),
        ((16, 128, 400), 128, {"kernel_size": 3, "padding": 1}),
        ((8, 40, 1000), 64, {"kernel_size": 11, "stride": 2}),
    ),
    "Conv2d": (
        ((16, 3, 64, 64), 32, {"kernel_size": 3, "padding": 1}),
        ((8, 64, 32, 32), 64, {"kernel_size": 3, "padding": 1}),
        ((8, 128, 16, 16), 256, {"kernel_size": 3, "stride": 2}),
    ),
    "Conv3d": (
        ((2, 1, 16, 32, 32), 16, {"kernel_size": 3}),
        ((2, 16, 16, 32, 32), 32, {"kernel_size": 3, "padding": 1}),
        ((2, 32, 8, 16, 16), 64, {"kernel_size": 3, "stride": 2}),
    ),
    "ConvTranspose1d": (
        ((16, 64, 100), 64, {"kernel_size": 4, "stride": 2, "padding": 1}),
        ((16, 128, 200), 64, {"kernel_size": 3, "stride": 1}),
        ((8, 32, 500), 32, {"kernel_size": 8, "stride": 4}),
    ),
    "ConvTranspose2d": (
        ((8, 64, 16, 16), 32, {"kernel_size": 4, "stride": 2, "padding": 1}),
        ((8, 128, 8, 8), 64, {"kernel_size": 3, "stride": 2}),
        ((4, 16, 32, 32), 16, {"kernel_size": 5, "stride": 1}),
    ),
}
"""The module -> input (batch, channels, *space), filters and settings."""
OURS = {"stride": "strides"}
ROUNDS = 15


def main() -> None:
    """Print the ratio of each size, for channels first, as PyTorch has them, and channels last."""
    torch.set_num_threads(1)
    for name, sizes in SIZES.items():
        for shape, filters, settings in sizes:
            x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
            torch.manual_seed(0)
            module = getattr(torch.nn, name)(shape[1], filters, **settings)
            runs = {"torch": theirs(module, x)}
            runs |= {data_format: ours(module, x, filters, data_format, settings) for data_format in FORMATS}
            seconds = interleaved(runs, ROUNDS)
            for data_format in FORMATS:
                title = f"NumPy {name} {shape} to {filters}, {data_format}, to torch"
                taken = seconds[data_format]
                print(line(title, median(taken), ratio(taken, seconds["torch"]), 3))


FORMATS = ("channels_first", "channels_last")


def ours(
    module: Any, x: np.ndarray[Any, Any], filters: int, data_format: str, settings: dict[str, Any]
) -> Callable[[], object]:
    """Our layer with the weights of the real one; checked to give the same numbers before it is timed."""
    rank = x.ndim - 2
    transposed = "Transpose" in type(module).__name__
    more = {"output_padding": 0} if transposed else {}
    layer = family(f"conv{rank}d{'_transpose' if transposed else ''}")(
        filters=filters,
        data_format=data_format,
        **more,
        **{OURS.get(name, name): value for name, value in settings.items()},
    )
    with torch.inference_mode():
        expected = module(torch.from_numpy(x)).numpy()
    if data_format == "channels_last":
        x, expected = np.ascontiguousarray(np.moveaxis(x, 1, -1)), np.moveaxis(expected, 1, -1)
    held, arrays = dict(module.named_parameters()), {}
    for tensor in tensors(FRAMEWORKS["torch"], layer, x.shape):
        arrays |= unpack(tensor, held[tensor.name].detach().numpy())
    weights = Weights(arrays)
    np.testing.assert_allclose(layer.run(weights, x)[0], expected, atol=1e-4)
    return lambda: layer.run(weights, x)


def theirs(module: Any, x: np.ndarray[Any, Any]) -> Callable[[], object]:
    """PyTorch's module in inference mode."""
    data = torch.from_numpy(x)

    def run() -> object:
        with torch.inference_mode():
            return module(data)

    return run


if __name__ == "__main__":
    main()
