"""The options that several commands share."""

from enum import StrEnum
from typing import Annotated, Optional

import typer

from lstm_shapes.frameworks import NAMES

Format = StrEnum("Format", ["text", "json", "markdown", "csv"])
CheckFormat = StrEnum("CheckFormat", ["text", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown"])
FailOn = StrEnum("FailOn", ["error", "warning", "note"])
Color = StrEnum("Color", ["auto", "always", "never"])
FrameworkName = StrEnum("FrameworkName", NAMES)  # type: ignore[misc]  # mypy wants a literal


def not_empty(context: typer.Context, parameter: typer.CallbackParam, value: str | None) -> str | None:
    """Refuse an empty value: mostly a variable of the shell that is not set. The default is not looked at."""
    source = context.get_parameter_source(parameter.name or "")
    if value == "" and source is not None and source.name == "COMMANDLINE":
        raise typer.BadParameter(f"expected {parameter.metavar}, got ''", context, parameter)
    return value


INPUT, OUTPUT, LIMITS = "Input", "Output", "Limits"
"""The groups of these options in the help of a command."""

Files = Annotated[
    list[str],
    typer.Argument(metavar="FILE...", help="Model specs in YAML or JSON; - is standard input.", show_default=False),
]
OutputFormat = Annotated[
    Format, typer.Option("--output-format", help="The format of the output.", rich_help_panel=OUTPUT)
]
OutputFile = Annotated[
    str,
    typer.Option(
        "--output-file",
        "-o",
        metavar="FILE",
        callback=not_empty,
        help="Write to this file instead of standard output; a failed run leaves it unchanged.",
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]
Framework = Annotated[
    Optional[FrameworkName],
    typer.Option(
        "--framework",
        case_sensitive=False,
        help="Count as this framework does; overrides the file.",
        show_default=False,
        rich_help_panel=INPUT,
    ),
]
Set = Annotated[
    Optional[list[str]],
    typer.Option(
        "--set",
        metavar="NAME=SIZE",
        help="Give a symbol a value; can be repeated.",
        show_default=False,
        rich_help_panel=INPUT,
    ),
]
ColorWhen = Annotated[Color, typer.Option("--color", help="When to color the text.", rich_help_panel=OUTPUT)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print findings only.", rich_help_panel=OUTPUT)]
StdinFilename = Annotated[
    str,
    typer.Option(
        "--stdin-filename",
        metavar="NAME",
        help="The name of standard input in messages.",
        show_default=False,
        rich_help_panel=INPUT,
    ),
]
Seed = Annotated[int, typer.Option("--seed", min=0, metavar="N", help="The seed of the random data.")]
MaxMacs = Annotated[
    Optional[int],
    typer.Option(
        "--max-macs",
        min=0,
        metavar="N",
        help="Run models of up to this many multiply-accumulates (default 2,000,000,000).",
        show_default=False,
        rich_help_panel=LIMITS,
    ),
]
MaxElements = Annotated[
    Optional[int],
    typer.Option(
        "--max-elements",
        min=0,
        metavar="N",
        help="Run models that keep up to this many numbers in memory (default 20,000,000).",
        show_default=False,
        rich_help_panel=LIMITS,
    ),
]
MaxSteps = Annotated[
    Optional[int],
    typer.Option(
        "--max-steps",
        min=0,
        metavar="N",
        help="Run models whose cells compute up to this many timesteps in all runs (default 100,000).",
        show_default=False,
    ),
]
