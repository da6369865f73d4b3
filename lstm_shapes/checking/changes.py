"""What changed in models: since a git revision, or from another file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

from lstm_shapes import formats
from lstm_shapes.analysis.diff.diff import Diff, diff
from lstm_shapes.analysis.diff.reasons import Reason
from lstm_shapes.checking.differing import File, content, differing
from lstm_shapes.checking.nearest import SettingsSource
from lstm_shapes.checking.outcome import Changes, Uncompared
from lstm_shapes.checking.recognition import models_of
from lstm_shapes.checking.revisions import repository, revision
from lstm_shapes.checking.run import read_imported
from lstm_shapes.formats.document import Document
from lstm_shapes.spec.reading import Reading

POINTER = b"version https://git-lfs.github.com/spec/v1\n"


def between(before: Reading, after: Reading) -> Changes:
    """What changed from one file to another."""
    return Changes("", (diff(before, after),))


@contextmanager
def comparison(name: str, paths: Sequence[str], source: SettingsSource) -> Iterator[Comparison]:
    """A comparison with a revision, of the files that are named and the models that differ in named folders.

    All paths are in the repository of the first. Raises ``NoRevision``.
    """
    start = revision(name, repository(paths[0]))
    files, uncompared = differing(start, paths, source)
    with start.blobs() as blob:
        yield Comparison(name, files, uncompared, blob, source)


class Comparison:
    """Models compared with what they were at a revision, each when it is checked, so that it is read only once."""

    def __init__(
        self,
        since: str,
        files: Sequence[File],
        uncompared: Sequence[Uncompared],
        blob: Callable[[str], bytes],
        source: SettingsSource,
    ) -> None:
        self._since, self._uncompared, self._blob, self._source = since, uncompared, blob, source
        self._files = {file.path: file for file in files}
        self._answers: dict[str, Diff | Uncompared | None] = {}

    def add(self, reading: Reading) -> None:
        """Compare a model that is read already, if it is one of the files. It is not kept."""
        file = self._files.get(reading.document.source)
        if file and file.path not in self._answers:
            self._answers[file.path] = self._compare(file, reading)

    def changes(self) -> Changes:
        """What changed in all files, after reading those that were not added. Raises ``NoRevision``."""
        for path, file in self._files.items():
            if path not in self._answers:
                self._answers[path] = self._read(file)
        answers = [(file, self._answers[path]) for path, file in self._files.items()]
        diffs = (
            diff for file, diff in answers if isinstance(diff, Diff) and (file.named or file.was or not diff.empty)
        )
        uncompared = (answer for _, answer in answers if isinstance(answer, Uncompared))
        return Changes(self._since, tuple(diffs), (*self._uncompared, *uncompared))

    def _read(self, file: File) -> Diff | Uncompared | None:
        try:
            after = self._model(file, formats.read(file.path)) if file.now else None
        except formats.NoSuchFile as error:
            return Uncompared(file.path, str(error).removeprefix(f"{file.path}: "))
        return self._compare(file, after)

    def _compare(self, file: File, after: Reading | None) -> Diff | Uncompared | None:
        """What changed in a file; None when it is a model on neither side, or differs only in line endings."""
        then = self._blob(file.blob) if file.blob else None
        now = content(file.path) if file.now and os.path.isfile(file.path) else None
        if then and then.startswith(POINTER) and now is not None and _is_target(now, then):
            return None
        if reason := _pointer(then, now):
            return Uncompared(file.path, reason)
        if then is not None and now is not None and not file.named and not file.was and _same_lines(then, now):
            return None
        if after and then == now and not file.was:
            return diff(after, after)
        before = self._model(file, formats.parse(file.was or file.path, then)) if then is not None else None
        if before is None and after is None:
            return None
        answer = diff(before, after)
        if file.blob and file.now and (before is None or after is None):
            then_kind, now_kind = ("a model" if side else "no model" for side in (before, after))
            return replace(answer, reasons=(Reason("file", then_kind, now_kind),))
        return answer

    def _model(self, file: File, document: Document) -> Reading | None:
        """The model in a document, None where it has none; read with the settings that the file has now."""
        models = models_of(document)
        return read_imported(models[0], self._source.inside(os.path.dirname(file.path))) if models else None


def _is_target(now: bytes, pointer: bytes) -> bool:
    """Whether a Git LFS pointer names this content."""
    return f"oid sha256:{sha256(now).hexdigest()}".encode() in pointer.split(b"\n")


def _pointer(then: bytes | None, now: bytes | None) -> str:
    """Why a file cannot be compared that is a Git LFS pointer on a side; '' if it is none."""
    if then and then.startswith(POINTER):
        return "it was a Git LFS pointer then, and the file it refers to is not in git"
    if now and now.startswith(POINTER):
        return "it is a Git LFS pointer; run git lfs pull, or set `lfs: true` for actions/checkout"
    return ""


def _same_lines(then: bytes, now: bytes) -> bool:
    """Whether two texts differ only in line endings, which git may convert (core.autocrlf)."""
    return b"\0" not in then and then.replace(b"\r\n", b"\n") == now.replace(b"\r\n", b"\n")
