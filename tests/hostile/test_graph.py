"""Graphs and sizes that grow: what is refused is refused before it is built, what is large is done."""

# ruff: noqa: E501 - a case is easier to read in one line

from __future__ import annotations

import json

import pytest

from ..profiles import rounds, some
from .child import HANGS, accepted, decent, refused
from .conftest import Inspect

HEAD = "input_dim: 8\nlayers:\n"
TWIN = f"{HEAD}  - {{type: dense, units: 2}}\n"
HUGE = 2**63 - 1


def chain(*entries: str) -> str:
    return HEAD + "".join(f"  - {{{entry}}}\n" for entry in entries)


def dense(name: str, reads: str) -> str:
    return f"type: dense, units: 8, name: {name}, inputs: {reads}"


def diamonds(count: int) -> str:
    """2**count ways from the first layer to the last."""
    entries = ["type: dense, units: 8, name: d0"]
    for n in range(count):
        entries += [
            dense(f"a{n}", f"d{n}"),
            dense(f"b{n}", f"d{n}"),
            f"type: add, name: d{n + 1}, inputs: [a{n}, b{n}]",
        ]
    return chain(*entries)


def nested(levels: int, repeat: int = 1) -> str:
    entry = "{type: dense, units: 2}"
    for _ in range(levels):
        entry = f"{{type: model, repeat: {repeat}, layers: [{entry}]}}"
    return f"{HEAD}  - {entry}\n"


def wrapped(levels: int) -> str:
    layer: dict[str, object] = {"type": "dense", "units": 2}
    for _ in range(levels):
        layer = {"type": "time_distributed", "layer": layer}
    return f"inputs: {{a: [B, T, 2, 2, 2, 2]}}\nlayers: [{json.dumps(layer)}]\n"


def dims(*rows: str, units: str) -> str:
    return "dims:\n" + "".join(f"  {row}\n" for row in rows) + chain(f"type: dense, units: '{units}'")


def doubling(first: str) -> str:
    """Each symbol the square of the one above."""
    return dims(f"a0: {first}", *(f"a{n + 1}: a{n}*a{n}" for n in range(40)), units="a40")


CASES = {  # name: the hostile file, the id of its finding, the harmless twin
    "a cycle": (chain(dense("a", "b"), dense("b", "a")), "LS303", chain(dense("a", "input"), dense("b", "a"))),
    "a layer that reads itself": (chain(dense("a", "a")), "LS303", chain(dense("a", "input"))),
    "a circle of 2,000": (chain(*(dense(f"l{n}", f"l{(n + 1) % 2000}") for n in range(2000))), "LS303",
                          chain(*(dense(f"l{n}", f"l{n + 1}" if n < 1999 else "input") for n in range(2000)))),
    "states in a circle": (chain("type: lstm, units: 8, name: a, return_state: true, initial_state: [a.h, a.c]"), "LS303",
                           chain("type: lstm, units: 8, return_state: true")),
    "an unknown input": (chain(dense("a", "q")), "LS301", TWIN),
    "an unknown output": (TWIN + "outputs: [q]\n", "LS301", TWIN + "outputs: [dense]\n"),
    "an unknown state": (chain("type: lstm, units: 8, name: a", dense("b", "a.h")), "LS304",
                         chain("type: lstm, units: 8, name: a, return_state: true", dense("b", "a.h"))),
    "a name twice": (chain("type: dense, units: 2, name: a", "type: dense, units: 2, name: a"), "LS302", TWIN),
    "a layer called as the input": (chain("type: dense, units: 2, name: input"), "LS302", TWIN),
    "a use of itself": (chain("use: a, name: a"), "LS301", chain("type: dense, units: 8, name: a", "use: a, name: b")),
    "uses in a circle": (chain("use: b, name: a", "use: a, name: b"), "LS301", TWIN),
    "800 wrappers": (wrapped(800), "LS004", wrapped(4)),
    "800 nested models": (nested(800), "LS004", nested(40)),
    "a billion copies": (chain("type: dense, units: 2, repeat: 1000000000"), "LS004", chain("type: dense, units: 2, repeat: 100")),
    "2**20 copies": (nested(20, repeat=2), "LS004", nested(5, repeat=2)),
    "100**10 copies": (nested(10, repeat=100), "LS004", nested(1, repeat=100)),
    "copies inside a wrapper": (wrapped(1).replace('"units": 2', '"units": 2, "repeat": 1000000000').replace('{"type": "dense"', '{"type": "model", "layers": [{"type": "dense"').replace("}}]", "}]}}]"),
                                "LS004", wrapped(1)),
    "a block used a thousand times": (chain("type: model, name: a, layers: [{type: dense, units: 8, repeat: 2000}]", *["use: a"] * 1000),
                                      "LS004", chain("type: model, name: a, layers: [{type: dense, units: 8, repeat: 20}]", *["use: a"] * 10)),
    "a mistake in very many copies": (chain(f"type: dense, units: 2, repeat: {rounds(20_000)}, inputs: q"), "LS301", TWIN),
    "a million layers deep": ("framework: torch\n" + chain("type: lstm, units: 2, num_layers: 1000000"), "LS103",
                              "framework: torch\n" + chain("type: lstm, units: 2, num_layers: 100")),
    "an expression of 10**25 terms": (chain(f"type: dense, units: '{'*'.join(['(A+B+C+D+E+F+G)'] * 30)}'"), "LS103",
                                      chain(f"type: dense, units: '{'*'.join(['(A+B+C)'] * 4)}'")),
    "400 brackets": (chain(f"type: dense, units: '{'(' * 400}H{')' * 400}'"), "LS103", chain("type: dense, units: '(((H)))'")),
    "an expectation of 10**15 terms": (TWIN + f"expect: {{params: '{'*'.join(['(A+B+C+D)'] * 25)}'}}", "LS103", TWIN + "expect: {params: 18}"),
    "symbols that double their terms": (dims("a0: x+y", *(f"a{n + 1}: a{n}*a{n}+z{n}" for n in range(30)), units="a30"), "LS103",
                                        dims("a0: x+y", "a1: a0*a0", units="a1")),
    "symbols that double their factors": (doubling("H*H"), "LS103", dims("a0: H*H", "a1: a0*a0", units="a1")),
    "numbers that double their digits": (doubling(str(HUGE)), "LS103", dims("a0: 2", "a1: a0*a0", units="a1")),
    "factors that double their digits": (doubling(f"{HUGE}*H"), "LS103", dims("a0: 2*H", "a1: a0*a0", units="a1")),
    "9,300 digits": (dims(f"A: {HUGE}", units="*".join("A" * 490)), "LS103", dims("A: 2", units="*".join("A" * 49))),
    "a division by zero": (dims("A: 1", "B: 3//(A-1)", units="B"), "LS103", dims("A: 2", "B: 3//(A-1)", units="B")),
    "a negative size": (dims("A: 1", "B: A-4", units="B"), "LS103", dims("A: 5", "B: A-4", units="B")),
    "an input of -1": ("inputs: {a: [-1, T, 3]}\nlayers: [{type: lstm, units: 2}]", "LS103", "inputs: {a: [1, T, 3]}\nlayers: [{type: lstm, units: 2}]"),
    "an output of -1": (chain("type: custom, output: [B, -1]"), "LS103", chain("type: reshape, target_shape: [-1, 2]")),
    "a wrapper without timesteps": (wrapped(1).replace("[B, T, 2, 2, 2, 2]", "[B]"), "LS201", wrapped(1)),
    "a symbol with no size": (dims("A: 0", units="A"), "LS103", dims("A: 1", units="A")),
    "2,000 symbols": (chain(*(f"type: dense, units: H{n}" for n in range(2000))), "LS004", chain(*(f"type: dense, units: H{n}" for n in range(50)))),
    "10,000 factors": (chain(*["type: flatten", "type: repeat_vector, n: N"] * 5000), "LS004", chain(*["type: flatten", "type: repeat_vector, n: N"] * 20)),
    "7,600 digits": (chain(*["type: flatten", f"type: repeat_vector, n: {HUGE}"] * 400), "LS004", chain(*["type: flatten", f"type: repeat_vector, n: {HUGE}"] * 20)),
    "300 axes": (chain(f"type: reshape, target_shape: [{'1,' * 300} T*8]"), "LS103", chain(f"type: reshape, target_shape: [{'1,' * 30} T*8]")),
    "20,000 inputs": (chain("type: dense, units: 2, name: a", f"type: concatenate, inputs: [{', '.join('a' * 20000)}]"), "LS401",
                      chain("type: dense, units: 2, name: a", f"type: concatenate, inputs: [{', '.join('a' * 500)}]")),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_graph_is_refused_and_its_twin_is_not(case: str, inspect: Inspect):
    hostile, id_, twin = CASES[case]
    refused(inspect("model.yaml", hostile), id_)
    accepted(inspect("model.yaml", twin))


@pytest.mark.parametrize(
    "case",
    some(
        ["a cycle", "2**20 copies", "2,000 symbols", "10,000 factors", "7,600 digits"],
        "2,000 symbols",
        "10,000 factors",
    ),
)
@pytest.mark.parametrize("form", ["json", "csv", "markdown"])
def test_the_exit_code_is_the_same_in_every_form(case: str, form: str, inspect: Inspect):
    for verb in ("inspect", "verify"):
        outcome = inspect("model.yaml", CASES[case][0], "--output-format", form, verb=verb)
        decent(outcome, codes=(1,))
        if form == "json":
            json.loads(outcome.text)


def test_60_diamonds_in_a_row_are_counted_once_each(inspect: Inspect):
    outcome = inspect("model.yaml", diamonds(60), "--output-format", "json")
    accepted(outcome)
    assert json.loads(outcome.text)["totals"]["params"] == 121 * 72
    assert outcome.seconds < HANGS / 4


def test_a_cycle_behind_60_diamonds_is_found(inspect: Inspect):
    refused(inspect("model.yaml", diamonds(60).replace("name: d0", "name: d0, inputs: d60")), "LS303")


def test_very_many_layers_are_counted(inspect: Inspect):
    count = rounds(20_000)
    outcome = inspect("model.yaml", HEAD + "  - {type: dense, units: 8}\n" * count, "--output-format", "csv")
    accepted(outcome)
    assert outcome.out.count(b"\n") == count + 1


def test_very_many_lstms_are_counted(inspect: Inspect):
    count = rounds(50_000, dev=2_000)
    outcome = inspect("model.yaml", HEAD + "  - {type: lstm, units: 8, return_sequences: true}\n" * count)
    assert b"Traceback" not in outcome.err
    assert outcome.code == 0
    assert f"total params: {4 * 8 * (8 + 8 + 1) * count:,}" in outcome.text


def test_verify_refuses_a_run_that_is_too_large_and_names_the_option(inspect: Inspect):
    for units in (100_000, HUGE):
        outcome = inspect("model.yaml", chain(f"type: lstm, units: {units}"), verb="verify")
        decent(outcome, codes=(1,))
        assert "--max-macs" in outcome.text
    accepted(inspect("model.yaml", chain("type: lstm, units: 10"), verb="verify"))
