"""Sizes in words, for the sentences in which layers explain their outputs."""

from __future__ import annotations

from collections.abc import Iterable

from lstm_shapes.symbolic.size import Size, readable


def count_of(size: Size, noun: str) -> str:
    """A size with what it counts, in the singular for 1.

    >>> count_of(1, "timestep"), count_of(5248, "number")
    ('1 timestep', '5,248 numbers')
    """
    return f"{readable(size)} {noun}{'s' * (size != 1)}"


def times(size: Size) -> str:
    """How often something happens.

    >>> times(1), times(10)
    ('once', '10 times')
    """
    return "once" if size == 1 else f"{readable(size)} times"


def listed(numbers: Iterable[int]) -> str:
    """Numbers in a sentence.

    >>> listed((1,)), listed((1, 2, 3))
    ('1', '1, 2 and 3')
    """
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}" if most else last


def bracketed(size: Size) -> str:
    """A size as a factor: in brackets where it is a sum or a quotient.

    >>> from lstm_shapes.symbolic.size import symbol
    >>> bracketed(8), bracketed(symbol("H") + 1)
    ('8', '(H + 1)')
    """
    text = readable(size)
    return f"({text})" if " " in text or "//" in text else text


def per_axis(value: Size | tuple[Size, ...]) -> str:
    """A setting that has one number, or one for each axis.

    >>> per_axis(3), per_axis((3, 5))
    ('3', '3 x 5')
    """
    return " x ".join(map(bracketed, value)) if isinstance(value, tuple) else readable(value)
