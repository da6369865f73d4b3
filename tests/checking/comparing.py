"""What changed since a revision, for tests that check nothing."""

from __future__ import annotations

from collections.abc import Sequence

from lstm_shapes.checking.changes import comparison
from lstm_shapes.checking.nearest import SettingsSource
from lstm_shapes.checking.outcome import Changes


def since(name: str, paths: Sequence[str], source: SettingsSource) -> Changes:
    """What changed in files and folders since a revision."""
    with comparison(name, paths, source) as compared:
        return compared.changes()
