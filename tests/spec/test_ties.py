"""Tied weights: counted once, run as one array, refused where they do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lstm_shapes import api
from lstm_shapes.analysis.verify.model_run import ModelRun
from lstm_shapes.analysis.verify.primes import bindings

EMBEDDING: dict[str, Any] = {"type": "embedding", "name": "embedding", "vocab": 100, "units": 16}


def head(source: str = "embedding.embeddings", weight: str = "kernel", **more: Any) -> dict[str, Any]:
    return {"type": "dense", "name": "head", "units": 100, "tied_to": {weight: source}, **more}


def model(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"inputs": {"x": [None, None]}, "layers": [EMBEDDING, *layers]}


def block(*layers: dict[str, Any], name: str = "block") -> dict[str, Any]:
    return {"type": "model", "name": name, "layers": list(layers)}


def test_a_tied_weight_is_counted_once() -> None:
    """A language model's head: 100*16 numbers of the table, 100 of its own bias."""
    report = api.inspect(model(head()))
    row = report["head"]
    assert (row.params, row.trainable_params, row.formula) == (100, 100, None)
    assert [tensor.name for tensor in row.weights] == ["bias"]
    assert row.tied_to == (("kernel", "embedding.embeddings"),)
    assert (report.totals.params, report.totals.param_bytes, report.findings) == (1700, 6800, ())
    untied = model({key: value for key, value in head().items() if key != "tied_to"})
    assert api.inspect(untied).totals.params == 3300
    assert api.inspect(untied).totals.macs == report.totals.macs


@pytest.mark.parametrize(
    ("layers", "params"),
    [
        ([head()], 1700),
        ([block(head())], 1700),
        ([block(block(head()))], 1700),
        ([block({"type": "dense", "units": 16, "name": "a"}), head("embedding.embeddings", bias=False)], 1872),
        (
            [
                {"type": "dense", "units": 100, "name": "a"},
                {"type": "dense", "units": 16, "tied_to": {"kernel": "a.kernel"}},
            ],
            3316,
        ),
        (
            [
                block({"type": "dense", "units": 16, "name": "a"}),
                {"type": "dense", "units": 16, "tied_to": {"kernel": "block.a.kernel", "bias": "block.a.bias"}},
            ],
            1872,
        ),
        (
            [
                {"type": "dense", "units": 16, "name": "a"},
                {"type": "dense", "units": 16, "repeat": 3, "tied_to": {"kernel": "a.kernel"}},
            ],
            1920,
        ),
        (
            [
                {"type": "lstm", "units": 16, "return_sequences": True, "name": "a"},
                {"type": "lstm", "units": 16, "bidirectional": True, "tied_to": {"forward.kernel": "a.kernel"}},
            ],
            1600 + 3 * 2112 - 1024,
        ),
        ([head(), {"type": "dense", "units": 16, "tied_to": {"kernel": "head.kernel"}}], 1716),
    ],
)
def test_a_run_confirms_the_count(layers: list[dict[str, Any]], params: int) -> None:
    report, answer = api.inspect(model(*layers)), api.verify(model(*layers))
    assert (report.totals.params, report.findings) == (params, ())
    assert answer.verdict == "confirmed", answer
    weights = [check for layer in answer.layers for check in layer.checks if check.kind == "weights"]
    assert sum(int(check.observed.replace(",", "")) for check in weights) == params


def test_a_tied_weight_and_its_source_are_one_array() -> None:
    inferred = api.read(
        model(head(), {"type": "dense", "name": "back", "units": 16, "tied_to": {"kernel": "head.kernel"}})
    ).inferred
    assert inferred is not None
    values, numbers = next(bindings(inferred))
    run = ModelRun(inferred, numbers, values, 0, None)
    run.layer_checks()
    table = run.arrays["embedding"]["embeddings"]
    assert np.shares_memory(run.arrays["head"]["kernel"], table)
    assert np.shares_memory(run.arrays["back"]["kernel"], table)
    assert np.array_equal(run.arrays["back"]["kernel"], table.T)


def test_sizes_that_depend_on_symbols_are_a_note_and_a_run_meets_them() -> None:
    data = {
        "inputs": {"x": ["B", "T"]},
        "layers": [{**EMBEDDING, "units": "E"}, {"type": "lstm", "units": "H"}, head()],
    }
    (finding,) = api.inspect(data).findings
    assert (finding.id, finding.message) == ("LS503", "head (dense): fits where H = E")
    assert api.verify(data).verdict == "confirmed"


@pytest.mark.parametrize(
    ("layers", "id", "message"),
    [
        ([head(units=99)], "LS203", "head: kernel, (99, 16) is tied to embedding.embeddings, (100, 16)"),
        ([head("embeding.embeddings")], "LS301", "head: no layer has a weight called embeding.embeddings"),
        ([head("embedding.kernel")], "LS301", "head: no layer has a weight called embedding.kernel"),
        ([head(weight="kernl")], "LS401", "head: dense has no weight kernl"),
        ([head("head.kernel")], "LS303", "head: kernel is tied to itself"),
        (
            [{"type": "flatten", "tied_to": {"kernel": "embedding.embeddings"}}],
            "LS401",
            "flatten: flatten has no weight",
        ),
        ([head("embeddings")], "LS103", "tied_to: expected the name of a layer's weight"),
        ([{"type": "dense", "units": 3, "tied_to": "embedding"}], "LS103", "expected weights with those that they are"),
        ([{"type": "time_distributed", "layer": head()}], "LS401", "a layer inside time_distributed has no tied_to"),
    ],
)
def test_what_does_not_fit_is_an_error(layers: list[dict[str, Any]], id: str, message: str) -> None:
    findings = api.inspect(model(*layers)).findings
    assert [finding.id for finding in findings if finding.message.startswith(message)] == [id]
    assert all(finding.hint for finding in findings if finding.id != "LS103" or "tied_to" in finding.message)
    assert api.verify(model(*layers)).verdict == "not confirmed"


def test_a_circle_of_two_is_an_error_at_both() -> None:
    one = {"type": "dense", "units": 16, "name": "one", "tied_to": {"kernel": "two.kernel"}}
    two = {"type": "dense", "units": 16, "name": "two", "tied_to": {"kernel": "one.kernel"}}
    assert [finding.id for finding in api.inspect(model(one, two)).findings] == ["LS303", "LS303"]
