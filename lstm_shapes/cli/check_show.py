"""``check --show-files`` and ``check --show-settings``: what would be checked, and how."""

from __future__ import annotations

import os
from collections.abc import Sequence

from lstm_shapes.checking.discover import NothingFound
from lstm_shapes.checking.nearest import SettingsSource
from lstm_shapes.checking.search import Search
from lstm_shapes.checking.settings import BadSettings
from lstm_shapes.cli import output
from lstm_shapes.cli.options import Color
from lstm_shapes.views import checked_files
from lstm_shapes.views import settings as settings_view

Form = tuple[str, str, Color]
"""The format, the output file and when to color."""


def files(paths: Sequence[str], source: SettingsSource, stdin_filename: str, form: Form) -> None:
    """List the models that a check would read. Exits with 2 when there are none, or a path cannot be read."""
    search = Search(paths, source, stdin_filename)
    try:
        names = tuple(models[0].document.source for models in search)
    except NothingFound as error:
        raise output.fail(str(error)) from None
    output.show(checked_files.view(names), *form, [*paths, *names])
    if search.unread:
        raise output.fail("; ".join(search.unread))


def settings(paths: Sequence[str], source: SettingsSource, stdin_filename: str, form: Form) -> None:
    """Show the settings of a file, or of the files in a folder. Exits with 2 when they are broken."""
    if len(paths) != 1:
        raise output.fail(f"--show-settings: expected one path, got {', '.join(paths)}")
    path = stdin_filename if paths[0] == "-" else paths[0]
    if paths[0] != "-" and not os.path.lexists(path):
        raise output.fail(f"{path}: no such file or directory")
    try:
        found = source.inside(path if os.path.isdir(path) else os.path.dirname(path))
    except BadSettings as error:
        raise output.fail(str(error)) from None
    output.show(settings_view.view(path or "<stdin>", found), *form, [path, *found.origins.values()])
