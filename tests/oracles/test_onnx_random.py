"""Random recurrent models exported by PyTorch, read by the importer, beside what ONNX Runtime makes of every node."""

from __future__ import annotations

import random
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

import lstm_shapes as ls

from ..profiles import rounds

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.oracle

from . import onnx_oracle  # noqa: E402

OPSETS = (9, 11, 13, 17, 18)
HEADS = "ReLU Tanh GELU SiLU LeakyReLU ELU Hardswish Softplus Sigmoid".split()
ENDS = ("sequence", "last", "mean", "max", "state", "both")


class Model(torch.nn.Module):  # type: ignore[name-defined,misc]
    """Perhaps an embedding, a convolution and a normalization; a recurrent module; an end; two dense layers."""

    def __init__(self, draw: random.Random) -> None:
        super().__init__()
        nn, width, units = torch.nn, draw.choice((3, 5)), draw.choice((4, 6))
        self.width, self.end = width, draw.choice(ENDS)
        self.embedding = nn.Embedding(13, width) if draw.random() < 0.4 else None
        self.conv = nn.Conv1d(width, width, 3, padding=1, stride=draw.choice((1, 2))) if draw.random() < 0.4 else None
        self.norm = draw.choice((None, nn.LayerNorm(width)))
        self.recurrent = draw.choice((nn.LSTM, nn.GRU, nn.RNN))(
            width,
            units,
            num_layers=draw.choice((1, 2)),
            bidirectional=draw.random() < 0.5,
            batch_first=draw.random() < 0.5,
            bias=draw.random() < 0.8,
        )
        features = units * (2 if self.recurrent.bidirectional else 1) * (2 if self.end == "both" else 1)
        function = getattr(nn, draw.choice(HEADS))()
        self.head = nn.Sequential(nn.Linear(features, 7), function, nn.Linear(7, 2, bias=draw.random() < 0.7))

    def forward(self, x: Any) -> Any:
        x = self.embedding(x) if self.embedding else x
        x = self.conv(x.transpose(1, 2)).transpose(1, 2) if self.conv else x
        x = self.norm(x) if self.norm else x
        first = self.recurrent.batch_first
        y, states = self.recurrent(x if first else x.transpose(0, 1))
        y = y if first else y.transpose(0, 1)
        h = states[0] if isinstance(states, tuple) else states
        ends = {
            "sequence": lambda: y,
            "last": lambda: y[:, -1],
            "mean": lambda: y.mean(1),
            "max": lambda: y.max(1)[0],
            "state": lambda: torch.cat([h[-2], h[-1]], -1) if self.recurrent.bidirectional else h[-1],
            "both": lambda: torch.cat([y[:, -1], y.mean(1)], -1),
        }
        return self.head(ends[self.end]())


@pytest.mark.parametrize("seed", range(rounds(20, 4)))
def test_a_random_model_exported_has_the_shapes_of_onnx_runtime(seed: int, tmp_path: Path, compared: Any) -> None:
    draw = random.Random(seed)
    torch.manual_seed(seed)
    module = Model(draw).eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(0.1, 0.9)
    x = torch.randint(0, 13, (2, 10)) if module.embedding else torch.randn(2, 10, module.width)
    path = tmp_path / "model.onnx"
    with warnings.catch_warnings(action="ignore"):
        axes = {"x": {0: "B", 1: "T"}} if draw.random() < 0.6 else None
        torch.onnx.export(
            module,
            (x,),
            str(path),
            dynamo=False,
            input_names=["x"],
            dynamic_axes=axes,
            opset_version=draw.choice(OPSETS),
        )
    proto, feeds = onnx.load(path), {"x": x.numpy()}
    report = ls.inspect(path, dims=named(onnx_oracle.sizes(proto, feeds)))
    assert [finding.message for finding in report.findings if finding.severity == "error"] == []
    assert report.totals.params == onnx_oracle.stored_numbers(proto)
    real = onnx_oracle.shapes(proto, feeds)
    for layer in report.layers:
        for output, shape in zip(layer.outputs, real.get(layer.name, ()), strict=False):
            assert list(output.shape or ()) == shape, layer.name
    compared("onnx")


def named(sizes: dict[str, int]) -> dict[str, int]:
    """The sizes of axes whose names can be symbols."""
    return {name: size for name, size in sizes.items() if re.fullmatch(r"[A-Za-z_]\w*", name)}
