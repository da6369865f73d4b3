"""State dicts of random PyTorch modules, saved by the real ``torch.save`` in both forms: every figure is PyTorch's."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lstm_shapes import convert, inspect
from lstm_shapes.checking.checkpoints import against
from lstm_shapes.checking.run import read_imported
from lstm_shapes.checking.settings import Settings
from lstm_shapes.formats import read
from lstm_shapes.importers import translate

from ..profiles import rounds

torch = pytest.importorskip("torch")
nn = torch.nn
prune = pytest.importorskip("torch.nn.utils.prune")

pytestmark = pytest.mark.oracle
COUNT = 300 if os.environ.get("ORACLES") == "all" else rounds(100, dev=15)

Made = tuple[Any, dict[str, Any]]
"""A module, and what its row says of it; no settings where several modules have the same tensors."""


def size(rng: random.Random) -> int:
    return rng.randint(2, 9)


def recurrent(rng: random.Random) -> Made:
    kind = rng.choice(["LSTM", "GRU", "RNN"])
    hidden, settings = size(rng) + 2, {"num_layers": rng.randint(1, 3), "bidirectional": rng.random() < 0.5}
    settings |= {"bias": rng.random() < 0.8}
    if kind == "LSTM" and rng.random() < 0.3:
        settings["proj_size"] = rng.randint(1, hidden - 1)
    width = size(rng)
    module = getattr(nn, kind)(width, hidden, **settings)
    return module, {"type": kind.lower(), "units": hidden, "input_dim": width, **settings}


def cell(rng: random.Random) -> Made:
    kind, hidden, bias, width = rng.choice(["LSTM", "GRU", "RNN"]), size(rng), rng.random() < 0.7, size(rng)
    module = getattr(nn, f"{kind}Cell")(width, hidden, bias=bias)
    return module, {"type": f"{kind.lower()}_cell", "units": hidden, "input_dim": width, "bias": bias}


def linear(rng: random.Random) -> Made:
    bias, width, units = rng.random() < 0.8, size(rng), size(rng)
    return nn.Linear(width, units, bias=bias), {"type": "dense", "units": units, "input_dim": width, "bias": bias}


def convolution(rng: random.Random) -> Made:
    rank, width, filters = rng.randint(1, 3), size(rng), size(rng)
    kernel = [rng.randint(1, 4) for _ in range(rank)]
    if rng.random() < 0.3:
        return getattr(nn, f"ConvTranspose{rank}d")(width, filters, kernel), {}
    module = getattr(nn, f"Conv{rank}d")(width, filters, kernel)
    kernel_size = kernel if rank > 1 else kernel[0]
    expected = {"type": f"conv{rank}d", "filters": filters, "input_dim": width, "kernel_size": kernel_size}
    return module, expected


def batch_norm(rng: random.Random) -> Made:
    width, affine = size(rng), rng.random() < 0.7
    module = getattr(nn, f"BatchNorm{rng.randint(1, 3)}d")(width, affine=affine)
    return module, {"type": "batch_normalization", "num_features": width, "affine": affine}


def attention(rng: random.Random) -> Made:
    heads, width = rng.randint(1, 3), size(rng)
    settings = {"kdim": size(rng), "vdim": size(rng)} if rng.random() < 0.4 else {}
    module = nn.MultiheadAttention(heads * width, heads, bias=rng.random() < 0.7, **settings)
    return module, {"type": "multi_head_attention", "embed_dim": heads * width}


def other(rng: random.Random) -> Made:
    width = size(rng)
    makers: list[Callable[[], Any]] = [
        lambda: nn.Embedding(size(rng), width),
        lambda: nn.LayerNorm(width, bias=rng.random() < 0.5),
        lambda: nn.LayerNorm([width, size(rng)]),
        lambda: nn.GroupNorm(1, width),
        lambda: nn.PReLU(rng.choice([1, width])),
        lambda: nn.Bilinear(width, size(rng), size(rng)),
        lambda: nn.InstanceNorm1d(width, affine=True, track_running_stats=True),
        lambda: nn.utils.parametrizations.weight_norm(nn.Linear(width, size(rng))),
        lambda: nn.utils.spectral_norm(nn.Linear(width, size(rng))),
        lambda: nn.utils.parametrizations.spectral_norm(nn.Linear(width, size(rng))),
        lambda: nn.utils.parametrizations.weight_norm(nn.GRU(width, size(rng)), "weight_hh_l0"),
        lambda: prune.random_unstructured(nn.Linear(width, size(rng)), "weight", 0.5),
        lambda: nn.TransformerEncoderLayer(2 * width, 2, size(rng)),
        lambda: nn.TransformerDecoderLayer(2 * width, 2, size(rng)),
        lambda: nn.Dropout(),
    ]
    return rng.choice(makers)(), {}


class Parameters(nn.Module):  # type: ignore[misc]
    """Parameters of one's own, of any rank."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        for name in rng.sample(["alpha", "position", "U", "weight", "cls_token"], rng.randint(1, 4)):
            self.register_parameter(name, nn.Parameter(torch.zeros([size(rng) for _ in range(rng.randint(0, 4))])))


MAKERS = (recurrent, recurrent, cell, linear, linear, convolution, batch_norm, attention, other, other, other)


class Random(nn.Module):  # type: ignore[misc]
    """A random module, nested in others, with some weights that are shared."""

    def __init__(self, rng: random.Random, depth: int = 0) -> None:
        super().__init__()
        self.expected: dict[str, dict[str, Any]] = {}
        for number in range(rng.randint(1, 5)):
            name = rng.choice(["encoder", "fc", "block", "layer", "x"]) + str(number)
            if depth < 3 and rng.random() < 0.3:
                inner = Random(rng, depth + 1)
                self.expected |= {f"{name}.{path}": settings for path, settings in inner.expected.items()}
            elif rng.random() < 0.1:
                inner = Parameters(rng)
            else:
                inner, settings = rng.choice(MAKERS)(rng)
                self.expected |= {name: settings} if settings else {}
            self.add_module(name, inner)
        if rng.random() < 0.2:
            self.embed = nn.Embedding(7, 5)
            self.out = nn.Linear(5, 7)
            self.out.weight = self.embed.weight
        if rng.random() < 0.1:
            self.first = nn.LSTM(3, 4)
            self.second = self.first


def saved(rng: random.Random, module: Any) -> Any:
    """What people save: the state dict, with what wrappers put before its names, next to an optimizer or not."""
    state = module.state_dict()
    prefix = rng.choice(["", "", "module.", "model.", "_orig_mod.", "module._orig_mod."])
    state = {prefix + name: tensor for name, tensor in state.items()}
    optimizer = torch.optim.Adam(module.parameters()) if list(module.parameters()) else None
    if rng.random() < 0.5 or optimizer is None:
        return state
    for parameter in module.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    key = rng.choice(["state_dict", "model", "model_state_dict", "net"])
    return {"epoch": 3, key: state, "optimizer": optimizer.state_dict(), "loss": torch.tensor(0.5)}


def written(seed: int, path: Path) -> Any:
    """A random module, saved at ``path``; the zip form and the older one take turns."""
    rng = random.Random(f"checkpoint {seed}")
    torch.manual_seed(seed)
    module = Random(rng)
    module.add_module("last", nn.Linear(2, 3))
    torch.save(saved(rng, module), path, _use_new_zipfile_serialization=seed % 2 == 0)
    return module


DEFAULTS = {"num_layers": 1, "bidirectional": False, "bias": True, "affine": True, "proj_size": 0}


@pytest.mark.parametrize("seed", range(COUNT))
def test_the_figures_of_a_checkpoint_are_those_of_pytorch(
    seed: int, tmp_path: Path, compared: Callable[[str], None]
) -> None:
    path = tmp_path / "model.pt"
    module = written(seed, path)
    report = inspect(path)
    assert report.findings == ()
    assert report.complete
    assert report.totals.params == sum(tensor.numel() for tensor in module.parameters())
    assert report.totals.buffers == sum(tensor.numel() for tensor in module.buffers())
    (model,) = translate(read(str(path)))
    layers = {layer["name"]: layer for layer in model.document.data["layers"]}
    for name, expected in module.expected.items():
        assert {key: layers[name].get(key, DEFAULTS.get(key)) for key in expected} == expected, name
    names = {array.name for arrays in model.stored.values() for array in arrays}
    assert len(names) == len(module.state_dict())
    compared("torch")


@pytest.mark.parametrize("seed", range(COUNT))
def test_a_model_fits_its_own_checkpoint_and_no_other(seed: int, tmp_path: Path) -> None:
    path, other, spec = (str(tmp_path / name) for name in ("model.pt", "other.pt", "model.yaml"))
    module = written(seed, Path(path))
    written(seed + 10_000, Path(other))
    Path(spec).write_text(convert(path), "utf-8")
    more = against(translate(read(path)))
    (own,) = translate(read(spec))
    reading = read_imported(own, Settings())
    assert list(more(reading, Settings())) == []
    if inspect(other).totals.params != sum(tensor.numel() for tensor in module.parameters()):
        assert list(against(translate(read(other)))(reading, Settings()))
