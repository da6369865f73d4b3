"""The command ``layout``."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from lstm_shapes.cli import layer_options, models, options, output
from lstm_shapes.cli.options import Color

LayoutFormat = StrEnum("LayoutFormat", ["text", "json", "markdown", "csv", "python"])
Type = Annotated[
    str,
    typer.Argument(metavar="TYPE", help="The layer: lstm, gru, rnn, dense, conv2d ...", show_default=False),
]
From = Annotated[
    options.FrameworkName,
    typer.Option("--from", case_sensitive=False, help="The framework whose weights are given.", show_default=False),
]
To = Annotated[
    options.FrameworkName,
    typer.Option("--to", case_sensitive=False, help="The framework that takes them.", show_default=False),
]
Form = Annotated[
    LayoutFormat,
    typer.Option("--output-format", help="The format of the output; python is the function that converts arrays."),
]


def layout(
    type_: Type,
    source: From,
    target: To,
    units: layer_options.AnyUnits = None,
    input_dim: layer_options.AnyInputDim = None,
    bidirectional: layer_options.Bidirectional = False,
    num_layers: layer_options.NumLayers = "1",
    proj_size: layer_options.ProjSize = None,
    peephole: layer_options.Peephole = False,
    bias: layer_options.Bias = True,
    reset_after: layer_options.ResetAfter = None,
    set_: options.Set = None,
    output_format: Form = LayoutFormat.text,
    output_file: options.OutputFile = "",
    color: options.ColorWhen = Color.auto,
) -> None:
    """Show how each tensor of a layer in one framework becomes those of another.

    A size that is not given is a symbol: filters and kernel_size of conv2d take numbers by --set. The function of
    --output-format python converts real arrays; it needs only NumPy. Exit code: 0 success, 2 wrong usage, or where no
    weights of the other framework compute the same.
    """
    from lstm_shapes.analysis.layout.layer_pair import NoConversion
    from lstm_shapes.analysis.layout.layout import layout as answer
    from lstm_shapes.analysis.params import LayerSettingsError
    from lstm_shapes.views.layout import view

    asked: dict[str, Any] = {
        "units": units,
        "input_dim": input_dim,
        "bidirectional": bidirectional or None,
        "num_layers": None if num_layers == 1 else num_layers,
        "proj_size": proj_size,
        "peephole": peephole or None,
        "bias": None if bias else False,
        "reset_after": reset_after,
    }
    try:
        made = answer(type_, source=str(source), target=str(target), dims=models.sizes(set_), **asked)
    except LayerSettingsError as error:
        for finding in error.findings[:-1]:
            output.fail(layer_options.about_option(finding))
        raise output.fail(layer_options.about_option(error.findings[-1])) from None
    except NoConversion as error:
        raise output.fail(f"--{str(error).replace('_', '-', 1)}" if error.field else str(error)) from None
    output.show(view(made), output_format, output_file, color)
