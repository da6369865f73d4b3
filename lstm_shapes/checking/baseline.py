"""A baseline: how many findings of each rule a file may have. It has counts, not lines, so that lines can move."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import Any

from lstm_shapes.checking.outcome import Checked, Outcome
from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.formats import NoSuchFile, read_bytes
from lstm_shapes.rules.catalog import kinds

VERSION = 1


class BadBaseline(LstmShapesError):
    """A baseline file cannot be read; a usage error."""


def dump(outcome: Outcome, root: str) -> str:
    """The text of a baseline file that allows all findings of an outcome; paths are relative to ``root``."""
    files = {
        _key(file.source, root): dict(sorted(Counter(finding.id for finding in file.findings).items()))
        for file in outcome.files
    }
    allowed = {path: counts for path, counts in sorted(files.items()) if counts}
    return json.dumps({"version": VERSION, "files": allowed}, indent=1) + "\n"


def read(path: str) -> dict[str, dict[str, int]]:
    """The counts in a baseline file: path -> id -> count. Raises ``BadBaseline``."""
    try:
        data: Any = json.loads(read_bytes(path).decode("utf-8"))
    except NoSuchFile as error:
        raise BadBaseline(str(error)) from None
    except (ValueError, RecursionError):
        raise BadBaseline(f"{path}: not a baseline; write one with --write-baseline") from None
    files = data.get("files") if isinstance(data, dict) and data.get("version") == VERSION else None
    if not isinstance(files, dict) or not all(_is_counts(counts) for counts in files.values()):
        raise BadBaseline(f"{path}: not a baseline of version {VERSION}; write one with --write-baseline")
    return files


def _is_counts(counts: Any) -> bool:
    ids = {kind.id for kind in kinds().values()}
    return isinstance(counts, dict) and all(key in ids and type(count) is int for key, count in counts.items())


def apply(outcome: Outcome, allowed: dict[str, dict[str, int]], root: str) -> Outcome:
    """The outcome without the findings that a baseline allows: the first ones of each rule, as many as it counts."""
    files, dropped = [], 0
    for file in outcome.files:
        left = dict(allowed.get(_key(file.source, root), {}))
        kept = []
        for finding in file.findings:
            if left.get(finding.id, 0) > 0:
                left[finding.id] -= 1
                dropped += 1
            else:
                kept.append(finding)
        files.append(Checked(file.source, tuple(kept)))
    return outcome._replace(files=tuple(files), baseline=outcome.baseline + dropped)


def _key(source: str, root: str) -> str:
    try:
        return os.path.relpath(source, root or os.curdir).replace(os.sep, "/")
    except ValueError:  # the file is on another drive
        return source.replace(os.sep, "/")
