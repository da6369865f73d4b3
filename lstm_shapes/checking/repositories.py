"""Where a repository begins: the nearest folder that has a ``.git``; found without running git."""

from __future__ import annotations

import os
from contextlib import suppress

from lstm_shapes.formats import NoSuchFile, read_bytes

MAX_PATH = 4096


def top_of(path: str) -> str:
    """The nearest folder, from the file or folder ``path`` upwards, that has a ``.git``; '' if there is none."""
    folder = os.path.realpath(path)
    while not is_top(folder):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return ""
    return folder


def is_top(folder: str) -> bool:
    """Whether a repository begins in a folder. In a worktree and a submodule ``.git`` is a file."""
    mark = os.path.join(folder, ".git")
    return os.path.isfile(mark) or os.path.lexists(os.path.join(mark, "HEAD"))


def git_folder(top: str) -> str:
    """The folder of the settings of the repository that begins in ``top``; worktrees have theirs in common."""
    folder = os.path.join(top, ".git")
    if os.path.isfile(folder):
        folder = os.path.join(top, _path_in(folder).removeprefix("gitdir:").strip())
    return os.path.join(folder, _path_in(os.path.join(folder, "commondir")))


def _path_in(file: str) -> str:
    """The path that is written in a file, '' if there is none."""
    with suppress(NoSuchFile):
        return os.fsdecode(read_bytes(file, MAX_PATH).split(b"\n")[0]).replace("\0", "")
    return ""
