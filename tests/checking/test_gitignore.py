"""What is ignored is what ``git check-ignore`` says, on random patterns in random trees."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lstm_shapes.checking.gitignore import Ignored, in_repository, parse
from lstm_shapes.checking.patterns import Patterns

from ..command import completed
from ..profiles import rounds

NAMES = [
    "a",
    "b",
    "ab",
    "ba",
    "abc",
    "a b",
    "a ",
    "[a]",
    "-",
    "a-b",
    "]",
    "\\a",
    "!a",
    "#a",
    "*",
    "é",
    "B",
    "\t",
    "a.b",
]
PIECES = [
    "a",
    "b",
    "c",
    "ab",
    "*",
    "*",
    "**",
    "***",
    "?",
    "/",
    "/",
    "/**/",
    "**/",
    "/**",
    "\\",
    "\\*",
    "\\ ",
    "[ab]",
    "[!a]",
]
PIECES += [
    "[^b]",
    "[a-c]",
    "[]a]",
    "[!]a]",
    "[",
    "]",
    "[a",
    "[[:alpha:]]",
    "[[:digit:]b]",
    "[[:x:]]",
    "[:a:]",
    "[a-]",
    "[-a]",
]
PIECES += [
    "[\\]a]",
    "[a\\-c]",
    "[b-a]",
    "[a-\\c]",
    "[[:]",
    "[[:a]",
    "!",
    "#",
    "-",
    " ",
    ".",
    "é",
    "\xa0",
    "[/]",
    "[!-~]",
    "\t",
    "\r",
]
ENDS = ["", "", "", "", "/", "/", " ", "  ", "\\ ", "\r", "//", "/*", "/**"]


def pattern(chance: random.Random) -> str:
    line = "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 4)))
    return chance.choice(["", "", "", "!", "/", "!/", "**/", "\\"]) + line + chance.choice(ENDS)


def grow(root: Path, chance: random.Random) -> list[str]:
    """Make a tree with .gitignore files in it; its paths, a folder with a slash behind it, relative to ``root``."""
    paths: list[str] = []
    folders = [""]
    for _ in range(40):
        parent, name = chance.choice(folders), chance.choice(NAMES)
        path = parent + name
        if path in paths or path + "/" in paths:
            continue
        if chance.random() < 0.45:
            (root / path).mkdir()
            folders.append(path + "/")
            paths.append(path + "/")
        else:
            (root / path).touch()
            paths.append(path)
    for folder in chance.sample(folders, min(len(folders), 3)):
        write(root / folder / ".gitignore", chance)
    (root / ".git" / "info").mkdir(exist_ok=True)
    write(root / ".git" / "info" / "exclude", chance)
    return paths


def write(path: Path, chance: random.Random) -> None:
    lines = [pattern(chance) for _ in range(chance.randint(1, 5))]
    path.write_bytes(os.fsencode("\n".join(lines) + chance.choice(["", "\n"])))


def git(root: Path, *args: str, stdin: bytes = b"") -> bytes:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nowhere", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["git", *args], cwd=root, input=stdin, capture_output=True, env=environment, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def ignored_by_git(root: Path, paths: list[str]) -> set[str]:
    stdin = b"".join(os.fsencode(path.rstrip("/")) + b"\0" for path in paths)
    ignored = {os.fsdecode(path) for path in git(root, "check-ignore", "-z", "--stdin", stdin=stdin).split(b"\0")}
    return {path for path in paths if path.rstrip("/") in ignored}


def ignored_by_us(root: Path, paths: list[str]) -> set[str]:
    return set(_ignored(root, "", in_repository(str(root)), False)) & set(paths)


def _ignored(root: Path, folder: str, here: Ignored, everything: bool) -> Iterator[str]:
    for entry in os.scandir(root / folder):
        inside = entry.is_dir(follow_symlinks=False)
        path = f"{folder}{entry.name}" + "/" * inside
        left_out = everything or here.ignores(entry.name, folder=inside)
        if left_out:
            yield path
        if inside and entry.name != ".git":
            yield from _ignored(root, path, here if left_out else here.below(entry.path), left_out)


@pytest.mark.parametrize("seed", range(rounds(1_000, 15)))
def test_random_trees_are_ignored_as_git_does(seed: int, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    chance = random.Random(seed)
    paths = grow(tmp_path, chance)
    assert ignored_by_us(tmp_path, paths) == ignored_by_git(tmp_path, paths)


def test_the_trees_have_what_is_ignored_and_what_is_not(tmp_path: Path) -> None:
    ignored, every = 0, 0
    for seed in range(10):
        root = tmp_path / str(seed)
        root.mkdir()
        git(root, "init", "-q")
        paths = grow(root, random.Random(seed))
        ignored, every = ignored + len(ignored_by_us(root, paths)), every + len(paths)
    assert every / 10 < ignored < every / 2


PAGE = {
    "/doc/frotz/": {"doc/frotz/": True, "a/doc/frotz/": False},
    "frotz/": {"frotz/": True, "a/frotz/": True, "frotz": False},
    "doc/frotz": {"doc/frotz": True, "a/doc/frotz": False},
    "foo/*": {"foo/test.json": True, "foo/bar/": True, "foo/bar/hello.c": False},
    "**/foo/bar": {"foo/bar": True, "a/b/foo/bar": True, "foo/a/bar": False},
    "abc/**": {"abc/x": True, "abc/x/y": True, "abc/": False},
    "a/**/b": {"a/b": True, "a/x/b": True, "a/x/y/b": True, "ab": False},
    "\\#x": {"#x": True},
    "\\!x": {"!x": True},
    "# x": {"# x": False},
    "x\\ ": {"x ": True, "x": False},
    "x ": {"x": True, "x ": False},
    "hello.*": {"hello.txt": True, "a/hello.java": True},
    "[a-c]?[!0-9]": {"bxx": True, "bx1": False, "dxx": False},
}
"""What gitignore(5) says of patterns."""


@pytest.mark.parametrize("glob", PAGE)
def test_patterns_mean_what_the_manual_page_says(glob: str) -> None:
    for path, expected in PAGE[glob].items():
        ignored = Ignored(((patterns := Patterns(tuple(parse(glob.encode())), os.fsencode), patterns.start),))
        *folders, name = path.rstrip("/").split("/")
        for folder in folders:
            ignored = ignored.below(folder)
        assert ignored.ignores(name, folder=path.endswith("/")) is expected


MODEL = "input_dim: 8\nlayers: [{type: lstm, units: 4}]\n"


def checked(root: Path, *arguments: str) -> list[str]:
    done = completed("check", "--show-files", *arguments, cwd=root)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose patterns leave only ``a.yaml`` and ``keep/c.yaml`` to a search."""
    git(tmp_path, "init", "-q")
    for name in ("a.yaml", "out/b.yaml", "keep/c.yaml", "keep/d.yaml", "keep/deep/e.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(MODEL)
    (tmp_path / ".gitignore").write_text("out/\nd.*\n/c.yaml\n")
    (tmp_path / "keep" / ".gitignore").write_text("deep\n")
    return tmp_path


def test_a_search_skips_what_is_ignored_and_a_named_file_or_folder_is_checked(repository: Path) -> None:
    assert checked(repository) == ["a.yaml", "keep/c.yaml"]
    assert checked(repository / "keep") == ["c.yaml"]
    assert checked(repository, "out", "keep/d.yaml") == ["out/b.yaml", "keep/d.yaml"]
    assert checked(repository / "keep" / "deep") == ["e.yaml"]


def test_force_exclude_skips_named_files_too(repository: Path) -> None:
    names = ("a.yaml", "out/b.yaml", "keep/d.yaml", "keep/deep/e.yaml")
    assert checked(repository, "--force-exclude", *names) == ["a.yaml"]
    assert checked(repository, "--force-exclude", "--no-respect-gitignore", *names) == list(names)


def test_settings_and_the_command_line_can_say_that_ignored_files_are_checked(repository: Path) -> None:
    everything = ["a.yaml", "keep/c.yaml", "keep/d.yaml", "keep/deep/e.yaml", "out/b.yaml"]
    assert checked(repository, "--no-respect-gitignore") == everything
    (repository / "lstm-shapes.toml").write_text("respect-gitignore = false\n")
    assert checked(repository) == everything
    assert checked(repository, "--respect-gitignore") == ["a.yaml", "keep/c.yaml"]
    (repository / "lstm-shapes.toml").write_text("respect-gitignore = 0\n")
    assert "expected true or false" in completed("check", cwd=repository).stderr


def test_outside_a_repository_nothing_is_ignored_and_each_repository_has_its_own_patterns(repository: Path) -> None:
    inner = repository / "keep" / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / "d.yaml").write_text(MODEL)
    (inner / "mine.yaml").write_text(MODEL)
    (inner / ".git" / "info").mkdir(exist_ok=True)
    (inner / ".git" / "info" / "exclude").write_text("mine.yaml\n")
    assert checked(repository) == ["a.yaml", "keep/c.yaml", "keep/inner/d.yaml"]
    assert checked(inner) == ["d.yaml"]
    (repository / ".git").rename(repository / "gone")
    assert len(checked(repository)) == 6


def test_a_worktree_has_the_patterns_of_its_repository(repository: Path, tmp_path: Path) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.invalid", "-c", "commit.gpgsign=false")
    git(repository, *identity, "commit", "-q", "--allow-empty", "-m", "x")
    git(repository, "worktree", "add", "-q", str(tmp_path / "tree"))
    (repository / ".git" / "info" / "exclude").write_text("hidden.yaml\n")
    for name in ("hidden.yaml", "shown.yaml"):
        (tmp_path / "tree" / name).write_text(MODEL)
    assert git(tmp_path / "tree", "check-ignore", "hidden.yaml")
    assert checked(tmp_path / "tree") == ["shown.yaml"]


def test_a_gitignore_that_is_a_link_or_no_file_is_not_read(repository: Path) -> None:
    (repository / ".gitignore").rename(repository / "patterns")
    (repository / ".gitignore").symlink_to("patterns")
    everything = ["a.yaml", "keep/c.yaml", "keep/d.yaml", "out/b.yaml"]
    assert not git(repository, "check-ignore", "out/b.yaml")
    assert checked(repository) == everything
    (repository / ".gitignore").unlink()
    os.mkfifo(repository / ".gitignore")
    (repository / ".git" / "info" / "exclude").unlink(missing_ok=True)
    (repository / ".git" / "info").mkdir(exist_ok=True)
    (repository / ".git" / "info" / "exclude").symlink_to("/dev/zero")
    assert checked(repository) == everything


def test_a_gitignore_that_is_too_large_is_one_message_with_the_findings_of_the_other_files(repository: Path) -> None:
    (repository / "a.yaml").write_text(MODEL.replace("4", "0"))
    (repository / "keep" / ".gitignore").write_text("a\n" * 2**18)
    done = completed("check", cwd=repository)
    assert done.returncode == 2 and "a.yaml:2" in done.stdout
    assert done.stderr == "error: keep/.gitignore: larger than 256 KiB\n"
    assert completed("check", "--no-respect-gitignore", cwd=repository).returncode == 1


def test_the_largest_gitignore_is_read_without_backtracking(repository: Path) -> None:
    for line in ("*a*a*a*a*b\n", "[a]" * 40 + "\n", "**/a/**/a/**/b\n", "x[" + "a-c" * 50 + "]\n"):
        (repository / ".gitignore").write_text(line * (rounds(2**18, 2**13) // len(line)))
        for number in range(20):
            (repository / f"{'a' * 40}{number}.yaml").write_text(MODEL)
        assert len(checked(repository)) == 24
