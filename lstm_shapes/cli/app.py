"""The command line: commands are loaded when they are called, and the program ends without a traceback."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer._click.exceptions import ClickException  # until 0.28 typer has no public name for it
from typer.core import TyperGroup

from lstm_shapes import __version__
from lstm_shapes.cli import usage
from lstm_shapes.cli.help_lines import Lines
from lstm_shapes.cli.output import close_quietly, fail, write
from lstm_shapes.formats.without_gc import without_gc


class Described(NamedTuple):
    """A command in the help: what it does, and how it is typed."""

    summary: str
    example: str


COMMANDS = {
    "inspect": Described(
        "Print each layer's output shape, parameters and their formula.",
        "lstm-shapes inspect model.yaml --weights",
    ),
    "params": Described(
        "Count the parameters of a recurrent layer step by step, without a file.",
        "lstm-shapes params --units 32 --input-dim 8 --framework torch",
    ),
    "check": Described(
        "Check model files in CI: each finding with line, rule and fix.",
        "lstm-shapes check models/ --output-format github",
    ),
    "explain": Described(
        "Explain a model layer by layer with pictures, or a topic such as units with experiments.",
        "lstm-shapes explain return_sequences --show",
    ),
    "rules": Described(
        "List the rules of check, or print a rule's page with an example and its correction.",
        "lstm-shapes rules last-step-only",
    ),
    "verify": Described(
        "Confirm the predictions by running the model in NumPy.",
        "lstm-shapes verify model.yaml --framework torch",
    ),
    "solve": Described(
        "Find the largest size within a budget, or the size that matches another model.",
        "lstm-shapes solve model.yaml --for H --params 50k --multiple-of 8",
    ),
    "sweep": Described(
        "Tabulate or plot parameters and multiply-accumulates over many sizes.",
        "lstm-shapes sweep model.yaml --set H=16,32,64 --set T=10..100:10",
    ),
    "layout": Described(
        "Show how a layer's tensors become another framework's, and the NumPy function that does it.",
        "lstm-shapes layout lstm --from torch --to keras --output-format python",
    ),
    "convert": Described(
        "Write a model file of any kind as a spec, or as a diagram.",
        "lstm-shapes convert model.yaml --to json -o model.json",
    ),
    "schema": Described(
        "Print the JSON Schema of the spec file, for editors.",
        "lstm-shapes schema -o lstm-shapes.schema.json",
    ),
}
"""A command and its description; the module of the same name has the function of the same name."""


class Lazy(TyperGroup):
    """A group that imports a command's module when the command is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            raise fail(usage.unknown_command(cmd_name, COMMANDS))
        module = import_module(f"lstm_shapes.cli.{cmd_name}")
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(cmd_name, cls=usage.Command, epilog=COMMANDS[cmd_name].example)(getattr(module, cmd_name))
        return typer.main.get_command(single)

    def get_help(self, ctx: Any) -> str:
        ctx.formatter_class = Lines
        return super().get_help(ctx)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, described.summary) for name, described in COMMANDS.items()])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """The commands by their summaries, without loading them, and the options."""
        from typer._click.core import Command
        from typer._click.shell_completion import CompletionItem

        names = [name for name in COMMANDS if name.startswith(incomplete)]
        items = [CompletionItem(name, help=COMMANDS[name].summary) for name in names]
        return [*items, *Command.shell_complete(self, ctx, incomplete)]


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
        write(f"lstm-shapes {__version__}\n", "", ())
        raise typer.Exit


def _show_completion(ctx: typer.Context, param: typer.CallbackParam, wanted: bool) -> None:
    if wanted:
        from typer import completion

        completion.show_callback(ctx, param, wanted)


def _install_completion(ctx: typer.Context, param: typer.CallbackParam, wanted: bool) -> None:
    if wanted:
        from typer import completion

        completion.install_callback(ctx, param, wanted)


@app.callback(invoke_without_command=True)
def lstm_shapes(
    ctx: typer.Context,
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
    install_completion: bool = typer.Option(
        False, "--install-completion", callback=_install_completion, help="Install the completion of this shell."
    ),
    show_completion: bool = typer.Option(
        False, "--show-completion", callback=_show_completion, help="Print the completion of this shell."
    ),
) -> None:
    """Shapes, weights, parameter counts and cost of recurrent networks, without a framework."""
    if ctx.invoked_subcommand is None:
        usage.print_help(ctx)


def run() -> None:
    """Run the command; 0 all well, 1 findings, 2 wrong usage, 130 interrupted (by typer). A closed pipe is quiet."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # the shell closed it
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 - open for as long as the process
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        if "_LSTM_SHAPES_COMPLETE" in os.environ:
            from typer._completion_classes import completion_init

            completion_init()
        with without_gc():
            status = _status()
        sys.stdout.flush()
        sys.exit(status)
    except BrokenPipeError:  # of the flush: what typer prints, as a completion, may still be buffered
        close_quietly()
        sys.exit(141)


def _status() -> int:
    """Run the command; its exit code."""
    try:
        return app(prog_name="lstm-shapes", standalone_mode=False) or 0
    except ClickException as error:
        return fail(usage.message(error)).exit_code
