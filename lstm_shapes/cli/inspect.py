"""The command ``inspect``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NamedTuple, Optional

import typer

from lstm_shapes.analysis.report import Report, report
from lstm_shapes.cli import models, options, output
from lstm_shapes.cli.options import Color, Format

if TYPE_CHECKING:
    from lstm_shapes.analysis.verify.verification import Verification
    from lstm_shapes.render.page import Table
    from lstm_shapes.spec.reading import Reading
    from lstm_shapes.symbolic.size import Size
    from lstm_shapes.views.inspect import Costs

Weights = Annotated[bool, typer.Option("--weights", help="Add a row for every weight tensor.")]
Verify = Annotated[bool, typer.Option("--verify", help="Run the model in NumPy and add what the run confirms.")]

Cost = Annotated[bool, typer.Option("--cost", help="Add multiply-accumulates, FLOPs, bytes of states and estimates.")]
ConventionName = StrEnum("ConventionName", ["matmul", "flops", "torchinfo", "thop", "ptflops", "calflops"])
"""The conventions of cost.py; a test holds the two together, since loading it takes time."""
Convention = Annotated[
    Optional[ConventionName],
    typer.Option("--convention", help="Add what this tool reports, and what is wrong with it.", show_default=False),
]


def inspect(
    files: options.Files,
    weights: Weights = False,
    verify: Verify = False,
    cost: Cost = False,
    convention: Convention = None,
    output_format: options.OutputFormat = Format.text,
    output_file: options.OutputFile = "",
    framework: options.Framework = None,
    set_: options.Set = None,
    stdin_filename: options.StdinFilename = "",
    color: options.ColorWhen = Color.auto,
    quiet: options.Quiet = False,
) -> None:
    """Print each layer's output shape, parameters and the formula they come from, then the totals.

    Findings go to standard error. Exit code: 0 all well, 1 findings, 2 wrong usage.
    """
    found = models.readings(files, framework, set_, stdin_filename)
    reports = [report(one, weights=weights or output_format == Format.json) for one in found]
    outcomes = _verified(found) if verify else None
    asked = Asked(found, cost, str(convention or ""))
    if not quiet:
        output.write(
            _rendered(reports, outcomes, asked, output_format, output_file, weights, color), output_file, files
        )
    everything = [finding for one in reports for finding in one.findings]
    if output_format != Format.json or quiet:
        models.tell(everything)
    unconfirmed = any(one.verdict in ("disagrees", "not confirmed") for one in outcomes or ())
    models.leave(1 if unconfirmed else models.code(everything))


class Asked(NamedTuple):
    """What is to be said of the cost: the models as they were read, ``--cost``, ``--convention``."""

    found: Sequence[Reading]
    cost: bool
    convention: str


def _verified(found: Sequence[Reading]) -> list[Verification]:
    from lstm_shapes.analysis.verify.verify import verify
    from lstm_shapes.cli.progress import watched

    return [watched(lambda progress, one=one: verify(one, progress=progress)) for one in found]  # type: ignore[misc]


def _rendered(
    reports: Sequence[Report],
    outcomes: Sequence[Verification] | None,
    asked: Asked,
    output_format: Format,
    output_file: str,
    weights: bool,
    color: Color,
) -> str:
    if output_format == Format.json:
        return _json(reports, outcomes, asked)
    if output_format == Format.csv:
        return _csv(reports, weights, asked)
    from lstm_shapes.views import inspect as said

    pages = []
    for number, one in enumerate(reports):
        costs, lines = _costs(asked, number)
        if outcomes is None:
            pages.append(said.page(one, weights=weights, costs=costs, said=lines))
        else:
            from lstm_shapes.views import verify as verification

            column, verdict = verification.column(outcomes[number]), verification.verdict(outcomes[number])
            pages.append(said.page(one, weights=weights, confirmed=column, verdict=verdict, costs=costs, said=lines))
    if output_format == Format.markdown:
        from lstm_shapes.render import markdown

        return "\n".join(markdown.render(page) for page in pages)
    return "\n".join(output.text(page, output_file, color) for page in pages)


def _costs(asked: Asked, number: int) -> tuple[Costs | None, tuple[Table | str, ...]]:
    """The columns, the lines and the table that the cost adds to the page of a model."""
    if not asked.cost and not asked.convention:
        return None, ()
    from lstm_shapes.views import cost

    one = asked.found[number]
    columns = (cost.HEADERS, cost.columns(one)) if asked.cost else None
    lines = (*cost.lines(one), cost.growing(one)) if asked.cost else ()
    return columns, (*lines, *(cost.convention(one, asked.convention) if asked.convention else ()))


def _json(reports: Sequence[Report], outcomes: Sequence[Verification] | None, asked: Asked) -> str:
    from lstm_shapes.render import json
    from lstm_shapes.views import inspect as said

    data = [said.data(one) for one in reports]
    if outcomes:
        from lstm_shapes.views import verify as verification
    for one, outcome in zip(data, outcomes or (), strict=False):
        one["verification"] = verification.data(outcome)
    if asked.cost or asked.convention:
        from lstm_shapes.views import cost

        for one, reading in zip(data, asked.found, strict=True):
            one["cost"] = cost.data(reading, asked.convention)
    return json.written(data if len(data) > 1 else data[0])


def _csv(reports: Sequence[Report], weights: bool, asked: Asked) -> str:
    from lstm_shapes.render import csv

    if weights:
        return csv.render(("source", "layer", "tensor", "axes", "shape", "params", "trainable"), _tensor_rows(reports))
    headers = ("source", "layer", "type", "path", "output", "params", "trainable_params", "formula", "macs")
    if asked.cost:
        return csv.render((*headers, "flops", "state_bytes"), _cost_rows(reports, asked.found))
    return csv.render(headers, _layer_rows(reports))


def _tensor_rows(reports: Sequence[Report]) -> Iterator[tuple[str | Size | None, ...]]:
    from lstm_shapes.symbolic.size import shown

    for one in reports:
        for row in one.layers:
            for held in row.weights:
                trainable = str(held.trainable).lower()
                yield one.source, row.name, held.name, held.axes, shown(held.shape), held.params, trainable


def _layer_rows(reports: Sequence[Report]) -> Iterator[tuple[str | Size | None, ...]]:
    from lstm_shapes.views.inspect import outputs

    for one in reports:
        for row in one.layers:
            counts = (row.params, row.trainable_params, row.formula, row.macs)
            yield one.source, row.name, row.type, row.path, outputs(row.outputs), *counts


def _cost_rows(reports: Sequence[Report], found: Sequence[Reading]) -> Iterator[tuple[str | Size | None, ...]]:
    from lstm_shapes.views import cost

    for one, reading in zip(reports, found, strict=True):
        costs = cost.rows(reading)
        for row, cells in zip(one.layers, _layer_rows([one]), strict=True):
            yield (*cells, *costs.get(row.name, (None, None)))
