"""The names of the outputs of a model that is used as a layer: each its own."""

from __future__ import annotations

from collections.abc import Iterable


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """The names, each with a number after it where it is there already.

    >>> distinct(["a", "a", "b"])
    ('a', 'a_2', 'b')
    """
    unique: dict[str, None] = {}
    for name in names:
        number, own = 1, name
        while own in unique:
            number += 1
            own = f"{name}_{number}"
        unique[own] = None
    return tuple(unique)
