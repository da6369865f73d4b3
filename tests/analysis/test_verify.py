"""The witness: what is right is confirmed, what is wrong is found out, what was not run is never called confirmed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lstm_shapes import api
from lstm_shapes.analysis.verify import model_run
from lstm_shapes.analysis.verify.verification import LayerCheck, Verification
from lstm_shapes.analysis.verify.verify import verify
from lstm_shapes.formats import parse
from lstm_shapes.formats.document import Document
from lstm_shapes.graph.model import Graph, Model, Node, Ref
from lstm_shapes.layers import FAMILIES
from lstm_shapes.layers.base import Layer, Weights
from lstm_shapes.layers.dense import Dense
from lstm_shapes.layers.lstm import LSTM
from lstm_shapes.layers.rnn import RNN
from lstm_shapes.spec.reader import read
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Shape, symbol

from .. import broken_layers as wrong
from ..layer_settings import DECLARED, SEQUENCE, Array, B, D, H, T, cases
from ..profiles import few, rounds

LONG = rounds(9_000)
KINDS = {"output", "weights", "reach", "macs", "laws"}


def reading(*nodes: Node, shapes: tuple[Shape, ...] = (SEQUENCE,)) -> Reading:
    """A model by hand: inputs x0, x1 ..., the last node's output."""
    graph = Graph(inputs=tuple(f"x{n}" for n in range(len(shapes))), nodes=nodes, outputs=(Ref(nodes[-1].name),))
    return Reading(document=Document(source="by hand", data=None), model=Model(graph=graph, shapes=shapes))


def alone(layer: Layer, *shapes: Shape) -> Reading:
    """A model of one layer; what is beyond its inputs are states."""
    refs = [Ref(f"x{n}") for n in range(len(shapes))]
    count = 1 if layer.state_names else len(refs)
    node = Node(name="layer", layer=layer, inputs=tuple(refs[:count]), states=tuple(refs[count:]))
    return reading(node, shapes=shapes)


def differing(outcome: Verification) -> dict[str, set[str]]:
    """By layer, the kinds of check in which prediction and run differ."""
    found = {layer.name: {check.kind for check in layer.checks if not check.agrees} for layer in outcome.layers}
    return {name: kinds for name, kinds in found.items() if kinds}


def the(outcome: Verification, name: str) -> LayerCheck:
    return next(layer for layer in outcome.layers if layer.name == name)


@pytest.mark.parametrize("type_", [*FAMILIES, "module", "model"])
def test_every_family_is_confirmed(type_: str) -> None:
    for case in few(cases(type_)[::4], 1):
        layer, shapes, _ = case.bound if type_.startswith(("zero_", "cropping", "up_")) else case
        if type_.startswith("conv"):
            layer, shapes, _ = case.small.bound
        outcome = verify(alone(layer, *shapes))
        expected = "declared" if type_ in DECLARED else "not confirmed" if type_ == "unknown" else "confirmed"
        assert outcome.verdict == expected, outcome
        assert not differing(outcome)


def test_what_is_compared_of_a_layer_is_all_that_it_has() -> None:
    model = {
        "input_dim": 8,
        "layers": [{"type": "lstm", "units": 5}, {"type": "dropout"}, {"type": "dense", "units": 1}],
    }
    lstm, dropout, dense = api.verify(model).layers
    assert {check.kind for check in lstm.checks} == KINDS
    assert [check.kind for check in dropout.checks] == ["output"]
    assert {check.kind for check in dense.checks} == KINDS - {"laws"}


def test_a_model_with_all_kinds_of_wiring_is_confirmed() -> None:
    """Inputs, a mask, states from the encoder to the decoder, a layer used twice, a model inside; torch's too."""
    encoder = {"type": "lstm", "name": "encoder", "units": "H", "return_state": True, "inputs": "embedding"}
    decoder = {"type": "lstm", "name": "decoder", "units": "H", "return_sequences": True, "inputs": "y"}
    inner = [{"type": "lstm", "units": 4, "return_sequences": True}, {"type": "dense", "units": "K"}]
    layers = [
        {"type": "embedding", "vocab": "V", "units": 3, "mask_zero": True, "inputs": "x"},
        encoder,
        {**decoder, "initial_state": ["encoder.h", "encoder.c"]},
        {"type": "dense", "name": "shared", "units": "H"},
        {"use": "shared", "name": "again", "inputs": "shared"},
        {"type": "model", "name": "block", "layers": inner},
        {"type": "gru", "units": 3, "bidirectional": True},
    ]
    for framework in ("keras", "torch"):
        model = {"framework": framework, "inputs": {"x": ["B", "T"], "y": ["B", "S", "D"]}, "layers": layers}
        assert api.inspect(model).findings == ()
        outcome = api.verify(model)
        assert (outcome.verdict, len(outcome.layers)) == ("confirmed", 7), outcome


def test_bindings_are_distinct_primes_and_two_different_ones() -> None:
    first, second = verify(alone(LSTM(units=H), (B, T, D))).bindings
    for outcome in (first, second):
        assert set(outcome) == {"B", "T", "D", "H"}
        assert len(set(outcome.values())) == 4
        assert all(n > 1 and all(n % k for k in range(2, n)) for n in outcome.values())
    assert not set(first.items()) & set(second.items())


def test_a_model_without_symbols_is_run_once() -> None:
    assert verify(alone(LSTM(units=5), (2, 7, 3))).bindings == ({},)


def test_bindings_avoid_sizes_that_do_not_fit() -> None:
    """LSTM's projection must be smaller than its units, whatever their letters."""
    for units, narrow in (("A", "Z"), ("Z", "A")):
        layer = LSTM(units=symbol(units), proj_size=symbol(narrow))
        outcome = verify(alone(layer, SEQUENCE))
        assert outcome.verdict == "confirmed"
        assert all(binding[narrow] < binding[units] for binding in outcome.bindings)


@pytest.mark.parametrize(
    ("channels", "filters", "groups"), [(4, 8, "G"), ("C", "F", "G"), (12, "F", "G"), (7, 7, "G"), (1, "F", "G")]
)
def test_groups_that_are_a_symbol_divide_the_channels_in_a_run(channels: Any, filters: Any, groups: Any) -> None:
    conv = {"type": "conv1d", "filters": filters, "kernel_size": 3, "groups": groups}
    outcome = api.verify({"inputs": {"x": ["B", "T", channels]}, "layers": [conv]})
    assert outcome.verdict == "confirmed", outcome.reason
    for binding in outcome.bindings:
        assert all(binding.get(str(size), size) % binding["G"] == 0 for size in (channels, filters))
        assert channels == 1 or binding["G"] > 1
    assert len(outcome.bindings) == 2


def test_the_steps_of_lengths_are_counted_without_the_padding() -> None:
    """Each example is run by itself, up to its length: what the law of the cost says, 21 of 40 timesteps."""
    model = {"framework": "torch", "input_dim": 4, "lengths": [10, 7, 3, 1], "layers": [
        {"type": "lstm", "hidden_size": "H", "num_layers": 2, "bidirectional": True},
        {"type": "dense", "units": 3},
        {"type": "gru", "units": 3},
    ]}  # fmt: skip
    outcome = api.verify(model)
    assert outcome.verdict == "confirmed", outcome.reason
    checks = {layer.name: [check for check in layer.checks if check.kind == "lengths"] for layer in outcome.layers}
    assert {name: len(found) for name, found in checks.items()} == {"lstm": 1, "dense": 0, "gru": 1}
    hidden = [binding["H"] for binding in outcome.bindings]
    counts = [21 * 2 * (4 * h * (4 + h) + 4 * h * (2 * h + h)) for h in hidden]
    assert checks["lstm"][0].observed == "; ".join(f"{count:,}" for count in counts)
    assert checks["gru"][0].observed == f"{21 * 3 * 3 * (3 + 3):,}"


def test_a_wrong_count_without_padding_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = model_run.packed
    monkeypatch.setattr(
        model_run, "packed", lambda inferred: (answer := rows(inferred)) and answer._replace(
            layers=tuple(row._replace(macs=row.macs + 1) for row in answer.layers)
        )
    )  # fmt: skip
    outcome = api.verify({"input_dim": 4, "lengths": [3, 2], "layers": [{"type": "lstm", "units": 5}]})
    assert outcome.verdict == "disagrees"


def test_many_lengths_count_as_timesteps_of_the_runs() -> None:
    model = {"input_dim": 1, "lengths": list(range(1, 500)), "layers": [{"type": "rnn", "units": 1}]}
    assert "--max-steps" in api.verify(model).reason


def test_sizes_that_fit_no_small_numbers_are_not_confirmed() -> None:
    outcome = api.verify({"input_dim": 3, "layers": [{"type": "lstm", "units": "H - 1000"}]})
    assert outcome.verdict == "not confirmed"
    assert outcome.layers == ()
    assert "symbols" in outcome.reason


def test_a_seed_repeats_a_run_and_another_seed_is_another_run() -> None:
    model = {"input_dim": 8, "layers": [{"type": "lstm", "units": 5}]}
    assert api.verify(model, seed=3) == api.verify(model, seed=3)
    assert api.verify(model, seed=3).seed == 3
    seen: list[Array] = []

    class Seen(Dense):
        def run(self, weights: Weights, *inputs: Array, mask: Array | None = None) -> tuple[Array, ...]:
            seen.append(np.array(inputs[0]))
            return super().run(weights, *inputs)

    for seed in (1, 1, 2):
        verify(alone(Seen(units=2), (2, 3)), seed=seed)
    runs = len(seen) // 3
    assert np.array_equal(seen[0], seen[runs])
    assert not np.array_equal(seen[0], seen[2 * runs])


def test_the_progress_is_told_layer_by_layer() -> None:
    told: list[tuple[str, int]] = []
    nodes = (Node(name=name, layer=Dense(units=2), inputs=(Ref("x0"),)) for name in ("one", "two"))
    verify(reading(*nodes), progress=lambda *said: told.append(said))
    assert told == [("one", 2), ("two", 2)] * 2


def test_a_model_too_large_to_run_is_not_confirmed_unless_the_cap_is_lifted() -> None:
    """4*10*(10 + 10) for each of 5*7 steps: 28,000; of numbers 2*400 + 40 and 5*10."""
    found = alone(LSTM(units=10), (5, 7, 10))
    for caps, number in (({"max_macs": 27_999}, "28,000"), ({"max_elements": 889}, "890")):
        outcome = verify(found, **caps)  # type: ignore[arg-type]
        assert outcome.verdict == "not confirmed"
        assert number in outcome.reason
        assert f"--{next(iter(caps)).replace('_', '-')} lifts it" in outcome.reason
        assert outcome.layers == outcome.bindings == ()
    assert verify(found, max_macs=28_000, max_elements=890).verdict == "confirmed"


@pytest.mark.parametrize(
    ("layers", "steps"),
    [
        ("{type: lstm, units: 1}", LONG + 2 * 12),
        ("{type: gru, units: 1, bidirectional: true}", 2 * LONG + 2 * 24),  # GRU has two biases
        ("{type: time_distributed, layer: {type: rnn, units: 1}}", LONG * (1 + 3)),
        ("{type: lstm, units: 1, return_sequences: true, repeat: 3}", 3 * (LONG + 2 * 12)),
    ],
)
def test_a_model_with_too_many_timesteps_is_not_confirmed_unless_the_cap_is_lifted(layers: str, steps: int) -> None:
    """A layer's cells compute every timestep once; probed are the weights of each gate, alone with two timesteps."""
    shape = f"[1, 2, {LONG}, 1]" if "time_distributed" in layers else f"[1, {LONG}, 1]"
    found = read(parse("m.yaml", f"inputs: {{x: {shape}}}\nlayers: [{layers}]".encode()))
    outcome = verify(found, max_steps=steps - 1)
    assert outcome.verdict == "not confirmed"
    assert outcome.reason == f"the runs take {steps:,} timesteps, the cap is {steps - 1:,}; --max-steps lifts it"
    assert verify(found, max_steps=steps).verdict == "confirmed"


def test_sizes_beyond_all_measure_are_not_confirmed() -> None:
    for units in (10**15, 2**62):
        outcome = api.verify({"input_dim": 8, "layers": [{"type": "lstm", "units": units}]})
        assert outcome.verdict == "not confirmed"
        assert outcome.reason


@pytest.mark.parametrize(
    "layers",
    [
        [{"type": "lstm", "unit": 5}],
        [{"type": "lstm", "units": 5}, {"type": "lstm", "units": 5}],
        [{"type": "nothing"}, {"type": "dense", "units": 5}],
        [{"type": "dense", "units": 5, "inputs": "nobody"}],
        [],
    ],
)
def test_a_spec_with_mistakes_is_not_confirmed(layers: list[dict[str, Any]]) -> None:
    outcome = api.verify({"input_dim": 3, "layers": layers})
    assert outcome.verdict == "not confirmed"
    assert outcome.reason


def test_a_declared_layer_is_never_called_confirmed() -> None:
    custom = {"type": "custom", "name": "mine", "output": ["B", 7], "params": 123}
    assert api.verify({"input_dim": 3, "layers": [custom]}).verdict == "declared"
    outcome = api.verify({"input_dim": 3, "layers": [custom, {"type": "dense", "units": 2}]})
    assert outcome.verdict == "confirmed"
    assert "mine" in outcome.reason
    assert the(outcome, "mine").verdict == "declared"


@pytest.mark.parametrize(
    ("layer", "kind"), wrong.FOUND_BY, ids=lambda value: value if isinstance(value, str) else type(value).__name__
)
def test_a_wrong_prediction_is_found_out(layer: Layer, kind: str) -> None:
    outcome = verify(alone(layer, SEQUENCE))
    assert outcome.verdict == "disagrees"
    assert "layer" in outcome.reason
    assert the(outcome, "layer").verdict == "disagrees"
    assert kind in differing(outcome)["layer"]


def test_a_prediction_that_is_right_for_one_binding_is_found_out_by_the_other() -> None:
    times = [binding["T"] for binding in verify(alone(Dense(units=5), SEQUENCE)).bindings]
    for time in times:
        outcome = verify(alone(type("Fixed", (wrong.Constant,), {"at": time})(units=5), SEQUENCE))
        assert differing(outcome)["layer"] == {"output"}


@pytest.mark.parametrize("layer", [wrong.Cheap(units=5), wrong.Wide(units=5), wrong.Dead(units=5)])
def test_a_wrong_layer_is_named_and_the_right_ones_beside_it_are_confirmed(layer: Layer) -> None:
    nodes = [
        Node(name=name, layer=sublayer, inputs=(Ref("x0"),))
        for name, sublayer in (("good", RNN(units=5)), ("bad", layer))
    ]
    outcome = verify(reading(*nodes))
    assert outcome.verdict == "disagrees"
    assert outcome.reason == "prediction and run differ in bad"
    assert [layer.verdict for layer in outcome.layers] == ["confirmed", "disagrees"]


ERRORS = [ValueError, IndexError, KeyError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError]


@pytest.mark.parametrize("error", ERRORS)
def test_a_run_that_fails_is_a_disagreement_and_no_exception(error: type[Exception]) -> None:
    outcome = verify(alone(wrong.Failing(units=5, error=error), SEQUENCE))
    assert differing(outcome) == {"layer": {"output"}}
    assert "on purpose" in the(outcome, "layer").checks[0].observed


def test_a_run_that_memory_does_not_hold_is_not_confirmed() -> None:
    outcome = verify(alone(wrong.Failing(units=5, error=MemoryError), SEQUENCE))
    assert (outcome.verdict, outcome.reason) == ("not confirmed", "a run does not fit into memory")


def test_a_run_that_fails_in_a_probe_or_a_law_is_a_disagreement() -> None:
    outcome = verify(alone(wrong.OnceOnly(units=5), (3, 5, 2)))
    assert outcome.verdict == "disagrees"
    assert differing(outcome)["layer"] <= {"reach", "laws"}


def test_what_reads_a_wrong_layer_is_judged_on_what_was_predicted() -> None:
    """A state that was promised and not returned, one of another shape: one mistake, one layer named."""
    for layer in (wrong.Short(units=5, return_state=True), wrong.Swapped(units=5, return_state=True)):
        first = Node(name="first", layer=layer, inputs=(Ref("x0"),))
        state = Ref("first", 1) if isinstance(layer, wrong.Short) else Ref("first", 0)
        second = Node(name="second", layer=RNN(units=5), inputs=(Ref("x0"),), states=(state,))
        assert set(differing(verify(reading(first, second)))) == {"first"}


@pytest.mark.parametrize("by", [np.nan, np.inf, 1.001])
def test_a_law_sees_numbers_that_are_none(by: float) -> None:
    assert differing(verify(alone(wrong.Poisoned(units=5, by=by), SEQUENCE)))["layer"] == {"laws"}
