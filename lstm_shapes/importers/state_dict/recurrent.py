"""Recurrent modules and cells, by the names and shapes of their tensors: the rows tell LSTM, GRU and RNN apart.

torch/nn/modules/rnn.py: weight_ih is (gates*hidden, input), weight_hh (gates*hidden, hidden), and with a projection
weight_hr is (proj_size, hidden) and weight_hh (gates*hidden, proj_size).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lstm_shapes.importers.state_dict.stored import Tensor

Sized = tuple[dict[str, Any], frozenset[str]]
"""The settings of a layer, and the tensors that they account for."""
_LEAF = re.compile(r"(weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)_l(\d{1,4})(_reverse)?")
_KINDS = {4: "lstm", 3: "gru", 1: "rnn"}


def recurrent(leaves: Mapping[str, Tensor]) -> Sized | None:
    """An LSTM, GRU or RNN of any depth, directions, projection; None where names and shapes are of no such module.

    >>> shapes = {"weight_ih_l0": (12, 5), "weight_hh_l0": (12, 3), "bias_ih_l0": (12,), "bias_hh_l0": (12,)}
    >>> recurrent({leaf: Tensor(leaf, shape, "float32") for leaf, shape in shapes.items()})[0]
    {'type': 'lstm', 'input_dim': 5, 'units': 3}
    """
    named = {leaf: match for leaf in leaves if (match := _LEAF.fullmatch(leaf))}
    recurrence, kernel = leaves.get("weight_hh_l0"), leaves.get("weight_ih_l0")
    if recurrence is None or kernel is None or len(kernel.shape) != 2 or len(recurrence.shape) != 2:
        return None
    projection = leaves.get("weight_hr_l0")
    if projection is not None and len(projection.shape) != 2:
        return None
    hidden = projection.shape[1] if projection else recurrence.shape[1]
    depth = 1 + max(int(match[2]) for match in named.values())
    kind = _kind(kernel.shape[0], hidden)
    settings = {
        "type": kind,
        "input_dim": kernel.shape[1],
        "units": hidden,
        "num_layers": depth,
        "proj_size": projection.shape[0] if projection else 0,
        "bidirectional": "weight_hh_l0_reverse" in leaves,
        "bias": "bias_ih_l0" in leaves,
    }
    if kind and depth <= len(named) and {leaf: leaves[leaf].shape for leaf in named} == _shapes(settings):
        return _short(settings), frozenset(named)
    return None


def _kind(rows: int, hidden: int) -> str:
    """The kind whose gates have so many rows together; '' for none."""
    return _KINDS.get(rows // hidden, "") if hidden and rows % hidden == 0 else ""


def _shapes(settings: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """The tensors that PyTorch's module with these settings has, by name."""
    hidden, projected = settings["units"], settings["proj_size"]
    rows = hidden * next(gates for gates, kind in _KINDS.items() if kind == settings["type"])
    states = projected or hidden
    ways = ("", "_reverse") if settings["bidirectional"] else ("",)
    shapes: dict[str, tuple[int, ...]] = {}
    for depth in range(settings["num_layers"]):
        width = settings["input_dim"] if depth == 0 else states * len(ways)
        for end in (f"_l{depth}{way}" for way in ways):
            shapes |= {f"weight_ih{end}": (rows, width), f"weight_hh{end}": (rows, states)}
            shapes |= {f"bias_ih{end}": (rows,), f"bias_hh{end}": (rows,)} if settings["bias"] else {}
            shapes |= {f"weight_hr{end}": (projected, hidden)} if projected else {}
    return shapes


_DEFAULTS = {"num_layers": 1, "proj_size": 0, "bidirectional": False, "bias": True}


def _short(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings without those that are at their defaults."""
    return {key: value for key, value in settings.items() if key not in _DEFAULTS or _DEFAULTS[key] != value}


def cell(leaves: Mapping[str, Tensor]) -> Sized | None:
    """An LSTMCell, GRUCell or RNNCell."""
    kernel, recurrence = leaves.get("weight_ih"), leaves.get("weight_hh")
    if kernel is None or recurrence is None or len(kernel.shape) != 2 or len(recurrence.shape) != 2:
        return None
    rows, hidden = recurrence.shape
    kind = _kind(rows, hidden)
    bias = "bias_ih" in leaves
    expected: dict[str, tuple[int, ...]] = {"weight_ih": (rows, kernel.shape[1]), "weight_hh": (rows, hidden)}
    expected |= {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
    if not kind or {leaf: leaves[leaf].shape for leaf in expected if leaf in leaves} != expected:
        return None
    settings = {"type": f"{kind}_cell", "input_dim": kernel.shape[1], "units": hidden, "bias": bias}
    return _short(settings), frozenset(expected)
