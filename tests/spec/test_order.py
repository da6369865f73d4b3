"""The order of layers: the file's own where that can be run."""

from __future__ import annotations

from typing import Any

from lstm_shapes import api


def names(*layers: dict[str, Any]) -> list[str]:
    report = api.inspect({"inputs": {"a": ["B", "T", 8], "b": ["B", "T", 8]}, "layers": list(layers)})
    assert not [finding for finding in report.findings if finding.severity == "error"]
    return [row.name for row in report.layers]


E1 = {"type": "dense", "name": "e1", "units": 4, "inputs": "a"}
E2 = {"type": "dense", "name": "e2", "units": 4, "inputs": "b"}
ENCODER = {"type": "lstm", "name": "encoder", "units": 4, "inputs": "e1", "return_state": True}
DECODER = {"type": "lstm", "name": "decoder", "units": 4, "inputs": "e2", "initial_state": ["encoder.h", "encoder.c"]}


def test_rows_stand_in_the_order_of_the_file() -> None:
    assert names(E1, E2, ENCODER, DECODER) == ["e1", "e2", "encoder", "decoder"]
    assert names(E2, E1, ENCODER, DECODER) == ["e2", "e1", "encoder", "decoder"]


def test_a_layer_that_reads_one_below_it_waits_for_that_alone() -> None:
    assert names(DECODER, E1, E2, ENCODER) == ["e1", "e2", "encoder", "decoder"]
    assert names(E1, ENCODER, DECODER, E2) == ["e1", "encoder", "e2", "decoder"]


def test_a_layer_without_inputs_below_one_with_two_outputs_is_refused_as_in_keras() -> None:
    """Keras 3.15: 'Layer "dense" expects 1 input(s), but it received 2 input tensors.'"""
    both = {"type": "lstm", "name": "both", "units": 4, "bidirectional": True, "merge": "none"}
    for below, hint in (
        ({"type": "dense", "units": 3}, "write `inputs: both.forward`"),
        ({"type": "concatenate"}, "write `inputs: [both.forward, both.backward]`"),
    ):
        (finding,) = api.inspect({"input_dim": 8, "layers": [both, below]}).findings
        assert (finding.kind, finding.hint) == ("wrong-setting", hint)
        named = {**below, "inputs": hint.split("inputs: ")[1].strip("`[]").split(", ")}
        assert api.inspect({"input_dim": 8, "layers": [both, named]}).findings == ()
