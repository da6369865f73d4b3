"""Expressions: the value of each kind of node of ``ast``."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lstm_shapes.importers.script.comparing import compare
from lstm_shapes.importers.script.computing import binary, negative
from lstm_shapes.importers.script.lines import line_of
from lstm_shapes.importers.script.members import attribute, item
from lstm_shapes.importers.script.names import canonical
from lstm_shapes.importers.script.names_of_stars import STARS
from lstm_shapes.importers.script.run import MAX_DEPTH, MAX_UNROLLED, Arguments, Run, known_truth
from lstm_shapes.importers.script.values import Copies, External, Function, MadeLayer, Opaque, Scope, Value
from lstm_shapes.symbolic.size import Poly

BUILTINS = frozenset(
    """range len int float str bool abs min max sum round list tuple dict set zip enumerate reversed sorted isinstance
    getattr setattr delattr hasattr print super any all type vars map object property Exception open id filter iter next
    repr ValueError NotImplementedError TypeError RuntimeError KeyError callable divmod pow globals locals""".split()
)


class Expressions(Run):
    """The part of the interpreter that gives an expression its value."""

    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        self.step()
        if self.depth > MAX_DEPTH:
            return Opaque("expression", line_of(node))
        self.depth += 1
        try:
            kind = _KINDS.get(type(node))
            value = kind(self, node, scope) if kind else self.opaque(node)
            if self.uncertain and isinstance(value, list | dict) and isinstance(node, _DISPLAYS):
                self.born[id(value)] = (value, self.uncertain)
            if self.given and isinstance(value, Opaque) and value.name in self.given:
                self.symbols.setdefault(value.name, value)
                return self.given[value.name]
            if self.changed and isinstance(value, list | dict) and id(value) in self.changed:
                return self.changed[id(value)][1]
            return value
        finally:
            self.depth -= 1

    def attribute(self, value: Value, name: str, node: ast.AST) -> Value:
        return attribute(self, value, name, node)

    def item(self, value: Value, index: Value, node: ast.AST) -> Value:
        return item(self, value, index, node)

    def lookup(self, name: str, scope: Scope, node: ast.AST) -> Value:
        """The value of a name, through the scopes around."""
        inner: Scope | None = scope
        while inner is not None:
            if name in inner.values:
                return inner.values[name]
            for module in inner.stars:
                if name in STARS.get(module, ()):
                    return External(canonical(f"{module}.{name}"))
            inner = inner.outer
        if name in BUILTINS:
            return External(f"builtins.{name}")
        value = Opaque(name, line_of(node))
        outermost = scope
        while outermost.outer is not None:
            outermost = outermost.outer
        outermost.values[name] = value
        return value

    def arguments(self, node: ast.Call, scope: Scope) -> Arguments:
        """The values that a call passes."""
        given = Arguments(node)
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                more = self.evaluate(argument.value, scope)
                if isinstance(more, list | tuple):
                    given.positional += more
                else:
                    given.open = True
            else:
                given.nodes[len(given.positional)] = argument
                given.positional.append(self.evaluate(argument, scope))
        for keyword in node.keywords:
            value = self.evaluate(keyword.value, scope)
            if keyword.arg is not None:
                given.named[keyword.arg], given.nodes[keyword.arg] = value, keyword.value
            elif isinstance(value, dict):
                given.unpacked = True
                given.named |= {key: one for key, one in value.items() if isinstance(key, str)}
                given.nodes |= {key: keyword.value for key in value if isinstance(key, str)}
            else:
                given.open = True
        return given


def _constant(run: Expressions, node: ast.Constant, scope: Scope) -> Value:
    return node.value if not isinstance(node.value, complex) else run.opaque(node)


def _name(run: Expressions, node: ast.Name, scope: Scope) -> Value:
    return run.lookup(node.id, scope, node)


def _attribute(run: Expressions, node: ast.Attribute, scope: Scope) -> Value:
    return run.attribute(run.evaluate(node.value, scope), node.attr, node)


def _subscript(run: Expressions, node: ast.Subscript, scope: Scope) -> Value:
    return run.item(run.evaluate(node.value, scope), run.evaluate(node.slice, scope), node)


def _slice(run: Expressions, node: ast.Slice, scope: Scope) -> Value:
    ends = (run.evaluate(end, scope) if end else None for end in (node.lower, node.upper, node.step))
    return slice(*ends)


def _elements(run: Expressions, nodes: Iterable[ast.expr], scope: Scope) -> list[Value] | None:
    values: list[Value] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            more = run.evaluate(node.value, scope)
            if not isinstance(more, list | tuple | range):
                return None
            values += more
        else:
            values.append(run.evaluate(node, scope))
    return values


def _list(run: Expressions, node: ast.List, scope: Scope) -> Value:
    values = _elements(run, node.elts, scope)
    return run.opaque(node) if values is None else values


def _tuple(run: Expressions, node: ast.Tuple, scope: Scope) -> Value:
    values = _elements(run, node.elts, scope)
    return run.opaque(node) if values is None else tuple(values)


def _dict(run: Expressions, node: ast.Dict, scope: Scope) -> Value:
    values: dict[Any, Value] = {}
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = run.evaluate(value_node, scope)
        if key_node is None:
            if not isinstance(value, dict):
                return run.opaque(node)
            values |= value
            continue
        key = run.evaluate(key_node, scope)
        if isinstance(key, str | int | float | bool | tuple | External | type(None)):
            try:
                values[key] = value
            except TypeError:
                return run.opaque(node)
    return values


def _joined(run: Expressions, node: ast.JoinedStr, scope: Scope) -> Value:
    parts = []
    for part in node.values:
        value = run.evaluate(part.value if isinstance(part, ast.FormattedValue) else part, scope)
        if not isinstance(value, str | int | float) or (isinstance(part, ast.FormattedValue) and part.format_spec):
            return run.opaque(node)
        parts.append(str(value))
    return "".join(parts)[:10_000]


def _binary(run: Expressions, node: ast.BinOp, scope: Scope) -> Value:
    chain: list[ast.BinOp] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp):
        chain.append(left)
        left = left.left
    value = run.evaluate(left, scope)
    for operation in reversed(chain):
        run.step()
        value = binary(run, operation.op, value, run.evaluate(operation.right, scope), operation)
    return value


def _unary(run: Expressions, node: ast.UnaryOp, scope: Scope) -> Value:
    value = run.evaluate(node.operand, scope)
    if isinstance(node.op, ast.Not):
        return not run.truth(value, node)
    if isinstance(node.op, ast.USub):
        return negative(run, value, node)
    return value if isinstance(node.op, ast.UAdd) else run.opaque(node)


def _boolean(run: Expressions, node: ast.BoolOp, scope: Scope) -> Value:
    stop = isinstance(node.op, ast.Or)
    value: Value = None
    for operand in node.values:
        value = run.evaluate(operand, scope)
        if operand is not node.values[-1] and run.truth(value, operand) == stop:
            return value if known_truth(value) is not None else (value if stop else False)
    return value


def _compare(run: Expressions, node: ast.Compare, scope: Scope) -> Value:
    left = run.evaluate(node.left, scope)
    answer: Value = True
    for operator, right_node in zip(node.ops, node.comparators, strict=True):
        right = run.evaluate(right_node, scope)
        answer = compare(run, operator, left, right, node)
        if answer is not True:
            return answer
        left = right
    return answer


def _choice(run: Expressions, node: ast.IfExp, scope: Scope) -> Value:
    holds = run.truth(run.evaluate(node.test, scope), node.test)
    return run.evaluate(node.body if holds else node.orelse, scope)


def _call(run: Expressions, node: ast.Call, scope: Scope) -> Value:
    function = run.evaluate(node.func, scope)
    return run.call(function, run.arguments(node, scope), scope)


def _lambda(run: Expressions, node: ast.Lambda, scope: Scope) -> Value:
    return Function(node, scope, defaults_of(run, node.args, scope))


def defaults_of(run: Run, node: ast.arguments, scope: Scope) -> dict[str, Value]:
    """The values of the defaults of a function, by parameter."""
    ordered = [*node.posonlyargs, *node.args]
    late = ordered[len(ordered) - len(node.defaults) :]
    pairs: list[tuple[ast.arg, ast.expr | None]] = [
        *zip(late, node.defaults, strict=True),
        *zip(node.kwonlyargs, node.kw_defaults, strict=True),
    ]
    return {argument.arg: run.evaluate(value, scope) for argument, value in pairs if value is not None}


def _named(run: Expressions, node: ast.NamedExpr, scope: Scope) -> Value:
    value = run.evaluate(node.value, scope)
    if isinstance(node.target, ast.Name):
        scope.values[node.target.id] = value
    return value


def _await(run: Expressions, node: ast.Await, scope: Scope) -> Value:
    return run.evaluate(node.value, scope)


def _comprehension(run: Expressions, node: Any, scope: Scope) -> Value:
    inner = Scope(outer=scope)
    values: list[Value] = []
    count = _rounds(run, node.generators, inner, lambda: values.append(_element(run, node, inner)))
    if count is False:
        return run.opaque(node)
    if count is not True and values and varies(values[0], node.generators[0].target):
        return run.opaque(node)
    if count is not True:
        return (
            Copies(values[0], count)
            if values and isinstance(node, ast.ListComp | ast.GeneratorExp)
            else run.opaque(node)
        )
    if isinstance(node, ast.DictComp):
        try:
            return dict(values)
        except TypeError:
            return run.opaque(node)
    return values


def _element(run: Expressions, node: Any, scope: Scope) -> Value:
    if isinstance(node, ast.DictComp):
        return run.evaluate(node.key, scope), run.evaluate(node.value, scope)
    return run.evaluate(node.elt, scope)


def _rounds(run: Expressions, generators: list[ast.comprehension], scope: Scope, body: Callable[[], None]) -> Any:
    """Run the body of a comprehension; True where all rounds were run, else how often it runs, or False."""
    first, *others = generators
    values = run.evaluate(first.iter, scope)
    several = iterated(values)
    if several is None or len(several) > MAX_UNROLLED:
        count = symbolic_count(values)
        if count is None or others or first.ifs:
            return False
        target, guesses = run.source_of(first.target), run.guesses
        run.assign(first.target, Opaque(target, first.target.lineno, varying=True), scope)
        body()
        return count if run.guesses == guesses else False
    for value in several:
        run.step()
        run.assign(first.target, value, scope)
        if all(run.truth(run.evaluate(test, scope), test) for test in first.ifs):
            if not others:
                body()
            elif _rounds(run, others, scope, body) is not True:
                return False
    return True


def varies(value: Value, target: ast.expr) -> bool:
    """Whether a layer that a round of a loop makes depends on the variable of the loop."""
    words = set(re.findall(r"\w+", repr(value.entry))) if isinstance(value, MadeLayer) else set()
    return any(isinstance(inner, ast.Name) and inner.id in words for inner in ast.walk(target))


def iterated(value: Value) -> list[Value] | None:
    """The values that a loop goes through; None where the source does not tell."""
    if isinstance(value, range):
        return list(value) if len(value) <= MAX_UNROLLED else None
    if isinstance(value, list | tuple | str | dict | set | frozenset):
        return list(value)
    if isinstance(value, Mapping):
        return list(value)
    return None


def symbolic_count(value: Value) -> Any:
    """How often a loop runs over a range up to a symbol; None for others."""
    return value.count if isinstance(value, Copies) and isinstance(value.count, Poly) else None


_DISPLAYS = (ast.List, ast.Dict, ast.ListComp, ast.DictComp)
_KINDS: dict[type, Callable[..., Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Set: _list,
    ast.Dict: _dict,
    ast.JoinedStr: _joined,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _choice,
    ast.Call: _call,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named,
    ast.Await: _await,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
}
