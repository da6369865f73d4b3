"""``check --diff``: a check that also shows what changed against a git revision or another file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from lstm_shapes import formats
from lstm_shapes.checking import changes
from lstm_shapes.checking.discover import NothingFound
from lstm_shapes.checking.nearest import SettingsSource
from lstm_shapes.checking.outcome import Outcome
from lstm_shapes.checking.recognition import models_of
from lstm_shapes.checking.repositories import top_of
from lstm_shapes.checking.revisions import NoRevision, repository, revision
from lstm_shapes.checking.run import check, check_readings, read_imported
from lstm_shapes.cli import output
from lstm_shapes.spec.imported import Imported

Models = tuple[Imported, ...]


def run(against: str, paths: Sequence[str], source: SettingsSource, *, stdin_filename: str = "") -> Outcome:
    """The outcome of a check of ``paths``, with what changed since the revision, or from the file, ``against``.

    Folders stand for the models in them that changed. Exits with 2 on wrong usage. Raises ``NothingFound``.
    """
    try:
        if _is_file(against, paths[0]):
            return _from_file(against, paths, source, stdin_filename)
        return _since(against, paths, source)
    except (NoRevision, formats.NoSuchFile, formats.MissingExtra) as error:
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
        return suffix in formats.READERS or suffix in formats.BINARY_SUFFIXES
    return False


def _from_file(before: str, paths: Sequence[str], source: SettingsSource, stdin_filename: str) -> Outcome:
    if len(paths) != 1 or os.path.isdir(paths[0]):
        raise output.fail(f"--diff {before}: expected one file to compare it with, got {', '.join(paths)}")
    if before == paths[0] == "-":
        raise output.fail("-: standard input can be read once")
    given = source.inside(os.curdir).given
    old, new = _paired(*(_models(path, stdin_filename, given) for path in (before, paths[0])))
    settings = source.inside(os.path.dirname(new[0].document.source))
    readings = [[read_imported(imported, settings) for imported in side] for side in (old, new)]
    return check_readings(readings[1], settings)._replace(changes=changes.between(*readings))


def _models(path: str, stdin_filename: str, given: Mapping[str, Any]) -> tuple[Imported, ...]:
    """The models of a file. Exits with 2 where it has none."""
    document = formats.read(path, name=stdin_filename)
    models = models_of(document, given)
    if not models:
        raise output.fail(f"{document.source}: no model")
    return models


def _paired(old: Models, new: Models) -> tuple[Models, Models]:
    """The models to compare: where a file has one, the one of its name in the other. Exits with 2 where it has none."""
    if len(old) == len(new) == 1 or (len(old) > 1 and len(new) > 1):
        return old, new
    only, several = (old[0], new) if len(old) == 1 else (new[0], old)
    same = tuple(imported for imported in several if imported.name == changes.name_of(only))
    if len(same) != 1:
        names = ", ".join(imported.name for imported in several)
        source = several[0].document.source
        raise output.fail(f"{source}: has {len(several)} models, {names}, and none is called {changes.name_of(only)!r}")
    return (old, same) if len(old) == 1 else (same, new)


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
