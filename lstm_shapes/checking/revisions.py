"""Files as they were at a git revision.

Git is asked by its own program, without a shell. What is asked for is a full object name by then, so that no text from
outside is an option; hooks, external diffs and the network are left out.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Sequence

from lstm_shapes import formats
from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.formats.document import Document
from lstm_shapes.formats.limits import MAX_BYTES

TIMEOUT = 60.0
"""Seconds that one question to git may take."""
_SAFE = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "--no-pager", "--literal-pathspecs")
_OBJECT = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64})\n?\Z")


class NoRevision(LstmShapesError):
    """A revision that cannot be read: not in a repository, unknown, or no git. A mistake in the command."""


def commit(revision: str, folder: str = ".") -> str:
    """The full name of the commit that ``revision`` means in the repository of ``folder``. Raises ``NoRevision``."""
    if "\0" in revision:
        raise NoRevision(f"{revision!r}: not a revision")
    found = _object(f"{revision}^{{commit}}", folder)
    if not found:
        raise NoRevision(f"{revision}: git knows no such revision")
    return found


def at(revision: str, path: str) -> Document | None:
    """The document that ``path`` was at a revision; None where there was no such file. Raises ``NoRevision``.

    Symbolic links of the time are not followed: their text is no model.
    """
    folder, name = _place(path)
    blob = _object(f"{commit(revision, folder)}:./{name}", folder)
    if not blob or _git(["cat-file", "-t", blob], folder).stdout.strip() != b"blob":
        return None
    return formats.parse(path, _content(blob, folder))


def changed(revision: str, paths: Iterable[str]) -> list[str]:
    """The files under ``paths`` that are not as they were at a revision, new and removed ones included, by name.

    Files that git ignores are left out. Raises ``NoRevision``.
    """
    found: set[str] = set()
    for path in paths:
        folder, name = _place(path)
        since = commit(revision, folder)
        options = ["--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules"]
        names = _listed(["diff", *options, since, "--", name or "."], folder)
        top = os.fsdecode(_git(["rev-parse", "--show-toplevel"], folder).stdout).removesuffix("\n")
        found.update(_written(os.path.join(top, one)) for one in names)
        new = _listed(["ls-files", "-z", "--others", "--exclude-standard", "--", name or "."], folder)
        found.update(_written(os.path.join(folder, one)) for one in new)
    return sorted(found)


def _written(path: str) -> str:
    """The path as a person in this folder would write it."""
    return os.path.relpath(os.path.realpath(path), os.path.realpath("."))


def _listed(args: Sequence[str], folder: str) -> list[str]:
    done = _git(args, folder)
    if done.returncode:
        raise NoRevision(_reason(done))
    return [os.fsdecode(one) for one in done.stdout.split(b"\0") if one]


def _place(path: str) -> tuple[str, str]:
    """The nearest folder above a path that is there, and the rest of the path."""
    folder, rest = os.path.abspath(path), ""
    while not os.path.isdir(folder):
        folder, name = os.path.split(folder)
        rest = os.path.join(name, rest) if rest else name
    return folder, rest


def _object(name: str, folder: str) -> str:
    """The full name of an object; '' when there is none. Raises ``NoRevision`` where git cannot say."""
    done = _git(["rev-parse", "--verify", "--quiet", "--end-of-options", name], folder)
    found = _OBJECT.match(done.stdout)
    if done.returncode == 0 and found:
        return found[1].decode("ascii")
    if b"not a git repository" in done.stderr or b"dubious ownership" in done.stderr:
        raise NoRevision(f"{folder}: {_reason(done)}")
    return ""


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    first = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
    return first.removeprefix("fatal: ") or "git failed"


def _content(blob: str, folder: str) -> bytes:
    """The bytes of a blob, cut behind the limit of a file: a larger one is refused when it is parsed."""
    size = _git(["cat-file", "-s", blob], folder)
    if size.returncode == 0 and int(size.stdout) > MAX_BYTES:
        return b" " * (MAX_BYTES + 1)
    done = _git(["cat-file", "blob", blob], folder)
    if done.returncode:
        raise NoRevision(f"{folder}: {_reason(done)}")
    return done.stdout


def _git(args: Sequence[str], folder: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", *_SAFE, *args],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except FileNotFoundError:
        raise NoRevision("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise NoRevision(f"git took more than {TIMEOUT:.0f} seconds") from None
    except (OSError, ValueError) as error:
        raise NoRevision(f"git cannot be run: {error}") from None


def _environment() -> dict[str, str]:
    """Ours without what steers git: a hook that runs us would point it at another index. No network, no questions."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
    return {**kept, **quiet}
