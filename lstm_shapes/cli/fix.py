"""``check --fix`` and ``--update-expect``: files are changed in place, each all or nothing, or a diff is printed."""

from __future__ import annotations

import difflib
import os
from codecs import BOM_UTF8
from collections.abc import Collection, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from lstm_shapes import formats
from lstm_shapes.checking.fix import fix
from lstm_shapes.checking.nearest import SettingsSource
from lstm_shapes.checking.outcome import Outcome
from lstm_shapes.checking.run import check_document
from lstm_shapes.cli import output
from lstm_shapes.findings.finding import Finding, Purpose
from lstm_shapes.formats.document import Document
from lstm_shapes.render.escape import terminal

_NO_END = "\\ No newline at end of file\n"
"""What a diff has after a last line that does not end."""


class FixedFile(NamedTuple):
    """A file before and after, and how many findings are gone."""

    source: str
    before: bytes
    after: bytes
    gone: int


def fixed_files(outcome: Outcome, source: SettingsSource, wanted: Collection[Purpose]) -> Iterator[FixedFile]:
    """The files of an outcome that edits change, each with its new content. Nothing is written."""
    for file in outcome.files:
        if not any(finding.edit and finding.edit.purpose in wanted for finding in file.findings):
            continue
        raw = _read(file.source)
        document = formats.parse(file.source, raw)
        check = partial(_findings, source=source)
        now = check(document)
        targets = [finding for finding in file.findings if finding._replace(replacements=()) in now]
        after = fix(document, targets, check, wanted)
        if after is not document:
            bom = BOM_UTF8 if raw.startswith(BOM_UTF8) else b""
            gone = len(now) - len(check(after))
            yield FixedFile(file.source, raw, bom + after.text.encode("utf-8"), gone)


def _findings(document: Document, source: SettingsSource) -> list[Finding]:
    return check_document(document, source.inside(os.path.dirname(document.source)))


def write(files: Iterable[FixedFile]) -> int:
    """Replace the files. The number of findings that are gone; exits with 2 where a file cannot be written."""
    total = 0
    for file in files:
        output.replace(file.source, file.before, file.after)
        total += file.gone
    return total


def show_difference(files: Iterable[FixedFile], findings: int, output_file: str, read: list[str]) -> int:
    """Print what would change as a unified diff, and on standard error how many of the findings it would remove.

    Returns how many files would change. Control characters of a file are shown as escapes.
    """
    changed = list(files)
    output.write("".join(line for file in changed for line in _difference(file)), output_file, read)
    gone = sum(file.gone for file in changed)
    where = f" in {len(changed)} file{'s' * (len(changed) != 1)}" if changed else ""
    output.tell(f"{gone} would be fixed{where}, {findings - gone} would remain")
    return len(changed)


def _difference(file: FixedFile) -> Iterator[str]:
    before, after = (_lines(raw) for raw in (file.before, file.after))
    name = terminal(file.source)
    for line in difflib.unified_diff(before, after, name, name, lineterm=""):
        text = line.removesuffix(_NO_END)
        yield f"{terminal(text)}\n{_NO_END * (text != line)}"


def _lines(raw: bytes) -> list[str]:
    """The lines of a file without their ends; the last one says so where it has none."""
    text = raw.decode("utf-8-sig")
    lines = text.splitlines()
    return lines if text.splitlines(keepends=True)[-1:] != lines[-1:] else [*lines[:-1], lines[-1] + _NO_END]


def _read(path: str) -> bytes:
    try:
        return formats.read_bytes(path)
    except formats.NoSuchFile as error:
        raise output.fail(str(error)) from None
