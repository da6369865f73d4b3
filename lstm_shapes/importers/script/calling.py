"""Calls: functions and classes of the file, names of libraries by their tables, and what is not known."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from lstm_shapes.importers.script.lines import line_of
from lstm_shapes.importers.script.run import MAX_CALLS, MAX_RECURSION, Arguments, Run, TooMuch
from lstm_shapes.importers.script.statements import Statements
from lstm_shapes.importers.script.values import (
    Bound,
    Class,
    External,
    Function,
    Functional,
    Instance,
    Method,
    Opaque,
    Record,
    Scope,
    Sequential,
    Super,
    Tensor,
    Value,
    symbol_name,
)

Meaning = Callable[[Run, Arguments], Value]
MethodMeaning = Callable[[Run, Any, Arguments], Value]


class Calls(Statements):
    """The part of the interpreter that calls.

    ``meanings`` has a function for each name of a library, ``methods`` one for each method of a kind of value, and
    ``applied`` what it means to call a layer, a model or an object.
    """

    meanings: Mapping[str, Meaning]
    methods: Mapping[tuple[type, str], MethodMeaning]
    applied: Mapping[type, MethodMeaning]
    fallbacks: tuple[Callable[[Run, str, Arguments], Value], ...]
    """Asked in turn for the names of libraries that no table has; None passes on."""

    def call(self, function: Value, arguments: Arguments, scope: Scope) -> Value:
        self.step()
        match function:
            case External("builtins.super"):
                return self.above(arguments, scope)
            case External("builtins.locals"):
                return dict(scope.values)
            case External():
                return self.library(function.path, arguments)
            case Function() | Bound():
                return self.invoke(function, arguments)
            case Class():
                return self.make(function, arguments, scope)
            case Method():
                return self.method(function, arguments)
            case Opaque() | Record():
                return self.unknown(function, arguments)
        for kind in type(function).__mro__:
            if kind in self.applied:
                return self.applied[kind](self, function, arguments)
        return self.opaque(arguments.node)

    def library(self, path: str, arguments: Arguments) -> Value:
        """The value of a call of a name of a library."""
        meaning = self.meanings.get(path)
        if meaning is not None:
            return meaning(self, arguments)
        for fallback in self.fallbacks:
            value = fallback(self, path, arguments)
            if value is not None:
                return value
        return self.unknown(Opaque(path, arguments.node.lineno), arguments)

    def method(self, method: Method, arguments: Arguments) -> Value:
        """The value of a call of a method of a list, a model, a tensor ..."""
        for kind in type(method.receiver).__mro__:
            for name in (method.name, ""):
                meaning = self.methods.get((kind, name))
                if meaning is not None:
                    if not name:
                        return meaning(self, method, arguments)
                    return meaning(self, method.receiver, arguments)
        return self.opaque(arguments.node)

    def unknown(self, function: Opaque | Record, arguments: Arguments) -> Value:
        """The value of a function that the source does not tell: a layer that is not known, where it reads tensors."""
        tensors = [value for value in flat(arguments.positional) if isinstance(value, Tensor)]
        tensors += [value for value in flat(list(arguments.named.values())) if isinstance(value, Tensor)]
        if tensors:
            return self.applied[Opaque](self, function, arguments)
        name = _entry(function, arguments) if self.given else ""
        if name not in self.given:
            return self.opaque(arguments.node)
        self.symbols.setdefault(name, Opaque(self.source_of(arguments.node), line_of(arguments.node)))
        return self.given[name]

    def above(self, arguments: Arguments, scope: Scope) -> Value:
        """``super()``, with or without arguments."""
        inner: Scope | None = scope
        while inner is not None and inner.function is None:
            inner = inner.outer
        owner = inner.function.owner if inner is not None and inner.function is not None else None
        if isinstance(arguments.get(0), Class):
            owner = arguments.get(0)
        if inner is None or owner is None:
            return self.opaque(arguments.node)
        return Super(inner.receiver, owner)

    def invoke(self, function: Function | Bound, arguments: Arguments) -> Value:
        plain = function.function if isinstance(function, Bound) else function
        if len(self.callers) >= MAX_CALLS or self.callers.count(plain) > MAX_RECURSION:
            if plain.node in self.making:
                raise TooMuch
            return self.opaque(arguments.node)
        if isinstance(plain.node, ast.AsyncFunctionDef) or is_generator(plain.node):
            return self.opaque(arguments.node)
        scope = Scope(outer=plain.scope, function=plain)
        self.bind(plain, function.receiver if isinstance(function, Bound) else None, arguments, scope)
        self.called.add(plain.node)
        self.callers.append(plain)
        self.sites.append(arguments.node.lineno)
        try:
            if isinstance(plain.node, ast.Lambda):
                return self.evaluate(plain.node.body, scope)
            ended = self.execute(plain.node.body, scope)
            value = ended.value if ended is not None and ended.how == "return" else None
            if isinstance(value, Sequential | Functional):
                value.returned = True
            return value
        finally:
            self.callers.pop()
            self.sites.pop()

    def bind(self, function: Function, receiver: Value, arguments: Arguments, scope: Scope) -> None:
        """Give the parameters of a function their values."""
        node = function.node.args
        names = [argument.arg for argument in (*node.posonlyargs, *node.args)]
        values = list(arguments.positional)
        if receiver is not None:
            scope.receiver = receiver
            values.insert(0, receiver)
        scope.values |= dict(zip(names, values, strict=False))
        if node.vararg:
            scope.values[node.vararg.arg] = tuple(values[len(names) :])
        names += [argument.arg for argument in node.kwonlyargs]
        extra = {}
        for name, value in arguments.named.items():
            if name in names:
                scope.values[name] = value
            else:
                extra[name] = value
        if node.kwarg:
            scope.values[node.kwarg.arg] = Opaque(node.kwarg.arg, line_of(function.node)) if arguments.open else extra
        for name in names:
            if name not in scope.values:
                if name in self.typed:
                    self.symbols.setdefault(name, Opaque(name, line_of(function.node)))
                default = self.typed.get(name, function.defaults.get(name, self))
                known = default is not self and not arguments.open
                scope.values[name] = default if known else self.parameter(name, function.node)

    def parameter(self, name: str, node: ast.AST) -> Value:
        """A parameter that nothing gives a value: what the command line gives, or a symbol."""
        value = Opaque(name, line_of(node))
        return self.given.get(name, value)

    def make(self, cls: Class, arguments: Arguments, scope: Scope) -> Value:
        self.called.add(cls.node)
        instance = Instance(cls, arguments.node.lineno, doubt=self.uncertain)
        constructor = next(
            (
                other.values["__init__"]
                for other in cls.mro()
                if isinstance(other, Class) and "__init__" in other.values
            ),
            None,
        )
        if isinstance(constructor, Function):
            owner = next(c for c in cls.mro() if isinstance(c, Class) and c.values.get("__init__") is constructor)
            self.invoke(Bound(constructor, instance, owner), arguments)
        elif cls.dataclass or not cls.externals():
            self.fill(instance, arguments)
        made = self.methods.get((Class, "made"))
        if made is not None:
            made(self, instance, arguments)
        return instance

    def fill(self, instance: Instance, arguments: Arguments) -> None:
        """The attributes of an object of a dataclass."""
        names = instance.cls.fields()
        given = dict(zip(names, arguments.positional, strict=False)) | arguments.named
        for name in names:
            if name in given:
                instance.attributes[name] = given[name]
            elif arguments.open or not any(isinstance(cls, Class) and name in cls.values for cls in instance.cls.mro()):
                instance.attributes[name] = self.parameter(name, instance.cls.node)


def _entry(function: Opaque | Record, arguments: Arguments) -> str:
    """The symbol of an entry: ``config.get("hidden", 32)`` has that of ``config["hidden"]``; '' of other calls."""
    key = arguments.get(0)
    if not isinstance(function, Opaque) or not function.source.endswith(".get") or not isinstance(key, str):
        return ""
    return symbol_name(f"{function.source.removesuffix('.get')}.{key}")


def flat(values: list[Value], depth: int = 0) -> list[Value]:
    """Values, and those in lists and tuples among them."""
    result: list[Value] = []
    for value in values:
        result += flat(list(value), depth + 1) if isinstance(value, list | tuple) and depth < 4 else [value]
    return result


@lru_cache(maxsize=4096)
def is_generator(node: ast.AST) -> bool:
    """Whether a function has a ``yield``."""
    return any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(node))
