"""Check files: each is read, checked and released before the next."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lstm_shapes import formats
from lstm_shapes.checking.discover import NothingFound, candidates, excluded
from lstm_shapes.checking.ignores import silence
from lstm_shapes.checking.outcome import Checked, Outcome
from lstm_shapes.checking.recognition import looks_like_model
from lstm_shapes.checking.settings import Settings, matches
from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.limit import is_beyond_limit
from lstm_shapes.formats.document import Document
from lstm_shapes.rules.lint import lint
from lstm_shapes.rules.shapes import diagnose, too_large
from lstm_shapes.rules.trace import Trace
from lstm_shapes.spec import reader as spec
from lstm_shapes.spec.reading import Expectation, Reading
from lstm_shapes.symbolic.size import SizeError


def check(paths: Sequence[str], settings: Settings, *, stdin_filename: str = "") -> Outcome:
    """The findings in files and folders; files that are not models are skipped and counted.

    Raises ``NothingFound`` when no path exists, or a folder is searched and nothing is a model.
    """
    files: list[Checked] = []
    skipped = ignored = 0
    missing = [path for path in paths if path != "-" and not os.path.lexists(path)]
    unread = [f"{path}: no such file or directory" for path in missing]
    searched = any(os.path.isdir(path) for path in paths)
    present = [path for path in paths if path not in missing]
    for path, _, outside in candidates(present, settings.exclude, force_exclude=settings.force_exclude):
        if outside:
            skipped += 1
            continue
        try:
            document = formats.read(path, name=stdin_filename)
        except formats.NoSuchFile as error:
            unread.append(str(error))
            continue
        if not looks_like_model(document):
            skipped += 1
            continue
        findings, silenced = _check(read(document, settings), settings)
        files.append(Checked(document.source, tuple(findings)))
        ignored += silenced
    if not files and unread:
        raise NothingFound("; ".join(unread))
    if not files and searched:
        raise NothingFound(f"no model found in {', '.join(paths)}; a model is a YAML or JSON file with `layers:`")
    return Outcome(tuple(files), skipped, ignored=ignored, unread=tuple(unread))


def check_reading(reading: Reading, settings: Settings) -> Outcome:
    """The outcome of a single model that is already read."""
    findings, silenced = _check(reading, settings)
    return Outcome((Checked(reading.document.source, tuple(findings)),), ignored=silenced)


def check_document(document: Document, settings: Settings) -> list[Finding]:
    """The findings in a document that no comment silences, in a stable order."""
    return _check(read(document, settings), settings)[0]


def _check(reading: Reading, settings: Settings) -> tuple[list[Finding], int]:
    kept, silenced = silence(
        reading.document, _findings(reading, settings), lambda finding: _selected(finding, settings)
    )
    return sorted(kept, key=_order), silenced


def _order(finding: Finding) -> tuple[tuple[int, ...], str, str]:
    return finding.place[:2] if finding.place else (0, 0), finding.id, finding.message


def _findings(reading: Reading, settings: Settings) -> Iterator[Finding]:
    try:
        yield from diagnose(reading)
        yield from lint(Trace(reading, frozenset(settings.targets)))
    except SizeError as error:
        yield too_large(reading.document, error)


def read(document: Document, settings: Settings) -> Reading:
    """The model in a document, with the framework and dims of the settings where it does not set them itself.

    The budgets of the settings are added to its own.
    """
    model = document.data if isinstance(document.data, dict) else {}
    own = model.get("dims")
    dims = {name: size for name, size in settings.dims.items() if not isinstance(own, dict) or name not in own}
    framework = settings.override_framework or ("" if "framework" in model else settings.framework)
    reading = spec.read(document, framework=framework, dims={**dims, **settings.override_dims})
    bounds = (Expectation((), what, limit, (), True) for what, limit in settings.budget.items())
    return replace(reading, expectations=(*reading.expectations, *bounds))


def _selected(finding: Finding, settings: Settings) -> bool:
    """Whether the settings select the rule of a finding; ``ignore`` takes precedence over ``select``."""
    if is_beyond_limit(finding):
        return True
    if any(matches(chosen, finding.kind) for chosen in settings.ignore):
        return False
    for pattern, chosen in settings.per_file_ignores.items():
        path = os.path.relpath(finding.source, settings.root) if settings.root else finding.source
        if excluded(path, (pattern,)) and any(matches(rule, finding.kind) for rule in chosen):
            return False
    return not settings.select or any(matches(chosen, finding.kind) for chosen in settings.select)
