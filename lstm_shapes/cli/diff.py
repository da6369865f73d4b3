"""``check --diff``: what changed against a git revision or another file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lstm_shapes import formats
from lstm_shapes.analysis.diff.diff import diff
from lstm_shapes.analysis.report import report
from lstm_shapes.checking import revisions
from lstm_shapes.checking.discover import excluded
from lstm_shapes.checking.run import read
from lstm_shapes.checking.settings import Settings
from lstm_shapes.cli import models, output
from lstm_shapes.cli.options import Color
from lstm_shapes.findings.finding import Finding
from lstm_shapes.formats.document import Document
from lstm_shapes.spec import reader as spec
from lstm_shapes.views.diff import view

FORMATS = ("text", "json", "markdown")


class Pair(NamedTuple):
    """A file on both sides; None where it is not there."""

    before: Document | None
    after: Document | None


def run(
    against: str, paths: Sequence[str], output_format: str, output_file: str, color: Color, settings: Settings
) -> int:
    """Write what changed, and say what is wrong with the files of today. The exit code: 0, or 1 for errors in these.

    ``against`` is a revision, or a file to compare with the one path. Folders stand for the files in them that
    changed. Exits with 2 on wrong usage.
    """
    if output_format not in FORMATS:
        raise output.fail(f"--diff has the formats {', '.join(FORMATS)}, got {output_format}")
    try:
        since = "" if _is_other_file(against) else against
        pairs = list(_since(since, paths, settings) if since else _two(against, paths))
    except (revisions.NoRevision, formats.NoSuchFile) as error:
        raise output.fail(str(error)) from None
    changes, findings = [], list[Finding]()
    for pair in pairs:
        before, after = (one and read(one, settings) for one in pair)
        changes.append(diff(before, after))
        if after:
            findings += report(after, weights=False).findings
    output.show(view(changes, since), output_format, output_file, color, paths)
    models.tell(one for one in findings if one.severity == "error")
    return models.code(findings)


def _is_other_file(against: str) -> bool:
    """Whether a file is meant: there is one, and git knows no revision of this name."""
    if not os.path.isfile(against) and against != "-":
        return False
    try:
        revisions.commit(against)
    except revisions.NoRevision:
        return True
    return False


def _two(before: str, paths: Sequence[str]) -> Iterator[Pair]:
    if len(paths) != 1 or os.path.isdir(paths[0]):
        raise output.fail(f"--diff {before}: expected one file to compare it with, got {', '.join(paths) or 'none'}")
    if before == paths[0] == "-":
        raise output.fail("-: standard input can be read once")
    documents = [formats.read(path) for path in (before, paths[0])]
    for document in documents:
        if not _is_model(document):
            raise output.fail(f"{document.source}: no model")
    yield Pair(*documents)


def _since(revision: str, paths: Sequence[str], settings: Settings) -> Iterator[Pair]:
    """The named files, and the models that changed in the named folders."""
    seen: set[str] = set()
    for path in paths:
        if path == "-":
            raise output.fail("-: standard input has no revision; name a file")
        named = not os.path.isdir(path)
        for one in [path] if named else _models_in(revision, path, settings):
            if os.path.realpath(one) in seen:
                continue
            seen.add(os.path.realpath(one))
            before = revisions.at(revision, one)
            if not os.path.lexists(one) and before is None:
                raise output.fail(f"{one}: no such file, now or at {revision}")
            pair = Pair(before, formats.read(one) if os.path.lexists(one) else None)
            pair = Pair(*(document if document and _is_model(document) else None for document in pair))
            if any(pair):
                yield pair
            elif named:
                raise output.fail(f"{one}: no model")


def _models_in(revision: str, folder: str, settings: Settings) -> list[str]:
    changed = revisions.changed(revision, [folder])
    return [
        path
        for path in changed
        if os.path.splitext(path)[1].lower() in formats.READERS and not excluded(path, settings.exclude)
    ]


def _is_model(document: Document) -> bool:
    """Whether it is a spec, or was meant to be one and cannot be read to its end."""
    return spec.is_model(document.data) or (document.data is None and "layers" in document.text)
