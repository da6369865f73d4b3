"""Where text goes: standard output as the terminal can take it, or a file, whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress

import typer

from lstm_shapes.cli.options import Color
from lstm_shapes.render.page import Page


def fail(message: str) -> typer.Exit:
    """Wrong usage: a line on standard error, exit code 2."""
    from lstm_shapes.render.escape import terminal

    print(f"error: {terminal(message)}", file=sys.stderr)
    return typer.Exit(2)


def text(page: Page, output_file: str, color: Color) -> str:
    """A page for a person: by rich on a terminal or when colour is forced, else plain and complete."""
    colored = color == Color.always or (color == Color.auto and not output_file and wants_color())
    if colored or (not output_file and sys.stdout.isatty()):
        from shutil import get_terminal_size

        from lstm_shapes.render import text as form

        return form.render(page, width=get_terminal_size().columns, color=colored)
    from lstm_shapes.render import plain

    return plain.render(page)


def colored(plain: str, output_file: str, color: Color) -> str:
    """Findings for a person: in colour where text would be."""
    if color == Color.always or (color == Color.auto and not output_file and wants_color()):
        from lstm_shapes.render import text as form

        return form.findings(plain)
    return plain


def wants_color() -> bool:
    """As no-color.org and force-color.org say: NO_COLOR first, then FORCE_COLOR, then whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def write(content: str | Iterable[str], output_file: str, inputs: list[str]) -> None:
    """Print, or replace ``output_file``, never an input. Raises ``typer.Exit(2)`` when it cannot be written."""
    parts = (content,) if isinstance(content, str) else content
    if not output_file or output_file == "-":
        _print(parts)
        return
    for path in inputs:
        with suppress(OSError, ValueError):
            if os.path.samefile(path, output_file):
                raise fail(f"{output_file}: is an input; write the output elsewhere")
    try:
        _replace(output_file, (part.encode("utf-8", "backslashreplace") for part in parts))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise fail(f"{output_file}: cannot be written: {reason[:1].lower()}{reason[1:]}") from None


def _print(parts: Iterable[str]) -> None:
    try:
        for part in parts:
            sys.stdout.write(part)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise fail(f"standard output: cannot be written: {str(error.strerror).lower()}") from None


def _replace(path: str, parts: Iterable[bytes]) -> None:
    """Written beside and renamed; a device or a pipe is written to."""
    with suppress(FileNotFoundError):
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise OSError(0, "is a directory")
        if not stat.S_ISREG(mode):
            with open(path, "wb", buffering=0) as device:
                for part in parts:
                    device.write(part)
            return
    import tempfile

    target = os.path.realpath(path)
    handle, beside = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".lstm-shapes-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
            os.fchmod(file.fileno(), _mode(target))
        os.replace(beside, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise


def _mode(path: str) -> int:
    """The permissions that the file has, or that a new one would get."""
    with suppress(OSError):
        return stat.S_IMODE(os.stat(path).st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
