"""What git ignores: the patterns of .gitignore files and of a repository's info/exclude, read without git.

The grammar is that of gitignore(5), and where it is silent that of git's own code (dir.c and wildmatch.c). As git
does since 2.32, a .gitignore that is a link is not read. Neither is the user's own list (core.excludesFile), so that a
check gives the same answer on every machine, nor the index: what matches is skipped even if it is tracked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from lstm_shapes.checking.patterns import (
    ANY_IN_NAME,
    EVERYTHING,
    FOLDERS,
    MAX_CHARACTERS,
    STAR,
    Characters,
    Pattern,
    Patterns,
    Step,
    literal,
)
from lstm_shapes.checking.repositories import git_folder
from lstm_shapes.checking.settings import BadSettings
from lstm_shapes.formats import NoSuchFile, read_bytes

FILE = ".gitignore"


class Ignored(NamedTuple):
    """What is ignored in a folder: the patterns of each file and their states there, the deepest file first."""

    levels: tuple[tuple[Patterns, int], ...] = ()

    def ignores(self, name: str, *, folder: bool) -> bool:
        """Whether a file or folder of this name is ignored. The last pattern of the deepest file decides."""
        for patterns, states in self.levels:
            last = patterns.last(patterns.after(name, states), folder=folder)
            if last:
                return not last.negated
        return False

    def below(self, folder: str, *, has_file: bool = True) -> Ignored:
        """The same in a folder with this path, and what its own file adds. Raises ``BadSettings``."""
        name = os.path.basename(folder)
        below = ((patterns, patterns.below(patterns.after(name, states))) for patterns, states in self.levels)
        return Ignored((*(_levels(os.path.join(folder, FILE)) if has_file else ()), *below))


def in_repository(top: str) -> Ignored:
    """What is ignored at the root of a repository. Raises ``BadSettings``."""
    exclude = os.path.join(git_folder(top), "info", "exclude")
    return Ignored((*_levels(os.path.join(top, FILE)), *_levels(exclude)))


def _levels(path: str) -> tuple[tuple[Patterns, int], ...]:
    """The patterns of a file, none where there is no such file. Raises ``BadSettings`` for one that is too large."""
    if os.path.basename(path) == FILE and os.path.islink(path):
        return ()
    try:
        status = os.stat(path)
        patterns = _read(path, (status.st_ino, status.st_size, status.st_mtime_ns))
    except (OSError, ValueError, NoSuchFile):
        return ()
    return ((patterns, patterns.start),)


@lru_cache(maxsize=64)
def _read(path: str, version: tuple[int, int, int]) -> Patterns:
    """The patterns of a file; ``version`` distinguishes its contents."""
    raw = read_bytes(path, MAX_CHARACTERS)
    if len(raw) > MAX_CHARACTERS:
        raise BadSettings(f"{path}: larger than {MAX_CHARACTERS // 2**10} KiB")
    return Patterns(tuple(parse(raw)), os.fsencode)


def parse(raw: bytes) -> Iterator[Pattern]:
    """The patterns of a .gitignore file, in its order."""
    for line in raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        text = _without_trailing_spaces(line.removesuffix(b"\r").split(b"\0")[0])
        if text and not text.startswith(b"#"):
            yield _pattern(text)


def _without_trailing_spaces(line: bytes) -> bytes:
    """The line without the spaces at its end that no backslash protects."""
    stripped = line.rstrip(b" ")
    backslashes = len(stripped) - len(stripped.rstrip(b"\\"))
    return stripped + b" " if backslashes % 2 and len(stripped) < len(line) else stripped


def _pattern(text: bytes) -> Pattern:
    negated = text.startswith(b"!")
    glob = text[negated:]
    folders_only = glob.endswith(b"/")
    glob = glob[: len(glob) - folders_only]
    steps = _steps(glob.removeprefix(b"/"), floating=b"/" not in glob)
    return Pattern(steps, b"/" not in glob, folders_only, negated)


def _steps(glob: bytes, *, floating: bool) -> tuple[Step, ...]:
    """The states of a pattern. What can never match ends in a state that nothing leads out of."""
    steps: list[Step] = []
    beginning = next((at for at, code in enumerate(glob) if code in b"*?[\\"), len(glob))
    at = 0
    while at < len(glob):
        code = glob[at : at + 1]
        if code == b"*":
            more, at = _stars(glob, at, beginning, floating)
            steps += more if more != FOLDERS or tuple(steps[-2:]) != FOLDERS else ()
        elif code == b"[":
            characters, at = _characters(glob, at + 1)
            steps.append(Step(characters))
        elif code == b"?":
            steps.append(Step(ANY_IN_NAME))
            at += 1
        elif code == b"\\":
            steps.append(literal(glob[at + 1]) if at + 1 < len(glob) else Step())
            at += 2
        else:
            steps.append(literal(glob[at]))
            at += 1
    return tuple(steps)


def _stars(glob: bytes, at: int, beginning: int, floating: bool) -> tuple[tuple[Step, ...], int]:
    """One star or more, and where they end. Two mean folders where they stand between slashes.

    ``beginning`` is where the plain text in front ends: git compares it by itself, so that ``a**/b`` is as ``**/b``
    after an ``a``.
    """
    end = at
    while end < len(glob) and glob[end] == ord("*"):
        end += 1
    starts = at == beginning or glob[at - 1] == ord("/")
    if end - at == 1 or floating or not starts:
        return (STAR,), end
    if glob[end : end + 1] == b"/":
        return FOLDERS, end + 1
    return ((EVERYTHING,) if end == len(glob) or glob[end : end + 2] == b"\\/" else (STAR,)), end


CLASSES = {
    b"alnum": ((48, 57), (65, 90), (97, 122)),
    b"alpha": ((65, 90), (97, 122)),
    b"blank": ((9, 9), (32, 32)),
    b"cntrl": ((0, 31), (127, 127)),
    b"digit": ((48, 57),),
    b"graph": ((33, 126),),
    b"lower": ((97, 122),),
    b"print": ((32, 126),),
    b"punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    b"space": ((9, 10), (13, 13), (32, 32)),
    b"upper": ((65, 90),),
    b"xdigit": ((48, 57), (65, 70), (97, 102)),
}
"""ASCII, as git has it: a vertical tab is no space."""
NOTHING = Characters()


def _characters(glob: bytes, at: int) -> tuple[Characters, int]:
    """The set that begins after a bracket, and where it ends; one that is not closed matches nothing."""
    negated = glob[at : at + 1] in (b"!", b"^")
    at += negated
    ranges: list[tuple[int, int]] = []
    first, previous = True, -1
    while first or glob[at : at + 1] != b"]":
        first = False
        close = glob.find(b"]", at + 2) if glob[at : at + 2] == b"[:" else -1
        if close > at + 2 and glob[close - 1] == ord(":"):
            name = glob[at + 2 : close - 1]
            if name not in CLASSES:
                return NOTHING, len(glob)
            ranges += CLASSES[name]
            at, previous = close + 1, -1
            continue
        is_range = glob[at : at + 1] == b"-" and previous >= 0 and glob[at + 1 : at + 2] not in (b"", b"]")
        at += is_range
        at += glob[at : at + 1] == b"\\"
        if at >= len(glob):
            return NOTHING, len(glob)
        ranges.append((previous, glob[at]) if is_range else (glob[at], glob[at]))
        previous = -1 if is_range else glob[at]
        at += 1
    return Characters(tuple(ranges), negated), at + 1
