"""What a broken budget's finding says besides: where a budget of the settings is, and which size would meet it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from lstm_shapes.checking.settings import MAX_BYTES, TABLE, Settings
from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.route import Route
from lstm_shapes.formats import NoSuchFile, read_bytes
from lstm_shapes.formats.document import Document
from lstm_shapes.spec.reading import Expectation, Reading
from lstm_shapes.symbolic.size import Size

IN_SETTINGS = "(settings)"
"""The first step of the route of a budget that is not in the document."""
MAX_PLACES = 10
"""How many lines of a settings file are tried as that of a budget: each is parsed."""
MAX_ANSWERS = 20
MAX_LAYERS_READ = 2_000
"""How many findings of a file say which size would meet the budget, fewer in a large one: each reads it some times."""


def from_settings(settings: Settings) -> tuple[Expectation, ...]:
    """The budgets of the settings, as lines about the model."""
    return tuple(
        Expectation((), what, limit, (IN_SETTINGS, "budget", what), True) for what, limit in settings.budget.items()
    )


def explained(
    findings: Iterable[Finding],
    reading: Reading,
    settings: Settings,
    read: Callable[[Document, Mapping[str, Size]], Reading],
) -> Iterator[Finding]:
    """The findings; those about budgets with the place of the budget, and the size that would meet it.

    ``read`` reads a document as ``reading`` was read, with other values of symbols.
    """
    layers = len(reading.inferred.nodes) if reading.inferred else 0
    left = min(MAX_ANSWERS, max(1, MAX_LAYERS_READ // max(1, layers)))
    for finding in findings:
        if finding.kind in ("budget", "undecided") and finding.route[:1] == (IN_SETTINGS,):
            where = place(settings.origins.get("budget", ""), finding.field)
            finding = finding._replace(message=f"{finding.message}; the budget is set in {where}") if where else finding
        if finding.kind == "budget" and left:
            left -= 1
            finding = finding._replace(hint=_hint(reading, finding.route, read))
        yield finding


def _hint(reading: Reading, route: Route, read: Callable[[Document, Mapping[str, Size]], Reading]) -> str:
    from lstm_shapes.analysis.fit import fit

    line = next(line for line in reading.expectations if line.route == route)
    answer = fit(reading, line, read)
    if answer is None:
        return ""
    if answer.place is None:
        return f"give {answer.key} the value {answer.value}, the largest that fits"
    return f"write `{answer.key}: {answer.value}` on line {answer.place.line}, the largest that fits"


@lru_cache(maxsize=16)
def place(path: str, what: str) -> str:
    """Where a settings file has a budget: ``pyproject.toml:12``, without a line where that is not certain."""
    if not path:
        return ""
    try:
        text = read_bytes(path, MAX_BYTES).decode("utf-8")
    except (NoSuchFile, UnicodeDecodeError):
        return ""
    shown = os.path.relpath(path) if os.path.abspath(path).startswith(os.path.join(os.getcwd(), "")) else path
    line = _line(text, what)
    return f"{shown}:{line}" if line else f"{shown} (budget.{what})"


def _line(text: str, what: str) -> int | None:
    """The line of a budget in a TOML text: where another value makes another budget; None when it is not found.

    >>> _line('[tool.lstm-shapes]\\nbudget = {bytes = 9, params = 10}\\n[tool.other]\\nparams = 10', "params")
    2
    """
    values = re.finditer(rf"""(?<![\w-]){what}["']?\s*=\s*(?P<value>"[^"\n]*"|'[^'\n]*'|[\w.+-]+)""", text)
    before = _budget(text)
    for number, match in enumerate(values):
        if number == MAX_PLACES:
            break
        changed = f'{text[: match.start("value")]}"changed"{text[match.end("value") :]}'
        if _budget(changed) == {**before, what: "changed"}:
            return text.count("\n", 0, match.start("value")) + 1
    return None


def _budget(text: str) -> dict[str, Any]:
    """The budget that a TOML text has, as pyproject.toml or a file of our own; empty where it has none."""
    import tomllib

    try:
        table: Any = tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}
    tool = table.get("tool")
    for tables in (tool.get(TABLE) if isinstance(tool, dict) else None, table):
        budget = tables.get("budget") if isinstance(tables, dict) else None
        if isinstance(budget, dict):
            return budget
    return {}
