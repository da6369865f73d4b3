"""Repositories that run programs or lie about the past, beside and inside the one that is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lstm_shapes.checking.outcome import Changes
from lstm_shapes.checking.revisions import NoRevision
from lstm_shapes.checking.settings import Settings
from lstm_shapes.formats.limits import MAX_BYTES

from .comparing import since

OPTIONS = ["user.name=a", "user.email=a@b.invalid", "commit.gpgsign=false", "protocol.file.allow=always"]


def model(units: int) -> str:
    return f"input_dim: 8\nlayers: [{{type: lstm, units: {units}}}]\n"


def params(units: int) -> int:
    """Four gates of a kernel, a recurrent kernel and a bias (Hochreiter & Schmidhuber 1997; Keras)."""
    return 4 * units * (8 + units + 1)


def git(folder: Path, *args: str) -> bytes:
    options = [word for option in OPTIONS for word in ("-c", option)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment["GIT_CONFIG_GLOBAL"] = os.devnull
    done = subprocess.run(["git", *options, *args], cwd=folder, check=True, capture_output=True, env=environment)
    return done.stdout


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a model of 32 units at ``base``, and of 64 units now."""
    folder = tmp_path / "real"
    (folder / "models").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "models" / "m.yaml").write_text(model(32))
    commit(folder, "base")
    git(folder, "branch", "base")
    (folder / "models" / "m.yaml").write_text(model(64))
    commit(folder, "change")
    monkeypatch.chdir(folder)
    return folder


def difference(changes: Changes, name: str = "models/m.yaml") -> object:
    """The parameters before and after of the one file that changed."""
    (diff,) = changes.diffs
    assert (diff.before or name, diff.after or name) == (name, name)
    return tuple(diff.totals["params"][:2])


TRUE = (params(32), params(64))


def trap(folder: Path, room: Path) -> Path:
    """The files of a repository in ``folder`` whose config runs programs, and in which nothing changed since ``base``.

    Every program leaves the file that is returned.
    """
    trace, evil = room / "trace", room / "evil"
    evil.mkdir()
    git(evil, "init", "-q", "-b", "base")
    shutil.copytree(folder, evil / "tree", ignore=shutil.ignore_patterns(".git"))
    git(evil, f"--work-tree={evil / 'tree'}", "add", "-A")
    git(evil, f"--work-tree={evil / 'tree'}", "commit", "-q", "-m", "lie")
    program = room / "program"
    program.write_text(f"#!/bin/sh\ntouch '{trace}'\ncat\n")
    program.chmod(0o755)
    (evil / ".git" / "hooks").mkdir(exist_ok=True)
    for hook in ("post-index-change", "reference-transaction", "post-checkout"):
        shutil.copy(program, evil / ".git" / "hooks" / hook)
    for key in ("filter.x.clean", "filter.x.smudge", "filter.x.process", "core.fsmonitor", "core.pager", "core.editor"):
        git(evil, "config", key, str(program))
    for key in ("diff.external", "diff.x.textconv", "core.sshCommand", "core.gitProxy", "credential.helper"):
        git(evil, "config", key, str(program))
    git(evil, "config", "core.worktree", ".")
    git(evil, "config", "core.hooksPath", "hooks")
    for name in ("HEAD", "config", "index", "objects", "refs", "hooks"):
        source, target = evil / ".git" / name, folder / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    (folder / ".gitattributes").write_text("* filter=x diff=x\n")
    return trace


@pytest.mark.parametrize("inside", ["models", "."])
def test_a_repository_that_is_committed_beside_the_models_runs_nothing_and_is_not_asked(
    inside: str, real: Path, tmp_path: Path
) -> None:
    trace = trap(real / inside, tmp_path)
    commit_all = ["-c", "filter.x.clean=", "-c", "filter.x.process=", "add", "-A", "."]
    git(real, *commit_all)
    git(real, "commit", "-q", "-m", "a pull request")
    for path in (real / inside).rglob("*.yaml"):
        path.touch()
    assert difference(since("base", [inside], Settings())) == TRUE
    assert difference(since("base", ["models/m.yaml"], Settings())) == TRUE
    assert not trace.exists()


def test_the_trap_is_real_git_started_in_the_folder_runs_the_program(real: Path, tmp_path: Path) -> None:
    trace = trap(real / "models", tmp_path)
    os.utime(real / "models" / "m.yaml", (1, 1))
    git(real / "models", "-c", "safe.bareRepository=all", "diff", "--name-only", "base")
    assert trace.exists()


def test_the_trap_alone_outside_a_repository_is_no_repository(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "m.yaml").write_text(model(32))
    trace = trap(folder, tmp_path)
    with pytest.raises(NoRevision, match="not a git repository"):
        since("base", [str(folder)], Settings())
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/base\n")
    with pytest.raises(NoRevision):
        since("base", [str(folder)], Settings())
    assert not trace.exists()


def test_a_program_called_git_in_the_folder_is_not_run(
    real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (real / "git").write_text(f"#!/bin/sh\ntouch '{tmp_path}/trace'\n")
    (real / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    assert difference(since("base", ["."], Settings())) == TRUE
    assert not (tmp_path / "trace").exists()


def test_filters_and_replaced_objects_of_the_repository_itself_change_nothing(real: Path, tmp_path: Path) -> None:
    git(real, "config", "filter.x.clean", f"touch {tmp_path}/trace; cat")
    git(real, "config", "core.fsmonitor", f"touch {tmp_path}/trace")
    (real / ".git" / "info" / "attributes").write_text("* filter=x\n")
    git(real, "replace", "base", "main")
    os.utime("models/m.yaml", (1, 1))
    assert difference(since("base", ["."], Settings())) == TRUE
    assert not (tmp_path / "trace").exists()


def test_a_worktree_and_a_submodule_have_a_git_file_and_work(real: Path, tmp_path: Path) -> None:
    git(real, "worktree", "add", "-q", "--detach", str(tmp_path / "tree"), "main")
    assert (tmp_path / "tree" / ".git").is_file()
    path = str(tmp_path / "tree" / "models" / "m.yaml")
    assert difference(since("base", [path], Settings()), path) == TRUE
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q", "-b", "base")
    git(outer, "submodule", "add", "-q", str(real), "sub")
    git(outer / "sub", "branch", "base", "main~1")
    (outer / "own.yaml").write_text(model(4))
    commit(outer, "x")
    inner = str(outer / "sub" / "models")
    assert difference(since("base", [inner], Settings()), f"{inner}/m.yaml") == TRUE
    (outer / "own.yaml").write_text(model(5))
    changes = since("base", [str(outer)], Settings())
    assert difference(changes, str(outer / "own.yaml")) == (params(4), params(5))
    assert [(file.source, file.reason) for file in changes.uncompared] == [(f"{inner}/m.yaml", "in another repository")]


def test_a_path_in_another_repository_is_refused(real: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    (other / "m.yaml").write_text(model(32))
    (tmp_path / "loose.yaml").write_text(model(32))
    (real / "link.yaml").symlink_to(other / "m.yaml")
    (real / "loose.yaml").symlink_to(tmp_path / "loose.yaml")
    (real / "config.yaml").symlink_to(".git/config")
    for path in (str(other / "m.yaml"), "link.yaml", "loose.yaml", "config.yaml", ".git/config"):
        with pytest.raises(NoRevision, match=r"not in the repository|belongs to git"):
            since("base", ["models", path], Settings())
    assert difference(since("base", ["."], Settings())) == TRUE


def test_what_stands_behind_a_link_now_is_gone_not_read(real: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "m.yaml").write_text("layers: [{type: password}]\n")
    shutil.rmtree("models")
    Path("models").symlink_to(secret)
    assert difference(since("base", ["."], Settings())) == (params(32), 0)
    Path("models").unlink()
    Path("models").mkdir()
    Path("models/m.yaml").symlink_to(secret / "m.yaml")
    assert difference(since("base", ["."], Settings())) == (params(32), 0)
    Path("other").mkdir()
    Path("other/m.yaml").write_text(model(64))
    Path("models/m.yaml").unlink()
    Path("models/m.yaml").symlink_to("../other/m.yaml")
    assert since("base", ["models/m.yaml"], Settings()).diffs[0].totals["params"][:2] == (0, params(64))


@pytest.mark.parametrize("name", ["-h", "--output=x", "--all", "-", " ", "--exec=touch x"])
def test_a_revision_that_begins_with_a_dash_never_reaches_git(name: str, real: Path) -> None:
    with pytest.raises(NoRevision, match="not a revision"):
        since(name, ["."], Settings())


def pointer(content: bytes) -> bytes:
    """A Git LFS pointer (git-lfs/docs/spec.md)."""
    from hashlib import sha256

    oid = sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n".encode()


def test_a_pointer_of_git_lfs_is_said_and_not_compared(real: Path) -> None:
    path = Path("models/m.yaml")
    path.write_bytes(pointer(model(32).encode()))
    commit(real, "to LFS")
    path.write_text(model(32))
    assert since("main", ["."], Settings()) == Changes("main", ())
    path.write_text(model(64))
    changes = since("main", ["."], Settings())
    assert not changes.diffs
    assert [file.source for file in changes.uncompared] == ["models/m.yaml"]
    assert "it was a Git LFS pointer" in changes.uncompared[0].reason
    path.write_bytes(pointer(b"x"))
    assert "lfs: true" in since("base", ["models/m.yaml"], Settings()).uncompared[0].reason


def test_a_shallow_clone_says_how_to_fetch_the_rest_and_a_full_one_names_the_remote_branch(
    real: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{real}", "shallow")
    git(tmp_path, "clone", "-q", f"file://{real}", "full")
    for name in ("base", "HEAD~1"):
        with pytest.raises(NoRevision, match="fetch-depth: 0"):
            since(name, [str(tmp_path / "shallow")], Settings())
    with pytest.raises(NoRevision, match="did you mean origin/base"):
        since("base", [str(tmp_path / "full")], Settings())
    path = str(tmp_path / "full" / "models" / "m.yaml")
    assert difference(since("origin/base", [path], Settings()), path) == TRUE


def test_a_partial_clone_fetches_nothing(real: Path, tmp_path: Path) -> None:
    git(real, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{real}", "partial")
    git(tmp_path / "partial", "config", "remote.origin.uploadpack", f"touch {tmp_path}/trace; git-upload-pack")
    with pytest.raises(NoRevision, match="clone partial"):
        since("origin/base", [str(tmp_path / "partial")], Settings())
    assert not (tmp_path / "trace").exists()


def test_a_file_that_only_moved_is_one_file_and_line_endings_are_no_change(real: Path) -> None:
    Path("models/m.yaml").rename("models/new.yaml")
    (diff,) = since("main", ["."], Settings()).diffs
    assert (diff.before, diff.after, diff.empty) == ("models/m.yaml", "models/new.yaml", True)
    Path("models/new.yaml").rename("models/m.yaml")
    Path("models/m.yaml").write_bytes(model(64).replace("\n", "\r\n").encode())
    assert since("main", ["."], Settings()).diffs == ()


def test_a_folder_that_is_gone_is_all_of_its_models_and_one_left_out_of_the_checkout_is_not_gone(real: Path) -> None:
    (real / "keep").mkdir()
    (real / "keep" / "k.yaml").write_text(model(4))
    commit(real, "more")
    shutil.rmtree("models")
    assert difference(since("base", ["models"], Settings())) == (params(32), 0)
    assert len(since("base", ["."], Settings()).diffs) == 2
    git(real, "checkout", "-q", "--", ".")
    git(real, "sparse-checkout", "set", "keep")
    assert not Path("models").exists()
    assert [diff.after for diff in since("base", ["."], Settings()).diffs] == ["keep/k.yaml"]


def test_a_file_that_is_no_model_any_more_is_not_called_gone(real: Path) -> None:
    Path("models/m.yaml").write_text("services: []\n")
    (diff,) = since("base", ["."], Settings()).diffs
    assert [str(reason) for reason in diff.reasons] == ["file a model -> no model"]


def test_a_worktree_of_a_bare_repository_works(real: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(real), "bare.git")
    git(tmp_path / "bare.git", "worktree", "add", "-q", str(tmp_path / "tree"), "main")
    path = str(tmp_path / "tree" / "models" / "m.yaml")
    assert difference(since("base", [path], Settings()), path) == TRUE
    with pytest.raises(NoRevision):
        since("base", [str(tmp_path / "bare.git")], Settings())


def test_hash_algorithms_and_large_files(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256", "-b", "main")
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(model(32))
    (tmp_path / "large.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    commit(tmp_path, "x")
    (tmp_path / "b.yaml").write_text(model(64))
    changes = since("HEAD", [str(tmp_path)], Settings())
    assert difference(changes, str(tmp_path / "b.yaml")) == TRUE


def test_four_processes_of_git_compare_any_number_of_files(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    original = subprocess.Popen.__init__
    for number in range(40):
        Path(f"models/{number}.yaml").write_text(model(32))
    commit(real, "many")
    for number in range(40):
        Path(f"models/{number}.yaml").write_text(model(33))

    def counted(self: subprocess.Popen[bytes], *args: object, **options: object) -> None:
        started.append(args)
        original(self, *args, **options)  # type: ignore[arg-type,call-overload]

    monkeypatch.setattr(subprocess.Popen, "__init__", counted)
    assert len(since("HEAD", ["."], Settings()).diffs) == 40
    assert len(started) == 4


def test_a_repository_of_another_owner_is_not_read_unless_it_is_marked_safe(
    real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable is the switch of git's own tests for this (git/git, t/t0033-safe-directory.sh)."""
    git_itself = shutil.which("git")
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {git_itself} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(NoRevision, match="dubious ownership"):
        since("base", ["."], Settings())
    (tmp_path / ".gitconfig").write_text(f"[safe]\n\tdirectory = {real}\n")
    assert difference(since("base", ["."], Settings())) == TRUE
