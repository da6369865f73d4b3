"""Arithmetic on values: numbers of Python, sizes with symbols, lists and texts, tensors."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from lstm_shapes.importers.script.run import Run
from lstm_shapes.importers.script.tensors import elementwise
from lstm_shapes.importers.script.values import Copies, Opaque, Ratio, Tensor, Value, is_size
from lstm_shapes.symbolic.size import Poly, SizeError

MAX_BITS = 256
"""The digits of an integer that is computed, in bits."""
MAX_ITEMS = 10_000
_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**", ast.FloorDiv: "//"}
_EXACT = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv)


def binary(run: Run, sign: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
    """The value of an operation on two values."""
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return elementwise(run, _SIGNS.get(type(sign), "?"), left, right, node)
    if isinstance(left, bool | int | float) and isinstance(right, bool | int | float):
        return _numbers(run, sign, left, right, node)
    if isinstance(left, list | tuple | str | dict) or isinstance(right, list | tuple | str):
        return _collections(run, sign, left, right, node)
    if _is_quantity(left) and _is_quantity(right):
        return _sizes(run, sign, left, right, node)
    if isinstance(left, Ratio) and isinstance(right, int) and isinstance(sign, ast.Mult):
        return Ratio(left.numerator * right, left.denominator)
    return run.opaque(node)


def negative(run: Run, value: Value, node: ast.AST) -> Value:
    """The value with the other sign."""
    if isinstance(value, bool | int | float):
        return -value
    if isinstance(value, Tensor):
        return elementwise(run, "negative", value, None, node)
    return -value if isinstance(value, Poly) else run.opaque(node)


def _is_quantity(value: Value) -> bool:
    return isinstance(value, Opaque) or is_size(value)


def _numbers(run: Run, sign: ast.operator, left: Any, right: Any, node: ast.AST) -> Value:
    function = _OPERATORS.get(type(sign))
    large = any(isinstance(value, int) and value.bit_length() > MAX_BITS for value in (left, right))
    if function is None or large:
        return run.opaque(node)
    if isinstance(sign, ast.Pow | ast.LShift) and abs(right) > 64:
        return run.opaque(node)
    try:
        result = function(left, right)
    except (ArithmeticError, ValueError, TypeError):
        return run.opaque(node)
    return run.opaque(node) if isinstance(result, complex) else result


def _collections(run: Run, sign: ast.operator, left: Any, right: Any, node: ast.AST) -> Value:
    if isinstance(sign, ast.Add) and type(left) is type(right) and isinstance(left, list | tuple | str):
        return left + right if len(left) + len(right) <= MAX_ITEMS else run.opaque(node)
    if isinstance(sign, ast.BitOr) and isinstance(left, dict) and isinstance(right, dict):
        return left | right
    if isinstance(sign, ast.Mult):
        items, times = (left, right) if isinstance(left, list | tuple | str) else (right, left)
        if isinstance(times, int) and len(items) * times <= MAX_ITEMS:
            return items * times
        if isinstance(items, list) and len(items) == 1 and (count := run.size(times)) is not None:
            return Copies(items[0], count)
    if isinstance(sign, ast.Mod) and isinstance(left, str) and len(left) < 1000:
        plain = right if isinstance(right, tuple) else (right,)
        if all(isinstance(value, str | int | float) for value in plain):
            try:
                return left % plain if "*" not in left and len(left) < 200 else run.opaque(node)
            except (TypeError, ValueError):
                return run.opaque(node)
    return run.opaque(node)


def _sizes(run: Run, sign: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
    a, b = run.size(left), run.size(right)
    if a is None or b is None:
        return run.opaque(node)
    try:
        if isinstance(sign, _EXACT):
            return _OPERATORS[type(sign)](a, b)
        if isinstance(sign, ast.Div):
            return Ratio(a, b)
    except (SizeError, ArithmeticError, TypeError):
        return run.opaque(node)
    return run.opaque(node)
