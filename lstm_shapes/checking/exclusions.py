"""The patterns of ``exclude`` and ``per-file-ignores``: those of Python's fnmatch, for a path, a name or a folder."""

from __future__ import annotations

import os
from functools import lru_cache

from lstm_shapes.checking.patterns import ANYTHING, EVERYTHING, Characters, Pattern, Patterns, Step, literal


@lru_cache(maxsize=32)
def exclusions(globs: tuple[str, ...]) -> Patterns:
    """The patterns together. Each matches from any name of a path on; its star matches slashes too.

    >>> [excluded(path, ("old", "*_test.yaml")) for path in ("a/old/m.yaml", "a/b_test.yaml", "older.yaml")]
    [True, True, False]
    """
    return Patterns([Pattern(_steps(glob.rstrip("/")), floating=True) for glob in globs], lambda name: map(ord, name))


def excluded(path: str, globs: tuple[str, ...]) -> bool:
    """Whether a pattern matches the path, its end from some name on, or a folder above it."""
    if not globs:
        return False
    patterns = exclusions(globs)
    states = patterns.start
    for name in os.path.normpath(path).split(os.sep):
        states = patterns.after(name, states)
        if patterns.last(states, folder=True):
            return True
        states = patterns.below(states)
    return False


def _steps(glob: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    at = 0
    while at < len(glob):
        close = glob.find("]", at + 2 + (glob[at + 1 : at + 2] == "!")) if glob[at] == "[" else -1
        if glob[at] == "*":
            steps += [EVERYTHING] if steps[-1:] != [EVERYTHING] else []
        elif glob[at] == "?":
            steps.append(Step(ANYTHING))
        elif close >= 0:
            steps.append(Step(_characters(glob[at + 1 : close])))
            at = close
        else:
            steps.append(literal(ord(glob[at])))
        at += 1
    return tuple(steps)


def _characters(text: str) -> Characters:
    """The set in brackets, without them."""
    negated = text.startswith("!")
    ranges = []
    at = int(negated)
    while at < len(text):
        end = at + 2 if text[at + 1 : at + 2] == "-" and at + 2 < len(text) else at
        ranges.append((ord(text[at]), ord(text[end])))
        at = end + 1
    return Characters(tuple(ranges), negated, slash=True)
