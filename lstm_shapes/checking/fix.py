"""Fix a document: make the edits of its findings, and keep those after which the finding is gone and none is new."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Any

from lstm_shapes import formats
from lstm_shapes.findings.finding import Edit, Finding, Purpose
from lstm_shapes.findings.limit import is_beyond_limit
from lstm_shapes.findings.route import Route
from lstm_shapes.formats.document import Document
from lstm_shapes.formats.editing import changed, replacements, wanted

MAX_ROUNDS = 5
"""How often an edit may uncover a finding that has an edit too: a misspelt key, then its value."""
MAX_PASSES = 30
"""How often all is done again: only the first misspelt names of a file have a nearest name."""
MAX_SINGLE = 50
MAX_SINGLE_TEXT = 200_000
"""How many edits are tried one by one where all of them together do not do, and in how long a text."""

Check = Callable[[Document], list[Finding]]
_Identity = tuple[str, str, Route]


def fix(document: Document, findings: Iterable[Finding], check: Check, purposes: Collection[Purpose]) -> Document:
    """The document after the edits of these findings; itself where none can be made, or where not all are listed.

    ``check`` gives the findings of a document, ``purposes`` are those of the edits that are made.
    """
    fixer = _Fixer(check, purposes)
    known = set(map(_identity, findings))
    before = check(document) if known else []
    for _ in range(MAX_PASSES):
        targets = [finding for finding in before if _identity(finding) in known and fixer.makes(finding)]
        if not targets or any(map(is_beyond_limit, before)):
            break
        after = fixer.settled(document, targets, before) or _one_by_one(document, targets, before, fixer)
        if after is document:
            break
        document, before = after, check(after)
    return document


def with_replacements(document: Document, findings: list[Finding], check: Check) -> list[Finding]:
    """The findings, with the changes of the text that ``fix`` would keep if each were made by itself.

    Of many, or in a long text, none is tried, and none has changes.
    """
    purposes: tuple[Purpose, ...] = ("fix",)
    fixer = _Fixer(check, purposes)
    wanted = [finding for finding in findings if fixer.makes(finding)]
    if not wanted or len(wanted) > MAX_SINGLE or len(document.text) > MAX_SINGLE_TEXT:
        return findings
    before = check(document)
    return [
        finding._replace(replacements=replacements(document, finding.edit))
        if finding.edit and fixer.makes(finding) and fixer.settled(document, [finding], before)
        else finding
        for finding in findings
    ]


def _one_by_one(document: Document, targets: list[Finding], before: list[Finding], fixer: _Fixer) -> Document:
    if len(document.text) > MAX_SINGLE_TEXT:
        return document
    for target in targets[:MAX_SINGLE]:
        same = [finding for finding in before if _identity(finding) == _identity(target)]
        single = fixer.settled(document, same[:1], before) if same else None
        if single:
            document, before = single, fixer.check(single)
    return document


class _Fixer:
    def __init__(self, check: Check, purposes: Collection[Purpose]) -> None:
        self.check, self.purposes = check, purposes

    def makes(self, finding: Finding) -> bool:
        """Whether the finding has an edit that is to be made."""
        return finding.edit is not None and finding.edit.purpose in self.purposes

    def settled(self, document: Document, targets: list[Finding], before: list[Finding]) -> Document | None:
        """The document after the edits of the targets and of what they uncover; None unless all are gone, none new."""
        old = Counter(map(_identity, before))
        edits = [target.edit for target in targets]
        for _ in range(MAX_ROUNDS):
            edited = _edited(document, [edit for edit in edits if edit])
            if edited is None:
                return None
            document, after = edited, self.check(edited)
            uncovered = [finding for finding in after if _identity(finding) not in old]
            if not uncovered:
                gone = old - Counter(map(_identity, after))
                new = Counter(map(_identity, after)) - old
                return document if not new and Counter(map(_identity, targets)) <= gone else None
            edits = [finding.edit for finding in uncovered if self.makes(finding)]
            if len(edits) < len(uncovered):
                return None
        return None


def _edited(document: Document, edits: list[Edit]) -> Document | None:
    """The document after these edits; None unless its text has exactly the data that they are to give."""
    unique = sorted({json.dumps(edit): edit for edit in edits}.values(), key=_last_to_first)
    changes = [replacements(document, edit) for edit in unique]
    if not all(changes):
        return None
    try:
        data = document.data
        for edit in unique:
            data = wanted(data, edit)
        text = changed(document.text, (change for group in changes for change in group))
    except (KeyError, IndexError, TypeError, AttributeError):
        return None
    edited = formats.parse(document.source, text.encode("utf-8"))
    return edited if _canonical(edited.data) == _canonical(data) else None


def _last_to_first(edit: Edit) -> tuple[bool, int]:
    """Values first, then keys from the inside out: no route changes before it was followed."""
    return edit.action in ("key", "remove"), -len(edit.route)


def _canonical(data: Any) -> str:
    """The data as text, in which true is not 1."""
    return json.dumps(data, sort_keys=True)


def _identity(finding: Finding) -> _Identity:
    """What stays the same of a finding where other lines change; its message may list what they have."""
    return finding.id, finding.layer, finding.route
