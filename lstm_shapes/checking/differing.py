"""Which files differ from what they were at a git revision: in folders, and those that are named."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from hashlib import sha1, sha256
from typing import NamedTuple

from lstm_shapes.checking.discover import SKIPPED_FOLDERS, candidates, is_searched
from lstm_shapes.checking.filters import is_excluded
from lstm_shapes.checking.nearest import SettingsSource
from lstm_shapes.checking.outcome import Uncompared
from lstm_shapes.checking.repositories import top_of
from lstm_shapes.checking.revisions import NoRevision, Repository, Revision
from lstm_shapes.checking.settings import BadSettings
from lstm_shapes.formats.limits import MAX_BYTES


class File(NamedTuple):
    """A file now and at a revision.

    ``blob`` names its content then, '' where there was none; ``was`` is its path then where it was another; ``now`` is
    whether it exists.
    """

    path: str
    blob: str
    now: bool
    named: bool = False
    was: str = ""


def differing(start: Revision, paths: Sequence[str], source: SettingsSource) -> tuple[list[File], list[Uncompared]]:
    """The files that are named, and those in named folders that differ; and those that cannot be compared.

    Files of the revision count even if git ignores them now. Raises ``NoRevision``.
    """
    files = _files(start, paths, source)
    foreign = _in_other_repositories(files, start.repository.top)
    differ = [file for place, file in files.items() if place not in foreign and (file.named or _differs(file))]
    uncompared = [Uncompared(files[place].path, "in another repository") for place in sorted(foreign)]
    return _with_renames(sorted(_checked_out(differ, start.repository))), uncompared


def content(path: str) -> bytes:
    """The bytes of a file, with one more than is read of it where it is larger; none when it cannot be opened."""
    try:
        with open(path, "rb") as file:
            return file.read(min(os.fstat(file.fileno()).st_size, MAX_BYTES) + 1)
    except OSError:
        return b""


def _files(start: Revision, paths: Sequence[str], source: SettingsSource) -> dict[str, File]:
    """The files in ``paths`` on both sides, each once, by their path from the root of the repository."""
    places = {path: start.repository.relative(path) for path in paths}
    blobs = start.files(list(places.values()))
    files: dict[str, File] = {}
    for path, place in places.items():
        if not os.path.isdir(path) and not (place not in blobs and any(blob.startswith(f"{place}/") for blob in blobs)):
            files[place] = _named(path, blobs.get(place, ""), start)
            continue
        walked = _now(path, place, start, source) if os.path.isdir(path) else {}
        missed = {inner: blob for inner, blob in blobs.items() if inner not in walked}
        for inner, file in {**walked, **_then(path, place, start, missed, source)}.items():
            files.setdefault(inner, file._replace(blob=blobs.get(inner, "")))
    return files


def _in_other_repositories(files: Mapping[str, File], top: str) -> set[str]:
    """The files that a walk finds in a repository inside this one, such as a submodule."""
    folders = {os.path.dirname(file.path) for file in files.values() if file.now and not file.named}
    foreign = {folder for folder in folders if top_of(folder or os.curdir) != top}
    return {place for place, file in files.items() if file.now and os.path.dirname(file.path) in foreign}


def _checked_out(files: list[File], place: Repository) -> list[File]:
    """The files without those that are missing because a sparse checkout leaves them out."""
    left_out: set[str] = set()
    if any(not file.now for file in files):
        left_out = {os.path.join(place.top, *path.split("/")) for path in place.left_out()}
    return [file for file in files if file.now or os.path.realpath(file.path) not in left_out]


def _named(path: str, blob: str, start: Revision) -> File:
    now = os.path.lexists(path)
    if not now and not blob:
        raise NoRevision(f"{path}: no such file, now or at {start.name}")
    return File(path, blob, now, named=True)


def _now(folder: str, place: str, start: Revision, source: SettingsSource) -> dict[str, File]:
    """The files that a walk finds in a folder, by their path from the root of the repository, links resolved."""
    walked = [file.path for file in candidates([folder], source) if not file.skipped and not file.problem]
    top, here = start.repository.top, os.path.join(start.repository.top, *place.split("/"))
    files = {}
    for path in walked:
        real = os.path.realpath(path) if os.path.islink(path) else os.path.join(here, os.path.relpath(path, folder))
        files[real[len(os.path.join(top, "")) :].replace(os.sep, "/")] = File(path, "", True)
    return files


def _then(
    folder: str, place: str, start: Revision, blobs: Mapping[str, str], source: SettingsSource
) -> dict[str, File]:
    """The files among ``blobs`` that a walk would have found then. What is a link now is gone."""
    files = {}
    prefix = f"{place}/" if place else ""
    for inner in (inner for inner in blobs if inner.startswith(prefix)):
        names = inner[len(prefix) :].split("/")
        path = os.path.normpath(os.path.join(folder, *names))
        if SKIPPED_FOLDERS & set(names) or not _is_searched(path, source):
            continue
        real = os.path.join(start.repository.top, *inner.split("/"))
        files[inner] = File(path, "", os.path.isfile(path) and os.path.realpath(path) == real)
    return files


def _is_searched(path: str, source: SettingsSource) -> bool:
    """Whether a search takes a file; not where the settings are broken, which the check reports."""
    try:
        settings = source.inside(os.path.dirname(path))
        return is_searched(path, settings) and not is_excluded(path, settings)
    except BadSettings:
        return False


def _differs(file: File) -> bool:
    """Whether the content is another, by the name that git would give it."""
    return not file.blob or not file.now or _blob_name(file.path, file.blob) != file.blob


def _blob_name(path: str, like: str) -> str:
    """Git's name of the content of a file, in the hash of the name ``like``."""
    data = content(path)
    hashed = sha256() if len(like) == 64 else sha1(usedforsecurity=False)
    hashed.update(b"blob %d\0" % len(data) + data)
    return hashed.hexdigest()


def _with_renames(files: list[File]) -> list[File]:
    """The files, with a pair that differs only in its path made one file."""
    gone = {file.blob: file for file in files if not file.now and not file.named}
    renamed: dict[str, str] = {}
    for number, file in enumerate(files):
        if gone and file.now and not file.blob and not file.named:
            blob = _blob_name(file.path, next(iter(gone)))
            if blob in gone and gone[blob].path not in renamed.values():
                renamed[file.path] = gone[blob].path
                files[number] = file._replace(blob=blob, was=gone[blob].path)
    return [file for file in files if file.now or file.path not in renamed.values()]
