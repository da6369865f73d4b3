"""The axis language: a shape or a tensor's layout as words, ``"batch time in"``, written once and parsed once.

``...`` stands for any number of axes; brackets pack axes into one: ``"in (gate unit)"`` is one row per input, one
column per gate and unit, the gate changing slowest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lstm_shapes.findings.mismatch import Mismatch
from lstm_shapes.symbolic.size import Shape, Size, product, same, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

Groups = tuple[tuple[str, ...], ...]
"""One tuple of axis names per dimension; more than one name where axes are packed."""


@lru_cache(maxsize=512)
def parse(pattern: str) -> Groups:
    """The pattern's dimensions; raises ``ValueError`` on brackets that do not pair.

    >>> parse("in (gate unit)")
    (('in',), ('gate', 'unit'))
    """
    groups: list[tuple[str, ...]] = []
    packed: list[str] | None = None
    for word in pattern.replace("(", " ( ").replace(")", " ) ").split():
        if (word == "(") != (packed is None) and word in "()":
            raise ValueError(f"brackets do not pair in {pattern!r}")
        if word == "(":
            packed = []
        elif word == ")":
            groups.append(tuple(packed or ()))
            packed = None
        elif packed is None:
            groups.append((word,))
        else:
            packed.append(word)
    if packed is not None:
        raise ValueError(f"brackets do not pair in {pattern!r}")
    return tuple(groups)


def match(pattern: str, shape: Shape) -> dict[str, Size]:
    """The sizes of a pattern's axes in ``shape``; ``...`` takes what is between. Raises ``Mismatch`` on another rank.

    >>> match("batch time in", (4, 10, 8))
    {'batch': 4, 'time': 10, 'in': 8}
    """
    words = [group[0] for group in parse(pattern)]
    if "..." in words:
        before, after = words.index("..."), len(words) - words.index("...") - 1
        if len(shape) >= before + after:
            ends = (*shape[:before], *shape[len(shape) - after :])
            return dict(zip([word for word in words if word != "..."], ends, strict=True))
        raise Mismatch(_rank(f"at least {before + after}", words, shape), kind="wrong-rank")
    if len(words) != len(shape):
        raise Mismatch(_rank(str(len(words)), words, shape), kind="wrong-rank")
    return dict(zip(words, shape, strict=True))


def build(pattern: str, sizes: Mapping[str, Size]) -> Shape:
    """The shape that a pattern has with these sizes.

    >>> build("in (gate unit)", {"in": 8, "gate": 4, "unit": 32})
    (8, 128)
    """
    groups = parse(pattern)
    return tuple([sizes[group[0]] if len(group) == 1 else product([sizes[name] for name in group]) for group in groups])


def arrange(array: NDArray[Any], source: str, target: str, sizes: Mapping[str, int]) -> NDArray[Any]:
    """An array laid out again: ``source`` and ``target`` name the same axes in other orders and packings.

    >>> import numpy as np
    >>> sizes = {"in": 2, "gate": 3, "unit": 5}
    >>> arrange(np.zeros((3, 5, 2)), "gate unit in", "in (gate unit)", sizes).shape
    (2, 15)
    """
    have = [name for group in parse(source) for name in group]
    want = [name for group in parse(target) for name in group]
    loose = array.reshape([sizes[name] for name in have]).transpose([have.index(name) for name in want])
    return loose.reshape([int(size) for size in build(target, sizes) if isinstance(size, int)])


def find_axis(shape: Shape, axis: int, field: str = "axis") -> int:
    """The axis counted from 0, where a negative number counts from the end. Raises ``Mismatch`` on one it has not.

    >>> find_axis((5, 10, 8), -1)
    2
    """
    if -len(shape) <= axis < len(shape):
        return axis % len(shape)
    message = f"expected an axis of {shown(shape)}, got {axis}"
    hint = f"write an axis from -{len(shape)} to {len(shape) - 1}" if shape else ""
    raise Mismatch(message, kind="wrong-rank", field=field, hint=hint)


def find_axes(shape: Shape, axes: Sequence[int], field: str = "axis") -> tuple[int, ...]:
    """The axes counted from 0. Raises ``Mismatch`` on one that the shape has not, or that appears twice.

    >>> find_axes((5, 10, 8), (1, -1))
    (1, 2)
    """
    places = tuple(find_axis(shape, axis, field) for axis in axes)
    if len(set(places)) < len(places):
        message = f"expected each axis once, got {', '.join(map(str, axes))} of {shown(shape)}"
        raise Mismatch(message, kind="wrong-rank", field=field, hint="write each axis once")
    return places


def agree(shapes: Sequence[Shape], expected: str) -> None:
    """Raise ``Mismatch`` unless all shapes are certainly equal; ``expected`` begins the message.

    >>> agree([(2, 3), (2, 3)], "add takes inputs of the same shape")
    """
    for shape in shapes[1:]:
        equal = len(shape) == len(shapes[0]) and all(same(a, b) for a, b in zip(shape, shapes[0], strict=True))
        if not equal:
            raise Mismatch(f"{expected}, got {' and '.join(shown(shape) for shape in shapes)}", kind="merge-mismatch")


def _rank(count: str, words: list[str], shape: Shape) -> str:
    named = ", ".join("features" if word == "in" else word for word in words)
    return f"expected {count} axes ({named}), got {len(shape)}: {shown(shape)}"
