"""Writes any view in any format: to standard output as the terminal can take it, or to a file, all or nothing."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TextIO

import typer

from lstm_shapes.cli.options import Color
from lstm_shapes.render.page import Page
from lstm_shapes.render.styled import Styled
from lstm_shapes.render.view import Chunks, Content, Data, Fitted, Rows, Series, View


def fail(message: str) -> typer.Exit:
    """Report wrong usage: a line on standard error, and exit code 2."""
    tell(f"error: {message}")
    return typer.Exit(2)


def tell(message: str | Styled) -> None:
    """Print a message on standard error, in lines of its width where that is a terminal."""
    from lstm_shapes.render.escape import terminal
    from lstm_shapes.render.wrapping import wrapped

    width = columns(sys.stderr)
    if isinstance(message, str):
        print("\n".join(wrapped(message, width, hanging=2)) if width else terminal(message), file=sys.stderr)
    else:
        sys.stderr.write(message.unstyled(width))


def columns(stream: TextIO) -> int | None:
    """The width of a terminal; None where the stream is a pipe or a file, whose lines are as long as they are."""
    if not stream.isatty():
        return None
    with suppress(ValueError):
        if (told := int(os.environ.get("COLUMNS", ""))) > 0:
            return told
    with suppress(OSError, ValueError):
        return os.get_terminal_size(stream.fileno()).columns or FALLBACK
    return FALLBACK


FALLBACK = 80
"""The width where a terminal does not tell its own, or where pages for a terminal go to a file."""


def show(
    view: View, form: str, output_file: str, color: Color = Color.auto, inputs: Sequence[str] = (), *, option: str = ""
) -> None:
    """Write a view in a format to standard output or a file. Exits with 2 when the view does not have the format."""
    if form not in view:
        raise fail(f"{option or '--output-format'}: expected {', '.join(view)}, got {form}")
    write(_rendered(view[form](), form, output_file, color), output_file, inputs)


def _rendered(content: Content, form: str, output_file: str, color: Color) -> str | Iterable[str]:
    match content:
        case str():
            return content
        case Chunks(parts):
            return parts
        case Fitted(layout):
            return layout(None if output_file else columns(sys.stdout))
        case Styled():
            return _styled(content, output_file, color)
        case Data(value):
            from lstm_shapes.render import json

            return json.written(value)
        case Rows(headers, rows):
            from lstm_shapes.render import csv

            return csv.render(headers, rows)
        case Series(contents):
            texts = ("".join(_rendered(part, form, output_file, color)) for part in contents)
            return "\n".join(filter(None, texts))
    if form == "markdown":
        from lstm_shapes.render import markdown

        return "\n".join(markdown.render(page) for page in content)
    return "\n".join(_page(page, output_file, color) for page in content)


def _page(page: Page, output_file: str, color: Color) -> str:
    """A page for a person: laid out by rich on a terminal or when color is forced, otherwise plain and never cut."""
    colored = _colored(output_file, color)
    width = None if output_file else columns(sys.stdout)
    if colored or width:
        from lstm_shapes.render import text

        return text.render(page, width=width or _forced_width(), color=colored)
    from lstm_shapes.render import plain

    return plain.render(page)


def _forced_width() -> int:
    """The width of a page whose color is forced where there is no terminal."""
    from shutil import get_terminal_size

    return get_terminal_size((FALLBACK, 24)).columns


def _styled(content: Styled, output_file: str, color: Color) -> str:
    width = None if output_file else columns(sys.stdout)
    if _colored(output_file, color):
        from lstm_shapes.render import text

        return text.styled(content, width=width)
    return content.unstyled(width)


def _colored(output_file: str, color: Color) -> bool:
    return color == Color.always or (color == Color.auto and not output_file and wants_color())


def wants_color() -> bool:
    """Follow no-color.org and force-color.org: NO_COLOR first, then FORCE_COLOR, then whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def write(content: str | Iterable[str], output_file: str, inputs: Sequence[str]) -> None:
    """Print, or replace ``output_file`` unless it was read. Raises ``typer.Exit(2)`` when it cannot be written.

    ``inputs`` are the files that were read; ``-`` is standard input, and the file that it comes from.
    """
    parts = (content,) if isinstance(content, str) else content
    if not output_file or output_file == "-":
        _print(parts)
        return
    if any(_same_file(path, output_file) for path in inputs):
        raise fail(f"{output_file}: is an input; choose another file")
    for link in _links(output_file):
        raise fail(
            f"{output_file}: {link} is a link to {os.path.realpath(link)}, outside its folder; write there by name"
        )
    try:
        _replace(output_file, (part.encode("utf-8", "backslashreplace") for part in parts))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise fail(f"{output_file}: cannot be written: {reason[:1].lower()}{reason[1:]}") from None


def replace(path: str, before: bytes, after: bytes) -> None:
    """Replace a file that was read as ``before``, all or nothing. Raises ``typer.Exit(2)`` when it cannot be written.

    A link is followed inside its folder, and the file keeps its permissions.
    """
    for link in _links(path):
        raise fail(f"{path}: {link} is a link to {os.path.realpath(link)}, outside its folder; name that file")
    try:
        if not os.access(path, os.W_OK):
            raise OSError(0, "permission denied")
        with open(path, "rb") as file:
            if file.read(len(before) + 1) != before:
                raise OSError(0, "it was changed meanwhile; run again")
        _replace(path, [after])
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise fail(f"{path}: cannot be written: {reason[:1].lower()}{reason[1:]}") from None


def _same_file(path: str, output_file: str) -> bool:
    """Whether the output would replace a file that was read; a device can be both."""
    with suppress(OSError, ValueError):
        read = os.fstat(sys.stdin.fileno()) if path == "-" else os.stat(path)
        return not stat.S_ISCHR(read.st_mode) and os.path.samestat(read, os.stat(output_file))
    return False


def _links(output_file: str) -> Iterator[str]:
    """The links on the way to the output that leave their folder: a repository may bring them.

    Every folder below the current one counts; above and elsewhere only the file itself, and not in /dev.
    """
    path, here = os.path.abspath(output_file), os.path.join(os.getcwd(), "")
    while True:
        folder = os.path.realpath(os.path.dirname(path))
        inside = os.path.realpath(path).startswith(os.path.join(folder, ""))
        if os.path.islink(path) and not inside and folder.split(os.sep)[1] not in ("dev", "proc"):
            yield path
        path = os.path.dirname(path)
        if not path.startswith(here):
            return


def _print(parts: Iterable[str]) -> None:
    try:
        for part in parts:
            sys.stdout.write(part)
        sys.stdout.flush()
    except BrokenPipeError:  # typer would take it for findings and exit with 1
        close_quietly()
        raise typer.Exit(141) from None
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise fail(f"standard output: cannot be written: {str(error.strerror).lower()}") from None


def close_quietly() -> None:
    """Discard what is still buffered: the pipe that reads standard output is closed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _replace(path: str, parts: Iterable[bytes]) -> None:
    """Write a temporary file in the same folder and rename it; write to a device or a pipe directly."""
    with suppress(FileNotFoundError):
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise OSError(0, "is a directory")
        if not stat.S_ISREG(mode):
            with open(path, "wb", buffering=0) as device:
                for part in parts:
                    device.write(part)
            return
    from lstm_shapes.cli.interrupt import cleaning_up

    with cleaning_up():
        _rename_over(os.path.realpath(path), parts)


def _rename_over(target: str, parts: Iterable[bytes]) -> None:
    """Write a temporary file and rename it; an error, or Ctrl-C, removes it."""
    import tempfile

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
    """The permissions of the file, or those that a new file would get."""
    with suppress(OSError):
        return stat.S_IMODE(os.stat(path).st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
