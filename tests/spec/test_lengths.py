"""The key ``lengths``: what it gives, what it counts, and what it is refused with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lstm_shapes.analysis.verify.counting import Counter, counted
from lstm_shapes.api import inspect, read
from lstm_shapes.graph.lengths import Packed, packed
from lstm_shapes.layers.base import Weights

from ..command import run_here

LENGTHS = [10, 7, 3, 1]
ENCODER = {"type": "lstm", "name": "encoder", "units": 32, "return_sequences": True}


def answer(*layers: dict[str, Any], **model: Any) -> Packed:
    inferred = read({"lengths": LENGTHS, "input_dim": 8, "layers": [*layers], **model}).inferred
    assert inferred is not None
    found = packed(inferred)
    assert found is not None
    return found


def messages(**model: Any) -> list[str]:
    findings = inspect({"lengths": [3, 4], "input_dim": 8, "layers": [ENCODER], **model}).findings
    return [f"{finding.message}; {finding.hint}" for finding in findings if finding.severity == "error"]


@pytest.mark.parametrize(
    ("layer", "real", "padded"),
    [
        ({"type": "lstm", "units": 32}, 107_520, 204_800),
        ({"type": "gru", "units": 32}, 80_640, 153_600),
        ({"type": "rnn", "units": 32}, 26_880, 51_200),
        ({"type": "lstm", "units": 32, "bidirectional": True}, 215_040, 409_600),
    ],
)
def test_a_packed_batch_of_10_7_3_and_1_has_21_of_40_steps(layer: dict[str, Any], real: int, padded: int) -> None:
    """4*32*(8 + 32) a step of an LSTM, 3 and 1 of these gates for a GRU and a simple RNN: 21 and 40 times."""
    found = answer(layer)
    assert (found.steps, found.padded_steps, found.macs, found.padded_macs) == (21, 40, real, padded)


@pytest.mark.parametrize("type_", ["lstm", "gru", "rnn"])
def test_the_count_is_what_the_examples_execute_each_by_itself(type_: str) -> None:
    inferred = read({"lengths": LENGTHS, "input_dim": 8, "layers": [{"type": type_, "units": 5}]}).inferred
    assert inferred is not None
    layer, counter = inferred.nodes[0].layer, Counter()
    weights = {weight.key: counted(np.ones(weight.shape), counter) for weight in layer.weights((4, 10, 8))}
    for length in LENGTHS:
        layer.run(Weights(weights), counted(np.ones((1, length, 8)), counter))
    found = packed(inferred)
    assert found is not None
    assert counter.macs == found.macs


def test_every_recurrent_layer_that_reads_the_timesteps_is_counted_also_inside_a_model_and_a_stack() -> None:
    inner = {"type": "model", "name": "inner", "layers": [{"type": "gru", "units": 4, "return_sequences": True}]}
    found = answer(ENCODER, inner, {"type": "lstm", "name": "top", "units": 3})
    assert [row.name for row in found.layers] == ["encoder", "inner", "top"]
    assert [row.macs for row in found.layers] == [21 * 4 * 32 * 40, 21 * 3 * 4 * (32 + 4), 21 * 4 * 3 * (4 + 3)]
    stack = answer({"type": "lstm", "units": 4, "num_layers": 2}, framework="torch")
    assert stack.macs == 21 * 4 * 4 * (8 + 4 + 4 + 4)


def test_a_decoder_of_its_own_timesteps_is_left_out_and_one_of_other_timesteps_is_named() -> None:
    decoder = ({"type": "repeat_vector", "n": 5}, {"type": "lstm", "name": "decoder", "units": 3})
    found = answer({**ENCODER, "return_sequences": False}, *decoder)
    assert [row.name for row in found.layers] == ["encoder"]
    assert found.unclear == ()
    halved = {"type": "conv1d", "filters": 4, "kernel_size": 2, "strides": 2}
    found = answer(ENCODER, halved, {"type": "lstm", "name": "after", "units": 3})
    assert ([row.name for row in found.layers], found.unclear) == (["encoder"], ("after",))


def test_the_lengths_give_batch_and_timesteps_unless_they_are_set() -> None:
    report = inspect({"lengths": LENGTHS, "input_dim": 8, "layers": [ENCODER]})
    assert report.inputs[0].shape == (4, 10, 8)
    assert answer(ENCODER, timesteps=12, batch=4).padded_steps == 48
    named = read({"lengths": LENGTHS, "inputs": {"x": ["B", 10, 8]}, "dims": {"B": 4}, "layers": [ENCODER]})
    assert named.inferred is not None
    assert not named.findings
    assert packed(named.inferred) == answer(ENCODER)
    first = answer({**ENCODER, "batch_first": False}, framework="torch")
    assert (first.steps, first.padded_steps) == (21, 40)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"lengths": []}, "lengths: expected a list of timesteps, one number an example, got a list of 0"),
        ({"lengths": 3}, "lengths: expected a list of timesteps, one number an example, got 3"),
        ({"lengths": [3, 0]}, "lengths: expected a whole number of timesteps from 1 on, got 0"),
        ({"lengths": [3, True]}, "lengths: expected a whole number of timesteps from 1 on, got true"),
        ({"lengths": [3, "T"]}, 'lengths: expected a whole number of timesteps from 1 on, got "T"'),
        ({"batch": 3}, "lengths: expected 3 lengths, one an example, got 2 examples: the batch is 3; write `batch: 2`"),
        ({"batch": "N"}, "lengths: expected a number for the batch, got 2 examples: the batch is N; write `batch: 2`"),
        (
            {"timesteps": 3},
            "expected lengths up to 3, got up to 4 timesteps: the timesteps are 3; write `timesteps: 4`",
        ),
        ({"timesteps": "T"}, "expected a number for the timesteps, got up to 4 timesteps: the timesteps are T"),
        ({"inputs": "unknown"}, "lengths: nothing is known of the inputs"),
        ({"layers": [{"type": "dense", "units": 3}]}, "lengths: no recurrent layer reads the timesteps of the input"),
    ],
    ids=str,
)
def test_lengths_that_do_not_fit_are_refused_in_words(model: dict[str, Any], message: str) -> None:
    assert any(message in each for each in messages(**model)), messages(**model)


def test_lengths_of_several_inputs_or_inside_a_model_are_refused() -> None:
    both = {"type": "concatenate", "inputs": ["x", "y"]}
    model = {"lengths": [3, 4], "inputs": {"x": [2, 4, 8], "y": [2, 4, 8]}, "layers": [both, ENCODER]}
    assert "the inputs are x, y" in inspect(model).findings[0].message
    inner = {"type": "model", "lengths": [3, 4], "layers": [ENCODER]}
    assert 'a nested model has no key "lengths"' in inspect({"input_dim": 8, "layers": [inner]}).findings[0].message


def test_inspect_says_how_many_steps_are_padding_in_text_and_in_json(tmp_path: Any) -> None:
    text = "lengths: [10, 7, 3, 1]\ninput_dim: 8\nlayers: [{type: lstm, name: encoder, units: 32}]\n"
    (tmp_path / "model.yaml").write_text(text)
    shown = run_here("inspect", "--cost", "--convention", "torchinfo", "model.yaml", cwd=tmp_path).out.decode()
    assert "lengths: 21 of 40 timesteps, the others are padding" in shown
    assert "macs of encoder: 107,520 on these, 204,800 with the padding, 97,280 of them wasted" in shown
    assert "torchinfo: of the padded batch; what it reports for a packed one is not known" in shown
    told = run_here("inspect", "--cost", "--output-format", "json", "model.yaml", cwd=tmp_path).out.decode()
    assert '"wasted_macs": 97280' in told
