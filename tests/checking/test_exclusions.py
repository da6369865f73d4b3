"""Patterns of ``exclude`` match as Python's fnmatch does, however many there are and whatever they contain."""

from __future__ import annotations

import random
import time
from fnmatch import fnmatchcase

import pytest

from lstm_shapes.checking.exclusions import excluded, exclusions

from ..profiles import rounds

PIECES = [
    "a",
    "b",
    "c",
    "é",
    "模",
    "-",
    "]",
    "[",
    "!",
    "*",
    "*",
    "?",
    "[ab]",
    "[!a]",
    "[a-c]",
    "[]a]",
    "[!]a]",
    "[a-]",
    "[c-a]",
]
PIECES += [
    "[-a]",
    "[!-b]",
    "[a-c-e]",
    "[--0]",
    "[!é]",
    "[a/]",
    "[^a]",
    "[[]",
    "/",
    "\\",
    "[\\a]",
    ".",
    "**",
    "[!模-模]",
]


def by_fnmatch(path: str, glob: str) -> bool:
    """The same by the standard library, name by name: a path, or a folder above it, from any of its names on."""
    names = path.split("/")
    folders = [names[:end] for end in range(1, len(names) + 1)]
    tails = ["/".join(folder[start:]) for folder in folders for start in range(len(folder))]
    return any(fnmatchcase(tail, glob.rstrip("/")) for tail in tails)


@pytest.mark.parametrize("seed", range(rounds(200, 5)))
def test_random_patterns_match_as_fnmatch_does(seed: int) -> None:
    chance = random.Random(seed)
    globs = ["".join(chance.choices(PIECES, k=chance.randint(1, 4))) for _ in range(40)]
    paths = [
        "/".join("".join(chance.choices("abc-é模]![^\\e", k=chance.randint(1, 3))) for _ in range(3)) for _ in range(10)
    ]
    for path in paths:
        expected = [by_fnmatch(path, glob) for glob in globs]
        assert [excluded(path, (glob,)) for glob in globs] == expected
        assert excluded(path, tuple(globs)) == any(expected)


def test_thousands_of_patterns_on_a_deep_path_take_no_time() -> None:
    globs = tuple(f"*a*a*a*a*a*a*b{number}" for number in range(3_000))
    path = "/".join(["a" * 50] * 100)
    patterns = exclusions(globs)
    start = time.process_time()
    assert not excluded(path, globs)
    assert time.process_time() - start < 5
    assert exclusions(globs) is patterns
    assert excluded(f"{path}/aaaaaab2999", globs)
