"""Which settings apply to a file: those of the nearest settings file, as ruff has it, or the same for all files."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Protocol

from lstm_shapes.checking.settings import BadSettings, Settings, load, settings_file


class SettingsSource(Protocol):
    """Where the settings of files come from; ``Settings`` are their own source, the same for every file."""

    def inside(self, folder: str) -> Settings:
        """The settings of the files in a folder. Raises ``BadSettings``."""


class NearestSettings:
    """The settings in the nearest folder above a file that has some. Those of folders further up do not count.

    ``default`` are the settings where there are none, ``override`` what the command line changes in all of them. A
    settings file is read once.
    """

    def __init__(self, default: Settings, override: Callable[[Settings], Settings]) -> None:
        self._default = default
        self._override = override
        self._by_folder: dict[str, Settings | BadSettings] = {}

    def inside(self, folder: str) -> Settings:
        """The settings of the files in a folder. Raises ``BadSettings``, for the same folder always the same."""
        here = os.path.abspath(folder)
        below = []
        while here not in self._by_folder:
            answer = self._in(here)
            if answer is None and os.path.dirname(here) == here:
                answer = self._override(self._default)
            if answer is not None:
                self._by_folder[here] = answer
            else:
                below.append(here)
                here = os.path.dirname(here)
        settings = self._by_folder[here]
        self._by_folder.update(dict.fromkeys(below, settings))
        if isinstance(settings, BadSettings):
            raise settings
        return settings

    def _in(self, folder: str) -> Settings | BadSettings | None:
        """The settings in this folder, or why they cannot be used; None where it has none."""
        try:
            path = settings_file(folder)
            return self._override(load(path)) if path else None
        except BadSettings as error:
            return error
