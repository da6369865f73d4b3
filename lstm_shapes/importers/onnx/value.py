"""What is known of a tensor of an ONNX graph while it is translated, and the sizes in its declarations."""

from __future__ import annotations

import re
from itertools import count
from typing import Any, NamedTuple

from lstm_shapes.symbolic.size import MAX_INT, Poly, Shape, Size, SizeError, is_symbol, parse, symbol

Number = int | float | Poly
MAX_NUMBERS = 4_096
"""The most numbers of a tensor that are computed."""
FLOATS = ("float32", "float64", "float16", "bfloat16")


class Weight(NamedTuple):
    """A tensor of numbers that is stored in the file: the float ones, less those that are all 0, are parameters."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    params: int


class Cut(NamedTuple):
    """A sequence of the parts of ``x`` along an axis, each of ``size``; an axis of 1 is removed unless it ``keeps``."""

    x: Value
    axis: int
    size: int
    keeps: bool


class Value(NamedTuple):
    """A tensor. ``ref`` is its name in the spec, '' where it needs no input of the model.

    ``numbers`` are its elements where they are known, sizes among them; ``weights`` the stored tensors from which it
    is computed; ``zero`` says that all its elements are 0. A sequence has ``items``, or is a tensor that is ``cut``.
    """

    shape: Shape | None
    ref: str = ""
    numbers: tuple[Number, ...] | None = None
    weights: tuple[Weight, ...] = ()
    zero: bool = False
    dtype: str = ""
    items: tuple[Value, ...] = ()
    cut: Cut | None = None

    @property
    def runtime(self) -> bool:
        """Whether it depends on what enters the model, and not only on its shape."""
        return bool(self.ref)

    @property
    def integers(self) -> tuple[int, ...] | None:
        """The elements where all are known integers."""
        known = self.numbers is not None and all(type(number) is int for number in self.numbers)
        return tuple(int(number) for number in self.numbers or () if not isinstance(number, Poly)) if known else None

    @property
    def sizes(self) -> tuple[Size, ...] | None:
        """The elements where all are known integers or sizes with symbols."""
        known = self.numbers is not None and all(isinstance(number, int | Poly) for number in self.numbers)
        return tuple(number for number in self.numbers or () if not isinstance(number, float)) if known else None


def stored(tensor: dict[str, Any]) -> Value:
    """An initializer or the value of a Constant."""
    shape, dtype = tuple(tensor["shape"]), tensor["dtype"]
    elements = 1
    for size in shape:
        elements *= size
    zero = tensor["zero"] is True
    weight = Weight(tensor["name"], shape, dtype, 0 if zero or dtype not in FLOATS else elements)
    numbers = None if tensor["values"] is None else tuple(map(_plain, tensor["values"]))
    return Value(shape if 0 not in shape else None, "", numbers, (weight,), zero, dtype)


def _plain(number: Any) -> Number:
    return int(number) if isinstance(number, bool) else number


class Symbols:
    """Symbols for the sizes that a file names, or does not know.

    >>> symbols = Symbols()
    >>> symbols.size("batch size"), symbols.size(8), symbols.size("2*T"), symbols.fresh()
    (Poly(batch_size), 8, Poly(2*T), Poly(N))
    """

    def __init__(self) -> None:
        self._named: dict[str, Size] = {}
        self._taken: set[str] = set()
        self._number = count(2)

    def size(self, declared: int | str | None) -> Size:
        """The size that a declaration gives; a symbol of its own where it gives none."""
        if isinstance(declared, int):
            return declared if 0 < declared <= MAX_INT else self.fresh()
        if declared is None:
            return self.fresh()
        if declared not in self._named:
            self._named[declared] = self._symbol(declared)
        return self._named[declared]

    def fresh(self) -> Size:
        """A symbol of its own: N, N_2, N_3 ..."""
        name = "N"
        while name in self._taken:
            name = f"N_{next(self._number)}"
        self._taken.add(name)
        return symbol(name)

    def _symbol(self, text: str) -> Size:
        if not is_symbol(text):
            try:
                size = parse(text)
            except SizeError:
                pass
            else:
                if isinstance(size, Poly):
                    return size
        plain = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")[:60]
        name = plain if plain and is_symbol(plain) and plain != "None" else f"N_{plain}".rstrip("_")
        unique = name
        while unique in self._taken:
            unique = f"{name}_{next(self._number)}"
        self._taken.add(unique)
        return symbol(unique)
