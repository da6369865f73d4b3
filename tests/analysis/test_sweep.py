"""Figures over many sizes at once: against inspect, point by point, and exact where int64 ends."""

from __future__ import annotations

import json
import random
from itertools import product
from typing import Any

import numpy as np
import pytest

from lstm_shapes.analysis import sweep as analysis
from lstm_shapes.analysis.arrays import over
from lstm_shapes.analysis.sweep import MAX_POINTS, MAX_READ, Sweep, SweepError, sweep
from lstm_shapes.api import inspect
from lstm_shapes.formats.document import Document
from lstm_shapes.symbolic.size import evaluate, names, parse
from lstm_shapes.views import sweep as view

from ..profiles import rounds


def document(*layers: dict[str, Any], **more: Any) -> Document:
    return Document(source="model.yaml", data={"input_dim": 8, **more, "layers": list(layers)})


def spec(rng: random.Random) -> Document:
    kinds = ("lstm", "gru", "rnn")
    layers: list[dict[str, Any]] = [
        {
            "type": rng.choice(kinds),
            "units": rng.choice(("H", "2*H", "H + K", 16)),
            "return_sequences": True,
            "bidirectional": rng.random() < 0.3,
        }
        for _ in range(rng.randint(1, 3))
    ]
    last = [{"type": "dense", "units": rng.choice(("H//3", "K", "H*K"))}, {"type": "lstm", "units": "H"}]
    return document(*layers, *last, batch=2, dtype=rng.choice(("float32", "float16")))


def disagreements(found: Sweep, source: Document, sample: int, rng: random.Random) -> list[tuple[object, object]]:
    """Points at which the sweep and ``inspect`` say different things."""
    rows = list(found.rows())
    wrong: list[tuple[object, object]] = []
    for row in rng.sample(rows, min(sample, len(rows))):
        dims = dict(zip(found.axes, row[: len(found.axes)], strict=True))
        report = inspect(source.data, dims=dims)  # type: ignore[arg-type]
        sums = report.totals
        known = not any(finding.severity == "error" for finding in report.findings)
        expected = (sums.params, sums.macs, sums.param_bytes) if known else (None, None, None)
        if row[len(dims) :] != expected:
            wrong.append((row, expected))
    return wrong


def test_random_models_agree_with_inspect_at_every_sampled_point() -> None:
    rng = random.Random(11)
    for _ in range(rounds(40)):
        source = spec(rng)
        axes = {"H": range(1, 40, 3), "K": [2, 5, 11], "T": range(1, 12, 5)}
        used = {name for name in axes if name == "T" or f"{name}" in str(source.data["layers"]).replace("K", "K")}
        found = sweep(source, {name: values for name, values in axes.items() if name in used})
        assert disagreements(found, source, 25, rng) == []


def test_a_wrong_figure_would_be_noticed() -> None:
    source = document({"type": "lstm", "units": "H"}, batch=1, timesteps=2)
    found = sweep(source, {"H": [3, 4]})
    assert disagreements(found, source, 2, random.Random(1)) == []
    columns = tuple(column._replace(values=column.values + 1) for column in found.columns)
    assert len(disagreements(found._replace(columns=columns), source, 2, random.Random(1))) == 2


def test_the_polynomials_as_arrays_are_the_polynomials() -> None:
    rng = random.Random(12)
    texts = (
        "4*H*(H + 9)",
        "H*T*(H - 3*T) + 7",
        "(H*T)//3 + H//2*T",
        "T*T*T*H + 5",
        "(H + 2)//T*H",
        "17",
        "H*((T + 1)//2)*((H*H)//5)",
    )
    for text in texts:
        size = parse(text)
        axes = {"H": sorted(rng.sample(range(1, 60), 9)), "T": sorted(rng.sample(range(1, 60), 5)), "K": [1, 2]}
        values = over(size, axes)
        assert values.shape == (9, 5, 2)
        for h, t in product(range(9), range(5)):
            assert values[h, t, 0] == evaluate(size, {"H": axes["H"][h], "T": axes["T"][t]}), text


@pytest.mark.parametrize("text", ["H*H", "4*H*(H + 9)", "3*H*H*H - H", "(H*H)//7", "H*T*T", "(H*H*H)//T"])
@pytest.mark.parametrize("last", [10**3, 2**31, 3_037_000_499, 3_037_000_500, 2**61, 2**63 - 1])
def test_figures_beyond_int64_are_exact(text: str, last: int) -> None:
    size = parse(text)
    axes = {"H": [1, last - 1, last], "T": [1, last]}
    axes = {name: values for name, values in axes.items() if name in names(size)}
    values = over(size, axes).ravel().tolist()
    assert values == [evaluate(size, dict(zip(axes, point, strict=True))) for point in product(*axes.values())]


def test_int64_is_used_to_its_end_and_not_beyond() -> None:
    assert over(parse("H*H"), {"H": [3_037_000_499]}).dtype == np.int64
    assert over(parse("H*H"), {"H": [3_037_000_500]}).dtype == object
    assert over(parse("H*H - H*H*H + H*H*H"), {"H": [2**22]}).dtype == np.int64
    assert over(parse("H*H*H//H"), {"H": [2**22]}).dtype == np.int64


def test_int64_alone_would_have_been_wrong() -> None:
    wrapped = np.array([2**32], dtype=np.int64) ** 2
    assert wrapped.tolist() == [0]
    assert over(parse("H*H"), {"H": [2**32]}).tolist() == [2**64]


def test_what_has_no_value_is_taken_out_or_told() -> None:
    found = sweep(document({"type": "lstm", "units": "H"}), {"H": [32]})
    assert [(column.name, column.per, column.values.tolist()) for column in found.columns][:2] == [
        ("params", "", [5_248]),
        ("macs", "B*T", [5_120]),
    ]
    both = document({"type": "lstm", "units": "H"}, {"type": "dense", "units": 3}, batch=1)
    found = sweep(both, {"H": [32]})
    assert [column.name for column in found.columns] == ["params", "bytes"]
    assert "give T a number" in found.notes[0]


def test_a_point_that_makes_no_model_has_no_figures() -> None:
    source = document({"type": "lstm", "units": "H//4"}, batch=1, timesteps=2)
    rows = list(sweep(source, {"H": range(1, 200)}).rows())
    assert [row[0] for row in rows if row[1] is None] == [1, 2, 3]
    projected = document({"type": "lstm", "units": "H", "proj_size": 16}, batch=1, timesteps=2)
    assert [row[0] for row in sweep(projected, {"H": [8, 16, 17]}).rows() if row[1] is None] == [8, 16]


def test_how_far_it_was_checked_is_said() -> None:
    source = document({"type": "lstm", "units": "H"}, batch=1)
    assert sweep(source, {"H": range(1, 65)}).notes[-1] == "every point read again with the sizes put in"
    assert sweep(source, {"H": range(1, 66)}).notes[-1] == "every point judged by the conditions of its layers"
    projected = document({"type": "lstm", "units": "H", "proj_size": 50}, batch=1)
    assert sweep(projected, {"H": range(1, 66)}).notes[-1].endswith("the conditions of its layers: 50 < H")
    assert sweep(source, {"H": range(1, 1001), "T": range(1, 1001)}).points == 10**6


def test_every_point_is_judged_by_the_conditions_of_its_layers_and_never_by_the_corners() -> None:
    source = document({"type": "lstm", "units": "H", "proj_size": 50}, batch=1, timesteps=2)
    found = sweep(source, {"H": range(2, 81)})
    assert [row[0] for row in found.rows() if row[1] is not None] == list(range(51, 81))


H, K = "H", "K"
FITTING: dict[str, tuple[dict[str, Any], ...]] = {
    "projection": ({"type": "lstm", "units": H, "proj_size": K},),
    "merge": (
        {"type": "dense", "units": H, "name": "a", "inputs": "input"},
        {"type": "dense", "units": K, "name": "b", "inputs": "input"},
        {"type": "add", "inputs": ["a", "b"]},
        {"type": "dense", "units": 2},
    ),
    "merge with a number": (
        {"type": "dense", "units": H, "name": "a", "inputs": "input"},
        {"type": "dense", "units": 4, "name": "b", "inputs": "input"},
        {"type": "multiply", "inputs": ["a", "b"]},
        {"type": "dense", "units": K},
    ),
    "concatenate": (
        {"type": "dense", "units": H, "name": "a", "inputs": "input"},
        {"type": "dense", "units": K, "name": "b", "inputs": "input"},
        {"type": "concatenate", "axis": 1, "inputs": ["a", "b"]},
    ),
    "reshape": ({"type": "dense", "units": H}, {"type": "reshape", "target_shape": [K, 2]}),
    "reshape of what is left": ({"type": "dense", "units": H}, {"type": "reshape", "target_shape": [-1, K]}),
    "states": (
        {"type": "lstm", "units": H, "return_state": True, "name": "encoder"},
        {"type": "lstm", "units": K, "inputs": "input", "initial_state": ["encoder.h", "encoder.c"]},
    ),
    "width that is declared": ({"type": "dense", "units": H}, {"type": "dense", "units": 2, "input_dim": K}),
    "directions": (
        {
            "type": "bidirectional",
            "merge": "sum",
            "layer": {"type": "gru", "units": H},
            "backward_layer": {"type": "gru", "units": K, "go_backwards": True},
        },
    ),
    "inside a model": (
        {
            "type": "model",
            "layers": [{"type": "dense", "units": H}, {"type": "reshape", "target_shape": [-1, K]}],
        },
    ),
    "inside every timestep": (
        {"type": "reshape", "target_shape": [2, 1, 8]},
        {"type": "time_distributed", "layer": {"type": "lstm", "units": H, "proj_size": K}},
    ),
    "convolution": (
        {"type": "reshape", "target_shape": [2, -1, 1]},
        {"type": "conv_lstm1d", "filters": H, "kernel_size": 7, "padding": "valid"},
        {"type": "dense", "units": K},
    ),
    "less than nothing": (
        {"type": "lstm", "units": "H - K"},
        {"type": "repeat_vector", "n": "K - 3"},
    ),
}


@pytest.mark.parametrize("name", FITTING)
def test_the_points_that_make_a_model_are_those_whose_sizes_make_one_by_themselves(name: str) -> None:
    """100 points, judged without reading one of them; each read by itself."""
    source = document(*FITTING[name], batch=3, timesteps=2)
    axes = {"H": range(1, 11), "K": range(1, 11)}
    if "K" not in str(FITTING[name]):
        axes.pop("K")
    found = sweep(source, axes)
    assert found.points > MAX_READ
    stretched = any("stretched" in note for note in found.notes)
    for row in found.rows():
        dims = dict(zip(axes, row, strict=False))
        report = inspect(source.data, dims=dims)
        fits = not any(finding.severity == "error" for finding in report.findings)
        if stretched and dims["H"] == 1 and row[2] is None:
            assert fits
            continue
        expected = (report.totals.params, report.totals.macs) if fits else (None, None)
        assert row[2:4] == expected, dims


@pytest.mark.parametrize("name", [name for name in FITTING if name not in ("less than nothing", "convolution")])
def test_a_condition_that_depends_on_a_symbol_is_a_note_and_no_error(name: str) -> None:
    findings = inspect(document(*FITTING[name], batch=3, timesteps=2).data).findings
    assert {(finding.id, finding.severity) for finding in findings if finding.id != "LS403"} == {("LS503", "note")}
    assert all("fits where" in finding.message for finding in findings if finding.id == "LS503")


@pytest.mark.parametrize(
    ("target", "fits"), [([2, -1, 3], True), ([5, -1], False), ([2, 24], True), ([7, 7], False), (["H", -1], None)]
)
def test_a_reshape_that_never_fits_stays_an_error(target: list[Any], fits: bool | None) -> None:
    findings = inspect(document({"type": "reshape", "target_shape": target}, batch=3, timesteps=6).data).findings
    assert [finding.severity for finding in findings] == {True: [], False: ["error"], None: ["note"]}[fits]


@pytest.mark.parametrize(
    ("layer", "axes", "words"),
    [
        (
            {"type": "lstm", "units": 3},
            {"H": [1]},
            "--set H: no size of model.yaml has this symbol; its symbols are B, T",
        ),
        ({"type": "lstm", "unit": 3}, {"H": [1]}, "not a model"),
        ({"type": "lstm", "units": "H"}, {"H": range(1, MAX_POINTS + 2)}, "at most 10,000,000"),
        ({"type": "dense", "units": "7//(H - 3) + 9"}, {"H": [3, 4]}, "divided by zero"),
    ],
    ids=str,
)
def test_a_sweep_without_sense_says_why(layer: dict[str, Any], axes: dict[str, Any], words: str) -> None:
    with pytest.raises(SweepError) as caught:
        sweep(document(layer), axes)
    assert words in str(caught.value)


def test_rows_are_the_same_however_many_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    source = document({"type": "lstm", "units": "H//4"}, {"type": "dense", "units": "K"}, batch=1, timesteps=2)
    found = sweep(source, {"H": range(1, 20), "K": [3, 5]})
    rows, csv, text = list(found.rows()), "".join(view.csv(found)), "".join(view.as_json(found))
    for count in (1, 7, 38):
        monkeypatch.setattr(analysis, "ROWS_AT_ONCE", count)
        monkeypatch.setattr(view, "ROWS_AT_ONCE", count)
        assert list(found.rows()) == rows
        assert "".join(view.csv(found)) == csv
        assert "".join(view.as_json(found)) == text
    assert [tuple(row) for row in json.loads(text)["rows"]] == rows
    assert [tuple(int(cell) if cell else None for cell in line.split(",")) for line in csv.splitlines()[1:]] == rows


def test_a_large_sweep_is_written_in_parts() -> None:
    found = sweep(document({"type": "lstm", "units": "H"}, batch=1), {"H": range(1, 30_001)})
    header, *parts = view.csv(found)
    assert [part.count("\n") for part in (header, *parts)] == [1, 10_000, 10_000, 10_000]
