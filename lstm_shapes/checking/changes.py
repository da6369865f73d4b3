"""Which models differ from what they were: at a git revision, or in another file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from hashlib import sha1, sha256
from typing import NamedTuple

from lstm_shapes import formats
from lstm_shapes.analysis.diff.diff import Diff, diff
from lstm_shapes.analysis.diff.reasons import Reason
from lstm_shapes.checking.discover import SKIPPED_FOLDERS, candidates
from lstm_shapes.checking.filters import is_excluded
from lstm_shapes.checking.nearest import SettingsSource
from lstm_shapes.checking.outcome import Changes, Uncompared
from lstm_shapes.checking.recognition import looks_like_model
from lstm_shapes.checking.repositories import top_of
from lstm_shapes.checking.revisions import NoRevision, Repository, Revision, repository, revision
from lstm_shapes.checking.run import read
from lstm_shapes.checking.settings import BadSettings
from lstm_shapes.formats.limits import MAX_BYTES
from lstm_shapes.spec.reading import Reading

POINTER = b"version https://git-lfs.github.com/spec/v1\n"


class _File(NamedTuple):
    """A file now and at a revision.

    ``blob`` names its content then, '' where there was none; ``was`` is its path then where it was another; ``now`` is
    whether it exists.
    """

    path: str
    blob: str
    now: bool
    named: bool = False
    was: str = ""


def between(before: Reading, after: Reading) -> Changes:
    """What changed from one file to another."""
    return Changes("", (diff(before, after),))


def since(name: str, paths: Sequence[str], source: SettingsSource) -> Changes:
    """What changed since a revision: in the files that are named, and in the models that differ in named folders.

    All paths are in the repository of the first. Raises ``NoRevision``, and ``NoSuchFile`` for a file that cannot be
    opened.
    """
    start = revision(name, repository(paths[0]))
    files = _files(start, paths, source)
    foreign = _in_other_repositories(files, start.repository.top)
    differing = [file for place, file in files.items() if place not in foreign and (file.named or _differs(file))]
    differing = _with_renames(sorted(_checked_out(differing, start.repository)))
    diffs: list[Diff] = []
    uncompared = [Uncompared(files[place].path, "in another repository") for place in sorted(foreign)]
    with closing(start.contents(file.blob for file in differing if file.blob)) as contents:
        for file in differing:
            answer = _compare(file, next(contents) if file.blob else None, source)
            if isinstance(answer, Uncompared):
                uncompared.append(answer)
            elif answer and (file.named or file.was or not answer.empty):
                diffs.append(answer)
    return Changes(name, tuple(diffs), tuple(uncompared))


def _files(start: Revision, paths: Sequence[str], source: SettingsSource) -> dict[str, _File]:
    """The files in ``paths`` on both sides, each once, by their path from the root of the repository."""
    places = {path: start.repository.relative(path) for path in paths}
    blobs = start.files(list(places.values()))
    files: dict[str, _File] = {}
    for path, place in places.items():
        if not os.path.isdir(path) and not (place not in blobs and any(blob.startswith(f"{place}/") for blob in blobs)):
            files[place] = _named(path, blobs.get(place, ""), start)
            continue
        walked = _now(path, place, start, source) if os.path.isdir(path) else {}
        missed = {inner: blob for inner, blob in blobs.items() if inner not in walked}
        for inner, file in {**walked, **_then(path, place, start, missed, source)}.items():
            files.setdefault(inner, file._replace(blob=blobs.get(inner, "")))
    return files


def _in_other_repositories(files: Mapping[str, _File], top: str) -> set[str]:
    """The files that a walk finds in a repository inside this one, such as a submodule."""
    folders = {os.path.dirname(file.path) for file in files.values() if file.now and not file.named}
    foreign = {folder for folder in folders if top_of(folder or os.curdir) != top}
    return {place for place, file in files.items() if file.now and os.path.dirname(file.path) in foreign}


def _checked_out(files: list[_File], place: Repository) -> list[_File]:
    """The files without those that are missing because a sparse checkout leaves them out."""
    left_out: set[str] = set()
    if any(not file.now for file in files):
        left_out = {os.path.join(place.top, *path.split("/")) for path in place.left_out()}
    return [file for file in files if file.now or os.path.realpath(file.path) not in left_out]


def _named(path: str, blob: str, start: Revision) -> _File:
    now = os.path.lexists(path)
    if not now and not blob:
        raise NoRevision(f"{path}: no such file, now or at {start.name}")
    return _File(path, blob, now, named=True)


def _now(folder: str, place: str, start: Revision, source: SettingsSource) -> dict[str, _File]:
    """The files that a walk finds in a folder, by their path from the root of the repository, links resolved."""
    walked = [file.path for file in candidates([folder], source) if not file.skipped and not file.problem]
    top, here = start.repository.top, os.path.join(start.repository.top, *place.split("/"))
    files = {}
    for path in walked:
        real = os.path.realpath(path) if os.path.islink(path) else os.path.join(here, os.path.relpath(path, folder))
        files[real[len(os.path.join(top, "")) :].replace(os.sep, "/")] = _File(path, "", True)
    return files


def _then(
    folder: str, place: str, start: Revision, blobs: Mapping[str, str], source: SettingsSource
) -> dict[str, _File]:
    """The files among ``blobs`` that a walk would have found then. What is a link now is gone."""
    files = {}
    prefix = f"{place}/" if place else ""
    for inner in (inner for inner in blobs if inner.startswith(prefix)):
        names = inner[len(prefix) :].split("/")
        path = os.path.normpath(os.path.join(folder, *names))
        suffix = os.path.splitext(inner)[1].lower()
        if suffix not in formats.READERS or SKIPPED_FOLDERS & set(names) or _is_excluded(path, source):
            continue
        real = os.path.join(start.repository.top, *inner.split("/"))
        files[inner] = _File(path, "", os.path.isfile(path) and os.path.realpath(path) == real)
    return files


def _is_excluded(path: str, source: SettingsSource) -> bool:
    """Whether the settings exclude a file, or are broken, which the check reports."""
    try:
        return is_excluded(path, source.inside(os.path.dirname(path)))
    except BadSettings:
        return True


def _differs(file: _File) -> bool:
    """Whether the content is another, by the name that git would give it."""
    return not file.blob or not file.now or _blob_name(file.path, file.blob) != file.blob


def _blob_name(path: str, like: str) -> str:
    """Git's name of the content of a file, in the hash of the name ``like``."""
    content = _bytes(path)
    hashed = sha256() if len(like) == 64 else sha1(usedforsecurity=False)
    hashed.update(b"blob %d\0" % len(content) + content)
    return hashed.hexdigest()


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(min(os.fstat(file.fileno()).st_size, MAX_BYTES) + 1)
    except OSError:
        return b""


def _with_renames(files: list[_File]) -> list[_File]:
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


def _compare(file: _File, then: bytes | None, source: SettingsSource) -> Diff | Uncompared | None:
    """What changed in a file; None when it is a model on neither side, or differs only in line endings."""
    now = _bytes(file.path) if file.now and os.path.isfile(file.path) else None
    if then and then.startswith(POINTER):
        if now is not None and f"oid sha256:{sha256(now).hexdigest()}".encode() in then.split(b"\n"):
            return None
        return Uncompared(file.path, "it was a Git LFS pointer then, and the file it refers to is not in git")
    if now and now.startswith(POINTER):
        return Uncompared(
            file.path, "it is a Git LFS pointer; run git lfs pull, or set `lfs: true` for actions/checkout"
        )
    if then is not None and now is not None and not file.named and not file.was and _same_lines(then, now):
        return None
    before = formats.parse(file.was or file.path, then) if then is not None else None
    after = formats.read(file.path) if file.now else None
    models = [side if side and looks_like_model(side) else None for side in (before, after)]
    pair = [read(side, source.inside(os.path.dirname(file.path))) if side else None for side in models]
    if not any(pair):
        return None
    if before and after and not all(pair):
        then_kind, now_kind = ("a model" if side else "no model" for side in pair)
        return replace(diff(*pair), reasons=(Reason("file", then_kind, now_kind),))
    return diff(*pair)


def _same_lines(then: bytes, now: bytes) -> bool:
    """Whether two texts differ only in line endings, which git may convert (core.autocrlf)."""
    return b"\0" not in then and then.replace(b"\r\n", b"\n") == now.replace(b"\r\n", b"\n")
