"""Where a repository begins: the nearest folder that has a ``.git``, found without running git."""

from __future__ import annotations

import os


def top_of(path: str) -> str:
    """The nearest folder, from the file or folder ``path`` upwards, that has a ``.git``; '' if there is none."""
    folder = os.path.realpath(path)
    while not (os.path.isfile(mark := os.path.join(folder, ".git")) or os.path.lexists(os.path.join(mark, "HEAD"))):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return ""
    return folder
