"""Runs of a file: once as it stands, once for each function that it never calls, and once for each branch."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lstm_shapes.importers.script.interpreter import Interpreter
from lstm_shapes.importers.script.relevance import Relevance
from lstm_shapes.importers.script.reporting import Model, models_of
from lstm_shapes.importers.script.restoring import Kept
from lstm_shapes.importers.script.run import Arguments, Raised, TooMuch
from lstm_shapes.importers.script.values import (
    Bound,
    Class,
    Function,
    MadeLayer,
    Scope,
    Sequential,
    Value,
)

MAX_BRANCHES = 8
"""The branches of a model that are reported."""
MAX_RUNS = 24
"""The runs for one function."""
MAX_STEPS = 120_000
"""The steps of all runs of a file."""


@dataclass
class Exploration:
    """A file and the runs of it so far."""

    tree: ast.Module
    text: str
    given: Mapping[str, Value]
    steps: int = 0
    cut: bool = False
    relevant: Relevance = field(init=False)
    module: Interpreter = field(init=False)
    """The first run, whose names the functions that it never calls use."""

    def __post_init__(self) -> None:
        self.relevant = Relevance(self.tree)

    def models(self) -> list[Model]:
        """The models of the file, each branch apart."""
        first = self.module = self.run({}, None)
        found = self.branches(None, first)
        called = first.called
        for unit in self.uncalled(first):
            if unit.node in called or self.steps > MAX_STEPS:
                continue
            run = self.run({}, unit)
            called |= run.called
            found += self.branches(unit, run)
        return found

    def uncalled(self, run: Interpreter) -> Iterator[Any]:
        """The functions and classes that make layers and that the file never uses."""
        making = [node for node in self.tree.body if node in self.relevant.making]
        for node in [
            *(n for n in making if isinstance(n, ast.ClassDef)),
            *(n for n in making if not isinstance(n, ast.ClassDef)),
        ][::-1]:
            value = run.modules.values.get(node.name)  # type: ignore[attr-defined]
            if isinstance(value, Function | Class):
                yield value

    def run(self, decisions: Mapping[str, bool], unit: Function | Class | None) -> Interpreter:
        """Run the file, and then a function or class of it with symbols for its parameters."""
        run = Interpreter(self.text, decisions, self.given)
        run.relevant, run.making = self.relevant, self.relevant.making
        kept = None if unit is None else Kept(self.module.modules)
        if unit is None:
            self.attempt(run, lambda: run.execute(self.tree.body, run.modules))
        else:
            run.modules, run.entered = self.module.modules, 1
            self.attempt(run, lambda: enter(run, unit, self.relevant))
        run.reports = []
        self.attempt(run, lambda: run.reports.extend(models_of(run)))
        if kept is not None:
            kept.restore()
        self.steps += run.steps
        return run

    def attempt(self, run: Interpreter, action: Callable[[], Any]) -> None:
        """Do what a file may end or make too long."""
        try:
            action()
        except Raised:
            pass
        except (TooMuch, RecursionError):
            run.note(ast.Pass(lineno=1), "the code takes too many steps to be followed to its end")
            unfinished(run)
        except Exception as error:  # what no one thought of costs the models of this run, never a traceback
            run.note(ast.Pass(lineno=1), f"the code could not be followed ({type(error).__name__})")
            unfinished(run)
        run.depth, run.callers = 0, []

    def branches(self, unit: Function | Class | None, first: Interpreter) -> list[Model]:
        """The models of all branches, those that are alike once."""
        runs = [first]
        baseline = _data(first)
        idle: set[str] = set()
        queue = _flips(first, {})
        while queue and len(runs) < MAX_RUNS and self.steps < MAX_STEPS:
            decisions, key = queue.pop(0)
            if key in idle:
                continue
            run = self.run(decisions, unit)
            if len(decisions) and _data(run) == baseline and run.decided.keys() <= first.decided.keys():
                idle.add(key)
                continue
            runs.append(run)
            queue += _flips(run, decisions)
        return distinct(runs, idle)


def unfinished(run: Interpreter) -> None:
    """Add to each stack of a run that was not followed to its end a layer of which nothing is known."""
    for found in run.models:
        if isinstance(found.value, Sequential):
            entry = {"type": "unknown", "class": "the rest of the code"}
            found.value.layers.append(MadeLayer(entry, "rest", found.value.framework, found.value.span))


def enter(run: Interpreter, value: Value, relevant: Relevance) -> None:
    """Call a function, or make an object of a class and call its methods that make layers."""
    if not isinstance(value, Function | Class):
        return
    node = ast.Call(func=ast.Name(value.name, ast.Load()), args=[], keywords=[])
    ast.copy_location(node, value.node)
    ast.fix_missing_locations(node)
    scope = Scope(outer=run.modules)
    if isinstance(value, Function):
        run.invoke(value, Arguments(node))
        return
    if value.externals():
        run.make(value, Arguments(node), scope)
        return
    before = len(run.called)
    for name, member in list(value.values.items()):
        makes = isinstance(member, Function) and name != "__init__" and member.node in relevant.making
        if makes and member.node not in run.called:  # each for an object of its own: they may be alternatives
            run.invoke(Bound(member, run.make(value, Arguments(node), scope), value), Arguments(node))
    if len(run.called) == before:
        run.make(value, Arguments(node), scope)


def _flips(run: Interpreter, decisions: Mapping[str, bool]) -> list[tuple[dict[str, bool], str]]:
    """The decisions that lead to the other side of each condition that the run met first."""
    flips = []
    before = dict(decisions)
    for key, holds in run.decided.items():
        if key not in decisions:
            flips.append(({**before, key: not holds}, key))
            before[key] = holds
    return flips


def _data(run: Interpreter) -> list[Any]:
    return [(model.name, repr(model.data)) for model in run.reports]


def distinct(runs: list[Interpreter], idle: set[str]) -> list[Model]:
    """The models of all runs; those that differ by branch are labelled with the conditions that make the difference."""
    groups: dict[tuple[str, int], dict[str, list[tuple[Model, Mapping[str, bool]]]]] = {}
    for run in runs:
        for model in run.reports:
            variants = groups.setdefault((model.name, model.occurrence), {})
            variants.setdefault(repr(model.data), []).append((model, run.decided))
    result = []
    for variants in groups.values():
        for data in list(variants.values())[:MAX_BRANCHES]:
            model = data[0][0]
            if len(variants) > 1:
                model = model.with_branch(_label([decided for _, decided in data], variants, idle))
            result.append(model)
        if len(variants) > MAX_BRANCHES:
            result[-1] = result[-1].with_note(f"{len(variants)} branches: the first {MAX_BRANCHES} are reported")
    return result


def _label(
    decided: list[Mapping[str, bool]], variants: Mapping[str, list[tuple[Model, Mapping[str, bool]]]], idle: set[str]
) -> str:
    """The conditions under which a variant is what it is: those of all its runs that other variants have not."""
    common = {key: holds for key, holds in decided[0].items() if all(other.get(key) == holds for other in decided)}
    others = [other for pairs in variants.values() for _, other in pairs if other not in decided]
    telling = [
        (key, holds)
        for key, holds in common.items()
        if key not in idle and any(other.get(key) is not holds for other in others)
    ]
    return ", ".join(key if holds else f"not ({key})" if " " in key else f"not {key}" for key, holds in telling)
