"""Well-known recurrent architectures in PyTorch, small, with an example of what enters them: exported to ONNX."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


class CRNN(nn.Module):
    """Text in images: convolutions, two bidirectional LSTMs, CTC (Shi et al. 2015)."""

    def __init__(self) -> None:
        super().__init__()
        self.cnn = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1), nn.BatchNorm2d(6)
        )
        self.rnn = nn.LSTM(6 * 4, 5, num_layers=2, bidirectional=True)
        self.head = nn.Linear(10, 7)

    def forward(self, x: Tensor) -> Tensor:
        y = self.cnn(x)
        batch, channels, height, width = y.size()
        y, _ = self.rnn(y.reshape(batch, channels * height, width).permute(2, 0, 1))
        return self.head(y).log_softmax(2)


class Attention(nn.Module):
    """An encoder and a decoder with multiplicative attention (Luong et al. 2015)."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 6)
        self.encoder = nn.GRU(6, 8, batch_first=True)
        self.decoder = nn.GRU(6, 8, batch_first=True)
        self.score = nn.Linear(8, 8)
        self.head = nn.Linear(16, 11)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        memory, state = self.encoder(self.embedding(source))
        y, _ = self.decoder(self.embedding(target), state)
        weights = torch.softmax(self.score(y) @ memory.transpose(1, 2) / 8**0.5, -1)
        return self.head(torch.cat([weights @ memory, y], -1))


class Tagger(nn.Module):
    """A BiLSTM-CRF: the emissions, and the forward algorithm over four timesteps (Huang et al. 2015)."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(9, 4, padding_idx=0)
        self.lstm = nn.LSTM(4, 3, bidirectional=True, batch_first=True)
        self.head = nn.Linear(6, 5)
        self.transitions = nn.Parameter(torch.randn(5, 5))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        emissions = self.head(self.lstm(self.embedding(x))[0])
        score = emissions[:, 0]
        for step in range(1, 4):
            score = torch.logsumexp(score.unsqueeze(2) + self.transitions + emissions[:, step].unsqueeze(1), 1)
        return emissions, score


class Speech(nn.Module):
    """Spectrograms to letters: a strided convolution and bidirectional GRUs (Amodei et al. 2015)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(10, 8, 5, stride=2, padding=2)
        self.norm = nn.LayerNorm(8)
        self.gru = nn.GRU(8, 4, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(8, 6, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = nn.functional.hardtanh(self.conv(x), 0, 20).transpose(1, 2)
        return self.head(self.gru(self.norm(y))[0]).softmax(-1)


class Packed(nn.Module):
    """The encoder of Tacotron 2: convolutions and a bidirectional LSTM over packed sequences (Shen et al. 2018)."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(12, 6)
        self.conv = nn.Sequential(nn.Conv1d(6, 6, 5, padding=2), nn.BatchNorm1d(6), nn.ReLU())
        self.lstm = nn.LSTM(6, 4, bidirectional=True, batch_first=True)

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        y = self.conv(self.embedding(x).transpose(1, 2)).transpose(1, 2)
        packed = nn.utils.rnn.pack_padded_sequence(y, lengths, batch_first=True)
        output, (state, _) = self.lstm(packed)
        return nn.utils.rnn.pad_packed_sequence(output, batch_first=True)[0], state


class Last(nn.Module):
    """A classifier of sequences by the last timestep."""

    def __init__(self, module: type[nn.Module] = nn.LSTM, **settings: Any) -> None:
        super().__init__()
        self.recurrent = module(3, 5, batch_first=True, **settings)
        self.head = nn.Linear(10 if settings.get("bidirectional") else 5, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.head(self.recurrent(x)[0][:, -1]))


class States(nn.Module):
    """Two layers whose states enter and leave, as they are run in a stream."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(3, 4, num_layers=2)

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        y, (h, c) = self.lstm(x, (h, c))
        return y, h, c


class Output(nn.Module):
    """The sequence of a recurrent module alone."""

    def __init__(self, module: type[nn.Module], **settings: Any) -> None:
        super().__init__()
        self.recurrent = module(3, 4, **settings)

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.recurrent(x)[0]
        return output


class SelfAttention(nn.Module):
    """A layer of a transformer before an LSTM."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.TransformerEncoderLayer(8, 2, 12, batch_first=True)
        self.lstm = nn.LSTM(8, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.lstm(self.encoder(x))[0].mean(1)


class Architecture(NamedTuple):
    """A module, an example of each input, and the axes that are not fixed, by the input and its axis."""

    module: nn.Module
    inputs: dict[str, Tensor]
    open: dict[str, dict[int, str]]


def architectures() -> dict[str, Architecture]:
    """Every architecture with weights of its own, none of them 0."""
    torch.manual_seed(0)
    sequence = {"x": torch.randn(2, 6, 3)}
    turned = {"x": torch.randn(6, 2, 3)}
    two = {"h": torch.randn(2, 2, 4), "c": torch.randn(2, 2, 4)}
    found = {
        "crnn": Architecture(CRNN(), {"x": torch.randn(2, 1, 8, 12)}, {"x": {0: "B", 3: "W"}}),
        "attention": Architecture(
            Attention(),
            {"source": torch.randint(0, 11, (2, 7)), "target": torch.randint(0, 11, (2, 5))},
            {"source": {0: "B", 1: "S"}, "target": {0: "B", 1: "T"}},
        ),
        "tagger": Architecture(Tagger(), {"x": torch.randint(0, 9, (2, 6))}, {"x": {0: "B"}}),
        "speech": Architecture(Speech(), {"x": torch.randn(2, 10, 20)}, {"x": {0: "B", 2: "T"}}),
        "packed": Architecture(
            Packed(),
            {"x": torch.randint(0, 12, (2, 6)), "lengths": torch.tensor([6, 4])},
            {"x": {0: "B", 1: "T"}, "lengths": {0: "B"}},
        ),
        "last": Architecture(Last(), sequence, {"x": {0: "B", 1: "T"}}),
        "last_gru": Architecture(Last(nn.GRU, bidirectional=True), sequence, {}),
        "states": Architecture(States(), {**turned, **two}, {"x": {0: "T", 1: "B"}, "h": {1: "B"}, "c": {1: "B"}}),
        "rnn_relu": Architecture(Output(nn.RNN, nonlinearity="relu", bidirectional=True), turned, {"x": {0: "T"}}),
        "no_bias": Architecture(Output(nn.LSTM, bias=False), turned, {"x": {0: "T", 1: "B"}}),
        "self_attention": Architecture(SelfAttention(), {"x": torch.randn(2, 6, 8)}, {}),
    }
    for architecture in found.values():
        architecture.module.eval()
        with torch.no_grad():
            for parameter in architecture.module.parameters():
                parameter.uniform_(0.1, 0.9)
    return found
