"""The command ``inspect``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from lstm_shapes.analysis.convention_names import ConventionName
from lstm_shapes.analysis.report import report
from lstm_shapes.cli import models, options, output
from lstm_shapes.cli.bind import bindings
from lstm_shapes.cli.options import Color, Format
from lstm_shapes.views.inspect import Additions, view

if TYPE_CHECKING:
    from lstm_shapes.analysis.verify.verification import Verification
    from lstm_shapes.render.view import View
    from lstm_shapes.spec.reading import Reading

Weights = Annotated[bool, typer.Option("--weights", help="Add a row for every weight tensor.")]
Verify = Annotated[bool, typer.Option("--verify", help="Run the model in NumPy and add the comparison.")]

Cost = Annotated[bool, typer.Option("--cost", help="Add multiply-accumulates, FLOPs, bytes of states and estimates.")]
Convention = Annotated[
    Optional[ConventionName],
    typer.Option("--convention", help="Add what this tool reports, and what it leaves out.", show_default=False),
]


def inspect(
    files: options.Files,
    weights: Weights = False,
    verify: Verify = False,
    cost: Cost = False,
    convention: Convention = None,
    output_format: options.OutputFormat = Format.text,
    output_file: options.OutputFile = "",
    framework: options.FrameworkOrAll = None,
    set_: options.Set = None,
    bind: options.Bind = None,
    assume: options.Assume = None,
    model: options.Model = "",
    stdin_filename: options.StdinFilename = "",
    color: options.ColorWhen = Color.auto,
    quiet: options.Quiet = False,
) -> None:
    """Print each layer's output shape, parameters and the formula they come from, then the totals.

    Findings go to standard error. Exit code: 0 success, 1 findings, 2 wrong usage.
    """
    everywhere = options.means_all(framework)
    if everywhere and (weights or verify or cost or convention):
        raise output.fail(
            "--framework all shows the counts side by side: leave out --weights, --verify, --cost, --convention"
        )
    readings = models.readings(
        files, None if everywhere else framework, set_, stdin_filename, model, assume, bindings(bind)
    )
    reports = [report(reading, weights=weights or output_format == Format.json) for reading in readings]
    outcomes: Sequence[Verification | None] = _verified(readings) if verify else [None] * len(readings)
    if everywhere and not quiet:
        output.show(_side_by_side(readings), output_format, output_file, color, [*files, *(bind or ())])
    elif not quiet:
        additions = [
            Additions(reading=reading, verification=outcome, cost=cost, convention=str(convention or ""))
            for reading, outcome in zip(readings, outcomes, strict=True)
        ]
        output.show(
            view(reports, additions, weights=weights), output_format, output_file, color, [*files, *(bind or ())]
        )
    everything = [finding for report in reports for finding in report.findings]
    if output_format != Format.json or quiet or everywhere:
        models.tell(everything)
    failed = any(outcome and outcome.failed for outcome in outcomes)
    models.leave(1 if failed else models.code(everything))


def _side_by_side(readings: Sequence[Reading]) -> View:
    """The models as every framework counts them."""
    from lstm_shapes.analysis.side_by_side import side_by_side
    from lstm_shapes.views.side_by_side import models as view_of

    return view_of([side_by_side(reading) for reading in readings])


def _verified(readings: Sequence[Reading]) -> list[Verification]:
    from lstm_shapes.analysis.verify.verify import verify
    from lstm_shapes.cli.progress import watched

    return [watched(lambda progress, reading=reading: verify(reading, progress=progress)) for reading in readings]  # type: ignore[misc]
