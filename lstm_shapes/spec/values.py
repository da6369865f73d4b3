"""Functions that read the value of a field, or say what was expected, what was found and what to type instead."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.findings.spelling import certain, nearest
from lstm_shapes.layers.activation_names import ALIASES, NAMES
from lstm_shapes.symbolic.size import (
    MAX_INT,
    MAX_TEXT,
    Poly,
    Shape,
    Size,
    SizeError,
    bind,
    is_symbol,
    names,
    parse,
    symbol,
)

MAX_AXES = 64
"""The axes that a NumPy array can have."""
MAX_OUTPUTS = 10_000
"""The outputs that a layer can have, as many as a layer can read."""
MAX_WORD = 200
OPEN_SIZE = "write a symbol such as H for a size that is not fixed"
EXPECTED_SIZE = "a size (a positive integer, a symbol such as H, or an expression such as 2*H)"


class InvalidValue(LstmShapesError, ValueError):
    """A value that a field cannot have: ``message`` says what was expected, ``hint`` what to type.

    A misspelled ``word`` has the nearest of the ``names`` as its hint, searched for when the hint is read. ``literal``
    is the value that the hint says to write, where that is certainly meant.
    """

    def __init__(
        self, message: str, hint: str = "", *, word: str = "", names: tuple[str, ...] = (), literal: Any = None
    ) -> None:
        super().__init__(message)
        self.message, self.word, self.names, self.literal, self._hint = message, word, names, literal, hint

    @property
    def hint(self) -> str:
        """What to type instead; '' where that is not known."""
        return self.correction(nearest)[0]

    def correction(self, search: Callable[[str, list[str]], str]) -> tuple[str, Any]:
        """The hint, and the value that is certainly meant or None; ``search`` finds the nearest name."""
        close = search(self.word, list(self.names)) if self.word and self.names else ""
        if not close:
            return self._hint, self.literal
        return f"write {close}", close if certain(self.word, close, self.names) else None


def quoted(value: Any) -> str:
    """A value as a message shows it: as in the file, shortened if it is long."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value is None:
        return "nothing (null)"
    if isinstance(value, float) and not math.isfinite(value):
        return "a number too large to read" if value > 0 else str(value)
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:56] + '..."'


def size(value: Any) -> Size:
    """A positive integer, a symbol or an expression. Raises ``InvalidValue``.

    >>> size(32), size("2*H")
    (32, Poly(2*H))
    """
    if type(value) is int:
        return value if 0 < value <= MAX_INT else positive(value)
    if isinstance(value, str):
        plain = len(value) <= MAX_TEXT and value != "None" and is_symbol(value)
        return symbol(value) if plain else positive(_expression(value))
    hint = OPEN_SIZE if value is None else _for_number(value)
    raise InvalidValue(f"expected {EXPECTED_SIZE}, got {quoted(value)}", hint, literal=_integral(value))


def positive(value: Size) -> Size:
    """The size; raises ``InvalidValue`` on a number, or a factor of an expression, below 1 or above ``MAX_INT``."""
    largest = max(abs(factor) for _, factor in value.terms) if isinstance(value, Poly) else value
    if largest > MAX_INT:
        got = f"{largest:,}" if largest < 10**40 else "a number of more than 40 digits"
        raise InvalidValue(f"expected {EXPECTED_SIZE}, got {got}", f"write a number up to {MAX_INT}")
    if isinstance(value, Poly) or value > 0:
        return value
    raise InvalidValue(f"expected {EXPECTED_SIZE}, got {value}", "write 1 or more")


def with_dims(value: Size, values: Mapping[str, Size], least: int | None = 1) -> Size:
    """The size with values put in for its symbols. Raises ``InvalidValue`` if the result is no size.

    ``least`` is 0 for what may be missing, such as padding; None for a position, which can be negative.
    """
    try:
        bound = bind(value, values)
        return bound if least is None or (bound == 0 and least == 0) else positive(bound)
    except ZeroDivisionError:
        raise InvalidValue(f"a division by zero in {value} with these dims") from None
    except SizeError as error:
        raise InvalidValue(f"with these dims {error}", "give the symbols numbers") from None


def _expression(text: str) -> Size:
    plain = text.strip().replace("_", "").replace(",", "").replace(" ", "")
    if plain.isdecimal() and plain.isascii():
        number = plain.lstrip("0") or "1"
        message = f"expected {EXPECTED_SIZE}, got the text {quoted(text)}"
        raise InvalidValue(message, f"write {number}"[:60], literal=_whole(text) or None)
    try:
        expression = parse(text)
    except SizeError as error:
        shown = quoted(text) if len(text) <= MAX_TEXT else "a text"
        integer = _as_integer(plain)
        hint = f"write {integer}" if integer else ""
        literal = None if "," in text else integer
        raise InvalidValue(f"expected {EXPECTED_SIZE}, got {shown}: {error}", hint, literal=literal) from None
    if "None" in names(expression):
        raise InvalidValue(f"expected {EXPECTED_SIZE}, got {quoted(text)}", OPEN_SIZE)
    return expression


def _whole(text: str) -> int | None:
    """The integer that a text is for certain: digits, in groups of three where they are in groups."""
    plain = re.fullmatch(r"\d{1,19}|\d{1,3}([_,])\d{3}(\1\d{3}){0,4}", text.strip(), re.ASCII)
    return int(re.sub(r"[_,]", "", text)) if plain else None


def _as_integer(text: str) -> int | None:
    rounded = _rounded(text)
    if rounded:
        return rounded
    try:
        return _integral(float(text))
    except ValueError:
        return None


def _for_number(value: Any) -> str:
    number = _integral(value)
    return f"write {number}" if number else "write a positive integer such as 32"


def _integral(value: Any) -> int | None:
    """The positive integer that a float is; None where it is none, or where its digits are not exact."""
    return int(value) if isinstance(value, float) and value.is_integer() and 0 < value < 1e15 else None


def shape(value: Any) -> tuple[Size | None, ...]:
    """A list of sizes; null, or None as Python writes it, is a size for which the model has a symbol."""
    if not isinstance(value, list) or not value:
        raise InvalidValue(f"expected a list of sizes, got {quoted(value)}", "write it as [T, 32]")
    if len(value) > MAX_AXES:
        raise InvalidValue(f"expected at most {MAX_AXES} axes, got {len(value):,}")
    return tuple(None if axis is None or axis == "None" else size(axis) for axis in value)


def any_shape(value: Any) -> tuple[Size | None, ...]:
    """A list of sizes, which is empty for a single number."""
    return () if value == [] else shape(value)


def shape_or_shapes(value: Any) -> tuple[Any, ...]:
    """A list of sizes, or a list of such lists: the shapes of several outputs."""
    if isinstance(value, list) and value and all(isinstance(axes, list) for axes in value):
        return tuple(shape(axes) for axes in value)
    return shape(value)


def target(value: Any) -> Shape:
    """A list of sizes; -1 is the size that follows from the others."""
    free = [type(axis) is int and axis == -1 for axis in value] if isinstance(value, list) else []
    if sum(free) > 1:
        raise InvalidValue(f"expected at most one -1, got {sum(free)}", "write sizes for all axes but one")
    sizes = shape([1 if is_free else axis for is_free, axis in zip(free, value, strict=True)] if free else value)
    if None in sizes:
        raise InvalidValue("expected sizes, got null", "write -1 for the size that follows from the others")
    return tuple(-1 if is_free else axis or 1 for is_free, axis in zip(free, sizes, strict=True))


def count(value: Any) -> Size:
    """A number >= 0 or an expression: of parameters, bytes or multiply-accumulates."""
    if type(value) is int and value >= 0:
        return value
    if isinstance(value, str) and not value.strip().replace("_", "").replace(",", "").isdecimal():
        return _expression(value)
    if isinstance(value, float) and value.is_integer() and value >= 0:
        return int(value)
    plain = value.strip().replace("_", "").replace(",", "") if isinstance(value, str) else ""
    message = f"expected a number of at least 0 or an expression, got {quoted(value)}"
    literal = _whole(value) if isinstance(value, str) else None
    raise InvalidValue(message, f"write {plain}" if plain else "", literal=literal)


def rounded_count(value: Any) -> Size:
    """A count as ``count`` reads it, or as people round it.

    >>> rounded_count("50k"), rounded_count("1.5M")
    (50000, 1500000)
    """
    return count(value) if _rounded(value) is None else _rounded(value) or 0


def _rounded(value: Any) -> int | None:
    """The number that a text such as 50k or 2M stands for."""
    text = value.strip() if isinstance(value, str) else ""
    whole, _, decimals = text[:-1].partition(".")
    digits = f"{whole}{decimals}"
    plain = whole and len(digits) <= 15 and len(decimals) <= 3 and digits.isdecimal() and digits.isascii()
    if not plain or text[-1:] not in ("k", "K", "M") or text[:-1].endswith("."):
        return None
    return int(digits) * (1_000 if text[-1] in "kK" else 1_000_000) // int(10 ** len(decimals))


def size_or_zero(value: Any) -> Size:
    """A size, or 0."""
    return 0 if value == 0 and value is not False else size(value)


def flag(value: Any) -> bool:
    """True or false; the hint translates the other words that YAML 1.1 allowed."""
    if isinstance(value, bool):
        return value
    meant = _FLAGS.get(str(value).lower(), "true or false")
    literal = {"true": True, "false": False}.get(meant)
    raise InvalidValue(f"expected true or false, got {quoted(value)}", f"write {meant}", literal=literal)


_FLAGS = {
    **dict.fromkeys(("true", "yes", "on", "y", "1"), "true"),
    **dict.fromkeys(("false", "no", "off", "n", "0"), "false"),
}
"""What people write for true and false, including the words of YAML 1.1."""


def number(value: Any) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidValue(f"expected a number, got {quoted(value)}")
    return float(value)


def rate(value: Any) -> float:
    """A fraction in [0, 1]; PyTorch allows 1, Keras too."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        hint = (
            f"write {value / 100:g}"
            if type(value) in (int, float) and 1 < value <= 100
            else "write a number such as 0.2"
        )
        raise InvalidValue(f"expected a fraction from 0 to 1, got {quoted(value)}", hint)
    return float(value)


def integer(value: Any) -> int:
    """An integer of any sign."""
    if type(value) is not int or abs(value) > MAX_INT:
        raise InvalidValue(f"expected an integer, got {quoted(value)}", "write an integer such as -1")
    return value


def integers(value: Any) -> tuple[int, ...]:
    """A list of integers."""
    if not isinstance(value, list) or not value:
        raise InvalidValue(f"expected a list of integers, got {quoted(value)}", "write it as [2, 1]")
    return tuple(integer(item) for item in value)


def axes(value: Any) -> tuple[int, ...] | None:
    """An axis or a list of axes, counted from 0, negative from the end; null is all of them."""
    return None if value is None else integers(value) if isinstance(value, list) else (integer(value),)


def positive_integer(value: Any) -> int:
    """How many outputs a layer has: an integer from 1 to ``MAX_OUTPUTS``."""
    number = integer(value)
    if not 1 <= number <= MAX_OUTPUTS:
        raise InvalidValue(f"expected an integer from 1 to {MAX_OUTPUTS:,}, got {quoted(value)}", "write 1 or more")
    return number


def position(value: Any) -> Size | None:
    """A place on an axis: an integer of any sign, or an expression; null is the end of the axis."""
    if value is None or type(value) is int:
        return None if value is None else integer(value)
    if isinstance(value, str) and value != "None" and not value.strip().removeprefix("-").isdecimal():
        return _expression(value)
    got = f"expected a position (an integer, a symbol such as K, or an expression such as T - 1), got {quoted(value)}"
    raise InvalidValue(got, f"write {value.strip()[:40]}" if isinstance(value, str) and value != "None" else "")


def sizes_or_one(value: Any) -> Size | tuple[Size, ...]:
    """A size, or a list with a size for each axis."""
    if not isinstance(value, list):
        return size(value)
    if not value or len(value) > MAX_AXES:
        raise InvalidValue(f"expected a size, or a list of sizes, got {quoted(value)}", "write a number such as 3")
    return tuple(map(size, value))


def optional_size(value: Any) -> Size | None:
    """A size, or null for the default."""
    return None if value is None else size(value)


def optional_sizes_or_one(value: Any) -> Size | tuple[Size, ...] | None:
    """A size, a list with a size for each axis, or null for the default."""
    return None if value is None else sizes_or_one(value)


def sizes_or_kept(value: Any) -> Size | tuple[Size, ...]:
    """A size, or a list with a size for each axis; null is an axis that keeps its own, 0 in what is returned."""
    if not isinstance(value, list):
        return size(value)
    if not value or len(value) > MAX_AXES:
        raise InvalidValue(f"expected a size, or a list of sizes, got {quoted(value)}", "write a number such as 3")
    return tuple(0 if item is None else size(item) for item in value)


def ends(value: Any) -> Size | tuple[Any, ...]:
    """A size or 0 for both ends of every axis; or a list of them, where an axis can have a list of its two ends.

    valid, same and causal, the words of a convolution's padding, are no symbols here.
    """
    if isinstance(value, list) and 0 < len(value) <= MAX_AXES:
        return tuple(_ends(item) if isinstance(item, list) else size_or_zero(item) for item in value)
    if isinstance(value, list) or (isinstance(value, str) and value.lower() in ("valid", "same", "causal")):
        got = f"expected a size or 0, or a list of them, got {quoted(value)}"
        raise InvalidValue(got, "write a number such as 1, or [1, 2]")
    return size_or_zero(value)


def sizes_or_zero(value: Any) -> Size | tuple[Size, ...] | None:
    """A size or 0, or a list with that for each axis; null for the default."""
    if value is None:
        return None
    if not isinstance(value, list):
        return size_or_zero(value)
    if not value or len(value) > MAX_AXES:
        raise InvalidValue(f"expected a size or 0, or a list of them, got {quoted(value)}", "write a number such as 1")
    return tuple(map(size_or_zero, value))


def padding(value: Any) -> str | Size | tuple[Any, ...]:
    """valid or same; the zeros at the ends of every axis; or a list of those of each: one size, or before and after.

    A name alone is no size, so that a misspelled word is found.
    """
    return _padding(value, ("valid", "same"))


def causal_padding(value: Any) -> str | Size | tuple[Any, ...]:
    """A padding, or causal: all of it before the axis."""
    return _padding(value, ("valid", "same", "causal"))


def _padding(value: Any, words: tuple[str, ...]) -> str | Size | tuple[Any, ...]:
    if isinstance(value, list) and 0 < len(value) <= MAX_AXES:
        return tuple(_ends(item) if isinstance(item, list) else size_or_zero(item) for item in value)
    if isinstance(value, str) and value.lower() in words:
        return value.lower()
    if type(value) is int or (isinstance(value, str) and not is_symbol(value)):
        return size_or_zero(value)
    message = f"expected {', '.join(words)}, or the number of zeros, got {quoted(value)}"
    hint = f"write [{value}] for a size of that name" if isinstance(value, str) else "write a number such as 1"
    raise InvalidValue(message, hint, word=value if isinstance(value, str) else "", names=words)


def _ends(value: list[Any]) -> tuple[Size, Size]:
    if len(value) != 2:
        raise InvalidValue(f"expected zeros before and after an axis, got {quoted(value)}", "write them as [1, 2]")
    return size_or_zero(value[0]), size_or_zero(value[1])


def axis_or_axes(value: Any) -> int | tuple[int, ...]:
    """An axis, or a list of axes."""
    return integers(value) if isinstance(value, list) else integer(value)


def optional_axes(value: Any) -> tuple[int, ...]:
    """An axis, a list of axes, or null for none."""
    return () if value is None else integers(value) if isinstance(value, list) else (integer(value),)


def sizes(value: Any) -> Shape:
    """A size, or a list of sizes."""
    return tuple(size(item) for item in value) if isinstance(value, list) and value else (size(value),)


def optional_sizes(value: Any) -> Shape:
    """A size, a list of sizes, or null for none."""
    return () if value is None else sizes(value)


def size_or_all(value: Any) -> Size:
    """A size, or -1 for as many as there are."""
    return -1 if type(value) is int and value == -1 else size(value)


def number_from_0(value: Any) -> float:
    """A finite number that is not below 0."""
    if number(value) < 0:
        raise InvalidValue(f"expected a number of at least 0, got {quoted(value)}", f"write {-value:g} or 0")
    return float(value)


def optional_limit(value: Any) -> float | None:
    """A number that is not below 0, or null for no limit."""
    return None if value is None else number_from_0(value)


def activation(value: Any) -> str:
    """The name of an activation in our spelling; null is linear."""
    if value is None:
        return "linear"
    if not isinstance(value, str):
        raise InvalidValue(f"expected the name of an activation, got {quoted(value)}", "write a name such as tanh")
    name = ALIASES.get(value.lower(), value.lower())
    if name in NAMES:
        return name
    message = f"expected the name of an activation, got {quoted(value)}"
    raise InvalidValue(message, "write a name such as tanh", word=name, names=(*NAMES, *ALIASES))


def choice(value: Any, choices: tuple[str, ...]) -> str:
    """One of the choices, in any case; null means the choice ``none``."""
    word = "none" if value is None and "none" in choices else value
    if isinstance(word, str) and word.lower() in choices:
        return word.lower()
    message = f"expected one of {', '.join(choices)}, got {quoted(value)}"
    raise InvalidValue(message, word=word if isinstance(word, str) else "", names=choices)


def text(value: Any) -> str:
    """A name of at most ``MAX_WORD`` characters."""
    if isinstance(value, str) and 0 < len(value) <= MAX_WORD:
        return value
    got = f"{len(value):,} characters" if isinstance(value, str) else quoted(value)
    hint = f'write "{value}" in quotes' if isinstance(value, int | float) else ""
    raise InvalidValue(f"expected text of 1 to {MAX_WORD} characters, got {got}", hint)


def layer(value: Any) -> Any:
    """The entry of a layer inside a layer, unread: whoever reads the outer layer reads it."""
    return value


def cells(value: Any) -> Any:
    """The entries of cells, unread; a single one need not be a list."""
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list) and 0 < len(value) <= MAX_OUTPUTS:
        return value
    got = "an empty list" if value == [] else f"{len(value):,}" if isinstance(value, list) else quoted(value)
    raise InvalidValue(f"expected 1 to {MAX_OUTPUTS:,} cells, got {got}", "write [{type: lstm_cell, units: 32}]")


KINDS: dict[str, Callable[[Any], Any]] = {
    "size": size,
    "shape": shape,
    "any_shape": any_shape,
    "target": target,
    "count": count,
    "flag": flag,
    "number": number,
    "rate": rate,
    "integer": integer,
    "integers": integers,
    "axes": axes,
    "positive": positive_integer,
    "position": position,
    "axis_or_axes": axis_or_axes,
    "optional_axes": optional_axes,
    "sizes": sizes,
    "optional_sizes": optional_sizes,
    "size_or_all": size_or_all,
    "sizes_or_one": sizes_or_one,
    "sizes_or_zero": sizes_or_zero,
    "optional_size": optional_size,
    "optional_sizes_or_one": optional_sizes_or_one,
    "sizes_or_kept": sizes_or_kept,
    "ends": ends,
    "padding": padding,
    "causal_padding": causal_padding,
    "number_from_0": number_from_0,
    "optional_limit": optional_limit,
    "activation": activation,
    "text": text,
    "layer": layer,
    "cells": cells,
}
"""A field's kind -> the function that reads it. A choice needs its choices as well."""

FROM_ZERO: frozenset[Callable[[Any], Any]] = frozenset({size_or_zero, sizes_or_zero, ends, padding, causal_padding})
"""Those that read sizes of which each can be 0."""
