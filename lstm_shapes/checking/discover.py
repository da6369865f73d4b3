"""Which files to check: the files that are named, and the models in the folders that are named."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lstm_shapes.checking.filters import Filter, filter_of, is_excluded, is_ignored, is_included
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

    A search leaves out what the settings exclude, by patterns for a path, a name or a folder above it, and what git
    ignores. A named file is left out only with ``force_exclude``, a named folder is searched in any case.
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
        return Candidate(path, True, settings.force_exclude and _is_skipped(path, settings))
    except BadSettings as error:
        return Candidate(path, True, problem=str(error))


def _is_skipped(path: str, settings: Settings) -> bool:
    """Whether a search would not come to this file."""
    folders = os.path.normpath(path).split(os.sep)[:-1]
    ignored = settings.respect_gitignore and is_ignored(path)
    return ignored or is_excluded(path, settings) or not SKIPPED_FOLDERS.isdisjoint(folders)


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
    """A folder that is being searched: its entries, and which of them are left out."""

    entries: Iterator[os.DirEntry[str]]
    filter: Filter


def _walk(top: str, source: SettingsSource) -> Iterator[Candidate]:
    """The files in a folder that have a reader by suffix or by ``include``; links to folders are not followed."""
    root = os.path.realpath(top)
    pending: list[_Folder] = []
    yield from _enter(os.path.normpath(top), source, pending)
    while pending:
        entry = next(pending[-1].entries, None)
        if entry is None:
            pending.pop()
            continue
        path = os.path.normpath(entry.path)
        folder = entry.is_dir(follow_symlinks=False)
        if not folder and not is_searched(path, pending[-1].filter.settings):
            continue
        if pending[-1].filter.leaves_out(entry.name, folder=folder):
            continue
        if folder and entry.name not in SKIPPED_FOLDERS:
            yield from _enter(path, source, pending)
        elif not folder and _is_file(path):
            yield Candidate(path, False, leaves(path, root))


def is_searched(path: str, settings: Settings) -> bool:
    """Whether a search takes a file of this name."""
    return os.path.splitext(path)[1].lower() in READERS or is_included(path, settings)


def _enter(path: str, source: SettingsSource, pending: list[_Folder]) -> Iterator[Candidate]:
    """Search this folder next, unless it is a virtual environment; yields why that is not possible, if so."""
    try:
        with os.scandir(path) as listed:
            entries = {entry.name: entry for entry in listed}
        if pending and "pyvenv.cfg" in entries:
            return
        settings = source.inside(path)
        here = pending[-1].filter.below(path, entries, settings) if pending else filter_of(path, settings)
        pending.append(_Folder((entries[name] for name in sorted(entries)), here))
    except OSError as error:
        yield Candidate(path, False, problem=f"{path}: {(error.strerror or str(error)).lower()}")
    except BadSettings as error:
        yield Candidate(path, False, problem=str(error))


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False
