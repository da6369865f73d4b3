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
from lstm_shapes.checking.recognition import mentions_recurrent_layers, models_of
from lstm_shapes.checking.revisions import repository, revision
from lstm_shapes.checking.run import read_imported
from lstm_shapes.formats.document import Document
from lstm_shapes.spec.imported import Imported
from lstm_shapes.spec.layer_names import UniqueNames
from lstm_shapes.spec.reading import Reading

POINTER = b"version https://git-lfs.github.com/spec/v1\n"


def between(before: Sequence[Reading], after: Sequence[Reading]) -> Changes:
    """What changed from one file to another, in each of its models."""
    return Changes("", tuple(_diffs(before, after)))


def _diffs(before: Sequence[Reading], after: Sequence[Reading]) -> Iterator[Diff]:
    """A difference for each model: the only ones of two files, else those of one name; others were added or removed."""
    if len(before) <= 1 and len(after) <= 1:
        yield diff(next(iter(before), None), next(iter(after), None))
        return
    left, right = (dict(_named(readings)) for readings in (before, after))
    for name, reading in right.items():
        yield replace(diff(left.get(name), reading), model=name)
    for name, reading in left.items():
        if name not in right:
            yield replace(diff(reading, None), model=name)


def _named(readings: Sequence[Reading]) -> Iterator[tuple[str, Reading]]:
    """The models with their names; a second one of a name has a number."""
    names = UniqueNames(())
    for reading in readings:
        own = name_of(reading.imported) if reading.imported else ""
        yield names.unique(own or "model"), reading


def name_of(imported: Imported) -> str:
    """What a model is called: in its file, where that has several, else as the model itself says."""
    data = imported.document.data
    name = data.get("name", "") if isinstance(data, dict) else ""
    return imported.name or (name if isinstance(name, str) else "")


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
        self._answers: dict[str, Answer] = {}

    def add(self, readings: Sequence[Reading]) -> None:
        """Compare the models of a file that is read already, if it is one of the files. They are not kept."""
        file = self._files.get(readings[0].document.source)
        if file and file.path not in self._answers:
            self._answers[file.path] = self._compare(file, readings)

    def changes(self) -> Changes:
        """What changed in all files, after reading those that were not added. Raises ``NoRevision``."""
        for path, file in self._files.items():
            if path not in self._answers:
                self._answers[path] = self._read(file)
        answers = [(file, self._answers[path]) for path, file in self._files.items()]
        diffs = (
            diff
            for file, answer in answers
            if not isinstance(answer, Uncompared)
            for diff in answer
            if file.named or file.was or not diff.empty
        )
        uncompared = (answer for _, answer in answers if isinstance(answer, Uncompared))
        return Changes(self._since, tuple(diffs), (*self._uncompared, *uncompared))

    def _read(self, file: File) -> Answer:
        try:
            after = self._models(file, formats.read(file.path)) if file.now else []
        except (formats.NoSuchFile, formats.MissingExtra) as error:
            return Uncompared(file.path, str(error).removeprefix(f"{file.path}: "))
        return self._compare(file, after)

    def _compare(self, file: File, after: Sequence[Reading]) -> Answer:
        """What changed in a file; nothing when it is a model on neither side, or differs only in line endings."""
        then = self._blob(file.blob) if file.blob else None
        now = content(file.path) if file.now and os.path.isfile(file.path) else None
        if then and then.startswith(POINTER) and now is not None and _is_target(now, then):
            return ()
        if reason := _pointer(then, now):
            return Uncompared(file.path, reason)
        if then is not None and now is not None and not file.named and not file.was and _same_lines(then, now):
            return ()
        if after and then == now and not file.was:
            return tuple(_diffs(after, after))
        try:
            before = self._models(file, formats.parse(file.was or file.path, then)) if then is not None else []
        except formats.MissingExtra as error:
            return Uncompared(file.path, str(error).removeprefix(f"{file.path}: "))
        if not before and not after:
            return ()
        answer = tuple(_diffs(before, after))
        if file.blob and file.now and not (before and after):
            then_kind, now_kind = ("a model" if side else "no model" for side in (before, after))
            return tuple(replace(diff, reasons=(Reason("file", then_kind, now_kind),)) for diff in answer)
        return answer

    def _models(self, file: File, document: Document) -> list[Reading]:
        """The models in a document, read with the settings that the file has now."""
        code = document.format in ("python", "notebook") and not file.named
        if code and not mentions_recurrent_layers(document.text.encode("utf-8", "replace")):
            return []
        settings = self._source.inside(os.path.dirname(file.path))
        return [read_imported(imported, settings) for imported in models_of(document, settings.given)]


Answer = tuple[Diff, ...] | Uncompared
"""What changed in the models of a file, or why that cannot be told."""


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
