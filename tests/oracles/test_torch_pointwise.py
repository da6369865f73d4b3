"""torch.nn's normalizations and activations beside ours: parameters, buffers, numbers, under framework: torch."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

from lstm_shapes import api
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.symbolic.size import fixed

from .comparison import Array, Shape, assert_same_numbers, carried, floats, random_for, weighed

torch = pytest.importorskip("torch")
from .test_torch_layers import called  # noqa: E402 - which needs torch, too

pytestmark = pytest.mark.oracle
Case = tuple[str, dict[str, Any], Shape]


def cases(draw: Random) -> list[Case]:
    """Modules by name, their arguments and what they read; the batch is never as wide as another axis."""
    made: list[Case] = []
    for _ in range(24):
        batch, channels, *space = draw.sample(range(2, 9), 5)
        affine = draw.random() < 0.7
        rank = draw.randint(0, 3)
        if rank:
            given = {"num_features": channels, "affine": affine, "eps": draw.choice([1e-5, 0.1])}
            given["track_running_stats"] = draw.random() < 0.7
            made.append((f"BatchNorm{rank}d", given, (batch, channels, *space[:rank])))
            given = {"num_features": channels, "affine": affine, "eps": given["eps"]}
            made.append((f"InstanceNorm{rank}d", given, (batch, channels, *space[:rank])))
        groups = draw.choice([n for n in range(1, channels + 1) if channels % n == 0])
        given = {"num_groups": groups, "num_channels": channels, "affine": affine}
        made.append(("GroupNorm", given, (batch, channels, *space[:rank])))
        last = [channels, *space][-draw.randint(1, 3) :]
        shape = (batch, channels, *space)
        made.append(("LayerNorm", {"normalized_shape": last, "bias": affine}, shape))
        made.append(("LayerNorm", {"normalized_shape": last[-1], "elementwise_affine": affine}, shape))
        made.append(("RMSNorm", {"normalized_shape": last, "elementwise_affine": affine, "eps": 1e-6}, shape))
        made.append(("PReLU", {"num_parameters": draw.choice([1, channels])}, (batch, channels, *space[:rank])))
        made.append((draw.choice(["Softmax", "LogSoftmax"]), {"dim": draw.choice([0, 1, -1])}, shape[: rank + 2]))
    made += [("BatchNorm1d", {"num_features": 3}, (4, 3)), ("RMSNorm", {"normalized_shape": 3}, (4, 3))]
    made += [("PReLU", {}, (4, 3)), ("ELU", {"alpha": 0.5}, (4, 3)), ("ELU", {}, (4, 3)), ("ReLU", {}, (4, 3))]
    return made


def layer_of(name: str, arguments: dict[str, Any], shape: Shape) -> Layer:
    """The layer that a spec with torch's class and arguments has."""
    entry = {"type": f"nn.{name}", **arguments}
    reading = api.read({"framework": "torch", "inputs": {"x": list(shape)}, "layers": [entry]})
    assert not reading.findings
    assert reading.model
    return reading.model.graph.nodes[0].layer


@pytest.mark.parametrize(("name", "arguments", "shape"), cases(Random(3)), ids=str)
def test_a_module_agrees(name: str, arguments: dict[str, Any], shape: Shape, compared: Callable[[str], None]) -> None:
    rng = random_for(f"{name} {arguments} {shape}")
    module, layer = getattr(torch.nn, name)(**arguments).eval(), layer_of(name, arguments, shape)
    arrays = weighed(layer, [shape], rng)
    load(module, layer, shape, arrays)
    x = floats(rng, shape)
    made = layer.run(Weights(arrays), x)
    assert_same_numbers(made, called(module, x))
    assert layer.outputs(shape) == (shape,)
    compared("torch")


def load(module: Any, layer: Layer, shape: Shape, arrays: dict[str, Array]) -> None:
    """Our numbers into torch's module: its parameters are what we count, its buffers the rest."""
    ours = carried("torch", layer, [shape], arrays)
    theirs = [(name, tuple(tensor.shape), True, False) for name, tensor in module.named_parameters()]
    theirs += [(name, tuple(tensor.shape), False, True) for name, tensor in module.named_buffers()]
    assert theirs == [(tensor.name, tensor.shape, tensor.trainable, tensor.buffer) for tensor in ours]
    assert sum(tensor.numel() for tensor in module.parameters()) == fixed(layer.count(shape) or 0)
    assert layer.trainable_count(shape) == layer.count(shape)
    assert sum(tensor.numel() for tensor in module.buffers()) == fixed(layer.buffer_count(shape) or 0)
    state = {tensor.name: torch.from_numpy(np.ascontiguousarray(array)) for tensor, array in ours.items()}
    module.load_state_dict(state)


@pytest.mark.parametrize("framework", ["torch", "keras"])
@pytest.mark.parametrize("tracked", [True, False])
def test_verify_compares_batch_normalization_with_torch(framework: str, tracked: bool) -> None:
    layer = {"type": "batch_normalization", "axis": 1, "track_running_stats": tracked}
    spec = {"framework": framework, "inputs": {"x": [3, 8, 10]}, "layers": [layer]}
    assert api.verify(spec, against="torch").verdict == "confirmed"
