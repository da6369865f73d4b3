"""The command ``params``."""

from typing import Annotated, Any

import typer

from lstm_shapes.analysis.params import LayerSettingsError
from lstm_shapes.analysis.params import params as answer
from lstm_shapes.cli import layer_options, options, output
from lstm_shapes.cli.options import Color, Format
from lstm_shapes.views.params import view

ReturnSequences = Annotated[
    bool,
    typer.Option("--return-sequences", help="Return every timestep.", rich_help_panel=layer_options.LAYER),
]


def params(
    units: layer_options.Units,
    input_dim: layer_options.InputDim,
    cell: layer_options.Cell = None,
    bidirectional: layer_options.Bidirectional = False,
    merge: layer_options.Merge = None,
    num_layers: layer_options.NumLayers = "1",
    proj_size: layer_options.ProjSize = None,
    peephole: layer_options.Peephole = False,
    bias: layer_options.Bias = True,
    reset_after: layer_options.ResetAfter = None,
    batch: layer_options.Batch = "B",
    timesteps: layer_options.Timesteps = "T",
    return_sequences: ReturnSequences = False,
    framework: options.FrameworkOrAll = None,
    output_format: options.OutputFormat = Format.text,
    output_file: options.OutputFile = "",
    color: options.ColorWhen = Color.auto,
) -> None:
    """Work out the parameters of one recurrent layer: formula, every tensor, the split by gate, the output's shape.

    Every size can be an integer, a symbol or an expression: --units H gives formulas in H.
    """
    asked: dict[str, Any] = {
        "bidirectional": bidirectional or None,
        "merge": merge and str(merge),
        "proj_size": proj_size,
        "peephole": peephole or None,
        "bias": None if bias else False,
        "reset_after": reset_after,
        "return_sequences": return_sequences or None,
    }
    sizes = {"units": units, "input_dim": input_dim, "batch": batch, "timesteps": timesteps, "num_layers": num_layers}
    try:
        if options.means_all(framework):
            from lstm_shapes.analysis.side_by_side import params_in_all
            from lstm_shapes.views import side_by_side

            shown = side_by_side.layer(params_in_all(cell=str(cell or "lstm"), **sizes, **asked))
        else:
            shown = view(answer(cell=str(cell or "lstm"), framework=str(framework or "keras"), **sizes, **asked))
    except LayerSettingsError as error:
        for finding in error.findings[:-1]:
            output.fail(layer_options.about_option(finding))
        raise output.fail(layer_options.about_option(error.findings[-1])) from None
    output.show(shown, output_format, output_file, color)
