"""What a search leaves out of a folder: what the settings exclude, and what git ignores."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from typing import NamedTuple

from lstm_shapes.checking.exclusions import excluded, exclusions
from lstm_shapes.checking.gitignore import FILE, Ignored, in_repository
from lstm_shapes.checking.patterns import Patterns
from lstm_shapes.checking.repositories import is_top, top_of
from lstm_shapes.checking.settings import Settings


class Filter(NamedTuple):
    """What is left out of a folder: the patterns of its settings with their states there, and what git ignores.

    ``ignored`` is None outside a repository, and where the settings do not respect it.
    """

    settings: Settings
    excluded: tuple[tuple[Patterns, int], ...]
    ignored: Ignored | None

    def leaves_out(self, name: str, *, folder: bool) -> bool:
        """Whether a file or folder of this name is left out."""
        for patterns, states in self.excluded:
            if patterns.last(patterns.after(name, states), folder=True):
                return True
        return self.ignored is not None and self.ignored.ignores(name, folder=folder)

    def below(self, folder: str, names: Container[str], settings: Settings) -> Filter:
        """What is left out of a folder in this one, which holds ``names`` and may have settings of its own.

        Raises ``BadSettings``.
        """
        if settings is self.settings:
            name = os.path.basename(folder)
            levels = tuple((patterns, patterns.below(patterns.after(name, at))) for patterns, at in self.excluded)
        else:
            levels = tuple(_exclusions(folder, settings))
        ignored = self.ignored
        if not settings.respect_gitignore:
            ignored = None
        elif settings is not self.settings and not self.settings.respect_gitignore:
            ignored = _ignored_in(folder)
        elif ".git" in names and is_top(folder):
            ignored = in_repository(folder)
        elif ignored:
            ignored = ignored.below(folder, has_file=FILE in names)
        return Filter(settings, levels, ignored)


def filter_of(folder: str, settings: Settings) -> Filter:
    """What is left out of a folder that is named, which is searched in any case. Raises ``BadSettings``."""
    ignored = _ignored_in(folder) if settings.respect_gitignore else None
    return Filter(settings, tuple(_exclusions(folder, settings)), ignored)


def is_excluded(path: str, settings: Settings) -> bool:
    """Whether the settings exclude a path, or a folder above it."""
    return any(excluded(os.path.relpath(path, root), globs) for globs, root in _globs(settings))


def is_included(path: str, settings: Settings) -> bool:
    """Whether the settings add a file to those that a search takes for its suffix."""
    return bool(settings.include) and excluded(os.path.relpath(path, settings.root or os.curdir), settings.include)


def is_ignored(path: str) -> bool:
    """Whether git ignores a file, or a folder above it. Raises ``BadSettings``."""
    folder, name = os.path.split(path)
    top = top_of(folder)
    if not top:
        return False
    ignored = in_repository(top)
    for inner in _between(top, os.path.realpath(folder)):
        if ignored.ignores(os.path.basename(inner), folder=True):
            return True
        ignored = ignored.below(inner)
    return ignored.ignores(name, folder=False)


def _globs(settings: Settings) -> Iterator[tuple[tuple[str, ...], str]]:
    """The patterns of the settings and of the command line, and the folder to which they are relative."""
    for globs, root in ((settings.exclude, settings.root), (settings.override_exclude, "")):
        if globs:
            yield globs, root or os.curdir


def _exclusions(folder: str, settings: Settings) -> Iterator[tuple[Patterns, int]]:
    for globs, root in _globs(settings):
        patterns = exclusions(globs)
        states = patterns.start
        for name in filter(os.curdir.__ne__, os.path.relpath(folder, root).split(os.sep)):
            states = patterns.below(patterns.after(name, states))
        yield patterns, states


def _ignored_in(folder: str) -> Ignored | None:
    """What git ignores in a folder; None outside a repository."""
    top = top_of(folder)
    if not top:
        return None
    ignored = in_repository(top)
    for inner in _between(top, os.path.realpath(folder)):
        ignored = ignored.below(inner)
    return ignored


def _between(top: str, folder: str) -> Iterator[str]:
    """The folders below ``top`` on the way to ``folder``, and this one."""
    path = top
    for name in filter(os.curdir.__ne__, os.path.relpath(folder, top).split(os.sep)):
        path = os.path.join(path, name)
        yield path
