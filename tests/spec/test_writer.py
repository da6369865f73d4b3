"""A converted spec is the same model: inspecting it gives the same report, but for the source and places in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import lstm_shapes as ls
from lstm_shapes.analysis.report import Report
from lstm_shapes.spec.writer import written
from lstm_shapes.views.inspect import data

from ..command import completed
from ..profiles import rounds
from ..random_models.models import random_model

EXAMPLES = sorted(path for path in (Path(__file__).parents[2] / "examples").iterdir() if path.suffix != ".md")
OF_THE_FILE = ("source", "source_kind", "source_version", "notes", "symbols")
OF_A_PLACE = ("source", "line", "column", "end_line", "end_column", "related", "hint")


def figures(report: Report) -> dict[str, Any]:
    """What a report says of the model, whatever file it is in."""
    answer = {key: value for key, value in data(report).items() if key not in OF_THE_FILE}
    answer["layers"] = list(map(without_path, answer["layers"]))
    findings = [
        {key: value for key, value in finding.items() if key not in OF_A_PLACE} for finding in answer["findings"]
    ]
    answer["findings"] = sorted(findings, key=json.dumps)  # keys in another order have other places
    return answer


def without_path(layer: dict[str, Any]) -> dict[str, Any]:
    """A layer without its place in the file, which is its name in a file of another kind."""
    inside = {"layers": list(map(without_path, layer["layers"]))} if "layers" in layer else {}
    return {**{key: value for key, value in layer.items() if key != "path"}, **inside}


def assert_same_in_each_format(model: Any, folder: Path, **options: Any) -> None:
    expected = figures(ls.inspect(model, **options))
    for form in ("yaml", "json"):
        path = folder / f"converted.{form}"
        path.write_text(ls.convert(model, form, **options), "utf-8")
        assert figures(ls.inspect(path)) == expected, path.read_text("utf-8")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_converted_is_the_same_model(path: Path, tmp_path: Path) -> None:
    assert_same_in_each_format(path, tmp_path)


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_a_random_model_converted_is_the_same_model(framework: str, tmp_path: Path) -> None:
    for number in range(rounds(150, dev=10)):
        model = random_model(number * 11, framework, symbolic=bool(number % 2))
        assert_same_in_each_format(model.spec, tmp_path)


def test_another_model_has_another_report() -> None:
    """The comparison above can fail."""
    model = {"input_dim": 8, "layers": [{"type": "lstm", "units": 32}]}
    other = {"input_dim": 8, "layers": [{"type": "lstm", "units": 33}]}
    assert figures(ls.inspect(model)) != figures(ls.inspect(other))


@pytest.mark.parametrize(
    ("entry", "canonical"),
    [
        ({"hidden_size": 4, "type": "nn.LSTM"}, {"type": "lstm", "units": 4}),
        ({"type": "unknown", "class_name": "A", "params": 3}, {"type": "unknown", "class": "A", "params": 3}),
        ({"type": "Linear", "in_features": 8, "out_features": 3}, {"type": "dense", "input_dim": 8, "units": 3}),
        ({"type": "BiGRU", "units": 4, "merge_mode": "sum"},
         {"type": "gru", "units": 4, "merge": "sum", "bidirectional": True}),
        ({"type": "gelu"}, {"type": "activation", "activation": "gelu"}),
        ({"type": "custom", "output": ["B"], "macs": 3}, {"type": "custom", "output": ["B"], "macs": 3}),
        ({"type": "TimeDistributed", "layer": {"type": "Dense", "units": 3, "use_bias": False}},
         {"type": "time_distributed", "layer": {"type": "dense", "units": 3, "bias": False}}),
        ({"type": "RNN", "name": "deep", "cell": [{"type": "LSTMCell", "units": 3}]},
         {"type": "stacked_cells", "name": "deep", "cells": [{"type": "lstm_cell", "units": 3}]}),
        ({"type": "Sequential", "layers": [{"type": "SimpleRNN", "units": 2}]},
         {"type": "model", "layers": [{"type": "rnn", "units": 2}]}),
    ],
)  # fmt: skip
def test_names_of_frameworks_become_ours(entry: dict[str, Any], canonical: dict[str, Any]) -> None:
    assert written({"framework": "torch", "layers": [entry]})["layers"] == [canonical]


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "BatchNorm1d"},
        {"type": "rnn", "cells": [{"type": "lstm_cell", "units": 3}]},
        {"type": "lstm", "units": 3, "hidden_size": 3},
        {"type": "keras.layers.LSTM", "units": 3},
        {"type": "BiLSTM", "units": 3, "bidirectional": False},
        {"type": "lsmt", "hidden_size": 3},
        "lstm",
    ],
)
def test_what_has_no_other_name_or_is_wrong_stays(entry: Any) -> None:
    """A type that implies what no key says, a name that follows from the type, mistakes."""
    assert written({"framework": "torch", "layers": [entry]})["layers"] == [entry]


def test_what_a_layer_needs_comes_first() -> None:
    (entry,) = written({"layers": [{"return_state": True, "units": 3, "name": "a", "type": "lstm"}]})["layers"]
    assert list(entry) == ["type", "name", "units", "return_state"]


def test_options_are_written_into_the_spec(tmp_path: Path) -> None:
    model = {"input_dim": 8, "dims": {"H": 4, "K": 5}, "layers": [{"type": "lstm", "units": "H + K"}]}
    assert written(model, framework="torch", dims={"H": 3})["dims"] == {"H": 3, "K": 5}
    assert_same_in_each_format(model, tmp_path)
    free = ls.convert(model, framework="torch", dims={"H": "H", "K": 2})
    assert free.splitlines()[:3] == ["framework: torch", "input_dim: 8", "dims: {K: 2}"]
    (tmp_path / "free.yaml").write_text(free, "utf-8")
    again = ls.inspect(tmp_path / "free.yaml")
    assert figures(again) == figures(ls.inspect(model, framework="torch", dims={"H": "H", "K": 2}))


def test_the_command_writes_the_spec_and_tells_findings(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("input_dim: 8\nlayers:\n  - {type: LSTM, unit: 32}\n", "utf-8")
    done = completed("convert", "wrong.yaml", "--to", "yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "input_dim: 8\nlayers:\n  - {type: lstm, unit: 32}\n")
    assert "wrong.yaml:3:18: LS101" in done.stderr
    assert completed("convert", "wrong.yaml", "--to", "yaml", "-o", "wrong.yaml", cwd=tmp_path).returncode == 2
    (tmp_path / "nothing.yaml").write_text("just text", "utf-8")
    done = completed("convert", "nothing.yaml", "--to", "json", "-o", "out.json", cwd=tmp_path)
    assert (done.returncode, done.stdout, (tmp_path / "out.json").exists()) == (1, "", False)


def test_the_function_raises_on_what_is_no_model_and_no_format() -> None:
    with pytest.raises(ls.NotAModel, match="expected a model"):
        ls.convert({"layer": []})
    with pytest.raises(ls.InvalidValue, match="yaml"):
        ls.convert({"layers": []}, "toml")


def test_json_is_json() -> None:
    model = {"input_dim": 8, "layers": [{"type": "lstm", "units": 32}]}
    assert json.loads(ls.convert(model, "json")) == model
