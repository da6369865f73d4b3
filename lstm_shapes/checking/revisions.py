"""Files as they were at a git revision.

The git program is run without a shell. It gets full object names, so that no text from outside can be taken for an
option; hooks, external diffs and the network are switched off.
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
"""The seconds that a call of git may take."""
_SAFE = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "--no-pager", "--literal-pathspecs")
_OBJECT = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64})\n?\Z")


class NoRevision(LstmShapesError):
    """Git cannot read a revision: no repository, no such revision, or no git; a usage error."""


def commit(revision: str, folder: str = ".") -> str:
    """The full name of the commit ``revision`` in the repository of ``folder``. Raises ``NoRevision``."""
    if "\0" in revision:
        raise NoRevision(f"{revision!r}: not a revision")
    name = _object(f"{revision}^{{commit}}", folder)
    if not name:
        raise NoRevision(f"{revision}: no such revision in this repository")
    return name


def at(revision: str, path: str) -> Document | None:
    """The document at ``path`` in a revision; None where it has no such file. Raises ``NoRevision``.

    Symbolic links in the revision are not followed.
    """
    folder, name = _place(path)
    blob = _object(f"{commit(revision, folder)}:./{name}", folder)
    if not blob or _git(["cat-file", "-t", blob], folder).stdout.strip() != b"blob":
        return None
    return formats.parse(path, _content(blob, folder))


def changed(revision: str, paths: Iterable[str]) -> list[str]:
    """The files in ``paths`` that differ from a revision, including new and removed files, sorted by name.

    Files that git ignores are left out. Raises ``NoRevision``.
    """
    files: set[str] = set()
    for path in paths:
        folder, name = _place(path)
        since = commit(revision, folder)
        options = ["--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules"]
        names = _listed(["diff", *options, since, "--", name or "."], folder)
        top = os.fsdecode(_git(["rev-parse", "--show-toplevel"], folder).stdout).removesuffix("\n")
        files.update(_relative(os.path.join(top, name)) for name in names)
        new = _listed(["ls-files", "-z", "--others", "--exclude-standard", "--", name or "."], folder)
        files.update(_relative(os.path.join(folder, name)) for name in new)
    return sorted(files)


def _relative(path: str) -> str:
    """The path relative to the current folder."""
    return os.path.relpath(os.path.realpath(path), os.path.realpath("."))


def _listed(args: Sequence[str], folder: str) -> list[str]:
    done = _git(args, folder)
    if done.returncode:
        raise NoRevision(_reason(done))
    return [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]


def _place(path: str) -> tuple[str, str]:
    """The nearest existing folder above a path, and the rest of the path."""
    folder, rest = os.path.abspath(path), ""
    while not os.path.isdir(folder):
        folder, name = os.path.split(folder)
        rest = os.path.join(name, rest) if rest else name
    return folder, rest


def _object(name: str, folder: str) -> str:
    """The full name of an object; '' when there is none. Raises ``NoRevision`` outside a repository."""
    done = _git(["rev-parse", "--verify", "--quiet", "--end-of-options", name], folder)
    match = _OBJECT.match(done.stdout)
    if done.returncode == 0 and match:
        return match[1].decode("ascii")
    if b"not a git repository" in done.stderr or b"dubious ownership" in done.stderr:
        raise NoRevision(f"{folder}: {_reason(done)}")
    return ""


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    first = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
    return first.removeprefix("fatal: ") or "git failed"


def _content(blob: str, folder: str) -> bytes:
    """The bytes of a blob; of a blob above the size limit as many blanks, which are refused when they are parsed."""
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
    """The environment without git's own variables, which a hook may have set; no network, no prompts."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
    return {**environment, **quiet}
