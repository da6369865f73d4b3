"""``params``: one layer's count against what frameworks and papers say, and the same worked through by Python."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

import lstm_shapes as ls
from lstm_shapes.analysis.params import Params, params
from lstm_shapes.symbolic.size import Shape, Size, symbol, total

from ..profiles import few

GATES = {"lstm": 4, "gru": 3, "rnn": 1}
UNITS_AND_INPUTS = [(1, 1), (2, 3), (32, 8), (7, 64), (128, 5)]
FLAGS = (False, True)


def keras(cell: str, units: int, width: int, *, bias: bool, reset_after: bool = True) -> int:
    """Keras 3: (D, gH), (H, gH), (gH,); GRU with reset_after (2, gH)."""
    biases = (2 if cell == "gru" and reset_after else 1) if bias else 0
    return GATES[cell] * units * (width + units + biases)


def torch(cell: str, units: int, width: int, *, depth: int = 1, ways: int = 1, bias: bool = True, proj: int = 0) -> int:
    """torch.nn: weight_ih (gH, D_k), weight_hh (gH, R), bias_ih and bias_hh (gH), weight_hr (P, H)."""
    rows, recurrent, count = GATES[cell] * units, proj or units, 0
    for number in range(depth):
        arriving = ways * recurrent if number else width
        count += ways * (rows * (arriving + recurrent) + 2 * rows * bias + proj * units)
    return count


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize(("units", "width"), UNITS_AND_INPUTS)
@pytest.mark.parametrize("bias", FLAGS)
def test_a_layer_has_as_many_parameters_as_in_each_framework(cell: str, units: int, width: int, bias: bool) -> None:
    ours = params(units, width, cell=cell, bias=bias)
    expected = {
        "keras": keras(cell, units, width, bias=bias),
        "torch": torch(cell, units, width, bias=bias),
        "onnx": torch(cell, units, width, bias=bias),
        "flax": keras(cell, units, width, bias=bias, reset_after=False),
        "flax-linen": keras(cell, units, width, bias=bias, reset_after=False) + units * (bias and cell == "gru"),
    }
    assert ours.total == expected["keras"]
    assert ours.elsewhere == expected
    assert params(units, width, cell=cell, bias=bias, framework="torch").total == expected["torch"]


@pytest.mark.parametrize(("units", "width"), UNITS_AND_INPUTS)
def test_a_gru_that_resets_before_has_one_bias(units: int, width: int) -> None:
    before = params(units, width, cell="gru", reset_after=False)
    assert before.total == keras("gru", units, width, bias=True, reset_after=False) == 3 * units * (width + units + 1)


@pytest.mark.parametrize(("units", "width"), UNITS_AND_INPUTS)
def test_peepholes_add_three_weights_a_unit(units: int, width: int) -> None:
    assert params(units, width, peephole=True).total == keras("lstm", units, width, bias=True) + 3 * units


@pytest.mark.parametrize("bias", FLAGS)
@pytest.mark.parametrize("ways", (1, 2))
@pytest.mark.parametrize("depth", (1, 2, 3))
@pytest.mark.parametrize("proj", (0, 1, 5))
def test_a_module_of_torch_with_layers_directions_and_projection(depth: int, ways: int, proj: int, bias: bool) -> None:
    for units, width in ((6, 3), (32, 8)):
        settings: dict[str, Any] = {"num_layers": depth, "bidirectional": ways == 2, "proj_size": proj, "bias": bias}
        ours = params(units, width, framework="torch", **settings)
        assert ours.total == torch("lstm", units, width, depth=depth, ways=ways, bias=bias, proj=proj)
        assert ours.sequence[-1] == ways * (proj or units)
        assert dict(ours.states) == {
            "h": (depth * ways, symbol("B"), proj or units),
            "c": (depth * ways, symbol("B"), units),
        }


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("both", FLAGS)
@pytest.mark.parametrize("depth", (1, 2, 4))
def test_layers_one_above_the_other_in_both_frameworks(cell: str, depth: int, both: bool) -> None:
    """Behind the first layer, what arrives is the width of the one below; Keras names a layer each."""
    ways, units, width = 1 + both, 7, 3
    expected = 0
    for number in range(depth):
        expected += ways * keras(cell, units, ways * units if number else width, bias=True)
    ours = params(units, width, cell=cell, num_layers=depth, bidirectional=both)
    assert ours.total == expected == total(weight.params for weight in ours.weights)
    assert ours.elsewhere["torch"] == torch(cell, units, width, depth=depth, ways=ways)
    assert len({weight.name for weight in ours.weights}) == len(ours.weights) == 3 * depth * ways
    assert ours.sequence == (symbol("B"), symbol("T"), ways * units)


def test_the_published_examples() -> None:
    """conventions.md: 8 features, 32 units, in each framework with its own defaults."""
    counts = {
        "lstm": {"keras": 5248, "torch": 5376, "onnx": 5376, "flax": 5248, "flax-linen": 5248},
        "gru": {"keras": 4032, "torch": 4032, "onnx": 4032, "flax": 3936, "flax-linen": 3968},
        "rnn": {"keras": 1312, "torch": 1344, "onnx": 1344, "flax": 1312, "flax-linen": 1312},
    }
    for cell, expected in counts.items():
        assert params(32, 8, cell=cell).elsewhere == expected
    assert params(32, 8, cell="gru", reset_after=False).total == 3936
    assert ls.params(units=32, input_dim=8, framework="torch").total == 5376


GRID = [
    {"cell": cell, "framework": framework, "num_layers": depth, "bidirectional": both, "bias": bias, "units": units}
    for cell, framework, depth, both, bias, units in product(
        GATES, ("keras", "torch"), (1, 3), FLAGS, FLAGS, (6, "H", "2*H + 1")
    )
] + [
    {"framework": framework, "proj_size": proj, "peephole": peephole, "units": units, "num_layers": depth}
    for framework, (units, proj), peephole, depth in product(
        ("keras", "torch"), ((6, 2), ("H + 1", "H")), FLAGS, (1, 2)
    )
    if not (framework == "keras" and depth > 1)
]


@pytest.mark.parametrize("settings", few(GRID, 60), ids=str)
def test_the_text_that_is_worked_through_evaluates_to_the_total(settings: dict[str, Any]) -> None:
    ours = params(input_dim=4, **settings)
    at = {"H": 11}
    worked = eval(ours.worked.replace(",", ""), {"__builtins__": {}}, at)
    assert worked == value(ours.total)
    words = {"units": value(ours.settings["units"]), "input_dim": 4, "proj_size": value(settings.get("proj_size", 0))}
    assert eval(ours.formula, {"__builtins__": {}}, words) == worked
    assert total(weight.params for weight in ours.weights) == ours.total


def value(size: Size | str) -> int:
    found = eval(str(size), {"__builtins__": {}}, {"H": 11})
    assert isinstance(found, int)
    return found


@pytest.mark.parametrize("settings", few(GRID, 60), ids=str)
def test_the_gates_share_out_the_tensors_that_are_divided_among_them(settings: dict[str, Any]) -> None:
    ours = params(input_dim=4, **settings)
    divided = [weight for weight in ours.weights if "gate" in weight.axes]
    assert len(ours.gates) == (GATES[ours.cell] if ours.cell != "rnn" else 0)
    if ours.gates:
        assert total(gate.params for gate in ours.gates) == total(weight.params for weight in divided)
        for gate in ours.gates:
            assert [name for name, _ in gate.shares] == [weight.name for weight in divided]
            assert total(share for _, share in gate.shares) == gate.params
    assert len({gate.name for gate in ours.gates}) == len(ours.gates)


def test_gates_stand_in_the_order_of_the_framework() -> None:
    """Keras i, f, c, o and z, r, h; PyTorch i, f, g, o and r, z, n."""
    order = {
        (cell, framework): "".join(gate.name[0] for gate in params(3, 2, cell=cell, framework=framework).gates)
        for cell, framework in product(("lstm", "gru"), ("keras", "torch"))
    }
    assert order == {
        ("lstm", "keras"): "ifco",
        ("lstm", "torch"): "ifco",
        ("gru", "keras"): "urc",
        ("gru", "torch"): "ruc",
    }


def test_sizes_may_be_symbols() -> None:
    ours = params("H", "D")
    units, width = symbol("H"), symbol("D")
    assert ours.total == 4 * units * (width + units + 1)
    assert ours.worked == "4*H*(D + H + 1)"
    assert ours.macs == 4 * units * (width + units) * symbol("B") * symbol("T")
    assert params("2*H", "D").total == 8 * units * (width + 2 * units + 1)


@pytest.mark.parametrize("framework", ("keras", "torch"))
@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("asked", (None, False, True))
def test_the_output_with_and_without_return_sequences(cell: str, framework: str, asked: bool | None) -> None:
    ours = params(32, 8, cell=cell, framework=framework, batch=5, timesteps=7, return_sequences=asked)
    sequence: Shape = (5, 7, 32)
    assert (ours.sequence, ours.last) == (sequence, (5, 32))
    default = framework == "torch"
    assert ours.output == (sequence if (default if asked is None else asked) else (5, 32))
    assert [name for name, _ in ours.states] == (["h", "c"] if cell == "lstm" else ["h"])


@pytest.mark.parametrize(("merge", "width"), [("concat", 14), ("sum", 7), ("mul", 7), ("ave", 7), ("none", 7)])
def test_two_directions_are_merged_to_this_width(merge: str, width: int) -> None:
    ours = params(7, 3, bidirectional=True, merge=merge, batch=2, timesteps=5)
    assert (ours.sequence, ours.last) == ((2, 5, width), (2, width))
    assert ours.total == 2 * keras("lstm", 7, 3, bias=True)


def test_macs_are_those_of_the_matrix_products_alone() -> None:
    """conventions.md 3.9: LSTM, GRU, RNN of 32 units on 8 features, 10 timesteps, 4 examples."""
    expected = {"lstm": 204_800, "gru": 153_600, "rnn": 51_200}
    assert {cell: params(32, 8, cell=cell, batch=4, timesteps=10).macs for cell in GATES} == expected
    both = params(32, 8, batch=4, timesteps=10, bidirectional=True, num_layers=2, framework="torch")
    assert both.macs == 1_392_640
    assert params(32, 8, batch=4, timesteps=10, proj_size=5, framework="torch").macs == 72_960


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"units": 0}, ("units", "got 0", "write 1 or more")),
        ({"units": -3}, ("units", "got -3", "write 1 or more")),
        ({"units": 3.0}, ("units", "got 3.0", "write 3")),
        ({"units": True}, ("units", "got true")),
        ({"units": "32"}, ("units", 'got the text "32"', "write 32")),
        ({"units": "3*"}, ("units", '"3*"', "expected a number, a name or a bracket")),
        ({"input_dim": 0}, ("input_dim", "got 0", "write 1 or more")),
        ({"input_dim": None}, ("input_dim", "got nothing")),
        ({"batch": 0}, ("batch", "got 0")),
        ({"timesteps": "T T"}, ("timesteps", '"T T"')),
        ({"num_layers": 0}, ("num_layers", "got 0", "write 1 or more")),
        ({"num_layers": 2.0}, ("num_layers", "got 2.0", "write 2")),
        ({"num_layers": "N"}, ("num_layers", "N")),
        ({"proj_size": 32}, ("proj_size", "below units = 32", "got 32")),
        ({"cell": "gru", "proj_size": 4}, ("proj_size",)),
        ({"cell": "lsmt"}, ('"lsmt"', "write lstm")),
        ({"cell": "rnn", "reset_after": True}, ("reset_after",)),
        ({"framework": "kears"}, ('"kears"', "write keras")),
        ({"bidirectional": "yes"}, ("bidirectional", '"yes"', "write true")),
        ({"bidirectional": True, "merge": "sun"}, ("merge", '"sun"', "write sum")),
        ({"merge": "sum"}, ("merge", "bidirectional: true")),
        ({"activation": "tahn"}, ("activation", '"tahn"', "write tanh")),
        ({"unitz": 3}, ('"unitz"', "write units")),
    ],
    ids=str,
)
def test_settings_that_make_no_layer_name_the_field_and_what_to_write(
    settings: dict[str, Any], words: tuple[str, ...]
) -> None:
    with pytest.raises(ls.LayerSettingsError) as caught:
        params(**{"units": 32, "input_dim": 8, **settings})
    for word in words:
        assert word in str(caught.value)
    assert caught.value.findings


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(ls.LayerSettingsError) as caught:
        params(0, -1, activation="tahn")
    assert len(caught.value.findings) == 3


def test_an_answer_is_a_value() -> None:
    assert params(32, 8) == params(32, 8)
    assert isinstance(params(32, 8), Params)
