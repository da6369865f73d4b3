"""Totals are checked as printed: tables are parsed back and added up. All forms of a report have the same figures."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

import lstm_shapes as ls
from lstm_shapes.cli.app import app
from lstm_shapes.render import markdown, plain
from lstm_shapes.render.json import written
from lstm_shapes.render.page import Page, Table
from lstm_shapes.symbolic.size import Size, SizeError, parse, total
from lstm_shapes.views.inspect import data, page

SEEDS = range(30)
SIZES: list[Any] = [1, 3, 64, 1000, 12_345, "H", "2*H", "H + 1", "H*K", "K//2 + 1"]


def random_spec(seed: int) -> dict[str, Any]:
    """A chain of layers that fit, some frozen, nested, shared, repeated or not known."""
    draw = Random(seed)
    layers: list[dict[str, Any]] = []
    for number in range(draw.randint(1, 7)):
        layers.append({**random_layer(draw), "name": f"layer{number}"})
        if draw.random() < 0.2:
            layers[-1]["trainable"] = False
    if draw.random() < 0.3:
        layers.append({"type": "custom", "output": ["B", 5], "name": "mine", **draw.choice([{}, {"params": 77}])})
    if draw.random() < 0.3:
        layers.append({"type": "dense", "units": draw.choice(SIZES), "name": "head"})
    framework = draw.choice(["keras", "torch"])
    batch = draw.choice(["B", 32, 10**9])
    return {"framework": framework, "batch": batch, "input_dim": draw.choice(SIZES), "layers": layers}


def random_layer(draw: Random, *, nested: bool = False) -> dict[str, Any]:
    units = draw.choice(SIZES)
    cell = {"type": draw.choice(["lstm", "gru", "rnn"]), "units": units, "return_sequences": True}
    kinds: list[dict[str, Any]] = [
        cell,
        {**cell, "bidirectional": True},
        {**cell, "return_state": True},
        {"type": "dense", "units": units, "bias": draw.random() < 0.5},
        {"type": "dropout", "rate": 0.5},
        {"type": "time_distributed", "layer": {"type": "dense", "units": units}},
    ]
    if not nested:
        inner = [random_layer(draw, nested=True) for _ in range(draw.randint(1, 3))]
        kinds.append({"type": "model", "layers": inner})
    return draw.choice(kinds)


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed-{seed}")
def spec(request: pytest.FixtureRequest) -> dict[str, Any]:
    return random_spec(request.param)


@pytest.fixture
def report(spec: dict[str, Any]) -> ls.Report:
    found = ls.inspect(spec)
    assert found.findings == ()
    return found


def figure(cell: str) -> Size | None:
    """A printed count as a size: ``5,248``, ``4*H*(H + 9)``, ``77 (declared)``; None for one that is not known."""
    text = cell.removesuffix(" (declared)").strip()
    return None if text == "unknown" else size(text.replace(",", ""))


def size(value: int | str) -> Size:
    """A size in the spec's own notation."""
    return value if isinstance(value, int) else parse(value)


def cut(text: str) -> tuple[list[str], list[list[str]]]:
    """The first table of a plain page, cut where its header's columns begin; then its lines."""
    table = text.split("\n\n")[1].splitlines()
    starts = columns(table)
    rows = [[line[a:b].rstrip() for a, b in zip(starts, [*starts[1:], None], strict=True)] for line in table]
    return [header.strip() for header in rows[0]], rows[1:]


def columns(table: list[str]) -> list[int]:
    """Where columns begin: behind two places that are blank in every line."""
    width = max(map(len, table))
    blank = [all(line[at : at + 1] in ("", " ") for line in table) for at in range(width)]
    return [0] + [at for at in range(2, width) if not blank[at] and blank[at - 1] and blank[at - 2]]


def said(text: str) -> tuple[Size, bool] | None:
    """The total of parameters as printed, of which the bytes are four times as many, and whether it is a least one."""
    match = re.search(r"^total params: (at least )?(.*) bytes", text, re.MULTILINE)
    if not match:
        return None
    line = re.sub(r",(?=\d{3})", "", match[2])
    for between in re.finditer(r", | \(", line):
        with suppress(SizeError):
            params, held = parse(line[: between.start()]), parse(line[between.end() :])
            if held == params * 4:
                return params, bool(match[1])
    raise AssertionError(f"no total and its bytes in {line}")


def test_the_printed_rows_add_up_to_the_printed_total(report: ls.Report) -> None:
    text = plain.render(page(report))
    headers, rows = cut(text)
    at = headers.index("params")
    outer = [row for row in rows if not row[0].startswith(" ")]
    assert len(outer) == len(report.layers)
    figures = [figure(row[at]) for row in outer]
    known = [figure for figure in figures if figure is not None]
    assert said(text) == ((total(known), len(known) < len(figures)) if known else None)


def test_the_rows_of_a_nested_model_add_up_to_its_own(report: ls.Report) -> None:
    headers, rows = cut(plain.render(page(report)))
    at = headers.index("params")
    for number, row in enumerate(rows):
        inner = []
        for below in rows[number + 1 :]:
            if not below[0].startswith(" "):
                break
            inner.append(figure(below[at]))
        if inner and not row[0].startswith(" "):
            assert figure(row[at]) == total(count for count in inner if count is not None)


def test_the_printed_tensors_add_up_to_their_layers(report: ls.Report) -> None:
    text = plain.render(page(report, weights=True))
    table = next((part for part in text.split("\n\n") if "  axes" in part), "")
    lines = [line for line in table.splitlines() if not line.startswith("gates in")]
    starts = columns(lines) if len(lines) > 1 else [0]
    at = starts[4] if len(starts) > 4 else 0
    for row in report.layers:
        held = [line for line in lines[1:] if line.split()[0] == row.name]
        end = starts[5] if len(starts) > 5 else None
        sums = [figure(line[at:end]) for line in held]
        assert total(total for total in sums if total is not None) == (
            0 if row.declared or row.params is None else row.params
        )


def rows_of(text: str) -> Iterator[list[str]]:
    """The cells of a Markdown table, unescaped."""
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("| ---"):
            yield [
                re.sub(r"\\(.)", r"\1", cell).strip() for cell in re.split(r"(?<!\\) \| ", line[2:].removesuffix(" |"))
            ]


def test_markdown_has_the_rows_of_the_plain_table(report: ls.Report) -> None:
    whole = page(report)
    headers, *rows = rows_of(markdown.render(whole))
    plain_headers, plain_rows = cut(plain.render(whole))
    assert headers == plain_headers
    assert rows == [[cell.strip() for cell in row] for row in plain_rows]


def test_csv_has_the_rows_and_the_figures_of_the_other_forms(
    report: ls.Report, spec: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "model.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    asked = ["inspect", str(path), "--output-format"]
    done = CliRunner().invoke(app, [*asked, "csv"])
    assert done.exit_code == 0
    found = list(csv.DictReader(io.StringIO(done.stdout)))
    outer = [row for row in found if row["path"].count("layers") == 1]
    for row, layer in zip(outer, report.layers, strict=True):
        assert (row["layer"], row["type"], row["path"]) == (layer.name, layer.type, layer.path)
        for name in ("params", "trainable_params", "macs"):
            value = getattr(layer, name)
            assert row[name] == ("" if value is None else str(value))
    told = json.loads(CliRunner().invoke(app, [*asked, "json"]).stdout)
    assert [layer["params"] for layer in told["layers"]] == [
        None if not row["params"] else int(row["params"]) if row["params"].isdigit() else row["params"] for row in outer
    ]


def test_sizes_in_json_are_integers_or_text_that_reads_back_as_the_same(report: ls.Report) -> None:
    told = json.loads(written(data(report)))
    for name in ("params", "trainable_params", "non_trainable_params", "param_bytes", "macs"):
        value, least = told["totals"][name], told["totals"][f"{name}_at_least"]
        assert (None if value is None else size(value)) == getattr(report.totals, name)
        assert size(least) == getattr(report.totals, f"{name}_at_least")
    for row, layer in zip(told["layers"], report.layers, strict=True):
        for name in ("params", "trainable_params", "macs"):
            assert (None if row[name] is None else size(row[name])) == getattr(layer, name)
        shapes = [[size(axis) for axis in shape] for shape in row["inputs"]]
        assert shapes == [list(shape) for shape in layer.inputs]
        for output, named in zip(row["outputs"], layer.outputs, strict=True):
            assert [size(axis) for axis in output["shape"]] == list(named.shape or ())
        for weight, tensor in zip(row["weights"], layer.weights, strict=True):
            assert [size(axis) for axis in weight["shape"]] == list(tensor.shape)
            assert size(weight["params"]) == tensor.params


def test_a_table_that_does_not_add_up_is_found_out() -> None:
    """The parser reads what is printed, not what was meant."""
    table = Table(headers=("layer", "params"), rows=(("a", "5,248"), ("b", "2*H")), numbers=frozenset(("params",)))
    headers, rows = cut(plain.render(Page(heading="x", parts=(table, "total params: 5,249"))))
    assert [figure(row[headers.index("params")]) for row in rows] == [5248, parse("2*H")]
    assert said(plain.render(Page(heading="x", parts=(table, "total params: 5,249 (20,996 bytes as float32)")))) == (
        5249,
        False,
    )
    assert said("total params: at least 2*(H + 3), 8*(H + 3) bytes (1 layer unknown)") == (parse("2*H + 6"), True)
    assert said("no layer could be read") is None
    with pytest.raises(AssertionError):
        said("total params: 5,248 (20,996 bytes as float32)")
