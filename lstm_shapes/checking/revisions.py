"""Files as they were at a git revision, without running anything that a repository or a folder names.

A folder may hold what looks like a repository of its own (HEAD, config, objects, refs), whose config names programs to
run. So git is never left to find a repository: the nearest ``.git`` above the files is it, a name that git refuses to
commit, and every later command gets it with ``--git-dir``. Trees and blobs are read from the object store, the index
from its file; no command looks at the working tree, where filters would run. The config of the user and the system is
left out, the network is closed, and revisions reach git as full object names.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Timer
from typing import IO, NamedTuple

from lstm_shapes.checking.repositories import top_of
from lstm_shapes.findings.errors import LstmShapesError
from lstm_shapes.formats.limits import MAX_BYTES

TIMEOUT = 60.0
"""The seconds that a call of git, or the reading of a blob, may take."""
MAX_ARGUMENTS = 16_000
"""Characters of paths in a command; with more of them the entire tree is listed."""
_OPTIONS = ("-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
_FLAGS = ("--no-pager", "--literal-pathspecs")
_OBJECT = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64})\n?\Z")
_FILE_MODES = (b"100644", b"100755")


class NoRevision(LstmShapesError):
    """Git cannot read a revision: no repository, no such revision, or no git; a usage error."""


class Repository(NamedTuple):
    """A working tree, the folder that has a ``.git``, and the folder in which git keeps its data."""

    top: str
    git_dir: str

    def relative(self, path: str) -> str:
        """The path from ``top``, links resolved, '' for ``top`` itself. Raises ``NoRevision`` when it is elsewhere."""
        real, inside = os.path.realpath(path), os.path.join(self.top, "")
        if top_of(path) != self.top:
            raise NoRevision(f"{path}: not in the repository {self.top}; compare each repository by itself")
        names = real[len(inside) :].split(os.sep)
        if names[0].lower() == ".git":
            raise NoRevision(f"{path}: belongs to git itself")
        return "/".join(names)

    def left_out(self) -> set[str]:
        """The files that a sparse checkout leaves out of the working tree. Raises ``NoRevision``."""
        done = _git(["ls-files", "-t", "-z", "--full-name"], self)
        if done.returncode:
            raise NoRevision(f"{self.top}: {_reason(done)}")
        return {os.fsdecode(entry[2:]) for entry in done.stdout.split(b"\0") if entry.startswith(b"S ")}


class Revision(NamedTuple):
    """A commit of a repository; ``name`` is what the user calls it."""

    repository: Repository
    name: str
    commit: str

    def files(self, paths: Sequence[str]) -> dict[str, str]:
        """The regular files under ``paths`` (from the root of the repository; '' is all): path -> name of the blob.

        Links and submodules are left out. Raises ``NoRevision``.
        """
        some = [] if "" in paths or sum(map(len, paths)) > MAX_ARGUMENTS else ["--", *paths]
        done = _git(["ls-tree", "-r", "-z", "--full-tree", self.commit, *some], self.repository)
        if done.returncode:
            raise NoRevision(f"{self.name}: {_reason(done)}")
        entries = (entry.partition(b"\t")[::2] for entry in done.stdout.split(b"\0") if entry)
        files = {os.fsdecode(path): fields.split(b" ") for fields, path in entries}
        return {path: blob.decode("ascii") for path, (mode, _, blob) in files.items() if mode in _FILE_MODES}

    @contextmanager
    def blobs(self) -> Iterator[Callable[[str], bytes]]:
        """A function that gives the bytes of a blob, from a single process for all. It raises ``NoRevision``.

        A blob above the size limit is as many blanks, which are refused when they are parsed.
        """
        with subprocess.Popen(
            _command(["cat-file", "--batch"], self.repository),
            cwd=self.repository.top,
            env=_environment(_CLOSED),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                yield partial(self._content, process=process)
            finally:
                process.kill()

    def _content(self, blob: str, process: subprocess.Popen[bytes]) -> bytes:
        assert process.stdin and process.stdout
        timer = Timer(TIMEOUT, process.kill)
        timer.start()
        try:
            os.write(process.stdin.fileno(), f"{blob}\n".encode("ascii"))
            _, kind, *size = process.stdout.readline().split() or (b"", b"")
            content = _take(process.stdout, int(size[0])) if kind == b"blob" else None
        except OSError:
            content = None
        finally:
            timer.cancel()
        if content is None:
            raise NoRevision(f"{self.name}: git cannot read the object {blob}; is the clone partial, or git too slow?")
        return content


def _take(stream: IO[bytes], size: int) -> bytes | None:
    """The next ``size`` bytes and the line break behind them; None where the stream ends before."""
    if size <= MAX_BYTES:
        content = stream.read(size + 1)
        return content[:-1] if len(content) == size + 1 else None
    left = size + 1
    while left > 0 and (part := stream.read(min(left, 2**20))):
        left -= len(part)
    return b" " * (MAX_BYTES + 1) if not left else None


def repository(path: str) -> Repository:
    """The repository of a file or folder. Raises ``NoRevision`` where there is none, or git does not trust it.

    Only here git reads the config of the user, since ``safe.directory`` stands there, and looks for a repository, in
    the folder that has a ``.git`` and no other.
    """
    top = top_of(path)
    if not top:
        raise NoRevision(f"{path}: not a git repository, nor in one")
    limited = {"GIT_CEILING_DIRECTORIES": os.path.dirname(top)}
    done = _run([_program(), *_OPTIONS, *_FLAGS, "rev-parse", "--absolute-git-dir"], top, limited)
    git_dir = os.path.realpath(os.fsdecode(done.stdout.removesuffix(b"\n")))
    if done.returncode or not done.stdout.strip() or git_dir == top:
        raise NoRevision(f"{top}: {_reason(done)}")
    return Repository(top, git_dir)


def revision(name: str, repository: Repository) -> Revision:
    """The commit that ``name`` means. Raises ``NoRevision``."""
    if not name.strip() or name.startswith("-") or "\0" in name:
        raise NoRevision(f"{name!r}: not a revision")
    if commit := _commit(name, repository):
        return Revision(repository, name, commit)
    shallow = _git(["rev-parse", "--is-shallow-repository"], repository).stdout.strip() == b"true"
    remote = f"origin/{name}"
    if shallow:
        hint = "the clone is shallow: set `fetch-depth: 0` for actions/checkout, or run git fetch --unshallow"
    else:
        hint = f"did you mean {remote}?" if _commit(remote, repository) else ""
    raise NoRevision(f"{name}: no such revision in {repository.top}{hint and f'; {hint}'}")


def _commit(name: str, repository: Repository) -> str:
    done = _git(["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"], repository)
    match = _OBJECT.match(done.stdout)
    return match[1].decode("ascii") if done.returncode == 0 and match else ""


def _git(args: Sequence[str], repository: Repository) -> subprocess.CompletedProcess[bytes]:
    return _run(_command(args, repository), repository.top, _CLOSED)


def _command(args: Sequence[str], repository: Repository) -> list[str]:
    places = (f"--git-dir={repository.git_dir}", f"--work-tree={repository.top}")
    return [_program(), *places, *_OPTIONS, *_FLAGS, *args]


def _program() -> str:
    """The path of git. Relative folders of PATH are passed over: a folder that is checked may hold a ``git``."""
    for folder in filter(os.path.isabs, os.get_exec_path()):
        path = os.path.join(folder, "git.exe" if os.name == "nt" else "git")
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise NoRevision("git is not installed")


def _run(command: Sequence[str], folder: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=_environment(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NoRevision(f"git took more than {TIMEOUT:.0f} seconds") from None
    except (OSError, ValueError) as error:
        raise NoRevision(f"git cannot be run: {error}") from None


_CLOSED = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
"""No config but that of the repository, which its user wrote."""


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """The environment without git's own variables, which a hook may have set; no network, no prompts."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    return {**inherited, **quiet, "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", **more}


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    first = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
    return first.removeprefix("fatal: ") or "git failed"
