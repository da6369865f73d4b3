"""The command ``solve``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Optional

import typer

from lstm_shapes import formats
from lstm_shapes.analysis.params import LayerSettingsError
from lstm_shapes.analysis.solve import Family, SolveError, count, layer, model
from lstm_shapes.analysis.solve import solve as answer
from lstm_shapes.cli import models, options, output
from lstm_shapes.cli.one_layer import said, sized
from lstm_shapes.cli.options import Color, Format
from lstm_shapes.cli.params import Cell, Merge
from lstm_shapes.formats.document import Document
from lstm_shapes.views.solve import view

SIZE = "SIZE"
NUMBER = "N"
MAX_DIGITS = 30


def solve(
    file: Annotated[
        Optional[str],
        typer.Argument(metavar="[FILE]", help="A model spec with a free symbol; without one, a single layer."),
    ] = None,
    for_: Annotated[
        Optional[str], typer.Option("--for", metavar="NAME", help="The symbol to solve for.", show_default=False)
    ] = None,
    max_params: Annotated[
        Optional[str],
        typer.Option("--params", "--max-params", metavar=NUMBER, help="At most so many parameters."),
    ] = None,
    max_macs: Annotated[
        Optional[str],
        typer.Option("--max-macs", metavar=NUMBER, help="At most so many multiply-accumulates (matmul)."),
    ] = None,
    max_bytes: Annotated[
        Optional[str], typer.Option("--max-bytes", metavar=NUMBER, help="At most so many bytes of parameters.")
    ] = None,
    match: Annotated[
        Optional[str], typer.Option("--match", metavar="FILE", help="As many parameters as this model.")
    ] = None,
    multiple_of: Annotated[int, typer.Option("--multiple-of", min=1, metavar="M", help="Sizes divisible by M.")] = 1,
    input_dim: Annotated[
        Optional[str], typer.Option("--input-dim", metavar=SIZE, help="Features per timestep (one layer).")
    ] = None,
    cell: Annotated[Optional[Cell], typer.Option("--cell", help="The kind of layer, lstm by default.")] = None,
    bidirectional: Annotated[
        bool, typer.Option("--bidirectional", help="Read the sequence in both directions.")
    ] = False,
    merge: Annotated[
        Optional[Merge], typer.Option("--merge", help="How the two directions are merged.", show_default=False)
    ] = None,
    num_layers: Annotated[
        Optional[str], typer.Option("--num-layers", metavar=NUMBER, help="The number of stacked layers.")
    ] = None,
    proj_size: Annotated[
        Optional[str], typer.Option("--proj-size", metavar=SIZE, help="Project the hidden state (lstm).")
    ] = None,
    peephole: Annotated[bool, typer.Option("--peephole", help="Let the gates see the cell state (lstm).")] = False,
    bias: Annotated[bool, typer.Option("--bias/--no-bias", help="Add biases.")] = True,
    reset_after: Annotated[
        Optional[bool],
        typer.Option("--reset-after/--no-reset-after", help="Where the reset gate acts (gru).", show_default=False),
    ] = None,
    batch: Annotated[Optional[str], typer.Option("--batch", metavar=SIZE, help="Examples in a batch.")] = None,
    timesteps: Annotated[
        Optional[str], typer.Option("--timesteps", metavar=SIZE, help="Timesteps of a sequence.")
    ] = None,
    framework: options.Framework = None,
    set_: options.Set = None,
    stdin_filename: options.StdinFilename = "",
    output_format: options.OutputFormat = Format.text,
    output_file: options.OutputFile = "",
    color: options.ColorWhen = Color.auto,
) -> None:
    """Find the largest size within the bounds, or the size with as many parameters as another model.

    Exit code: 0 with an answer ("unbounded" and "nearest" are answers), 1 when there is no solution, 2 wrong usage.
    """
    one_layer: dict[str, Any] = {
        "input_dim": input_dim,
        "cell": cell and str(cell),
        "bidirectional": bidirectional or None,
        "merge": merge and str(merge),
        "num_layers": num_layers,
        "proj_size": proj_size,
        "peephole": peephole or None,
        "bias": None if bias else False,
        "reset_after": reset_after,
        "batch": batch,
        "timesteps": timesteps,
    }
    given = {key: value for key, value in one_layer.items() if value is not None}
    bounds = _bounds({"params": max_params, "macs": max_macs, "bytes": max_bytes})
    if bool(bounds) == bool(match):
        got = "both" if match else "neither"
        raise output.fail(f"expected bounds (--params N, --max-macs N, --max-bytes N) or --match FILE, got {got}")
    dims = models.sizes(set_)
    try:
        if match:
            bounds = {"params": count(_document(match, stdin_filename), dims=dims)}
        family = _family(file, for_, given, str(framework or ""), dims, stdin_filename)
        solution = answer(family, bounds, multiple_of=multiple_of, exactly=bool(match))
    except SolveError as error:
        models.tell(error.findings)
        if error.findings:
            raise typer.Exit(1) from None
        raise output.fail(str(error)) from None
    asked = ", ".join(f"{key}={str(value).lower()}" for key, value in given.items() if key != "cell")
    output.show(view(solution, asked), output_format, output_file, color, [file or "", match or ""])
    models.leave(1 if solution.verdict == "none" else 0)


def _family(
    file: str | None,
    wanted: str | None,
    given: Mapping[str, Any],
    framework: str,
    dims: Mapping[str, Any],
    stdin_filename: str,
) -> Family:
    if file is not None:
        if given:
            raise output.fail(f"--{next(iter(given)).replace('_', '-')}: is for a layer without a file")
        if not wanted:
            raise output.fail("--for: expected the symbol to solve for, as --for H")
        if wanted in dims:
            raise output.fail(f"--set {wanted}: is the symbol to solve for")
        return model(_document(file, stdin_filename), wanted, framework=framework, dims=dims)
    if wanted:
        raise output.fail("--for: needs a FILE; without a file, units is the unknown")
    if "input_dim" not in given:
        raise output.fail("--input-dim: expected the features per timestep, as --input-dim 8")
    sizes = ("input_dim", "num_layers", "proj_size", "batch", "timesteps")
    settings = {key: sized(value) if key in sizes else value for key, value in given.items()}
    try:
        return layer(framework=framework or "keras", **settings)
    except LayerSettingsError as error:
        for finding in error.findings[:-1]:
            output.fail(said(finding))
        raise output.fail(said(error.findings[-1])) from None


def _document(path: str, stdin_filename: str) -> Document:
    try:
        return formats.read(path, name=stdin_filename)
    except formats.NoSuchFile as error:
        raise output.fail(str(error)) from None


def _bounds(texts: Mapping[str, str | None]) -> dict[str, int]:
    return {what: _number(f"--max-{what}", text) for what, text in texts.items() if text is not None}


def _number(option: str, text: str) -> int:
    """An exact integer: ``50000``, ``50_000``, ``50,000``, ``1e6``, ``2.5e6``."""
    number = re.fullmatch(r"(\d[\d_,]*)(?:\.(\d+))?(?:[eE]\+?(\d{1,2}))?", text.strip(), re.ASCII)
    if number:
        digits, fraction, power = number[1].replace("_", "").replace(",", ""), (number[2] or "").rstrip("0"), number[3]
        zeros = int(power or 0) - len(fraction)
        if zeros >= 0 and len(digits) + int(power or 0) <= MAX_DIGITS:
            return int(digits + fraction + "0" * zeros)
    raise output.fail(f"{option} {text}: expected a whole number of at most {MAX_DIGITS} digits, as 50000 or 1e6")
