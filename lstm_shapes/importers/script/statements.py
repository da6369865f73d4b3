"""Statements: what runs in which sequence, which branches are taken, how often a loop runs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from lstm_shapes.importers.script.assigning import assign, assign_in_place, delete, forget, unpack
from lstm_shapes.importers.script.expressions import Expressions, defaults_of, iterated, symbolic_count
from lstm_shapes.importers.script.importing import import_from, import_module
from lstm_shapes.importers.script.looping import containers, grown, repeat
from lstm_shapes.importers.script.run import MAX_DEPTH, MAX_UNROLLED, Arguments, Raised, TooMuch, known_truth
from lstm_shapes.importers.script.values import Class, External, Function, Opaque, Scope, Value


class Ended(NamedTuple):
    """How a body ends before its last statement: ``return``, ``break`` or ``continue``."""

    how: str
    value: Value = None


class Statements(Expressions):
    """The part of the interpreter that runs statements."""

    relevant: Callable[[ast.AST], bool]
    """Whether what is inside a node can change a model."""

    def execute(self, body: Iterable[ast.stmt], scope: Scope) -> Ended | None:
        for statement in body:
            self.step()
            if self.depth > MAX_DEPTH:
                raise TooMuch
            self.depth += 1
            try:
                kind = _KINDS.get(type(statement))
                ended: Ended | None = kind(self, statement, scope) if kind else None
            finally:
                self.depth -= 1
            if ended is not None:
                return ended
        return None

    def assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        assign(self, target, value, scope)


def _expression(run: Statements, node: ast.Expr, scope: Scope) -> None:
    run.evaluate(node.value, scope)


def _assignment(run: Statements, node: ast.Assign, scope: Scope) -> None:
    value = run.evaluate(node.value, scope)
    for target in node.targets:
        run.assign(target, _or_typed(run, target, node.value, value), scope)


def _annotated(run: Statements, node: ast.AnnAssign, scope: Scope) -> None:
    if node.value is not None:
        value = run.evaluate(node.value, scope)
        run.assign(node.target, _or_typed(run, node.target, node.value, value), scope)


def _or_typed(run: Statements, target: ast.expr, code: ast.expr, value: Value) -> Value:
    """The value of a name; of a constant, as in ``hidden_size = 64``, what the command line says of its name."""
    if not isinstance(code, ast.Constant) or not isinstance(target, ast.Name) or target.id not in run.typed:
        return value
    run.symbols.setdefault(target.id, Opaque(target.id, target.lineno))
    return run.typed[target.id]


def _augmented(run: Statements, node: ast.AugAssign, scope: Scope) -> None:
    assign_in_place(run, node, scope)


def _return(run: Statements, node: ast.Return, scope: Scope) -> Ended:
    return Ended("return", run.evaluate(node.value, scope) if node.value else None)


def _break(run: Statements, node: ast.Break, scope: Scope) -> Ended:
    return Ended("break")


def _continue(run: Statements, node: ast.Continue, scope: Scope) -> Ended:
    return Ended("continue")


def _raise(run: Statements, node: ast.Raise, scope: Scope) -> None:
    raise Raised


def _if(run: Statements, node: ast.If, scope: Scope) -> Ended | None:
    chain: ast.If | None = node
    while chain is not None:
        run.step()
        holds = _decided(run, chain, scope)
        if holds is None:
            return _either(run, chain, scope)
        if holds:
            return run.execute(chain.body, scope)
        if len(chain.orelse) == 1 and isinstance(chain.orelse[0], ast.If):
            chain = chain.orelse[0]
        else:
            return run.execute(chain.orelse, scope)
    return None


def _decided(run: Statements, node: ast.If, scope: Scope) -> bool | None:
    """Whether a condition holds; None where it does not matter which branch is taken."""
    if _is_main(node.test):
        return True
    if not run.relevant(node):
        with run.probing() as probe:
            value = run.evaluate(node.test, scope)
        return None if probe.undecided else known_truth(value)
    if _leaves(node.body) != _leaves(node.orelse):  # the code goes on only where it does not raise
        with run.probing() as probe:
            value = run.evaluate(node.test, scope)
        known = None if probe.undecided else known_truth(value)
        return _leaves(node.orelse) if known is None else known
    with run.probing() as probe:
        value = run.evaluate(node.test, scope)
    if probe.varying or (isinstance(value, Opaque) and value.varying):
        return None
    return run.truth(run.evaluate(node.test, scope) if probe.undecided else value, node.test)


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _leaves(body: list[ast.stmt]) -> bool:
    """Whether a body surely raises an exception or leaves the program."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return ast.unparse(last.value.func) in ("sys.exit", "exit", "quit", "os._exit") if len(body) < 50 else False
    return isinstance(last, ast.Raise)


def _either(run: Statements, node: ast.If, scope: Scope) -> Ended | None:
    """Both branches, where neither matters: what they set is not known afterwards."""
    before = [(container, len(items)) for container, items in containers(scope)] if run.relevant(node) else []
    for body in (node.body, node.orelse):
        with suppress(Raised), run.doubtful():
            run.execute(body, scope)
    for container, length in before:
        grown(run, node, container, length, "", None)
    forget(run, node, scope)
    return None


def _for(run: Statements, node: ast.For, scope: Scope) -> Ended | None:
    values = run.evaluate(node.iter, scope)
    several = iterated(values)
    if several is not None and (len(several) <= MAX_UNROLLED) and (run.relevant(node) or len(several) <= 8):
        for value in several:
            run.assign(node.target, value, scope)
            ended = run.execute(node.body, scope)
            if ended is not None and ended.how == "return":
                return ended
            if ended is not None and ended.how == "break":
                return None
        return run.execute(node.orelse, scope)
    if isinstance(values, Opaque) or several is None:
        element = values.member("[i]", node.lineno) if isinstance(values, Opaque) else run.opaque(node.target)
        element.varying = True
        if run.relevant(node):
            returned: Ended | None = repeat(run, node, symbolic_count(values), scope)
            return returned
        _once(run, node, node.target, element, scope)
    else:
        _once(run, node, node.target, run.opaque(node.target), scope)
    return None


def _once(run: Statements, node: ast.For | ast.While, target: ast.expr | None, value: Value, scope: Scope) -> None:
    """A loop in which nothing matters to a model: one round, and what it sets is not known."""
    if target is not None:
        unpack(run, target, value, scope)
    forget(run, node, scope)
    with suppress(Raised), run.doubtful():
        run.execute(node.body, scope)
    forget(run, node, scope)


def _while(run: Statements, node: ast.While, scope: Scope) -> Ended | None:
    for _ in range(MAX_UNROLLED):
        with run.probing() as probe:
            value = run.evaluate(node.test, scope)
        known = None if probe.undecided else known_truth(value)
        if known is False:
            return None
        if known is None or (isinstance(node.test, ast.Constant)):
            if run.relevant(node) and known is None:
                repeat(run, node, None, scope)
                return None
            _once(run, node, None, None, scope)
            return None
        ended = run.execute(node.body, scope)
        if ended is not None and ended.how != "continue":
            return ended if ended.how == "return" else None
    forget(run, node, scope)
    return None


def _with(run: Statements, node: ast.With | ast.AsyncWith, scope: Scope) -> Ended | None:
    for item in node.items:
        value = run.evaluate(item.context_expr, scope)
        if item.optional_vars is not None:
            run.assign(item.optional_vars, value if not isinstance(value, External) else run.opaque(node), scope)
    return run.execute(node.body, scope)


def _try(run: Statements, node: ast.Try, scope: Scope) -> Ended | None:
    try:
        ended = run.execute(node.body, scope) or run.execute(node.orelse, scope)
    except Raised:
        ended = run.execute(node.handlers[0].body, scope) if node.handlers else None
    return run.execute(node.finalbody, scope) or ended


def _function(run: Statements, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
    names = tuple(_name_of(decorator) for decorator in node.decorator_list)
    value: Value = Function(node, scope, defaults_of(run, node.args, scope), decorators=names)
    for decorator in reversed(node.decorator_list):
        if _name_of(decorator) in ("command", "option", "argument"):
            value = run.call(
                External("click.decorator"), Arguments(ast.Call(decorator, [], []), [value, decorator]), scope
            )
    if any(name.endswith("setter") for name in names):
        return
    scope.values[node.name] = value


def _name_of(node: ast.expr) -> str:
    while isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _class(run: Statements, node: ast.ClassDef, scope: Scope) -> None:
    bases = tuple(run.evaluate(base, scope) for base in node.bases if not isinstance(base, ast.Starred))
    inner = Scope(outer=scope)
    run.execute(node.body, inner)
    names = [_name_of(decorator) for decorator in node.decorator_list]
    cls = Class(node, inner.values, bases, dataclass="dataclass" in names)
    for value in inner.values.values():
        if isinstance(value, Function) and value.owner is None and value.scope is inner:
            value.owner, value.scope = cls, scope
    scope.values[node.name] = cls


def _import(run: Statements, node: ast.Import, scope: Scope) -> None:
    import_module(node, scope)


def _import_from(run: Statements, node: ast.ImportFrom, scope: Scope) -> None:
    import_from(node, scope)


def _global(run: Statements, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
    scope.shared |= set(node.names)


def _delete(run: Statements, node: ast.Delete, scope: Scope) -> None:
    for target in node.targets:
        delete(run, target, scope)


def _match(run: Statements, node: ast.Match, scope: Scope) -> Ended | None:
    subject = run.evaluate(node.subject, scope)
    for case in node.cases:
        run.step()
        pattern = case.pattern
        if isinstance(pattern, ast.MatchAs) and pattern.pattern is None and case.guard is None:
            if pattern.name:
                scope.values[pattern.name] = subject
            return run.execute(case.body, scope)
        choices = pattern.patterns if isinstance(pattern, ast.MatchOr) else [pattern]
        values = [choice.value for choice in choices if isinstance(choice, ast.MatchValue)]
        if len(values) != len(choices) or case.guard is not None:
            run.note(node, "this match statement is not followed")
            return None
        for value in values:
            test = ast.copy_location(ast.Compare(node.subject, [ast.Eq()], [value]), value)
            if run.truth(run.evaluate(test, scope), test):
                return run.execute(case.body, scope)
    return None


_KINDS: dict[type, Callable[..., Any]] = {
    ast.Expr: _expression,
    ast.Assign: _assignment,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Raise: _raise,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _global,
    ast.Nonlocal: _global,
    ast.Delete: _delete,
    ast.Match: _match,
}
