"""The options that describe a recurrent layer without a file."""

from enum import StrEnum
from typing import Annotated, Any, Optional

import typer

from lstm_shapes.analysis.params import CELLS, MERGES
from lstm_shapes.cli.options import typed_size
from lstm_shapes.findings.finding import Finding

CellName = StrEnum("CellName", CELLS)  # type: ignore[misc]  # mypy wants a literal
MergeName = StrEnum("MergeName", MERGES)  # type: ignore[misc]
LAYER = "Layer"
"""The group of these options in the help of a command."""


def _size(*names: str, help: str, metavar: str = "SIZE") -> Any:
    return typer.Option(
        *names, parser=typed_size, metavar=metavar, help=help, show_default=False, rich_help_panel=LAYER
    )


def _option(*names: str, help: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, show_default=False, rich_help_panel=LAYER, **more)


Units = Annotated[Any, _size("--units", "--hidden-size", help="The width of the hidden state.")]
InputDim = Annotated[Any, _size("--input-dim", "--input-size", help="Features per timestep.")]
AnyUnits = Annotated[Any, _size("--units", "--hidden-size", help="The layer's width; default: the symbol units.")]
AnyInputDim = Annotated[Any, _size("--input-dim", "--input-size", help="Features; default: the symbol input_dim.")]
NumLayers = Annotated[Any, _size("--num-layers", metavar="N", help="The number of stacked layers; default: 1.")]
ProjSize = Annotated[Any, _size("--proj-size", help="Project the hidden state (lstm).")]
Batch = Annotated[Any, _size("--batch", help="Examples in a batch; default: B.")]
Timesteps = Annotated[Any, _size("--timesteps", help="Timesteps of a sequence; default: T.")]
Cell = Annotated[Optional[CellName], _option("--cell", case_sensitive=False, help="The kind of layer; default: lstm.")]
Bidirectional = Annotated[bool, _option("--bidirectional", help="Read the sequence in both directions.")]
Merge = Annotated[
    Optional[MergeName], _option("--merge", case_sensitive=False, help="How the two directions are merged.")
]
Peephole = Annotated[bool, _option("--peephole", help="Let the gates see the cell state (lstm).")]
Bias = Annotated[bool, _option("--bias/--no-bias", help="Add biases; default: yes.")]
ResetAfter = Annotated[
    Optional[bool], _option("--reset-after/--no-reset-after", help="Where the reset gate acts (gru).")
]


def about_option(finding: Finding) -> str:
    """A finding about a field, as a message about the option of that name: ``units: ...`` becomes ``--units: ...``."""
    rest = finding.message.removeprefix(f"{finding.field}: ")
    named = rest != finding.message
    message = f"--{finding.field.replace('_', '-')}: {rest}" if named else finding.message
    return f"{message}; {finding.hint}" if finding.hint else message
