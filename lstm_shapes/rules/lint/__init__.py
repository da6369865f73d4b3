"""The lint rules, which only ``check`` runs: each file in this folder is a rule, and a new file is a new rule.

A rule's file has an ``ID``, a ``SEVERITY``, its ``PAGE`` in Markdown and ``check``, which yields a Problem for each
place where the rule is broken. The rule is named after its file: ``stateful_batch.py`` is ``stateful-batch``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, NamedTuple

from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.kinds import Kind
from lstm_shapes.findings.route import Route

if TYPE_CHECKING:
    from lstm_shapes.rules.trace import Trace


class Problem(NamedTuple):
    """A place where a rule is broken: the value at ``route``, or its key with ``at_key``."""

    message: str
    route: Route
    hint: str = ""
    layer: str = ""
    at_key: bool = False


class Rule(NamedTuple):
    """A lint rule: its kind, its page and its check."""

    kind: Kind
    page: str
    check: Callable[[Trace], Iterator[Problem]]


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Every rule of this folder, in the order of the ids."""
    names = [module.name for module in iter_modules(__path__)]
    return tuple(sorted(map(_rule, names), key=lambda rule: rule.kind.id))


def _rule(name: str) -> Rule:
    module = import_module(f"{__name__}.{name}")
    return Rule(Kind(module.ID, name.replace("_", "-"), module.SEVERITY), module.PAGE, module.check)


def lint(trace: Trace) -> Iterator[Finding]:
    """The findings of all lint rules."""
    for rule in rules():
        for problem in rule.check(trace):
            message, route, hint, layer, at_key = problem
            yield trace.reading.document.finding(rule.kind, message, route, key=at_key, hint=hint, layer=layer)
