"""The command ``solve``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Optional

import typer

from lstm_shapes.analysis.params import LayerSettingsError
from lstm_shapes.analysis.solve import Family, SolveError, count, layer, model
from lstm_shapes.analysis.solve import solve as answer
from lstm_shapes.cli import layer_options, models, options, output
from lstm_shapes.cli.bind import bindings, symbol_of
from lstm_shapes.cli.options import Color, Format, amount
from lstm_shapes.spec.imported import Imported
from lstm_shapes.symbolic.size import is_symbol
from lstm_shapes.views.solve import view


def _bound(*names: str, what: str) -> Any:
    return typer.Option(*names, parser=amount, metavar="N", help=f"At most this many {what}: 50000, 50k, 2M.")


def solve(
    file: Annotated[
        Optional[str],
        typer.Argument(metavar="[FILE]", help="A model spec with a free symbol; without one, a single layer."),
    ] = None,
    for_: Annotated[
        Optional[str], typer.Option("--for", metavar="NAME", help="The symbol to solve for.", show_default=False)
    ] = None,
    max_params: Annotated[Optional[int], _bound("--params", "--max-params", what="parameters")] = None,
    max_macs: Annotated[Optional[int], _bound("--max-macs", what="multiply-accumulates (matmul)")] = None,
    max_bytes: Annotated[Optional[int], _bound("--max-bytes", what="bytes of parameters")] = None,
    match: Annotated[
        Optional[str], typer.Option("--match", metavar="FILE", help="As many parameters as this model.")
    ] = None,
    multiple_of: Annotated[int, typer.Option("--multiple-of", min=1, metavar="M", help="Sizes divisible by M.")] = 1,
    input_dim: layer_options.InputDim = None,
    cell: layer_options.Cell = None,
    bidirectional: layer_options.Bidirectional = False,
    merge: layer_options.Merge = None,
    num_layers: layer_options.NumLayers = None,
    proj_size: layer_options.ProjSize = None,
    peephole: layer_options.Peephole = False,
    bias: layer_options.Bias = True,
    reset_after: layer_options.ResetAfter = None,
    batch: layer_options.Batch = None,
    timesteps: layer_options.Timesteps = None,
    framework: options.Framework = None,
    set_: options.Set = None,
    bind: options.Bind = None,
    assume: options.Assume = None,
    model_name: options.Model = "",
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
    limits = {"params": max_params, "macs": max_macs, "bytes": max_bytes}
    bounds = {what: limit for what, limit in limits.items() if limit is not None}
    if bool(bounds) == bool(match):
        got = "both" if match else "neither"
        raise output.fail(f"expected bounds (--params N, --max-macs N, --max-bytes N) or --match FILE, got {got}")
    if file is None and assume:
        raise output.fail("--assume: needs a FILE with a layer of this class")
    if file is None and bind:
        raise output.fail("--bind: needs a FILE that is a script or a notebook")
    for_ = for_ and symbol_of(for_)
    dims, bound = models.sizes(set_), bindings(bind)
    try:
        if match:
            bounds = {"params": count(models.single(match, stdin_filename).document, dims=dims)}
        free = [*(set_ or ()), *([f"{for_}={for_}"] if for_ and is_symbol(for_) and for_ not in dims else ())]
        imported = None if file is None else models.single(file, stdin_filename, model_name, free, assume, bound)
        family = _family(imported, for_, given, str(framework or ""), dims)
        solution = answer(family, bounds, multiple_of=multiple_of, exactly=bool(match))
    except SolveError as error:
        models.tell(error.findings)
        if error.findings:
            raise typer.Exit(1) from None
        raise output.fail(str(error)) from None
    asked = ", ".join(f"{key}={str(value).lower()}" for key, value in given.items() if key != "cell")
    output.show(view(solution, asked), output_format, output_file, color, [file or "", match or "", *(bind or ())])
    models.leave(1 if solution.verdict == "none" else 0)


def _family(
    imported: Imported | None,
    wanted: str | None,
    given: Mapping[str, Any],
    framework: str,
    dims: Mapping[str, Any],
) -> Family:
    if imported is not None:
        if given:
            raise output.fail(f"--{next(iter(given)).replace('_', '-')}: is for a layer without a file")
        if not wanted:
            raise output.fail("--for: expected the symbol to solve for, as --for H")
        if wanted in dims:
            raise output.fail(f"--set {wanted}: is the symbol to solve for")
        return model(imported.document, wanted, framework=framework, dims=models.not_taken(dims, imported))
    if wanted:
        raise output.fail("--for: needs a FILE; without a file, units is the unknown")
    if "input_dim" not in given:
        raise output.fail("--input-dim: expected the features per timestep, as --input-dim 8")
    try:
        return layer(framework=framework or "keras", **given)
    except LayerSettingsError as error:
        for finding in error.findings[:-1]:
            output.fail(layer_options.about_option(finding))
        raise output.fail(layer_options.about_option(error.findings[-1])) from None
