"""Check files: each is read, checked and released before the next."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import chain

from lstm_shapes.checking.budgets import explained, from_settings
from lstm_shapes.checking.exclusions import excluded
from lstm_shapes.checking.fix import with_replacements
from lstm_shapes.checking.ignores import silence
from lstm_shapes.checking.nearest import SettingsSource
from lstm_shapes.checking.outcome import Checked, Outcome
from lstm_shapes.checking.search import Search
from lstm_shapes.checking.settings import Settings, matches
from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.findings.finding import Finding, Place
from lstm_shapes.findings.limit import is_beyond_limit
from lstm_shapes.formats.document import Document
from lstm_shapes.rules.lint import lint
from lstm_shapes.rules.shapes import diagnose, too_large
from lstm_shapes.rules.trace import Trace
from lstm_shapes.spec import reader as spec
from lstm_shapes.spec.assumptions import assume
from lstm_shapes.spec.imported import CODE, Imported
from lstm_shapes.spec.reading import Reading
from lstm_shapes.symbolic.size import Size, SizeError


class BadCheckpoint(LstmShapesError):
    """A file with whose weights nothing can be compared; a usage error."""


More = Callable[[Reading, Settings], Iterable[Finding]]
"""What else is found in a model: where it differs from a checkpoint."""


def check(
    paths: Sequence[str],
    source: SettingsSource,
    *,
    stdin_filename: str = "",
    then: Callable[[Sequence[Reading]], None] | None = None,
    more: More | None = None,
) -> Outcome:
    """The findings in files and folders; files that are not models are skipped and counted.

    ``source`` has the settings of each file, ``then`` is called with the models of each, ``more`` finds more in a
    model. Raises ``NothingFound`` when there is no model.
    """
    files: list[Checked] = []
    ignored = 0
    unmet = _Unmet()
    replaced: frozenset[str] | None = None
    for models in (search := Search(paths, source, stdin_filename)):
        path = models[0].document.source
        settings = source.inside(os.path.dirname(path))
        unmet.add(settings, models)
        readings = [read_imported(imported, settings) for imported in models]
        replaced = _replaced(replaced, readings)
        findings, silenced = _check(readings, settings, more)
        if then:
            then(readings)
        files.append(Checked(path, tuple(findings)))
        ignored += silenced
    return Outcome(
        tuple(files),
        search.skipped,
        ignored=ignored,
        unread=tuple(search.unread),
        too_large=search.too_large,
        unmet=unmet.classes(everything=any(map(os.path.isdir, paths))),
        replaced=replaced,
    )


class _Unmet:
    """Collects which declared classes the models have."""

    def __init__(self) -> None:
        self._met: set[str] = set()
        self._typed: dict[str, None] = {}
        self._in_settings: dict[str, None] = {}

    def add(self, settings: Settings, models: Iterable[Imported]) -> None:
        """Note the classes of models, and what the settings declare."""
        for imported in models if settings.assumptions else ():
            self._met |= assume(settings.assumptions, imported)[1]
        self._typed |= dict.fromkeys(settings.override_assume)
        self._in_settings |= dict.fromkeys(settings.assume)

    def classes(self, *, everything: bool) -> tuple[str, ...]:
        """The declared classes that no model has; those of settings only where ``everything`` was searched."""
        declared = {**self._typed, **(self._in_settings if everything else {})}
        return tuple(name for name in declared if name not in self._met)


def check_readings(readings: Sequence[Reading], settings: Settings) -> Outcome:
    """The outcome of the models of one file that are already read."""
    findings, silenced = _check(readings, settings)
    checked = (Checked(readings[0].document.source, tuple(findings)),)
    return Outcome(checked, ignored=silenced, replaced=_replaced(None, readings))


def _replaced(before: frozenset[str] | None, readings: Sequence[Reading]) -> frozenset[str] | None:
    """The names in code for which values were given, with those of the models of a file."""
    if not any(reading.imported and reading.imported.kind in CODE for reading in readings):
        return before
    return (before or frozenset()).union(*(reading.replaced for reading in readings))


def check_document(document: Document, settings: Settings) -> list[Finding]:
    """The findings in a document that no comment silences, in a stable order."""
    return _listed([read(document, settings)], settings)[0]


def _check(readings: Sequence[Reading], settings: Settings, more: More | None = None) -> tuple[list[Finding], int]:
    """The same as ``_listed``, with the changes of the text that fix a finding."""
    findings, silenced = _listed(readings, settings, more)
    return with_replacements(readings[0].document, findings, lambda edited: check_document(edited, settings)), silenced


def _listed(readings: Sequence[Reading], settings: Settings, more: More | None = None) -> tuple[list[Finding], int]:
    """The findings in the models of one file, each once, and how many of them a comment silences."""
    document = readings[0].document
    selected = _selection(document.source, settings)
    every = chain.from_iterable(_findings(reading, settings, more) for reading in readings)
    kept, silenced = silence(document, every if len(readings) == 1 else _distinct(every), selected)
    return sorted(kept, key=_order), silenced


def _distinct(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings without those that a model of the file before had at the same place."""
    seen: set[tuple[Place | None, str, str]] = set()
    for finding in findings:
        key = (finding.place, finding.id, finding.message)
        if finding.place is None or key not in seen:
            seen.add(key)
            yield finding


def _order(finding: Finding) -> tuple[tuple[int, ...], str, str]:
    return finding.place[:2] if finding.place else (0, 0), finding.id, finding.message


def _findings(reading: Reading, settings: Settings, more: More | None) -> Iterator[Finding]:
    try:
        yield from explained(diagnose(reading), reading, settings, partial(_read_again, settings))
        yield from lint(Trace(reading, frozenset(settings.targets)))
        if more:
            yield from more(reading, settings)
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
    return replace(reading, expectations=(*reading.expectations, *from_settings(settings)))


def read_imported(imported: Imported, settings: Settings) -> Reading:
    """The model that was imported from a file, as ``read`` reads it, with the unknown classes that settings declare."""
    imported, _ = assume(settings.assumptions, imported)
    return replace(read(imported.document, settings), imported=imported)


def _read_again(settings: Settings, document: Document, dims: Mapping[str, Size]) -> Reading:
    return read(document, settings._replace(override_dims={**settings.override_dims, **dims}))


def _selection(source: str, settings: Settings) -> Callable[[Finding], bool]:
    """Whether the settings select the rule of a finding in a file; ``ignore`` takes precedence over ``select``."""
    path = os.path.relpath(source, settings.root) if settings.root else source
    by_file = (rules for pattern, rules in settings.per_file_ignores.items() if excluded(path, (pattern,)))
    ignore = (*settings.ignore, *chain.from_iterable(by_file))

    @cache
    def selected(kind: str) -> bool:
        chosen = not settings.select or any(matches(rule, kind) for rule in settings.select)
        return chosen and not any(matches(rule, kind) for rule in ignore)

    return lambda finding: is_beyond_limit(finding) or selected(finding.kind)
