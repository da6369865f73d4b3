"""Paths that are no files, files that cannot be written, and output that is whole or not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..profiles import some
from .child import HANGS, ROOT, Outcome, accepted, decent, run

MODEL = b"{input_dim: 8, layers: [{type: lstm, units: 32}]}\n"
LARGE = b"input_dim: 8\nlayers:\n" + b"  - {type: dense, units: 8}\n" * 3_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.yaml").write_bytes(MODEL)
    return tmp_path


def unusable(outcome: Outcome, word: str) -> None:
    """A path that cannot be opened: exit 2, one line, in time."""
    decent(outcome, codes=(2,))
    assert outcome.said.count("\n") == 1
    assert word in outcome.said
    assert not outcome.out
    assert outcome.seconds < HANGS / 4


@pytest.mark.parametrize("verb", ["inspect", "verify"])
def test_what_is_no_file_is_not_read(verb: str, folder: Path):
    os.mkfifo(folder / "pipe.yaml")
    (folder / "loop.yaml").symlink_to("loop.yaml")
    (folder / "inner").mkdir()
    for path, word in (
        ("pipe.yaml", "a named pipe"),
        ("inner", "a directory"),
        ("/dev/zero", "a device"),
        ("/dev/stdin", "a device" if sys.stdin is None else ""),
        ("loop.yaml", "symbolic links"),
        ("nowhere.yaml", "no such file"),
        ("model.yaml/x", "not a directory"),
        ("x" * 300, "too long"),
        ("", "no such file"),
    ):
        if word:
            unusable(run(verb, path, cwd=folder), word)
    accepted(run(verb, "model.yaml", cwd=folder))


def test_a_link_to_a_file_is_read(folder: Path):
    (folder / "link.yaml").symlink_to("model.yaml")
    accepted(run("inspect", "link.yaml", cwd=folder))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads whatever the mode says")
def test_an_unreadable_file_is_said_to_be_one(folder: Path):
    (folder / "model.yaml").chmod(0)
    unusable(run("inspect", "model.yaml", cwd=folder), "permission denied")


def test_names_that_are_not_utf_8_or_hold_controls_are_read_and_written_as_escapes(folder: Path):
    for name in (
        b"\xff\xfe.yaml",
        b"a\nb::error::c.yaml",
        b"\x1b[31mred.yaml",
        "\u202egnp.yaml".encode(),
        b"n" * 250 + b".yaml",
    ):
        (folder / os.fsdecode(name)).write_bytes(MODEL)
        for form in ("text", "json", "csv", "markdown"):
            outcome = run("inspect", name, "--output-format", form, cwd=folder)
            accepted(outcome)
            assert not any(line.startswith("::") for line in outcome.text.splitlines())
            assert "\x1b" not in outcome.text
            assert "\u202e" not in outcome.text
        (folder / os.fsdecode(name)).write_bytes(b"layers: 3")
        outcome = run("inspect", name, cwd=folder)
        decent(outcome, codes=(1,))
        assert "LS103" in outcome.said
        assert "\x1b" not in outcome.said
        assert not any(line.startswith("::") for line in outcome.said.splitlines())


def test_a_path_that_is_not_there_is_escaped(folder: Path):
    outcome = run("inspect", b"\x1b[31m\xff\n::error::x", cwd=folder)
    unusable(outcome, r"\x1b[31m")


def write(folder: Path, to: str, *more: str) -> Outcome:
    return run("inspect", "model.yaml", "-o", to, *more, cwd=folder)


def test_output_is_whole_beside_and_renamed(folder: Path):
    printed = run("inspect", "model.yaml", cwd=folder).out
    (folder / "old.txt").write_text("old")
    (folder / "old.txt").chmod(0o640)
    for name in ("new.txt", "old.txt"):
        outcome = write(folder, name)
        decent(outcome, codes=(0,))
        assert not outcome.out
        assert (folder / name).read_bytes() == printed
    assert (folder / "old.txt").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in folder.iterdir()) == ["model.yaml", "new.txt", "old.txt"]


def test_output_that_cannot_be_written_is_said_and_leaves_nothing(folder: Path):
    (folder / "inner").mkdir()
    (folder / "loop").symlink_to("loop")
    (folder / "link").symlink_to("model.yaml")
    os.link(folder / "model.yaml", folder / "hard")
    before = sorted(path.name for path in folder.iterdir())
    for to, word in (
        ("inner", "is a directory"),
        ("/dev/full", "no space left"),
        ("nowhere/out.txt", "no such file"),
        ("model.yaml/out.txt", "not a directory"),
        ("o" * 300, "too long"),
        ("loop", "symbolic links"),
        ("model.yaml", "is an input"),
        ("./model.yaml", "is an input"),
        ("link", "is an input"),
        ("hard", "is an input"),
    ):
        unusable(write(folder, to), word)
        assert (folder / "model.yaml").read_bytes() == MODEL
        assert sorted(path.name for path in folder.iterdir()) == before
    decent(write(folder, "/dev/null"), codes=(0,))


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes whatever the mode says")
def test_a_directory_that_is_read_only_is_said_to_be_one(folder: Path):
    folder.chmod(0o500)
    try:
        unusable(write(folder, "out.txt"), "permission denied")
    finally:
        folder.chmod(0o700)


def test_a_link_is_written_through(folder: Path):
    (folder / "real.txt").write_text("old")
    (folder / "link.txt").symlink_to("real.txt")
    decent(write(folder, "link.txt"), codes=(0,))
    assert (folder / "link.txt").is_symlink()
    assert b"5,248" in (folder / "real.txt").read_bytes()


def test_a_full_disk_behind_standard_output_is_not_a_traceback(folder: Path):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "lstm_shapes", "inspect", "model.yaml"],
            cwd=folder, stdout=full, stderr=subprocess.PIPE, timeout=HANGS, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert b"Traceback" not in done.stderr
    assert done.returncode == 2, done.stderr


@pytest.mark.parametrize("form", some(["text", "json", "csv", "markdown"], "csv", "markdown"))
def test_a_closed_pipe_is_quiet(form: str, folder: Path):
    (folder / "large.yaml").write_bytes(LARGE)
    command = f"{sys.executable} -m lstm_shapes inspect large.yaml --output-format {form} | head -1"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        capture_output=True,
        timeout=HANGS,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.count(b"\n") == 1
    assert not done.stderr


def test_standard_input_that_is_closed_or_empty_is_a_finding_or_wrong_usage(folder: Path):
    outcome = run("inspect", "-", cwd=folder)
    decent(outcome, codes=(1,))
    assert outcome.ids() == ["LS006"]
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m lstm_shapes inspect - <&-"],
        cwd=folder, capture_output=True, timeout=HANGS, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert b"Traceback" not in done.stderr
    assert done.returncode in (1, 2)
