"""Outputs do not depend on the runner that the tests themselves run on."""

from __future__ import annotations

import pytest

from lstm_shapes.views.check.paths import ROOTS


@pytest.fixture(autouse=True)
def no_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ROOTS:
        monkeypatch.delenv(name, raising=False)
