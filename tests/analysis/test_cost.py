"""The cost of layers and the conventions of tools, against the table of numbers that the tools printed."""

from __future__ import annotations

from typing import Any

import pytest

from lstm_shapes.analysis.cost import CONVENTIONS, intensity, layers, model_cost, peak_bytes, reported
from lstm_shapes.formats.document import Document
from lstm_shapes.graph.shape_inference import Inferred
from lstm_shapes.spec.reader import read
from lstm_shapes.symbolic.size import bind

CELLS: dict[str, dict[str, Any]] = {
    "LSTM": {"type": "lstm"},
    "GRU": {"type": "gru"},
    "RNN": {"type": "rnn"},
    "BiLSTM x 2": {"type": "lstm", "bidirectional": True, "num_layers": 2},
    "LSTM, proj 5": {"type": "lstm", "proj_size": 5},
}
PRINTED = {  # conventions.md 3.9: 8 -> 32, T = 10, B = 4; what each tool printed for the real module
    "matmul": (204_800, 153_600, 51_200, 1_392_640, 72_960),
    "flops": (409_600, 307_200, 102_400, 2_785_280, 145_920),
    "torchinfo": (215_040, 161_280, 53_760, 1_433_600, 83_200),
    "thop": (225_280, 170_240, 55_040, 1_474_560, 225_280),
    "calflops": (422_400, 316_160, 103_680, 2_836_480, 145_920),
    "ptflops": (4 * 56_960, 4 * 42_560, 55_040, 4 * 371_200, 4 * 22_400),
}


def model(*layers: dict[str, Any], **more: Any) -> Inferred:
    data = {"framework": "torch", "batch": 4, "timesteps": 10, "input_dim": 8, **more, "layers": list(layers)}
    reading = read(Document(source="", data=data))
    assert reading.inferred, reading.findings
    return reading.inferred


@pytest.mark.parametrize("convention", PRINTED)
def test_the_numbers_that_the_tools_printed(convention: str) -> None:
    found = [reported(model({**settings, "units": 32}), convention) for settings in CELLS.values()]
    assert found == list(PRINTED[convention])


def test_every_convention_is_in_the_table_and_on_the_command_line() -> None:
    from lstm_shapes.analysis.convention_names import ConventionName

    assert set(PRINTED) == set(CONVENTIONS) == {str(convention) for convention in ConventionName}
    assert all(convention.says and convention.tool and convention.unit for convention in CONVENTIONS.values())


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("cell", CELLS)
def test_a_form_in_symbols_is_the_number_with_the_sizes_put_in(cell: str, convention: str) -> None:
    symbolic = reported(model({**CELLS[cell], "units": "H"}, batch="B", timesteps="T"), convention)
    assert symbolic is not None
    assert bind(symbolic, {"H": 32, "B": 4, "T": 10}) == reported(model({**CELLS[cell], "units": 32}), convention)


def test_matmul_is_what_every_other_command_calls_macs() -> None:
    whole = model(
        {"type": "lstm", "units": 32, "num_layers": 3}, {"type": "dropout", "rate": 0.5}, {"type": "linear", "units": 3}
    )
    assert reported(whole, "matmul") == model_cost(whole).macs
    assert reported(whole, "flops") == model_cost(whole).flops


def test_what_no_form_is_about_is_not_known() -> None:
    peephole = model({"type": "lstm", "units": 4, "peephole": True}, framework="keras")
    assert reported(peephole, "thop") is None
    custom = model({"type": "custom", "output": ["B", "T", 7], "params": 12, "name": "own"}, batch="B", timesteps="T")
    assert reported(custom, "torchinfo") is None
    deep = model({"type": "lstm", "units": 9, "proj_size": 3, "num_layers": 2})
    assert (reported(deep, "thop"), reported(deep, "torchinfo") is None) == (None, False)


def test_an_embedding_and_a_dense_layer_as_torchinfo_counts_them() -> None:
    dense = model({"type": "linear", "units": 5})
    assert reported(dense, "torchinfo") == 4 * (8 * 5 + 5)
    assert reported(dense, "matmul") == 4 * 10 * 8 * 5
    data = {"batch": 4, "timesteps": 10, "layers": [{"type": "embedding", "vocab": 100, "units": 6}]}
    reading = read(Document(source="", data=data))
    assert reading.inferred
    assert reported(reading.inferred, "torchinfo") == 4 * 100 * 6


def test_states_are_those_of_real_arrays() -> None:
    import numpy as np

    per_layer = layers(model({"type": "lstm", "units": 32, "name": "a"}, {"type": "gru", "units": 5, "name": "b"}))
    lstm, gru = np.zeros((2, 4, 32), np.float32), np.zeros((4, 5), np.float32)
    assert [per_layer[name].state_bytes for name in "ab"] == [lstm.nbytes, gru.nbytes]
    both = model({"type": "lstm", "units": 32, "num_layers": 2, "bidirectional": True, "proj_size": 5})
    h, c = np.zeros((4, 4, 5), np.float32), np.zeros((4, 4, 32), np.float32)
    assert model_cost(both).state_bytes == h.nbytes + c.nbytes


def test_estimates_follow_their_assumptions() -> None:
    answer = model({"type": "lstm", "units": 32, "return_state": False})
    params, x, y, states = 5_376, 4 * 10 * 8, 4 * 10 * 32, 2 * 4 * 32
    assert model_cost(answer).activation_bytes == 4 * (y + 10 * 4 * (4 * 32 + 2 * 32))
    assert peak_bytes(answer) == 4 * (params + x + y + states)
    assert intensity(answer) == (409_600, 4 * (params + x + y + states))


def test_estimates_that_need_numbers_are_not_given_in_symbols() -> None:
    free = model({"type": "lstm", "units": 32}, timesteps="T")
    assert (peak_bytes(free), intensity(free)) == (None, None)
    assert str(model_cost(free).macs) == "20480*T"


def test_what_could_not_be_judged_is_not_known() -> None:
    wrong = model(
        {"type": "lstm", "units": 4, "return_sequences": False}, {"type": "lstm", "units": 4}, framework="keras"
    )
    assert model_cost(wrong) == (None, None, None, None)
    assert reported(wrong, "thop") is None
    assert (peak_bytes(wrong), intensity(wrong)) == (None, None)


@pytest.mark.parametrize(
    ("name", "ptflops", "calflops"),
    [("relu", 880, 1360), ("leaky_relu", 800, 1360), ("relu6", 800, 1280), ("silu", 800, 1360), ("tanh", 720, 1280)],
)
def test_activation_layers_count_as_the_tools_count_them(name: str, ptflops: int, calflops: int) -> None:
    """What ptflops 0.7.5 and calflops 0.3.2 print of Linear(8, 16) and the activation, on (1, 5, 8)."""
    both = [{"type": "linear", "units": 16}, {"type": "activation", "activation": name}]
    head = {"framework": "torch", "batch": 1, "timesteps": 5, "input_dim": 8}
    inferred = read(Document(source="", data={**head, "layers": both})).inferred
    assert inferred is not None
    assert (reported(inferred, "ptflops"), reported(inferred, "calflops")) == (ptflops, calflops)
