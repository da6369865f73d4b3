"""Files at a revision, asked of a real repository: hostile revisions, hostile names, hostile surroundings."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from lstm_shapes.checking import revisions
from lstm_shapes.checking.revisions import NoRevision, repository, revision
from lstm_shapes.checking.settings import Settings
from lstm_shapes.formats import parse
from lstm_shapes.formats.document import Document
from lstm_shapes.formats.limits import MAX_BYTES

from .comparing import since

FIRST = b"input_dim: 8\nlayers: [{type: lstm, units: 32}]\n"
SECOND = b"input_dim: 8\nlayers: [{type: lstm, units: 64}]\n"
NAMES = ["a model.yaml", "-o.yaml", "--output=x.yaml", "größe 模型.yaml", "a:b.yaml", "q'\"$(touch pwned).yaml"]
NAMES += ["x\ny.yaml", "[ab]*.yaml", ":(top)z.yaml", "deep/er/model.yaml"]
WRONG = [
    "",
    "nope",
    "--output=x",
    "-h",
    "--all",
    "--help",
    "HEAD:../..",
    "HEAD:a model.yaml",
    "$(touch x)",
    "`touch x`",
]
WRONG += ["; touch x", "HEAD\n--all", "HEAD..HEAD", "HEAD^{tree}", "^HEAD", "@{-99}", "x" * 5000, "a\0b", "::", "../x"]
CONFIG = ["user.name=a", "user.email=a@b.invalid", "commit.gpgsign=false", "core.hooksPath=/dev/null"]


def git(*args: str) -> None:
    options = [word for setting in CONFIG for word in ("-c", setting)]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", *options, *args], check=True, capture_output=True, env=environment)


def at(name: str, path: str) -> Document | None:
    """The document at ``path`` in a revision; None where it has no such file."""
    start = revision(name, repository(path))
    place = start.repository.relative(path)
    blobs = start.files([place])
    with start.blobs() as blob:
        return parse(path, blob(blobs[place])) if place in blobs else None


def changed(name: str, paths: list[str]) -> list[str]:
    """The models that differ from a revision."""
    return [diff.after or diff.before for diff in since(name, paths, Settings()).diffs]


@pytest.fixture(autouse=True)
def working_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a first state of every name, tagged; the files of today are another."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    git("init", "-q", "-b", "main")
    for name in NAMES:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(FIRST)
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    git("tag", "v1")
    for name in NAMES:
        Path(name).write_bytes(SECOND)
    return tmp_path


def units(path: str, revision: str = "HEAD") -> int:
    document = at(revision, path)
    assert document is not None
    assert document.source == path
    found: int = document.data["layers"][0]["units"]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_as_it_was_whatever_it_is_called(name: str) -> None:
    assert units(name) == units(name, "v1") == units(os.path.abspath(name), "main") == 32
    assert not Path("pwned").exists()


def test_every_way_to_name_a_revision_is_understood() -> None:
    git("commit", "-q", "-a", "-m", "second")
    written = {"HEAD": 64, "HEAD~1": 32, "HEAD^": 32, "v1": 32, "v1^{commit}": 32, "main@{0}": 64}
    assert {name: units(NAMES[0], name) for name in written} == written
    assert units(NAMES[0], revision("v1", repository(".")).commit[:9]) == 32


@pytest.mark.parametrize("revision", WRONG, ids=range(len(WRONG)))
def test_what_is_no_revision_is_refused_and_nothing_is_run_or_written(revision: str) -> None:
    before = sorted(os.listdir())
    with pytest.raises(NoRevision):
        at(revision, NAMES[0])
    with pytest.raises(NoRevision):
        changed(revision, ["."])
    assert sorted(os.listdir()) == before


def test_a_file_that_was_not_there_is_none_and_one_that_is_gone_is_still_read() -> None:
    Path("new.yaml").write_bytes(FIRST)
    assert at("HEAD", "new.yaml") is None
    assert at("HEAD", "no/such/folder/new.yaml") is None
    subprocess.run(["rm", "-r", "deep"], check=True)
    assert units("deep/er/model.yaml") == 32


def test_a_folder_and_a_link_of_the_time_are_no_models() -> None:
    os.symlink(NAMES[0], "link.yaml")
    git("add", "link.yaml")
    git("commit", "-q", "-m", "link")
    assert at("HEAD", "deep") is None
    os.unlink("link.yaml")
    assert at("HEAD", "link.yaml") is None


def test_outside_a_repository_and_without_git_it_says_so(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    with pytest.raises(NoRevision, match="not a git repository"):
        at("HEAD", str(outside / "model.yaml"))
    monkeypatch.setenv("PATH", str(outside))
    with pytest.raises(NoRevision, match="git is not installed"):
        at("HEAD", NAMES[0])


def test_git_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(revisions, "TIMEOUT", 0.3)
    with pytest.raises(NoRevision, match="took more than"):
        at("HEAD", NAMES[0])


def test_the_environment_of_a_hook_does_not_lead_elsewhere(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("other")
    git("init", "-q", str(other))
    for name, value in (("GIT_DIR", other / ".git"), ("GIT_WORK_TREE", other), ("GIT_INDEX_FILE", other / "index")):
        monkeypatch.setenv(name, str(value))
    assert units(NAMES[0]) == 32


def test_programs_that_a_repository_names_are_not_run() -> None:
    for key in ("core.fsmonitor", "core.pager", "diff.external", "diff.x.textconv", "diff.x.command"):
        git("config", key, f"touch {os.getcwd()}/pwned; false")
    Path(".gitattributes").write_text("* diff=x\n")
    assert units(NAMES[0]) == 32
    assert NAMES[0] in changed("HEAD", ["."])
    assert not Path("pwned").exists()


def test_a_file_beyond_the_limit_is_refused_unread() -> None:
    Path("large.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    git("add", "large.yaml")
    git("commit", "-q", "-m", "large", "large.yaml")
    document = at("HEAD", "large.yaml")
    assert document is not None and [finding.kind for finding in document.findings] == ["too-large"]


def test_a_file_of_the_revision_is_compared_even_if_it_is_ignored_now() -> None:
    Path(".gitignore").write_text("*.yaml\n")
    assert changed("HEAD", ["."]) == sorted(NAMES)


def test_what_changed_is_listed_with_what_is_new_and_what_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert changed("HEAD", ["."]) == sorted(NAMES)
    git("commit", "-q", "-a", "-m", "second")
    assert changed("HEAD", ["."]) == []
    assert changed("v1", ["deep"]) == ["deep/er/model.yaml"]
    assert changed("v1", ["[ab]*.yaml", "-o.yaml"]) == ["-o.yaml", "[ab]*.yaml"]
    Path("deep/new.yaml").write_bytes(FIRST)
    Path("-o.yaml").unlink()
    Path(".gitignore").write_text("ignored.yaml\n.gitignore\n")
    Path("ignored.yaml").write_bytes(FIRST)
    assert changed("HEAD", ["."]) == ["-o.yaml", "deep/new.yaml"]
    assert changed("HEAD", ["ignored.yaml"]) == ["ignored.yaml"]
    monkeypatch.chdir("deep")
    assert changed("HEAD", ["."]) == ["new.yaml"]
    assert changed("HEAD", [".."]) == ["../-o.yaml", "../deep/new.yaml"]
    assert units("er/model.yaml") == 64
