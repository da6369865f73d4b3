"""What calls of PyTorch's names mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lstm_shapes.importers.script.run import Arguments, Run
from lstm_shapes.importers.script.values import Value


def fallback(run: Run, path: str, given: Arguments) -> Value:
    """The value of a call of a name of PyTorch; None for other libraries."""
    return None


MEANINGS: dict[str, Callable[[Run, Arguments], Value]] = {}
METHODS: dict[tuple[type, str], Callable[[Run, Any, Arguments], Value]] = {}
APPLIED: dict[type, Callable[[Run, Any, Arguments], Value]] = {}
