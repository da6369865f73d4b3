"""Every option that more than one command has, declared once."""

from enum import StrEnum
from typing import Annotated, Optional

import typer

Format = StrEnum("Format", ["text", "json", "markdown", "csv"])
CheckFormat = StrEnum("CheckFormat", ["text", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown"])
FailOn = StrEnum("FailOn", ["error", "warning", "note"])
Color = StrEnum("Color", ["auto", "always", "never"])
FrameworkName = StrEnum("FrameworkName", ["keras", "torch"])
"""The frameworks that have a file in frameworks/; a test holds the two together, since loading those takes time."""

Files = Annotated[
    list[str],
    typer.Argument(metavar="FILE...", help="Model specs in YAML or JSON; - is standard input.", show_default=False),
]
OutputFormat = Annotated[Format, typer.Option("--output-format", help="The form of the output.")]
OutputFile = Annotated[
    str,
    typer.Option(
        "--output-file",
        "-o",
        metavar="FILE",
        help="Write there, whole or not at all, instead of to standard output.",
        show_default=False,
    ),
]
Framework = Annotated[
    Optional[FrameworkName],
    typer.Option("--framework", help="Whose rules count, whatever the file says.", show_default=False),
]
Set = Annotated[
    Optional[list[str]],
    typer.Option("--set", metavar="NAME=SIZE", help="Give a symbol a value; can be repeated.", show_default=False),
]
ColorWhen = Annotated[Color, typer.Option("--color", help="Colour the text.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print findings only.")]
StdinFilename = Annotated[
    str,
    typer.Option(
        "--stdin-filename", metavar="NAME", help="What standard input is called in messages.", show_default=False
    ),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The seed of the random data.")]
MaxMacs = Annotated[
    Optional[int],
    typer.Option(
        "--max-macs",
        min=0,
        metavar="N",
        help="Run models of up to this many multiply-accumulates (default 2,000,000,000).",
        show_default=False,
    ),
]
MaxElements = Annotated[
    Optional[int],
    typer.Option(
        "--max-elements",
        min=0,
        metavar="N",
        help="Run models that hold up to this many numbers (default 20,000,000).",
        show_default=False,
    ),
]
