"""What doubles when a size doubles, against an LSTM's closed form: 4*H*(D + H + 1) parameters, 4*H*(D + H) MACs."""

from __future__ import annotations

from typing import Any

import pytest

from lstm_shapes.analysis.cost import Growth
from lstm_shapes.analysis.cost import growth as doubled
from lstm_shapes.api import read


def growth(model: dict[str, Any]) -> tuple[Growth, ...]:
    inferred = read(model).inferred
    assert inferred
    return doubled(inferred)


def lstm(units: int, width: int) -> int:
    return 4 * units * (width + units + 1)


def macs(units: int, width: int) -> int:
    return 4 * units * (width + units)


@pytest.mark.parametrize(("units", "width", "batch", "time"), [(32, 8, 3, 5), (7, 11, 2, 13)])
def test_each_row_is_the_model_with_one_size_doubled(units: int, width: int, batch: int, time: int) -> None:
    first, second = {"type": "lstm", "units": units, "return_sequences": True}, {"type": "lstm", "units": units}
    model = {"batch": batch, "timesteps": time, "input_dim": width, "layers": [first, second]}
    rows = {row.what: (row.params, row.macs) for row in growth(model)}
    params, work = lstm(units, width) + lstm(units, units), macs(units, width) + macs(units, units)
    twice = 2 * units
    wider = batch * time * (macs(twice, width) + macs(twice, twice))
    assert rows == {
        "as it is": (params, batch * time * work),
        "2 x batch": (params, 2 * batch * time * work),
        "2 x timesteps": (params, 2 * batch * time * work),
        "2 x units": (lstm(twice, width) + lstm(twice, twice), wider),
    }


def test_a_size_that_makes_no_model_is_unknown_and_a_broken_model_has_no_rows() -> None:
    reshaped = [{"type": "lstm", "units": 6}, {"type": "reshape", "target_shape": [2, 3]}]
    rows = {row.what: row.params for row in growth({"input_dim": 8, "layers": reshaped})}
    assert rows["2 x timesteps"] == lstm(6, 8)
    assert rows["2 x units"] is None
    assert growth({"layers": [{"type": "lstm", "units": 4}]}) == ()


def test_wrapped_nested_and_stacked_layers_are_doubled_too() -> None:
    inner = {"type": "lstm", "units": 3}
    layers = [
        {"type": "model", "layers": [{**inner, "return_sequences": True, "bidirectional": True}]},
        {"type": "time_distributed", "layer": {"type": "dense", "units": 5}},
    ]
    rows = {row.what: row.params for row in growth({"input_dim": 8, "layers": layers})}
    assert rows["2 x units"] == 2 * lstm(6, 8) + 10 * (2 * 6 + 1)
    torch = {"framework": "torch", "input_dim": 8, "layers": [{**inner, "num_layers": 2}]}
    stacked = {row.what: row.params for row in growth(torch)}
    assert stacked["2 x units"] == 4 * 6 * (8 + 6 + 2) + 4 * 6 * (6 + 6 + 2)
