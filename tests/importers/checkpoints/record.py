"""Writes the checkpoints in this folder with the real PyTorch, and what it says of them to counts.json.

Run ``python -m tests.importers.checkpoints.record`` where torch and safetensors are installed. Recorded with torch
2.13.0 and safetensors 0.8.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def everything() -> Any:
    """The module of which all is saved."""
    import torch
    from torch import nn
    from torch.nn.utils import parametrizations, prune, spectral_norm

    class Everything(nn.Module):  # type: ignore[misc]
        """A module of each kind that is told apart, a tied weight, and parameters of its own."""

        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(11, 4)
            self.encoder = nn.LSTM(4, 3, 2, bidirectional=True)
            self.decoder = nn.GRU(6, 5)
            self.plain = nn.RNN(5, 2, bias=False)
            self.projected = nn.LSTM(2, 7, 2, proj_size=3)
            self.cell = nn.LSTMCell(3, 2)
            self.convolution = nn.Conv1d(3, 5, 3)
            self.upscale = nn.ConvTranspose2d(4, 6, 3, groups=2)
            self.bn = nn.BatchNorm1d(5)
            self.attention = nn.MultiheadAttention(4, 2)
            self.norm = nn.LayerNorm(4)
            self.head = nn.Linear(4, 11)
            self.head.weight = self.embedding.weight
            self.weighted = parametrizations.weight_norm(nn.Linear(2, 3))
            self.spectral = spectral_norm(nn.Linear(2, 3))
            self.pruned = prune.random_unstructured(nn.Linear(3, 2), "weight", 0.5)
            self.position = nn.Parameter(torch.zeros(1, 9, 4))

    return Everything()


def counts(module: Any) -> dict[str, object]:
    """What PyTorch counts: parameters, buffers, and the shape of every tensor."""
    return {
        "params": sum(tensor.numel() for tensor in module.parameters()),
        "buffers": sum(tensor.numel() for tensor in module.buffers()),
        "tensors": {name: list(tensor.shape) for name, tensor in module.state_dict().items()},
    }


def main() -> None:
    import torch
    from safetensors.torch import save_model
    from torch import nn

    torch.manual_seed(7)
    module = everything()
    optimizer = torch.optim.Adam(module.parameters())
    sum(tensor.sum() for tensor in module.parameters()).backward()
    optimizer.step()
    saved = {"state_dict": nn.DataParallel(module).state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}
    saved |= {"best": torch.tensor(0.5), "options": argparse.Namespace(lr=0.1), "size": torch.Size([3, 4])}
    torch.save(module.state_dict(), HERE / "state_dict.pt")
    torch.save(saved, HERE / "training.pth.tar")
    torch.save(saved, HERE / "legacy.pth", _use_new_zipfile_serialization=False)
    for protocol in range(6):
        torch.save(module.bn.state_dict(), HERE / f"protocol{protocol}.pt", pickle_protocol=protocol)
    parts = {"encoder": module.encoder.state_dict(), "decoder": module.decoder.state_dict()}
    torch.save(parts, HERE / "several.pt")
    torch.save(nn.Sequential(nn.Linear(2, 3)), HERE / "module.pt")
    torch.save({"net": nn.Linear(2, 3)}, HERE / "module_legacy.pt", _use_new_zipfile_serialization=False)
    torch.jit.save(torch.jit.script(nn.Linear(2, 3)), HERE / "script.pt")
    save_model(module, str(HERE / "model.safetensors"))
    answer = {"everything": counts(module), "encoder": counts(module.encoder), "decoder": counts(module.decoder)}
    answer["bn"] = counts(module.bn)
    (HERE / "counts.json").write_text(json.dumps(answer, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
