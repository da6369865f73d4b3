"""Which files to check: the files that are named, and the models in the folders that are named."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from lstm_shapes.checking.nearest import SettingsSource
from lstm_shapes.checking.settings import BadSettings, Settings
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

    What is ``skipped`` is not to be opened, only counted: a link that leaves the folder that was named, and a named
    file that a search would not come to. ``problem`` says why a path, or what is in a folder, cannot be read.
    """

    path: str
    named: bool
    skipped: bool = False
    problem: str = ""


def candidates(paths: Iterable[str], source: SettingsSource) -> Iterator[Candidate]:
    """The files in ``paths``, each once; folders are searched in the order of names.

    The settings exclude files by patterns for a path, a name or a folder above it. A named file, and one in a folder
    that a search skips, is left out only with ``force_exclude``.
    """
    seen: set[tuple[int, int] | str] = set()
    for path in paths:
        for file in _walk(path, source) if path != "-" and os.path.isdir(path) else (_named(path, source),):
            key = file.path if file.skipped or file.problem else _identity(file.path)
            if key not in seen:
                seen.add(key)
                yield file


def _named(path: str, source: SettingsSource) -> Candidate:
    if path == "-":
        return Candidate(path, True)
    if not os.path.lexists(path):
        return Candidate(path, True, problem=f"{path}: no such file or directory")
    try:
        settings = source.inside(os.path.dirname(path))
    except BadSettings as error:
        return Candidate(path, True, problem=str(error))
    return Candidate(path, True, settings.force_exclude and _is_skipped(path, settings))


def _is_skipped(path: str, settings: Settings) -> bool:
    """Whether a search would not come to this file."""
    folders = os.path.normpath(path).split(os.sep)[:-1]
    return is_excluded(path, settings) or not SKIPPED_FOLDERS.isdisjoint(folders)


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


class _Folder(NamedTuple):
    """A folder that is being searched: what is left in it, and the settings of its files."""

    entries: Iterator[os.DirEntry[str]]
    settings: Settings


def _walk(top: str, source: SettingsSource) -> Iterator[Candidate]:
    """The files in a folder whose suffix has a reader, however deep; links to folders are not followed."""
    root = os.path.realpath(top)
    pending: list[_Folder] = []
    yield from _enter(top, source, pending)
    while pending:
        entry = next(pending[-1].entries, None)
        if entry is None:
            pending.pop()
            continue
        path = os.path.normpath(entry.path)
        if is_excluded(path, pending[-1].settings):
            continue
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in SKIPPED_FOLDERS and not os.path.exists(os.path.join(path, "pyvenv.cfg")):
                yield from _enter(path, source, pending)
        elif os.path.splitext(entry.name)[1].lower() in READERS and _is_file(path):
            yield Candidate(path, False, leaves(path, root))


def _enter(path: str, source: SettingsSource, pending: list[_Folder]) -> Iterator[Candidate]:
    """Search this folder next; yields why that is not possible, if so."""
    try:
        settings = source.inside(path)
        with os.scandir(path) as entries:
            pending.append(_Folder(iter(sorted(entries, key=lambda entry: entry.name)), settings))
    except OSError as error:
        yield Candidate(path, False, problem=f"{path}: {(error.strerror or str(error)).lower()}")
    except BadSettings as error:
        yield Candidate(path, False, problem=str(error))


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


def is_excluded(path: str, settings: Settings) -> bool:
    """Whether the settings exclude a path: patterns are relative to their folder, or the current one."""
    patterns = ((settings.exclude, settings.root or os.curdir), (settings.override_exclude, os.curdir))
    return any(excluded(os.path.relpath(path, root), exclude) for exclude, root in patterns if exclude)


def excluded(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern matches the path, its name, or a folder above it."""
    if not patterns:
        return False
    parts = path.replace(os.sep, "/").split("/")
    tails = ["/".join(parts[start:]) for start in range(len(parts))]
    return any(fnmatchcase(text, pattern.rstrip("/")) for pattern in patterns for text in (*tails, *parts))
