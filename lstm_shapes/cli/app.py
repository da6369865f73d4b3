"""The command line: commands are loaded when they are called, and the program ends without a traceback."""

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
    "inspect": "Print each layer's output shape, parameters and their formula.",
    "params": "Count the parameters of a recurrent layer step by step, without a file.",
    "check": "Check model files in CI: each finding with line, rule and fix.",
    "explain": "Explain a model layer by layer with pictures, or a topic such as units with experiments.",
    "rules": "List the rules of check, or print a rule's page with an example and its correction.",
    "verify": "Confirm the predictions by running the model in NumPy.",
    "solve": "Find the largest size within a budget, or the size that matches another model.",
    "sweep": "Tabulate or plot parameters and multiply-accumulates over many sizes.",
    "schema": "Print the JSON Schema of the spec file, for editors.",
}
"""A command and its description in the help; the module of the same name has the function of the same name."""


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
    """Run the command; 0 all well, 1 findings, 2 wrong usage, 130 interrupted (by typer). A closed pipe is quiet."""
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
