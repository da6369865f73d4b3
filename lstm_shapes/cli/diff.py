"""``check --diff``: a check that also shows what changed against a git revision or another file."""

from __future__ import annotations

import os
from collections.abc import Sequence

from lstm_shapes import formats
from lstm_shapes.checking import changes
from lstm_shapes.checking.discover import NothingFound
from lstm_shapes.checking.nearest import SettingsSource
from lstm_shapes.checking.outcome import Outcome
from lstm_shapes.checking.recognition import models_of
from lstm_shapes.checking.repositories import top_of
from lstm_shapes.checking.revisions import NoRevision, repository, revision
from lstm_shapes.checking.run import check, check_reading, read_imported
from lstm_shapes.cli import output
from lstm_shapes.spec.imported import Imported


def run(against: str, paths: Sequence[str], source: SettingsSource, *, stdin_filename: str = "") -> Outcome:
    """The outcome of a check of ``paths``, with what changed since the revision, or from the file, ``against``.

    Folders stand for the models in them that changed. Exits with 2 on wrong usage. Raises ``NothingFound``.
    """
    try:
        if _is_file(against, paths[0]):
            return _from_file(against, paths, source, stdin_filename)
        return _since(against, paths, source)
    except (NoRevision, formats.NoSuchFile) as error:
        raise output.fail(f"--diff {error}") from None


def _is_file(against: str, path: str) -> bool:
    """Whether a file is meant. A bare word in a repository is a revision: a file may be called as a branch is."""
    if against == "-":
        return True
    top = top_of("." if path == "-" else path)
    suffix = os.path.splitext(against)[1].lower()
    if not os.path.lexists(against) or os.path.isdir(against):
        return False
    if not top or os.path.isabs(against) or against.startswith(("./", "../")):
        return True
    try:
        revision(against, repository(top))
    except NoRevision:
        return suffix in formats.READERS
    return False


def _from_file(before: str, paths: Sequence[str], source: SettingsSource, stdin_filename: str) -> Outcome:
    if len(paths) != 1 or os.path.isdir(paths[0]):
        raise output.fail(f"--diff {before}: expected one file to compare it with, got {', '.join(paths)}")
    if before == paths[0] == "-":
        raise output.fail("-: standard input can be read once")
    old, new = (_model(path, stdin_filename) for path in (before, paths[0]))
    settings = source.inside(os.path.dirname(new.document.source))
    readings = read_imported(old, settings), read_imported(new, settings)
    return check_reading(readings[1], settings)._replace(changes=changes.between(*readings))


def _model(path: str, stdin_filename: str) -> Imported:
    """The only model of a file. Exits with 2 where it has none, or several."""
    document = formats.read(path, name=stdin_filename)
    found = models_of(document)
    if len(found) != 1:
        raise output.fail(f"{document.source}: {f'has {len(found)} models; expected one' if found else 'no model'}")
    return found[0]


def _since(name: str, paths: Sequence[str], source: SettingsSource) -> Outcome:
    """The check of what is there now; a file that is gone is a change alone."""
    if "-" in paths:
        raise output.fail("-: standard input has no revision; name a file")
    present = [path for path in paths if os.path.lexists(path)]
    nothing: NothingFound | None = None
    with changes.comparison(name, paths, source) as comparison:
        try:
            outcome = check(present, source, then=comparison.add) if present else Outcome(())
        except NothingFound as error:
            outcome, nothing = Outcome(()), error
        changed = comparison.changes()
    gone = changed.diffs and not any(diff.after for diff in changed.diffs) and all(map(os.path.isdir, present))
    if nothing and not gone:
        raise nothing
    return outcome._replace(changes=changed)
