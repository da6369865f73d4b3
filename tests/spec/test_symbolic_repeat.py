"""``repeat: n`` with a symbol: the figures are those of n layers, for every n."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from lstm_shapes import api
from lstm_shapes.analysis.explain.model import explain
from lstm_shapes.symbolic.size import bind

from ..profiles import few

BODIES: dict[str, dict[str, Any]] = {
    "dense": {"type": "dense", "units": 8},
    "lstm": {"type": "lstm", "units": 8, "return_sequences": True, "return_state": True},
    "gru": {"type": "gru", "units": 8, "return_sequences": True, "trainable": False},
    "both directions": {"type": "lstm", "units": 4, "bidirectional": True, "return_sequences": True},
    "every timestep": {"type": "time_distributed", "layer": {"type": "dense", "units": 8}},
    "a block": {"type": "model", "layers": [{"type": "dense", "units": 3}, {"type": "dense", "units": 8}]},
    "dropout": {"type": "dropout", "rate": 0.2},
}


def model(body: dict[str, Any], framework: str = "keras", width: int | str = 8) -> dict[str, Any]:
    return {"framework": framework, "input_dim": width, "layers": [{**body, "name": "body", "repeat": "n"}]}


@pytest.mark.parametrize(("body", "framework"), few(list(product(BODIES, ["keras", "torch"])), dev=6))
def test_the_figures_are_those_of_as_many_copies(body: str, framework: str) -> None:
    data = model(BODIES[body], framework)
    report = api.inspect(data)
    assert report.findings == ()
    for n in (1, 2, 5):
        copies = api.inspect(data, dims={"n": n})
        for figure in ("params", "trainable_params", "param_bytes", "macs"):
            assert bind(getattr(report.totals, figure), {"n": n}) == getattr(copies.totals, figure)
        assert report.outputs[0].shape == copies.outputs[0].shape
    row = report["body"]
    assert row.params == sum((tensor.params for tensor in row.weights), start=0)


@pytest.mark.parametrize("body", few(list(BODIES), dev=4))
def test_a_run_confirms_them(body: str) -> None:
    answer = api.verify(model(BODIES[body]))
    assert answer.verdict == "confirmed", answer
    assert all("n" in values for values in answer.bindings)


def test_a_body_that_may_change_the_shape_is_a_note_and_a_run_meets_it() -> None:
    data = model({"type": "dense", "units": "H"})
    (finding,) = api.inspect(data).findings
    assert (finding.id, finding.message) == ("LS503", "body (dense): fits where 8 = H: H = 8")
    assert api.verify(data).verdict == "confirmed"


@pytest.mark.parametrize(
    "body",
    [{"type": "dense", "units": 5}, {"type": "lstm", "units": 8}, {"type": "reshape", "target_shape": [-1]}],
)
def test_a_body_that_changes_the_shape_fits_once(body: dict[str, Any]) -> None:
    data = model(body) | {"timesteps": 3}
    (finding,) = api.inspect(data).findings
    assert (finding.id, finding.field) == ("LS503", "repeat")
    assert finding.message.startswith("body (")
    assert finding.message.endswith("fits where n = 1")
    assert api.inspect(data, dims={"n": 1}).findings == ()
    assert api.verify(data).verdict == "confirmed"


@pytest.mark.parametrize("body", BODIES)
def test_it_is_explained(body: str) -> None:
    (layer,) = explain(api.read(model(BODIES[body]))).layers
    assert layer.goes_out == ("(B, T, 8): what the last of n copies passes on; each reads the one before",)
    assert layer.parameters


def test_a_mistake_inside_is_reported_at_its_place() -> None:
    (finding,) = api.inspect(model({"type": "permute", "dims": [1, 3]})).findings
    assert finding.route == ("layers", 0, "dims")


def test_a_block_whose_weights_are_tied_is_refused() -> None:
    layers = [
        {"type": "dense", "units": 8, "name": "a"},
        {"type": "dense", "units": 8, "tied_to": {"kernel": "a.kernel"}},
    ]
    (finding,) = api.inspect(model({"type": "model", "layers": layers})).findings
    assert (finding.id, finding.field) == ("LS103", "repeat")
