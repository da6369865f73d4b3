"""A cell is one timestep of its layer, and a stack of cells is the layers one after another: run, not assumed."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from lstm_shapes import check, inspect
from lstm_shapes.api import read
from lstm_shapes.layers import family
from lstm_shapes.layers.base import Weights
from lstm_shapes.layers.stacked_cells import StackedCells
from lstm_shapes.rules.shapes import diagnose

CELLS: list[tuple[str, dict[str, Any]]] = [
    ("lstm", {}),
    ("lstm", {"bias": False, "activation": "relu"}),
    ("gru", {}),
    ("gru", {"reset_after": False}),
    ("rnn", {"activation": "softsign", "recurrent_bias": True}),
]
WIDE = [{"type": "lstm_cell", "units": 5}, {"type": "gru_cell", "units": 3}]


def arrays_for(layer: Any, shape: tuple[int, ...]) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    return {weight.key: rng.uniform(-1, 1, weight.shape) for weight in layer.weights(shape)}


@pytest.mark.parametrize(("type_", "settings"), CELLS)
def test_a_cell_stepped_by_hand_is_its_layer(type_: str, settings: dict[str, Any]) -> None:
    cell, layer = family(f"{type_}_cell")(units=5, **settings), family(type_)(units=5, return_state=True, **settings)
    x, arrays = np.random.default_rng(1).uniform(-1, 1, (2, 4, 7)), arrays_for(layer, (2, 4, 7))
    assert [weight.shape for weight in cell.weights((2, 7))] == [weight.shape for weight in layer.weights((2, 4, 7))]
    state: tuple[Any, ...] = ()
    for now in range(4):
        output, *new = cell.run(Weights(arrays), x[:, now], *state)
        state = tuple(new)
    for ours, expected in zip((output, *state), layer.run(Weights(arrays), x), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-12)
    assert cell.macs((2, 7)) * 4 == layer.macs((2, 4, 7))


def test_stacked_cells_are_the_layers_one_after_another() -> None:
    cells = (family("lstm_cell")(units=5), family("gru_cell")(units=3), family("lstm_cell")(units=2))
    stack = StackedCells(cells=cells, return_sequences=True, return_state=True)
    arrays, x = arrays_for(stack, (2, 4, 7)), np.random.default_rng(1).uniform(-1, 1, (2, 4, 7))
    sequence, *states = stack.run(Weights(arrays), x)
    expected: list[Any] = []
    for name, cell in zip(stack.names, cells, strict=True):
        layer = family(cell.type.removesuffix("_cell"))(units=cell.units, return_sequences=True, return_state=True)
        x, *last = layer.run(Weights(arrays).sublayer(name), x)
        expected += last
    np.testing.assert_allclose(sequence, x, rtol=1e-12)
    assert len(states) == len(expected) == 5
    for ours, theirs in zip(states, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def model(**layer: Any) -> dict[str, Any]:
    return {"input_dim": 8, "layers": [layer]}


def test_keras_rnn_of_cells_is_read_in_all_its_forms() -> None:
    forms: list[dict[str, Any]] = [
        {"type": "RNN", "cell": WIDE},
        {"type": "keras.layers.RNN", "cells": WIDE},
        {"type": "StackedRNNCells", "cells": WIDE},
        {"type": "stacked_cells", "cells": WIDE},
    ]
    assert {str(inspect(model(**form, name="n")).layers) for form in forms} == {
        str(inspect(model(**forms[0], name="n")).layers)
    }
    single = inspect(model(type="RNN", cell={"type": "SimpleRNNCell", "units": 4}, return_state=True, name="enc"))
    assert [output.name for output in single["enc"].outputs] == ["output", "h"]
    assert inspect(model(type="rnn", units=4, name="enc")).totals.params == single.totals.params


def test_states_are_those_of_each_cell_in_turn() -> None:
    report = inspect(model(type="stacked_cells", cells=WIDE, return_state=True, bidirectional=True, name="enc"))
    assert [output.name for output in report["enc"].outputs] == [
        "output",
        *("forward_h_1", "forward_c_1", "forward_h_2"),
        *("backward_h_1", "backward_c_1", "backward_h_2"),
    ]


def test_tensors_have_the_names_that_the_frameworks_give_them() -> None:
    names = [tensor.name for tensor in inspect(model(type="RNN", cell=[*WIDE, WIDE[0]], name="enc"))["enc"].weights]
    assert names[:3] == ["lstm_cell/kernel", "lstm_cell/recurrent_kernel", "lstm_cell/bias"]
    assert names[6:] == ["lstm_cell_1/kernel", "lstm_cell_1/recurrent_kernel", "lstm_cell_1/bias"]
    cell = {"framework": "torch", "inputs": {"x": ["B", 8]}, "layers": [{"type": "LSTMCell", "hidden_size": 4}]}
    (layer,) = inspect(cell).layers
    assert [tensor.name for tensor in layer.weights] == ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]


def test_a_cell_that_is_not_trained_counts_apart() -> None:
    report = inspect(model(type="stacked_cells", cells=[{**WIDE[0], "trainable": False}, WIDE[1]]))
    assert report.totals.non_trainable_params == 4 * 5 * (8 + 5 + 1)


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "stacked_cells", "cells": [{"type": "lstm", "units": 4}]}, "expected a cell .* got lstm", "lstm_cell"),
    ({"type": "stacked_cells", "cells": []}, "expected 1 to .* cells, got an empty list", "lstm_cell"),
    ({"type": "stacked_cells"}, "stacked_cells needs cells", "lstm_cell"),
    ({"type": "lstm_cell", "units": 4}, "expected 2 axes .* got 3", "`type: lstm`"),
    ({"type": "lstm_cell", "units": 4, "return_sequences": True}, 'no key "return_sequences"', "`type: lstm`"),
    ({"type": "gru_cell", "units": 4, "bidirectional": True}, 'no key "bidirectional"', "`type: gru`"),
    ({"type": "bidirectional", "layer": {"type": "gru_cell", "units": 4}}, "a recurrent layer", "`type: gru`"),
    ({"type": "time_distributed", "layer": {"type": "gru_cell", "units": 4}}, "single output", "`type: gru`"),
    ({"type": "RNN", "cell": [WIDE[0], {**WIDE[1], "input_dim": 6}]}, "input_dim is 6, .* passes on 5", "write 5"),
    ({"type": "RNN", "cell": [WIDE[0], {**WIDE[1], "name": "b"}]}, "has no name of its own", "stacked_cells"),
]


@pytest.mark.parametrize(("layer", "message", "hint"), MISTAKES)
def test_what_cannot_be_is_refused_with_what_to_write(layer: dict[str, Any], message: str, hint: str) -> None:
    findings = diagnose(read(model(**layer)))
    assert len(findings) == 1, findings
    assert re.search(message, findings[0].message)
    assert hint in findings[0].hint


def test_pytorch_has_cells_and_no_stack_of_them() -> None:
    (finding,) = diagnose(read({**model(type="stacked_cells", cells=WIDE), "framework": "torch"}))
    assert (finding.message, finding.hint) == ("PyTorch has no stacked_cells", "write `framework: keras`")


def test_a_stack_of_cells_is_checked_as_a_recurrent_layer(tmp_path: Any) -> None:
    path = tmp_path / "model.yaml"
    path.write_text("input_dim: 8\nlayers:\n  - {type: RNN, stateful: true, cell: {type: lstm_cell, units: 4}}\n")
    (finding,) = check([path], select=["stateful-batch"])
    assert "a stateful layer needs a fixed batch size" in finding.message
    assert finding.place is not None
    assert finding.place.line == 3


@pytest.mark.parametrize("type_", ["lstm_cell", "gru_cell", "rnn_cell"])
def test_onnx_has_no_cells_and_the_message_says_which_layer_reads_a_sequence(type_: str) -> None:
    """onnx/defs/rnn/defs.cc: X is (seq_length, batch_size, input_size)."""
    model = {"framework": "onnx", "input_dim": 8, "layers": [{"type": type_, "units": 4}]}
    (finding,) = inspect(model).findings
    assert finding.message == f"ONNX has no {type_}: its {type_.removesuffix('_cell')} reads a sequence"
    assert f"write `type: {type_.removesuffix('_cell')}`" in finding.hint and "`framework: keras`" in finding.hint
