"""Many glob patterns matched at once, in a single pass over a path, whatever the patterns are.

All patterns together are one automaton without backtracking. Its states are the bits of an integer, so that a character
moves all of them in a few operations: extended Shift-And, in Navarro and Raffinot, "Flexible Pattern Matching in
Strings" (2002), chapter 4. A search keeps the states at each folder and reads only the names below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

MAX_CHARACTERS = 2**18
"""How long the patterns of a file may be in sum."""
MAX_MASKS = 256
SLASH = ord("/")


class Characters(NamedTuple):
    """A set of characters by their codes. Only with ``slash`` the slash can be in it."""

    ranges: tuple[tuple[int, int], ...] = ()
    negated: bool = False
    slash: bool = False

    def contains(self, code: int) -> bool:
        """Whether a character is in the set."""
        inside = any(first <= code <= last for first, last in self.ranges)
        return inside != self.negated and (code != SLASH or self.slash)


class Step(NamedTuple):
    """A state of a pattern: the characters that lead to the next, and those that lead back to itself.

    ``skips`` are the states, counted from here, that need no character.
    """

    accepts: Characters = Characters()
    repeats: Characters = Characters()
    skips: tuple[int, ...] = ()


class Pattern(NamedTuple):
    """The steps of a pattern, which match a path from the folder of the pattern, or with ``floating`` from any name."""

    steps: tuple[Step, ...]
    floating: bool
    folders_only: bool = False
    negated: bool = False


ANYTHING = Characters(negated=True, slash=True)
ANY_IN_NAME = Characters(negated=True)
STAR = Step(repeats=ANY_IN_NAME, skips=(1,))
EVERYTHING = Step(repeats=ANYTHING, skips=(1,))
FOLDERS = (Step(skips=(1, 2)), Step(accepts=Characters(((SLASH, SLASH),), slash=True), repeats=ANYTHING))
"""Any number of folders, each with the slash after it."""


@lru_cache(maxsize=1024)
def literal(code: int) -> Step:
    """A state that a single character leads out of."""
    return Step(Characters(((code, code),), slash=True))


class Patterns:
    """Patterns in the order of their precedence: the last that matches decides.

    ``codes`` has the codes of a name's characters.
    """

    def __init__(self, patterns: Sequence[Pattern], codes: Callable[[str], Iterable[int]]) -> None:
        self._codes = codes
        self._steps = tuple(step for pattern in patterns for step in (*pattern.steps, Step()))
        self._masks: dict[int, tuple[int, int]] = {}
        self._literals: dict[int, list[int]] = {}
        self._sets: list[tuple[int, Characters]] = []
        self._repeats: list[tuple[int, Characters]] = []
        for bit, step in enumerate(self._steps):
            self._register(bit, step)
        self._skip = {
            count: self._integer(bit for bit, step in enumerate(self._steps) if count in step.skips) for count in (2, 1)
        }
        starts: list[int] = []
        ends: list[int] = []
        for pattern in patterns:
            starts.append(ends[-1] + 1 if ends else 0)
            ends.append(starts[-1] + len(pattern.steps))
        self._ends = dict(zip(ends, patterns, strict=True))
        self._files = self._integer(end for end, pattern in self._ends.items() if not pattern.folders_only)
        self._folders = self._integer(ends)
        floating = (start for start, pattern in zip(starts, patterns, strict=True) if pattern.floating)
        self._floating = self._skipped(self._integer(floating))
        self.start = self._skipped(self._integer(starts))
        """The states in the folder of the patterns, where a name begins."""

    def after(self, name: str, states: int) -> int:
        """The states after a name that begins in ``states``."""
        for code in self._codes(name):
            if not states:
                break
            states = self._next(states, code)
        return states

    def below(self, states: int) -> int:
        """The states in a folder, where a name begins, from those after the folder's name."""
        return self._next(states, SLASH) | self._floating

    def last(self, states: int, *, folder: bool) -> Pattern | None:
        """The last pattern that matches a file or folder, from the states after its name."""
        matching = states & (self._folders if folder else self._files)
        return self._ends[matching.bit_length() - 1] if matching else None

    def _next(self, states: int, code: int) -> int:
        accepting, repeating = self._mask(code)
        return self._skipped((states & accepting) << 1 | (states & repeating))

    def _skipped(self, states: int) -> int:
        """The states with those that need no character. What skips two is never reached by a skip."""
        for count, mask in self._skip.items():
            skipping = states & mask
            if skipping:
                states |= skipping << count
        return states

    def _mask(self, code: int) -> tuple[int, int]:
        """The states that a character leads out of, and those that it leads back to."""
        if code not in self._masks:
            if len(self._masks) >= MAX_MASKS:
                self._masks.clear()
            accepting = (bit for bit, characters in self._sets if characters.contains(code))
            repeating = (bit for bit, characters in self._repeats if characters.contains(code))
            masks = self._integer((*self._literals.get(code, ()), *accepting)), self._integer(repeating)
            self._masks[code] = masks
        return self._masks[code]

    def _register(self, bit: int, step: Step) -> None:
        ranges = step.accepts.ranges
        if len(ranges) == 1 and ranges[0][0] == ranges[0][1] and step.accepts.slash and not step.accepts.negated:
            self._literals.setdefault(ranges[0][0], []).append(bit)
        elif ranges or step.accepts.negated:
            self._sets.append((bit, step.accepts))
        if step.repeats.negated:
            self._repeats.append((bit, step.repeats))

    def _integer(self, bits: Iterable[int]) -> int:
        raw = bytearray(len(self._steps) // 8 + 1)
        for bit in bits:
            raw[bit // 8] |= 1 << bit % 8
        return int.from_bytes(raw, "little")
