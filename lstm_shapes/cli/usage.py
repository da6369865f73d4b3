"""Wrong usage in one voice, with the nearest name; help with groups of options and an example."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, NoReturn

import typer
from typer._click.exceptions import (
    BadOptionUsage,
    BadParameter,
    ClickException,
    MissingParameter,
    NoSuchOption,
    UsageError,
)
from typer.core import TyperArgument, TyperCommand, TyperOption

from lstm_shapes.cli.help_lines import Lines
from lstm_shapes.findings.spelling import nearest

FIRST = ("Arguments", "Options")
"""The groups that stand first in a help; the others follow in the order of their names."""


class Command(TyperCommand):
    """A command whose help has the groups that its options declare (``rich_help_panel``), and an example."""

    def get_help(self, ctx: Any) -> str:
        ctx.formatter_class = Lines
        return super().get_help(ctx)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record:
                groups.setdefault(_group(param), []).append(record)
        for title in sorted(groups, key=lambda title: (title not in FIRST, title)):
            with formatter.section(title):
                formatter.write_dl(groups[title])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Example"):
            formatter.write_command(self.epilog)


def _group(param: Any) -> str:
    if isinstance(param, TyperArgument):
        return "Arguments"
    panel = param.rich_help_panel if isinstance(param, TyperOption) else ""
    return panel or "Options"


def message(error: ClickException) -> str:
    """Wrong usage as a line: what is wrong, then the nearest name, or where the help is.

    >>> message(NoSuchOption("--wieghts"))
    'no such option: --wieghts'
    """
    if isinstance(error, BadOptionUsage):
        return f"{error.option_name}: expected a value"
    if not isinstance(error, UsageError) or error.ctx is None:
        return _in_our_voice(error.format_message())
    hint = f"see `{error.ctx.command_path} --help`"
    match error:
        case NoSuchOption():
            options = [option for param in error.ctx.command.get_params(error.ctx) for option in param.opts]
            close = nearest(error.option_name, options)
            return f"no such option: {error.option_name[:80]}; {f'did you mean {close}?' if close else hint}"
        case MissingParameter() if error.param:
            option = error.param.param_type_name == "option"
            return f"{error.ctx.info_name}: expected {error.param.opts[0] if option else error.param.metavar}; {hint}"
        case BadParameter() if error.param:
            return f"{error.param.opts[0]}: {_in_our_voice(error.message)}"
    return f"{error.ctx.info_name}: {_in_our_voice(error.message)}; {hint}"


def unknown_command(name: str, commands: Iterable[str]) -> str:
    """That there is no such command, with the nearest, or else all of them."""
    close = nearest(name, list(commands))
    hint = f"did you mean {close}?" if close else f"the commands are {', '.join(commands)}"
    return f"no such command: {name[:80]}; {hint}"


def _in_our_voice(text: str) -> str:
    return (text[:1].lower() + text[1:]).removesuffix(".")


def print_help(ctx: typer.Context) -> NoReturn:
    """What the command is for, on standard error, and exit code 2: nothing was asked, and nothing was answered."""
    print(ctx.get_help(), file=sys.stderr)
    raise typer.Exit(2)
