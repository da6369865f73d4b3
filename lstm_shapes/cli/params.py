"""The command ``params``."""

from enum import StrEnum
from typing import Annotated, Any, Optional

import typer

from lstm_shapes.analysis.params import LayerSettingsError
from lstm_shapes.analysis.params import params as answer
from lstm_shapes.cli import options, output
from lstm_shapes.cli.one_layer import said, sized
from lstm_shapes.cli.options import Color, Format
from lstm_shapes.views.params import view

Cell = StrEnum("Cell", ["lstm", "gru", "rnn"])
Merge = StrEnum("Merge", ["concat", "sum", "mul", "ave", "none"])
SIZE = "SIZE"


def params(
    units: Annotated[
        str, typer.Option("--units", metavar=SIZE, help="The width of the hidden state.", show_default=False)
    ],
    input_dim: Annotated[
        str, typer.Option("--input-dim", metavar=SIZE, help="Features per timestep.", show_default=False)
    ],
    cell: Annotated[Cell, typer.Option("--cell", help="The kind of layer.")] = Cell.lstm,
    bidirectional: Annotated[
        bool, typer.Option("--bidirectional", help="Read the sequence in both directions.")
    ] = False,
    merge: Annotated[
        Optional[Merge], typer.Option("--merge", help="How the two directions are merged.", show_default=False)
    ] = None,
    num_layers: Annotated[str, typer.Option("--num-layers", metavar="N", help="The number of stacked layers.")] = "1",
    proj_size: Annotated[
        Optional[str],
        typer.Option("--proj-size", metavar=SIZE, help="Project the hidden state (lstm).", show_default=False),
    ] = None,
    peephole: Annotated[bool, typer.Option("--peephole", help="Let the gates see the cell state (lstm).")] = False,
    bias: Annotated[bool, typer.Option("--bias/--no-bias", help="Add biases.")] = True,
    reset_after: Annotated[
        Optional[bool],
        typer.Option("--reset-after/--no-reset-after", help="Where the reset gate acts (gru).", show_default=False),
    ] = None,
    batch: Annotated[str, typer.Option("--batch", metavar=SIZE, help="Examples in a batch.")] = "B",
    timesteps: Annotated[str, typer.Option("--timesteps", metavar=SIZE, help="Timesteps of a sequence.")] = "T",
    return_sequences: Annotated[bool, typer.Option("--return-sequences", help="Return every timestep.")] = False,
    framework: options.Framework = None,
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
        "proj_size": None if proj_size is None else sized(proj_size),
        "peephole": peephole or None,
        "bias": None if bias else False,
        "reset_after": reset_after,
        "return_sequences": return_sequences or None,
    }
    sizes = {"units": units, "input_dim": input_dim, "batch": batch, "timesteps": timesteps, "num_layers": num_layers}
    read: dict[str, Any] = {name: sized(text) for name, text in sizes.items()}
    try:
        layer = answer(cell=str(cell), framework=str(framework or "keras"), **read, **asked)
    except LayerSettingsError as error:
        for finding in error.findings[:-1]:
            output.fail(said(finding))
        raise output.fail(said(error.findings[-1])) from None
    output.show(view(layer), output_format, output_file, color)
