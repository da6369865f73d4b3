"""The command ``sweep``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from math import prod
from typing import Annotated

import typer

from lstm_shapes.analysis.sweep import MAX_POINTS, SweepError
from lstm_shapes.analysis.sweep import sweep as answer
from lstm_shapes.cli import models, options, output
from lstm_shapes.cli.bind import bindings
from lstm_shapes.cli.options import Color, whole
from lstm_shapes.symbolic.size import MAX_INT, Size
from lstm_shapes.views.sweep import view

MAX_ROWS = 1_000
"""The rows of a table for people; CSV and JSON are written as they are computed."""
SweepFormat = StrEnum("SweepFormat", ["text", "json", "markdown", "csv", "svg"])


def sweep(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A model spec with symbols; - is standard input.")],
    set_: Annotated[
        list[str],
        typer.Option(
            "--set", metavar="NAME=SIZES", help="Values of a symbol: H=16,32,64 or T=1k..4k:1k; can be repeated."
        ),
    ],
    plot: Annotated[bool, typer.Option("--plot", help="Draw params and MACs instead of the table.")] = False,
    output_format: Annotated[
        SweepFormat, typer.Option("--output-format", help="The format of the output.")
    ] = SweepFormat.text,
    output_file: options.OutputFile = "",
    framework: options.Framework = None,
    bind: options.Bind = None,
    assume: options.Assume = None,
    model: options.Model = "",
    stdin_filename: options.StdinFilename = "",
    color: options.ColorWhen = Color.auto,
) -> None:
    """Compute parameters, multiply-accumulates and bytes for every combination of sizes.

    Exit code: 0 success, 1 if the model has errors or a combination is not a model, 2 wrong usage.
    """
    if plot and output_format != SweepFormat.text:
        raise output.fail(f"--plot: is for a terminal; --output-format {output_format} is something else")
    axes, dims, single = _settings(set_)
    if not axes:
        raise output.fail("--set: expected at least one symbol with several values, as --set H=16,32,64")
    points = prod(map(len, axes.values()))
    if output_format in (SweepFormat.text, SweepFormat.markdown) and MAX_ROWS < points <= MAX_POINTS and not plot:
        message = f"a table of {points:,} rows, at most {MAX_ROWS:,} are printed; use --output-format csv -o FILE"
        raise output.fail(message)
    try:
        free = [f"{name}={name}" for name in axes]
        imported = models.single(file, stdin_filename, model, [*single, *free], assume, bindings(bind))
        dims = models.not_taken(dims, imported)
        swept = answer(imported.document, axes, framework=str(framework or ""), dims=dims)
    except SweepError as error:
        models.tell(error.findings)
        if error.findings:
            raise typer.Exit(1) from None
        raise output.fail(str(error)) from None
    output.show(view(swept), "plot" if plot else output_format, output_file, color, [file, *(bind or ())])
    if output_format in (SweepFormat.csv, SweepFormat.svg) or plot:
        for note in swept.notes:
            output.tell(f"note: {note}")
    models.leave(0 if swept.valid.all() else 1)


def _settings(texts: Iterable[str]) -> tuple[dict[str, Sequence[int]], dict[str, Size], list[str]]:
    """What is swept, and what has one value or an expression: the sizes, and all as they are typed."""
    axes: dict[str, Sequence[int]] = {}
    single: list[str] = []
    for text in texts:
        name, _, values = text.partition("=")
        if "," in values or ".." in values:
            if name.strip() in axes:
                raise output.fail(f"--set {name}: appears twice; write its values once, as {name}=16,32")
            axes[next(iter(models.sizes([f"{name}=1"])))] = _values(text, values)
        else:
            single.append(text)
    dims = models.sizes(single)
    for name in dims:
        if name in axes:
            raise output.fail(f"--set {name}: appears twice; write its values once, as {name}=16,32")
    return axes, dims, single


def _values(text: str, values: str) -> Sequence[int]:
    """``16,32,64``, ``10..100``, ``1k..4k:1k``, or several of these."""
    parts: list[Sequence[int]] = []
    for item in values.split(","):
        part = _range(item)
        if part is None:
            raise output.fail(f"--set {text}: expected sizes as 16,32,64 or 1k..4k:1k, got {item.strip() or 'nothing'}")
        if sum(map(len, parts)) + (part[-1] - part[0]) // part.step >= MAX_POINTS:
            raise output.fail(f"--set {text}: more than {MAX_POINTS:,} values")
        parts.append(part)
    return parts[0] if len(parts) == 1 else [value for part in parts for value in part]


def _range(item: str) -> range | None:
    """A size, ``FIRST..LAST`` or ``FIRST..LAST:STEP``, each number as ``--set`` takes it elsewhere; else None."""
    begin, to, rest = item.partition("..")
    end, colon, by = rest.partition(":")
    first, last, step = whole(begin), whole(end if to else begin), whole(by if colon else "1")
    if first is None or last is None or not step or not 1 <= first <= last <= MAX_INT:
        return None
    return range(first, last + 1, step)
