"""The models in files and folders, read one by one, with what is skipped and what cannot be read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lstm_shapes import formats
from lstm_shapes.checking.discover import Candidate, NothingFound, candidates
from lstm_shapes.checking.nearest import SettingsSource
from lstm_shapes.checking.recognition import mentions_recurrent_layers, models_of
from lstm_shapes.checking.settings import BadSettings
from lstm_shapes.formats.document import Document
from lstm_shapes.spec.imported import Imported


class Search:
    """Iterates over the files in ``paths`` that have models, giving those of each; they are not kept.

    Afterwards ``skipped`` counts the files that are no models, ``too_large`` those of them above the size limit, and
    ``unread`` has a message for each path, or settings file, that cannot be read. Raises ``NothingFound`` at the end
    when no path can be read, or a folder was searched and nothing is a model.
    """

    def __init__(self, paths: Sequence[str], source: SettingsSource, stdin_filename: str = "") -> None:
        self.paths, self.source, self.stdin_filename = paths, source, stdin_filename
        self.skipped = self.too_large = 0
        self.unread: list[str] = []

    def __iter__(self) -> Iterator[tuple[Imported, ...]]:
        empty = True
        for file in candidates(self.paths, self.source):
            models = self._read(file)
            if models:
                empty = False
                yield models
        if empty and self.unread:
            raise NothingFound("; ".join(self.unread))
        if empty and any(os.path.isdir(path) for path in self.paths):
            where = ", ".join(self.paths)
            raise NothingFound(
                f"no model found in {where}; a model is a YAML or JSON file with `layers:`, "
                "what Keras writes as JSON, or a script that builds one"
            )

    def _read(self, file: Candidate) -> tuple[Imported, ...]:
        """The models in a file; none where it has none, which is counted, or cannot be read, which is noted."""
        try:
            if file.path == "-":
                self.source.inside(os.path.dirname(self.stdin_filename))
            if not file.problem and not file.skipped and not file.named and _is_other_code(file.path):
                return ()
            document = None if file.problem or file.skipped else formats.read(file.path, name=self.stdin_filename)
            given = self._given(file, document)
        except (formats.NoSuchFile, formats.MissingExtra, BadSettings) as error:
            file = file._replace(problem=str(error))
            given = {}
        if file.problem:
            self.unread += [file.problem] * (file.problem not in self.unread)
            return ()
        models = models_of(document, given) if document else ()
        if models:
            return models
        self.skipped += 1
        self.too_large += bool(document and any(finding.kind == "too-large" for finding in document.findings))
        return ()

    def _given(self, file: Candidate, document: Document | None) -> Mapping[str, Any]:
        """The values of names in a script. Raises ``BadSettings``."""
        if document is None or document.format not in ("python", "notebook"):
            return {}
        path = self.stdin_filename if file.path == "-" else file.path
        return self.source.inside(os.path.dirname(path)).given


def _is_other_code(path: str) -> bool:
    """Whether a file is a script or a notebook that builds no recurrent model; these are not even counted."""
    if formats.READERS.get(os.path.splitext(path)[1].lower()) not in ("python", "notebook"):
        return False
    return not mentions_recurrent_layers(formats.read_bytes(path))
