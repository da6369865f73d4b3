"""The options that several commands share, and the sizes and numbers that are typed."""

import re
from enum import StrEnum
from typing import Annotated, Optional

import typer

from lstm_shapes.frameworks import NAMES

Format = StrEnum("Format", ["text", "json", "markdown", "csv"])
Color = StrEnum("Color", ["auto", "always", "never"])
FrameworkName = StrEnum("FrameworkName", NAMES)  # type: ignore[misc]  # mypy wants a literal


FrameworkOrAllName = StrEnum("FrameworkOrAllName", [*NAMES, "all"])  # type: ignore[misc]


def means_all(name: str | None) -> bool:
    """Whether the option asks for every framework."""
    return name == "all"


def not_empty(context: typer.Context, parameter: typer.CallbackParam, value: str | None) -> str | None:
    """Refuse an empty value: mostly a variable of the shell that is not set. The default is not looked at."""
    source = context.get_parameter_source(parameter.name or "")
    if value == "" and source is not None and source.name == "COMMANDLINE":
        raise typer.BadParameter(f"expected {parameter.metavar}, got ''", context, parameter)
    return value


MAX_DIGITS = 30


def whole(text: str) -> int | None:
    """An exact integer as people type it: ``50000``, ``50_000``, ``1e6``, ``2.5e6``, ``50k``, ``2M``; None otherwise.

    >>> whole("50k"), whole("2.5M"), whole("1.5"), whole("2*H")
    (50000, 2500000, None, None)
    """
    match = re.fullmatch(r"(\d[\d_]*)(?:\.(\d+))?(?:[eE]\+?(\d{1,2})|([kKMGT]))?", text.strip(), re.ASCII)
    if not match:
        return None
    digits, fraction = match[1].replace("_", ""), (match[2] or "").rstrip("0")
    power = 3 * "kMGT".index(match[4].replace("K", "k")) + 3 if match[4] else int(match[3] or 0)
    zeros = power - len(fraction)
    return int(digits + fraction + "0" * zeros) if zeros >= 0 and len(digits) + power <= MAX_DIGITS else None


def amount(text: str) -> int:
    """The number of an option such as ``--params``, where commas may separate thousands."""
    number = whole(text.replace(",", "") if re.fullmatch(r"\s*\d{1,3}(,\d{3})+\s*", text, re.ASCII) else text)
    if number is None:
        limit = f"a whole number of at most {MAX_DIGITS} digits"
        raise typer.BadParameter(f"expected {limit}, as 50000, 50k or 2M, got {text[:80]}")
    return number


def typed_size(text: str) -> int | str:
    """The number that is typed for a size, or the symbol or expression as it stands. Several sizes are for sweep."""
    if ".." in text or re.fullmatch(r"[\s\w.:]*(,[\s\w.:]*)+", text, re.ASCII):
        raise typer.BadParameter(f"expected one value, got {text[:80]}; for several sizes use `lstm-shapes sweep`")
    number = whole(text.strip().removeprefix("-"))
    return text.strip() if number is None else -number if text.strip().startswith("-") else number


INPUT, OUTPUT, LIMITS = "Input", "Output", "Limits"
"""The groups of these options in the help of a command."""

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        help="Specs, or files of Keras, PyTorch, ONNX, Python; - is standard input.",
        show_default=False,
    ),
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
FrameworkOrAll = Annotated[
    Optional[FrameworkOrAllName],
    typer.Option(
        "--framework",
        case_sensitive=False,
        help="Count as this framework does; overrides the file. all: every framework, side by side.",
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
Bind = Annotated[
    Optional[list[str]],
    typer.Option(
        "--bind",
        metavar="FILE",
        help="Give names in a script the values of a YAML or JSON mapping; can be repeated.",
        show_default=False,
        rich_help_panel=INPUT,
    ),
]
Assume = Annotated[
    Optional[list[str]],
    typer.Option(
        "--assume",
        metavar="CLASS=output:[...],params:N",
        help="Declare what the unknown layers of a class pass on and have; can be repeated.",
        show_default=False,
        rich_help_panel=INPUT,
    ),
]
Model = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="NAME",
        callback=not_empty,
        help="The model of this name, where a file has several.",
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
Against = Annotated[
    Optional[list[str]],
    typer.Option(
        "--against",
        metavar="NAME",
        help="Run the same weights in keras, torch, onnx, flax or flax-linen too, where installed; or all. Repeatable.",
        show_default=False,
    ),
]
MaxMacs = Annotated[
    Optional[int],
    typer.Option(
        "--max-macs",
        parser=amount,
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
        parser=amount,
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
        parser=amount,
        metavar="N",
        help="Run models whose cells compute up to this many timesteps in all runs (default 100,000).",
        show_default=False,
    ),
]
