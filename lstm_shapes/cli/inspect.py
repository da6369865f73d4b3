"""The command ``inspect``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from lstm_shapes.cli import models, options, output
from lstm_shapes.cli.options import Color, Format
from lstm_shapes.report import Report, report

if TYPE_CHECKING:
    from lstm_shapes.frameworks.reading import Reading
    from lstm_shapes.size import Size
    from lstm_shapes.witness import Verification

Weights = Annotated[bool, typer.Option("--weights", help="Add a row for every weight tensor.")]
Verify = Annotated[bool, typer.Option("--verify", help="Run the model in NumPy and add what the run confirms.")]


def inspect(
    files: options.Files,
    weights: Weights = False,
    verify: Verify = False,
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
    if not quiet:
        output.write(_rendered(reports, outcomes, output_format, output_file, weights, color), output_file, files)
    everything = [finding for one in reports for finding in one.findings]
    if output_format != Format.json or quiet:
        models.tell(everything)
    unconfirmed = any(one.verdict in ("disagrees", "not confirmed") for one in outcomes or ())
    models.leave(1 if unconfirmed else models.code(everything))


def _verified(found: Sequence[Reading]) -> list[Verification]:
    from lstm_shapes.cli.progress import watched
    from lstm_shapes.witness import verify

    return [watched(lambda progress, one=one: verify(one, progress=progress)) for one in found]  # type: ignore[misc]


def _rendered(
    reports: Sequence[Report],
    outcomes: Sequence[Verification] | None,
    output_format: Format,
    output_file: str,
    weights: bool,
    color: Color,
) -> str:
    if output_format == Format.json:
        return _json(reports, outcomes)
    if output_format == Format.csv:
        return _csv(reports, weights)
    from lstm_shapes.pages import report as said

    pages = []
    for number, one in enumerate(reports):
        if outcomes is None:
            pages.append(said.page(one, weights=weights))
        else:
            from lstm_shapes.pages import verification

            column, verdict = verification.column(outcomes[number]), verification.verdict(outcomes[number])
            pages.append(said.page(one, weights=weights, confirmed=column, verdict=verdict))
    if output_format == Format.markdown:
        from lstm_shapes.render import markdown

        return "\n".join(markdown.render(page) for page in pages)
    return "\n".join(output.text(page, output_file, color) for page in pages)


def _json(reports: Sequence[Report], outcomes: Sequence[Verification] | None) -> str:
    from lstm_shapes.render import json

    data = [json.report(one) for one in reports]
    for one, outcome in zip(data, outcomes or (), strict=False):
        one["verification"] = json.verification(outcome)
    return json.render(data, many=len(data) > 1)


def _csv(reports: Sequence[Report], weights: bool) -> str:
    from lstm_shapes.render import csv

    if weights:
        return csv.render(("source", "layer", "tensor", "axes", "shape", "params", "trainable"), _tensor_rows(reports))
    headers = ("source", "layer", "type", "path", "output", "params", "trainable_params", "formula", "macs")
    return csv.render(headers, _layer_rows(reports))


def _tensor_rows(reports: Sequence[Report]) -> Iterator[tuple[str | Size | None, ...]]:
    from lstm_shapes.size import shown

    for one in reports:
        for row in one.layers:
            for held in row.weights:
                trainable = str(held.trainable).lower()
                yield one.source, row.name, held.name, held.axes, shown(held.shape), held.params, trainable


def _layer_rows(reports: Sequence[Report]) -> Iterator[tuple[str | Size | None, ...]]:
    from lstm_shapes.pages.report import outputs

    for one in reports:
        for row in one.layers:
            counts = (row.params, row.trainable_params, row.formula, row.macs)
            yield one.source, row.name, row.type, row.path, outputs(row.outputs), *counts
