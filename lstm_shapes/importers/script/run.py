"""A run of the code: what all parts of the interpreter share, and the limits that no file can exceed.

A condition that cannot be decided is a *decision*: the run takes one side and notes it, and another run of the whole
code takes the other (exploring.py). So nothing has to be copied or taken back.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections import ChainMap
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.importers.script.lines import line_of
from lstm_shapes.importers.script.values import (
    Bound,
    Class,
    Function,
    Functional,
    Instance,
    MadeLayer,
    Opaque,
    Scope,
    Sequential,
    Value,
)
from lstm_shapes.symbolic.size import Poly, Size, symbol

MAX_STEPS = 80_000
"""Nodes of the code that a run visits."""
MAX_DEPTH = 150
"""Expressions, statements and calls inside each other."""
MAX_RECURSION = 6
"""How often a function of the file calls itself."""
MAX_CALLS = 30
"""Functions of the file that call each other."""
MAX_UNROLLED = 200
"""Rounds of a loop that are run one by one."""


class TooMuch(LstmShapesError):
    """The limits of a run are reached."""


@dataclass
class Probe:
    """Whether an evaluation met a condition that is not known."""

    undecided: bool = False
    varying: bool = False
    """Whether the condition may be another in each round of a loop."""


class Raised(LstmShapesError):
    """The code raises an exception, or leaves the program."""


@dataclass
class Arguments:
    """What a function is called with, and the code of each value."""

    node: ast.Call
    positional: list[Value] = field(default_factory=list)
    named: dict[str, Value] = field(default_factory=dict)
    nodes: dict[int | str, ast.expr] = field(default_factory=dict)
    open: bool = False
    """Whether there are more that the source does not tell: ``*args`` or ``**kwargs`` of a value that is not known."""
    unpacked: bool = False
    """Whether a dict is unpacked: ``**settings``, which a caller may give more than the source tells."""

    def get(self, number: int | None, *names: str, default: Value = None) -> Value:
        """The value at a position or under one of the names."""
        for name in names:
            if name in self.named:
                return self.named[name]
        if number is not None and number < len(self.positional):
            return self.positional[number]
        return default

    def has(self, number: int | None, *names: str) -> bool:
        """Whether a value is given."""
        return any(name in self.named for name in names) or (number is not None and number < len(self.positional))

    def code(self, number: int | None, *names: str) -> ast.AST:
        """The code of a value; the call where it is not given by itself."""
        for key in (*names, number):
            if key is not None and key in self.nodes:
                return self.nodes[key]
        return self.node


@dataclass
class Found:
    """A model of the file, and the function that made it."""

    value: Value
    name: str
    line: int
    site: int = 0
    """The line of the outermost call that made it."""


class Run(ABC):
    """One run of a file: decisions, models and symbols."""

    def __init__(self, text: str, decisions: Mapping[str, bool], given: Mapping[str, Value]) -> None:
        self.text, self.decisions, self.given = text, decisions, given
        self.typed = given.maps[0] if isinstance(given, ChainMap) else given
        """Values that take precedence over what the code says; the others of ``given`` are for what it leaves open."""
        self.decided: dict[str, bool] = {}
        self.models: list[Found] = []
        self.symbols: dict[str, Opaque] = {}
        self.notes: dict[tuple[str, str], None] = {}
        self.steps = self.depth = self.created = 0
        self.callers: list[Function] = []
        self.sites: list[int] = []
        self.reports: list[Any] = []
        self.probes: list[Probe] = []
        self.anchor: Any = None
        """The first input of the forward pass that runs."""
        self.keras_1 = False
        """Whether the code has settings that only Keras 1 has: its GRU has one bias."""
        self.making: Collection[ast.AST] = ()
        """The functions and classes of the file that make layers."""
        self.entered = 0
        """1 where a function runs that the file never calls."""
        self.guesses = 0
        """How many conditions were taken for true that may be others in each round of a loop."""
        self.uncertain = 0
        """How many loops and branches around are run without it being known whether or how often they run."""
        self.born: dict[int, tuple[Any, int]] = {}
        """Lists and dicts that were made in such code, by their identity, and how many were around."""
        self.changed: dict[int, tuple[Any, Opaque]] = {}
        """Lists and dicts that such code changed, by their identity: what they hold is not known."""
        self.axes: dict[str, Size | None] = {}
        """The axes of inputs by their symbols, and the size that a layer says that one has."""
        self.called: set[ast.AST] = set()
        self.modules = Scope()

    @abstractmethod
    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        """The value of an expression."""

    @abstractmethod
    def execute(self, body: Iterable[ast.stmt], scope: Scope) -> Any:
        """Run statements; returns how they end."""

    @abstractmethod
    def call(self, function: Value, arguments: Arguments, scope: Scope) -> Value:
        """The value of a call."""

    @abstractmethod
    def attribute(self, value: Value, name: str, node: ast.AST) -> Value:
        """An attribute of a value."""

    @abstractmethod
    def item(self, value: Value, index: Value, node: ast.AST) -> Value:
        """An item of a value."""

    @abstractmethod
    def make(self, cls: Class, arguments: Arguments, scope: Scope) -> Instance | Value:
        """An object of a class of the file."""

    @abstractmethod
    def invoke(self, function: Function | Bound, arguments: Arguments) -> Value:
        """Call a function of the file."""

    @abstractmethod
    def assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Give a target a value."""

    @contextmanager
    def probing(self) -> Iterator[Probe]:
        """Evaluate without decisions: the probe says whether one was needed."""
        probe = Probe()
        self.probes.append(probe)
        try:
            yield probe
        finally:
            self.probes.pop()

    def place(self) -> str:
        """The function that runs, with its class."""
        inner = self.callers[-1] if self.callers else None
        if inner is None:
            return ""
        return f"{inner.owner.name}.{inner.name}" if inner.owner else inner.name

    @contextmanager
    def doubtful(self) -> Iterator[None]:
        """Run code of which it is not known whether or how often it runs."""
        self.uncertain += 1
        try:
            yield
        finally:
            self.uncertain -= 1

    def change(self, container: Any, node: ast.AST, *, known: bool = True) -> None:
        """Note that a list or a dict is changed: by code that may not run or cannot be read, what it holds is lost."""
        _, born = self.born.get(id(container), (None, 0))
        if self.uncertain > born or not known:
            owner = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else node
            self.changed.setdefault(id(container), (container, Opaque(unparsed(owner), line_of(node))))

    def found(self, value: Value, name: str, node: ast.AST) -> None:
        """Add a model."""
        line = line_of(node)
        written = self.sites[self.entered :]  # the call of a function that the file never calls is not written
        site = value.line if isinstance(value, Instance) else written[0] if written else 0
        self.models.append(Found(value, name, line, site))

    def step(self) -> None:
        """Count a step. Raises ``TooMuch``."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TooMuch

    def number(self) -> int:
        """A number for each object that is made, in sequence."""
        self.created += 1
        return self.created

    def note(self, node: ast.AST, message: str) -> None:
        """Say what was not understood, with its line."""
        self.notes[self.place(), f"line {line_of(node)}: {message}"] = None

    def opaque(self, node: ast.AST, source: str = "") -> Opaque:
        """A value that the source does not tell, called after its code."""
        value = Opaque(source or self.source_of(node), line_of(node))
        asks = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKING
        first = node.args[0] if isinstance(node, ast.Call) and node.args and asks else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value.isidentifier():
            value.label = first.value  # trial.suggest_int("units", 8, 64) is called units
        return value

    def source_of(self, node: ast.AST) -> str:
        """The code of an expression on one line, shortened."""
        return unparsed(node)

    def size(self, value: Value) -> Size | None:
        """A value as a size: a number, an expression, or the symbol of a value that is not known; None for others."""
        if isinstance(value, bool):
            return None
        if isinstance(value, int | Poly):
            return value
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return int(value)
        if isinstance(value, Opaque):
            return symbol(self.symbol(value))
        return None

    def symbol(self, value: Opaque) -> str:
        """The name of the symbol of a value; of two sources of one name the second has a number."""
        name, number = value.name if value.name not in _TAKEN else f"{value.name}_size", 1
        while (other := self.symbols.setdefault(name, value)) is not value:
            if other.source == value.source and other.line == value.line:
                break
            number += 1
            name = f"{value.name}_{number}"
        return name

    def truth(self, value: Value, node: ast.AST) -> bool:
        """Whether a condition holds; a decision where the source does not tell."""
        known = known_truth(value)
        if known is not None:
            return known
        key = value.source if isinstance(value, Opaque) else unparsed(node)
        if key in self.given:
            return bool(self.given[key])
        if self.probes:
            self.probes[-1].undecided = True
            self.probes[-1].varying |= isinstance(value, Opaque) and value.varying
            return True
        if isinstance(value, Opaque) and value.varying:
            self.guesses += 1
            return True
        if key not in self.decided:
            self.decided[key] = self.decisions.get(key, True)
        return self.decided[key]


def known_truth(value: Value) -> bool | None:
    """Whether a value counts as true; None where the source does not tell."""
    if isinstance(value, Opaque):
        return None
    if isinstance(value, Poly):
        return True
    if value is None or isinstance(value, bool | int | float | str | bytes | list | tuple | dict | range | set):
        return bool(value)
    return True if isinstance(value, _TRUE) else None


_TAKEN = ("B",)
"""Symbols that stand for something else: the batch."""
_ASKING = frozenset("Int Choice suggest_int suggest_categorical get getint get_int".split())
"""Methods whose first argument is the name of the value that they give."""
_TRUE = (Function, Bound, Class, Instance, MadeLayer, Sequential, Functional)
"""Values that count as true."""


@lru_cache(maxsize=4096)
def unparsed(node: ast.AST) -> str:
    """The code of an expression on one line, shortened."""
    try:
        return " ".join(ast.unparse(node).split())[:80] if _is_small(node) else type(node).__name__.lower()
    except (RecursionError, ValueError):
        return "expression"


def _is_small(node: ast.AST) -> bool:
    """Whether an expression is short enough to be shown."""
    todo, count = [node], 0
    while todo:
        count += 1
        if count > 60:
            return False
        todo += ast.iter_child_nodes(todo.pop())
    return True
