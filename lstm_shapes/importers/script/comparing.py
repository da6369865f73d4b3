"""Comparisons: True, False, or a value that the source does not tell, which is decided once for the whole run."""

from __future__ import annotations

import ast
from typing import Any

from lstm_shapes.importers.script.lines import line_of
from lstm_shapes.importers.script.run import Run
from lstm_shapes.importers.script.values import Class, External, Function, Opaque, Ratio, Tensor, Value, is_size
from lstm_shapes.symbolic.size import Poly, at_most, same

_SIGNS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
_OPPOSITE = {"!=": "==", "is not": "is", "not in": "in", ">": "<=", ">=": "<"}
_PLAIN = (bool, int, float, str, bytes, list, tuple, dict, range, type(None))


def compare(run: Run, sign: ast.cmpop, left: Value, right: Value, node: ast.AST) -> Value:
    """Whether a comparison holds; an ``Opaque`` where that is not known."""
    word = _SIGNS[type(sign)]
    if word in _OPPOSITE:
        answer = _holds(run, _OPPOSITE[word], left, right, node)
        return not run.truth(answer, node) if isinstance(answer, Opaque) else not answer
    return _holds(run, word, left, right, node)


def _holds(run: Run, word: str, left: Value, right: Value, node: ast.AST) -> Value:
    if word == "is" and (left is None or right is None):
        other = right if left is None else left
        return _unknown(run, word, left, right, node) if isinstance(other, Opaque) else other is None
    if word in ("<", "<=") and _sizes(left, right):
        return _ordered(run, word, left, right, node)
    if word in ("==", "is") and _sizes(left, right):
        answer = same(left, right)
        return _unknown(run, word, left, right, node) if answer is None else answer
    if word == "in" and isinstance(left, str | int) and isinstance(right, dict):
        return left in right
    if isinstance(left, Opaque | Tensor | Ratio | Poly) or isinstance(right, Opaque | Tensor | Ratio | Poly):
        return _unknown(run, word, left, right, node)
    if isinstance(left, External | Class | Function) or isinstance(right, External | Class | Function):
        return left == right if word in ("==", "is") else _unknown(run, word, left, right, node)
    if _known(left) and _known(right):
        return _computed(run, word, left, right, node)
    return left is right if word in ("==", "is") else _unknown(run, word, left, right, node)


def _sizes(left: Value, right: Value) -> bool:
    return is_size(left) and is_size(right)


def _ordered(run: Run, word: str, left: Any, right: Any, node: ast.AST) -> Value:
    answer = at_most(left if word == "<=" else left + 1, right)
    return _unknown(run, word, left, right, node) if answer is None else answer


def _known(value: Value, depth: int = 0) -> bool:
    """Whether a value is one of Python's, its items too."""
    if isinstance(value, list | tuple):
        return depth < 5 and all(_known(item, depth + 1) for item in value)
    if isinstance(value, dict):
        return depth < 5 and all(_known(item, depth + 1) for item in value.values())
    return isinstance(value, _PLAIN)


def _computed(run: Run, word: str, left: Any, right: Any, node: ast.AST) -> Value:
    try:
        if word in ("==", "is"):
            return bool(left == right)
        if word == "in":
            return bool(left in right)
        return bool(left < right) if word == "<" else bool(left <= right)
    except (TypeError, RecursionError):
        return _unknown(run, word, left, right, node)


def _unknown(run: Run, word: str, left: Value, right: Value, node: ast.AST) -> Opaque:
    """The comparison as a value; the same for the same values wherever it stands."""
    line = line_of(node)
    if isinstance(left, Opaque) and not (isinstance(right, Opaque) and right.varying):
        return left.member(f" {word} {_text(run, right)}", line)
    if isinstance(right, Opaque):
        return right.member("", line, f"{_text(run, left)} {word} ")
    return Opaque(f"{_text(run, left)} {word} {_text(run, right)}", line, derived=True)


def _text(run: Run, value: Value) -> str:
    if isinstance(value, Opaque):
        return value.label or value.source
    if isinstance(value, _PLAIN):
        return repr(value)[:60] if not isinstance(value, list | tuple | dict) else "[...]"
    return str(value) if isinstance(value, Poly) else type(value).__name__.lower()
