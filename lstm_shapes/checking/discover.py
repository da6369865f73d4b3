"""Which files to check: those that are named, and the models among those of a folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.formats import READERS

LEFT_ALONE = frozenset(
    """.git .hg .svn .venv venv .env env .tox .nox .direnv .eggs .mypy_cache .pytest_cache .ruff_cache __pycache__
    __pypackages__ node_modules site-packages .ipynb_checkpoints .vscode .idea build dist""".split()
)
"""Folders that a walk does not enter, unless they are named."""


class NothingFound(LstmShapesError):
    """A path that is not there, or folders without a model: a mistake in the command."""


class Candidate(NamedTuple):
    """A file to read; ``named`` when it was given itself, so that it must be a model."""

    path: str
    named: bool


def candidates(paths: Iterable[str], exclude: Iterable[str] = ()) -> Iterator[Candidate]:
    """The files behind ``paths``, each once, folders walked in the order of names. Raises ``NothingFound``.

    ``exclude`` are patterns against a file's path, its name or a folder on the way; what is named is not excluded.
    """
    seen: set[tuple[int, int] | str] = set()
    patterns = tuple(exclude)
    for path in paths:
        found: Iterable[Candidate] = (Candidate(path, True),)
        if path != "-" and os.path.isdir(path):
            found = (Candidate(one, False) for one in _walk(path, patterns))
        elif path != "-" and not os.path.lexists(path):
            raise NothingFound(f"{path}: no such file or directory")
        for one in found:
            key = _identity(one.path)
            if key not in seen:
                seen.add(key)
                yield one


def _identity(path: str) -> tuple[int, int] | str:
    """What two names of one file have in common."""
    if path == "-":
        return path
    try:
        status = os.stat(path)
    except OSError:
        return path
    return status.st_dev, status.st_ino


def _walk(folder: str, exclude: tuple[str, ...]) -> Iterator[str]:
    """The files of a folder with a suffix that a reader knows; links to folders are not followed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise NothingFound(f"{folder}: {(error.strerror or str(error)).lower()}") from None
    for entry in entries:
        path = os.path.normpath(entry.path)
        if excluded(path, exclude):
            continue
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in LEFT_ALONE and not os.path.exists(os.path.join(path, "pyvenv.cfg")):
                yield from _walk(path, exclude)
        elif os.path.splitext(entry.name)[1].lower() in READERS and _is_file(path):
            yield path


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


def excluded(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern matches the path, its name, or a folder on the way to it."""
    if not patterns:
        return False
    parts = path.replace(os.sep, "/").split("/")
    whole = ["/".join(parts[start:]) for start in range(len(parts))]
    return any(fnmatchcase(text, pattern.rstrip("/")) for pattern in patterns for text in (*whole, *parts))
