"""The command line as a whole: its commands, found by name and loaded when called; ends that are not tracebacks."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from lstm_shapes import __version__
from lstm_shapes.formats.without_gc import without_gc

COMMANDS = {
    "inspect": "Each layer's output shape, parameters and their formula.",
    "params": "One recurrent layer, no file: parameters worked through, every tensor.",
    "check": "The CI check: findings with place, rule and fix.",
    "explain": "Why: a model layer by layer, with pictures; or a topic such as units, with experiments.",
    "rules": "What check can report: each rule's page, with an example and what to write instead.",
    "verify": "The predictions confirmed by running the model in NumPy.",
    "solve": "The way back: the largest size that keeps a budget, or matches another model.",
    "sweep": "Parameters and multiply-accumulates over many sizes: a table or a plot.",
    "schema": "The JSON Schema of the spec, for editors.",
}
"""A command and its line in the help; the module of the same name has the function of the same name."""


class Lazy(TyperGroup):
    """A group that imports a command's module when the command is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"lstm_shapes.cli.{cmd_name}")
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(cmd_name)(getattr(module, cmd_name))
        return typer.main.get_command(single)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    name="lstm-shapes",
    cls=Lazy,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"lstm-shapes {__version__}")
        raise typer.Exit


@app.callback()
def lstm_shapes(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Shapes, weights, parameter counts and cost of recurrent networks, without a framework."""


def run() -> None:
    """Run the command; 0 all well, 1 findings, 2 wrong usage, 130 interrupted. A closed pipe is quiet."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # the shell closed it
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 - open for as long as the process
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        with without_gc():
            app(prog_name="lstm-shapes")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(141)
    except KeyboardInterrupt:
        sys.exit(130)
