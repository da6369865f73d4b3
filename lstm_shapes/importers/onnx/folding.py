"""Computations over known numbers, as exports make shapes with: Shape, Gather, Slice, Concat, arithmetic, Range ..."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from itertools import product as places
from typing import Any

from lstm_shapes.importers.onnx.node import Node
from lstm_shapes.importers.onnx.value import MAX_NUMBERS, Number, Value
from lstm_shapes.symbolic.size import Poly, Size, SizeError, product

Numbers = tuple[Number, ...]
Plain = tuple[tuple[int, ...], Numbers]
"""A shape of integers, and the numbers in their order."""


def fold(node: Node) -> Value | None:
    """The output of a node whose numbers follow from known ones; None where they do not."""
    function = _FOLDS.get(node.op)
    try:
        folded = function(node) if function else None
    except (SizeError, ArithmeticError, ValueError, IndexError, TypeError):
        return None
    if folded is None or len(folded[1]) > MAX_NUMBERS:
        return None
    weights = tuple(dict.fromkeys(weight for value in node.inputs if value for weight in value.weights))
    return Value(folded[0], "", folded[1], weights, not any(folded[1]) and bool(folded[1]))


def _known(value: Value | None) -> Plain | None:
    """The numbers of a value with its shape, where both are known."""
    if value is None or value.numbers is None or value.shape is None:
        return None
    shape = tuple(size for size in value.shape if isinstance(size, int))
    return (shape, value.numbers) if len(shape) == len(value.shape) else None


def _all(node: Node) -> list[Plain] | None:
    known = [_known(value) for value in node.inputs if value is not None]
    return [plain for plain in known if plain is not None] if known and None not in known else None


def _shape(node: Node) -> Plain | None:
    x = node.input(0)
    if x is None or x.shape is None:
        return None
    end = node.attributes.get("end")
    sizes = x.shape[node.integer("start", 0) : end if isinstance(end, int) else None]
    return (len(sizes),), tuple(sizes)


def _size(node: Node) -> Plain | None:
    x = node.input(0)
    return None if x is None or x.shape is None else ((), (product(x.shape),))


def _elementwise(function: Callable[..., Any]) -> Callable[[Node], Plain | None]:
    def compute(node: Node) -> Plain | None:
        known = _all(node)
        if known is None:
            return None
        shape = _broadcast([shape for shape, _ in known])
        columns = [_stretched(plain, shape) for plain in known]
        return shape, tuple(function(*row) for row in zip(*columns, strict=True))

    return compute


def _broadcast(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    rank = max(map(len, shapes))
    wide = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    shape = tuple(max(sizes) for sizes in zip(*wide, strict=True))
    if any(size not in (1, most) for other in wide for size, most in zip(other, shape, strict=True)):
        raise ValueError("shapes that do not fit")
    if math.prod(shape) > MAX_NUMBERS:
        raise ValueError("too many numbers")
    return shape


def _stretched(plain: Plain, shape: tuple[int, ...]) -> Numbers:
    own, numbers = plain
    own = (1,) * (len(shape) - len(own)) + own
    steps = [0 if size == 1 else math.prod(own[axis + 1 :]) for axis, size in enumerate(own)]
    spots = places(*map(range, shape))
    return tuple(numbers[sum(place * step for place, step in zip(spot, steps, strict=True))] for spot in spots)


def _divide(a: Any, b: Any) -> Any:
    if isinstance(a, float) or isinstance(b, float):
        return a / b
    if isinstance(a, int) and isinstance(b, int):
        return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return a // b


def _exact(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Arithmetic in which a float that is an integer is one where the other number is a size with symbols."""

    def compute(a: Any, b: Any) -> Any:
        if isinstance(a, Poly) or isinstance(b, Poly):
            a, b = (int(number) if isinstance(number, float) and number.is_integer() else number for number in (a, b))
            if isinstance(a, float) or isinstance(b, float):
                raise ValueError("a size times a fraction")
        return function(a, b)

    return compute


def _certain(function: Callable[[Any, Any], bool]) -> Callable[[Any, Any], int]:
    """A comparison of numbers; of sizes only where it is the same for all."""

    def compare(a: Any, b: Any) -> int:
        if isinstance(a, Poly) or isinstance(b, Poly):
            difference = a - b
            if isinstance(difference, Poly):
                raise ValueError("it depends")
            return int(function(difference, 0))
        return int(function(a, b))

    return compare


def _equal(a: Any, b: Any) -> int:
    """Whether sizes are equal; a size is never below 1."""
    if isinstance(a, Poly) != isinstance(b, Poly) and (a if isinstance(b, Poly) else b) in (0, -1):
        return 0
    return _certain(operator.eq)(a, b)


def _extreme(function: Callable[[Any], Any]) -> Callable[..., Any]:
    def choose(*numbers: Any) -> Any:
        if any(isinstance(number, Poly) for number in numbers):
            if all(number == numbers[0] for number in numbers):
                return numbers[0]
            raise ValueError("it depends")
        return function(numbers)

    return choose


def _where(condition: Any, a: Any, b: Any) -> Any:
    if isinstance(condition, Poly):
        return a
    return a if condition else b


def _cast(node: Node) -> Plain | None:
    known = _known(node.input(0))
    if known is None:
        return None
    to, (shape, numbers) = node.integer("to", 7), known
    if to == 9:
        return shape, tuple(1 if isinstance(number, Poly) else int(bool(number)) for number in numbers)
    if to in (1, 10, 11, 16):
        return shape, tuple(number if isinstance(number, Poly) else float(number) for number in numbers)
    return shape, tuple(int(number) if isinstance(number, float) else number for number in numbers)


def _rounded(function: Callable[[float], int]) -> Callable[[Node], Plain | None]:
    return _elementwise(lambda x: x if isinstance(x, Poly) else float(function(x)))


def _gather(node: Node) -> Plain | None:
    x, indices = _known(node.input(0)), _known(node.input(1))
    if x is None or indices is None or len(x[0]) != 1:
        return None
    return indices[0], tuple(x[1][_index(index, len(x[1]))] for index in indices[1])


def _index(index: Number, length: int) -> int:
    if not isinstance(index, int) or not -length <= index < length:
        raise IndexError(index)
    return index


def _slice(node: Node) -> Plain | None:
    x = _known(node.input(0))
    starts, ends = node.list_from("starts", 1), node.list_from("ends", 2)
    steps = node.list_from("steps", 4) if node.input(4) else (1,)
    if x is None or len(x[0]) != 1 or not starts or not ends or not steps or len(starts) != 1:
        return None
    numbers = x[1][slice(starts[0], _stop(ends[0], len(x[1])), steps[0])]
    return (len(numbers),), numbers


def _stop(end: int, length: int) -> int | None:
    return None if end < -length else end


def _concat(node: Node) -> Plain | None:
    known = _all(node)
    if known is None or any(len(shape) != 1 for shape, _ in known):
        return None
    numbers = tuple(number for _, part in known for number in part)
    return (len(numbers),), numbers


def _reshaped(node: Node) -> Plain | None:
    """Operators that keep the numbers in their order."""
    from lstm_shapes.importers.onnx.moving import reshaped

    x, shape = _known(node.input(0)), reshaped(node)
    if x is None or shape is None:
        return None
    sizes = tuple(size for size in shape if isinstance(size, int))
    return (sizes, x[1]) if len(sizes) == len(shape) else None


def _constant_of_shape(node: Node) -> Plain | None:
    sizes = node.input(0).sizes if node.input(0) else None  # type: ignore[union-attr]
    fill = node.attributes.get("value")
    values = fill["tensor"]["values"] if isinstance(fill, dict) and "tensor" in fill else [0.0]
    shape = tuple(size for size in sizes or () if isinstance(size, int))
    if sizes is None or len(shape) != len(sizes) or not values or math.prod(shape) > MAX_NUMBERS:
        return None
    return shape, (values[0],) * math.prod(shape)


def _expand(node: Node) -> Plain | None:
    x, sizes = _known(node.input(0)), node.input(1).integers if node.input(1) else None  # type: ignore[union-attr]
    if x is None or sizes is None:
        return None
    shape = _broadcast([x[0], sizes])
    return shape, _stretched(x, shape)


def _range(node: Node) -> Plain | None:
    numbers = [value.numbers[0] if value and value.numbers else None for value in node.inputs]
    if len(numbers) != 3 or any(type(number) is not int for number in numbers):
        return None
    start, limit, delta = (int(number) for number in numbers if isinstance(number, int))
    if len(range(start, limit, delta)) > MAX_NUMBERS:
        return None
    listed = tuple(range(start, limit, delta))
    return (len(listed),), listed


def _reduce(function: Callable[[Numbers], Any]) -> Callable[[Node], Plain | None]:
    def compute(node: Node) -> Plain | None:
        known = _known(node.input(0))
        axes = node.list_from("axes", 1)
        if known is None or len(known[0]) != 1 or axes not in (None, (0,), (-1,)):
            return None
        return ((1,) if node.integer("keepdims", 1) else ()), (function(known[1]),)

    return compute


def _split_part(numbers: Numbers) -> Size:
    return product(number for number in numbers if not isinstance(number, float))


_FOLDS: dict[str, Callable[[Node], Plain | None]] = {
    "Shape": _shape,
    "Size": _size,
    "Gather": _gather,
    "Slice": _slice,
    "Concat": _concat,
    "Cast": _cast,
    "ConstantOfShape": _constant_of_shape,
    "Expand": _expand,
    "Range": _range,
    **dict.fromkeys(("Squeeze", "Unsqueeze", "Reshape", "Flatten"), _reshaped),
    "Add": _elementwise(_exact(operator.add)),
    "Sub": _elementwise(_exact(operator.sub)),
    "Mul": _elementwise(_exact(operator.mul)),
    "Div": _elementwise(_exact(_divide)),
    "Mod": _elementwise(_exact(operator.mod)),
    "Neg": _elementwise(lambda a: -a),
    "Abs": _elementwise(lambda a: a if isinstance(a, Poly) else abs(a)),
    "Not": _elementwise(lambda a: int(not a)),
    "And": _elementwise(lambda a, b: int(bool(a) and bool(b))),
    "Or": _elementwise(lambda a, b: int(bool(a) or bool(b))),
    "Equal": _elementwise(_equal),
    "Greater": _elementwise(_certain(operator.gt)),
    "GreaterOrEqual": _elementwise(_certain(operator.ge)),
    "Less": _elementwise(_certain(operator.lt)),
    "LessOrEqual": _elementwise(_certain(operator.le)),
    "Where": _elementwise(_where),
    "Max": _elementwise(_extreme(max)),
    "Min": _elementwise(_extreme(min)),
    "Floor": _rounded(math.floor),
    "Ceil": _rounded(math.ceil),
    "Sqrt": _elementwise(lambda x: math.sqrt(x)),
    "ReduceProd": _reduce(_split_part),
    "ReduceMax": _reduce(lambda numbers: _extreme(max)(*numbers)),
    "ReduceMin": _reduce(lambda numbers: _extreme(min)(*numbers)),
    "ReduceSum": _reduce(lambda numbers: sum(number for number in numbers)),
}
