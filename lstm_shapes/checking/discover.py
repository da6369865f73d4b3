"""Which files to check: the files that are named, and the models in the folders that are named."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.formats import READERS

SKIPPED_FOLDERS = frozenset(
    """.git .hg .svn .venv venv .env env .tox .nox .direnv .eggs .mypy_cache .pytest_cache .ruff_cache __pycache__
    __pypackages__ node_modules site-packages .ipynb_checkpoints .vscode .idea build dist""".split()
)
"""Folders that are not searched unless they are named."""


class NothingFound(LstmShapesError):
    """A path does not exist, or a folder contains no model; a usage error."""


class Candidate(NamedTuple):
    """A file to read, ``named`` on the command line or found in a folder.

    A link that leaves the folder that was named is ``outside``: it is not to be opened, only counted.
    """

    path: str
    named: bool
    outside: bool = False


def candidates(
    paths: Iterable[str], exclude: Iterable[str] = (), *, force_exclude: bool = False
) -> Iterator[Candidate]:
    """The files in ``paths``, each once; folders are searched in the order of names. Raises ``NothingFound``.

    ``exclude`` has patterns for a file's path, its name or a folder above it. They leave out a named file, and one in a
    folder that a search skips, only with ``force_exclude``.
    """
    seen: set[tuple[int, int] | str] = set()
    patterns = tuple(exclude)
    for path in paths:
        files: Iterable[Candidate] = (Candidate(path, True, force_exclude and _is_skipped(path, patterns)),)
        if path != "-" and os.path.isdir(path):
            root = os.path.realpath(path)
            files = (Candidate(inner, False, leaves(inner, root)) for inner in _walk(path, patterns))
        elif path != "-" and not os.path.lexists(path):
            raise NothingFound(f"{path}: no such file or directory")
        for file in files:
            key = file.path if file.outside else _identity(file.path)
            if key not in seen:
                seen.add(key)
                yield file


def _is_skipped(path: str, exclude: tuple[str, ...]) -> bool:
    """Whether a search would not come to this file."""
    folders = os.path.normpath(path).split(os.sep)[:-1]
    return excluded(os.path.normpath(path), exclude) or not SKIPPED_FOLDERS.isdisjoint(folders)


def _identity(path: str) -> tuple[int, int] | str:
    """A key that is the same for all names of a file: its device and inode, or the path where there are none."""
    if path == "-":
        return path
    try:
        status = os.stat(path)
    except OSError:
        return path
    return status.st_dev, status.st_ino


def leaves(path: str, root: str) -> bool:
    """Whether a link leads out of the folder ``root``, or to a folder in it that is not searched."""
    if not os.path.islink(path):
        return False
    target, inside = os.path.realpath(path), os.path.join(root, "")
    return not (target.startswith(inside) and SKIPPED_FOLDERS.isdisjoint(target[len(inside) :].split(os.sep)))


def _walk(top: str, exclude: tuple[str, ...]) -> Iterator[str]:
    """The files in a folder whose suffix has a reader, however deep; links to folders are not followed."""
    pending = [_entries(top)]
    while pending:
        entry = next(pending[-1], None)
        if entry is None:
            pending.pop()
            continue
        path = os.path.normpath(entry.path)
        if excluded(path, exclude):
            continue
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in SKIPPED_FOLDERS and not os.path.exists(os.path.join(path, "pyvenv.cfg")):
                pending.append(_entries(path))
        elif os.path.splitext(entry.name)[1].lower() in READERS and _is_file(path):
            yield path


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """What a folder holds, in the order of names. Raises ``NothingFound`` when it cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            return iter(sorted(entries, key=lambda entry: entry.name))
    except OSError as error:
        raise NothingFound(f"{folder}: {(error.strerror or str(error)).lower()}") from None


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


def excluded(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern matches the path, its name, or a folder above it."""
    if not patterns:
        return False
    parts = path.replace(os.sep, "/").split("/")
    tails = ["/".join(parts[start:]) for start in range(len(parts))]
    return any(fnmatchcase(text, pattern.rstrip("/")) for pattern in patterns for text in (*tails, *parts))
