"""Live models of the real frameworks: every count is theirs, and a converted module is the same model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")
torch = pytest.importorskip("torch")
keras = pytest.importorskip("keras")

import lstm_shapes as ls  # noqa: E402

from ..profiles import rounds  # noqa: E402
from ..spec.test_writer import assert_same_in_each_format  # noqa: E402
from .keras_files import random_keras_model  # noqa: E402

pytestmark = pytest.mark.oracle
nn = torch.nn


class Net(nn.Module):  # type: ignore[misc, name-defined]
    """Modules of many kinds: shared, tied, partly frozen, with parameters and buffers of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.emb = nn.Embedding(100, 16)
        self.rnn = nn.LSTM(16, 32, num_layers=2, bidirectional=True, batch_first=True, proj_size=8)
        self.gru = nn.GRU(16, 32, bias=False)
        self.simple = nn.RNN(3, 4, nonlinearity="relu")
        self.att = nn.MultiheadAttention(16, 4)
        self.other = nn.MultiheadAttention(16, 4, bias=False, kdim=3, vdim=5)
        self.norms = nn.ModuleList([nn.LayerNorm(16), nn.LayerNorm(16, bias=False), nn.LayerNorm((3, 16))])
        self.plain = nn.LayerNorm(16, elementwise_affine=False)
        self.bn = nn.BatchNorm1d(16)
        self.bn2 = nn.BatchNorm2d(16, affine=False, track_running_stats=False)
        self.group = nn.GroupNorm(4, 16)
        self.conv = nn.Conv1d(16, 8, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(4, 8, (3, 5), stride=2, groups=2, padding="valid")
        self.up = nn.ConvTranspose1d(8, 4, 3, stride=2, output_padding=1)
        self.seq = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Dropout(0.3), nn.Identity(), nn.MaxPool1d(2))
        self.out = nn.Linear(16, 100)
        self.out.weight = self.emb.weight
        self.again = self.seq
        self.w = nn.Parameter(torch.zeros(3, 4))
        self.cell = nn.LSTMCell(4, 5)
        self.bilinear = nn.Bilinear(3, 4, 5)
        self.prelu = nn.PReLU()
        self.encoder = nn.TransformerEncoderLayer(16, 4)
        self.frozen = nn.Linear(3, 4)
        self.frozen.weight.requires_grad = False
        self.register_buffer("pos", torch.zeros(7))


def numbers(tensors: Any) -> int:
    return sum(tensor.numel() for tensor in tensors)


def test_every_count_of_a_module_is_that_of_pytorch(tmp_path: Path) -> None:
    net = Net()
    report = ls.inspect(net)
    assert [finding.message for finding in report.findings] == []
    assert report.totals.params == numbers(net.parameters())
    assert report.totals.trainable_params == numbers(one for one in net.parameters() if one.requires_grad)
    assert report.totals.buffers == numbers(net.buffers())
    modules = dict(net.named_modules())
    for row in report.layers:
        if row.name in modules and row.type != "unknown" and not row.tied_to:
            assert (row.name, row.params) == (row.name, numbers(modules[row.name].parameters()))
    known = {row.name.split(".")[0] for row in report.layers if row.type != "unknown"}
    assert {
        "rnn",
        "gru",
        "simple",
        "att",
        "other",
        "norms",
        "bn",
        "bn2",
        "group",
        "conv",
        "conv2",
        "up",
        "seq",
    } <= known
    assert_same_in_each_format(net, tmp_path)


def test_a_lazy_module_is_unknown() -> None:
    report = ls.inspect(nn.Sequential(nn.LazyLinear(3), nn.Linear(3, 2)))
    assert (report.totals.params, report.totals.params_at_least) == (None, 8)


class Own(keras.layers.Layer):  # type: ignore[misc, name-defined]
    def build(self, shape: Any) -> None:
        self.w = self.add_weight(shape=(3, 4))

    def call(self, x: Any) -> Any:
        return x


class Subclass(keras.Model):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.norm, self.out = keras.layers.LSTM(4), keras.layers.BatchNormalization(), Own()

    def call(self, x: Any) -> Any:
        return self.out(self.norm(self.rnn(x)))


def test_every_count_of_a_model_is_that_of_keras(tmp_path: Path) -> None:
    layers = keras.layers
    inputs = keras.Input((10, 8))
    both, h, _, _, _ = layers.Bidirectional(layers.LSTM(32, return_sequences=True, return_state=True))(inputs)
    outputs = layers.Dense(3)(layers.GRU(5)(Own()(layers.BatchNormalization()(both))))
    model = keras.Model(inputs, [outputs, h])
    report = ls.inspect(model)
    assert (report.source_kind, report.source_version) == ("keras-json", keras.__version__)
    assert report.totals.params == model.count_params()
    assert {row.name: row.params for row in report.layers} == {
        layer.name: layer.count_params() for layer in model.layers[1:]
    }
    assert_same_in_each_format(model, tmp_path)


def test_a_subclass_is_counted_by_its_layers() -> None:
    model = Subclass()
    model(torch.zeros(2, 5, 3))
    totals = ls.inspect(model).totals
    assert totals.params == model.count_params()
    assert totals.non_trainable_params == sum(
        int(torch.tensor(tuple(weight.shape)).prod()) for weight in model.non_trainable_weights
    )


@pytest.mark.filterwarnings("ignore")
def test_random_models_of_keras_are_counted_live_and_converted(tmp_path: Path) -> None:
    for seed in range(rounds(60, dev=5)):
        model = random_keras_model(seed)
        assert ls.inspect(model).totals.params == model.count_params(), seed
        assert_same_in_each_format(model, tmp_path)
        model.save(tmp_path / "model.keras")
        assert_same_in_each_format(tmp_path / "model.keras", tmp_path)
