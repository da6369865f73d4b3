"""``check --diff``: a check of today's files that also shows what changed, in every format."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lstm_shapes.checking.outcome import FORMATS

from ..command import completed
from ..hostile.test_check import OURS
from ..hostile.test_names import COMMAND, NAMES, RAW, spec
from ..profiles import few


def command(against: str, form: str, *paths: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return completed("check", f"--diff={against}", "--output-format", form, *paths, cwd=cwd)


def git(folder: Path, *args: str) -> None:
    options = ["-c", "user.name=a", "-c", "user.email=a@b.invalid", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *options, *args], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a model that changed, one that did not, one that is gone, a new one, and another file."""
    tmp_path = tmp_path / "repository"
    tmp_path.mkdir()
    git(tmp_path, "init", "-q")
    for name in ("one.yaml", "two.yaml", "gone.yaml"):
        (tmp_path / name).write_text("input_dim: 8\nlayers:\n  - {type: gru, units: 32}\n")
    (tmp_path / "other.yaml").write_text("a: 1\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "x")
    (tmp_path / "one.yaml").write_text("input_dim: 8\nlayers:\n  - {type: gru, units: 32, reset_after: false}\n")
    (tmp_path / "new.yaml").write_text("input_dim: 8\nlayers:\n  - {type: gru, units: 4}\n")
    (tmp_path / "other.yaml").write_text("a: 2\n")
    (tmp_path / "gone.yaml").unlink()
    return tmp_path


def test_the_command_against_a_revision(repository: Path) -> None:
    done = command("HEAD", "text", "one.yaml", cwd=repository)
    assert (done.returncode, done.stderr) == (0, "")
    assert "one.yaml, changes since HEAD" in done.stdout
    assert "reset_after true -> false     -96" in done.stdout
    assert "total params: 4,032 -> 3,936 (-96)" in done.stdout
    assert "nothing changed" in command("HEAD", "text", "two.yaml", cwd=repository).stdout


def test_the_command_on_a_folder_finds_what_changed(repository: Path) -> None:
    done = command("HEAD", "json", ".", cwd=repository)
    assert done.returncode == 0
    differences = {
        change["before"] or change["after"]: change["totals"]["params"]["difference"]
        for change in json.loads(done.stdout)["changes"]
    }
    assert differences == {"gone.yaml": -3 * 32 * 42, "new.yaml": 3 * 4 * 14, "one.yaml": -96}
    assert "### one.yaml, changes since HEAD" in command("HEAD", "markdown", ".", cwd=repository).stdout


def test_the_command_on_two_files(repository: Path) -> None:
    done = command("two.yaml", "text", "one.yaml", cwd=repository)
    assert done.stdout.startswith("two.yaml -> one.yaml\n")
    assert "(-96)" in done.stdout


@pytest.mark.parametrize(
    "args",
    [
        ("nope", "text", "one.yaml"),
        ("--output=x", "text", "one.yaml"),
        ("HEAD", "text", "missing.yaml"),
        ("", "text", "one.yaml"),
        ("HEAD", "text", "-"),
        ("two.yaml", "text", "."),
        ("two.yaml", "text", "one.yaml", "new.yaml"),
        ("two.yaml", "text", "other.yaml"),
    ],
)
def test_wrong_usage_is_two_with_a_message(args: tuple[str, ...], repository: Path) -> None:
    done = command(*args, cwd=repository)
    assert (done.returncode, done.stdout) == (2, "")
    assert "rror: " in done.stderr and "Traceback" not in done.stderr


def test_an_error_in_the_newer_file_is_reported_with_exit_code_1(repository: Path) -> None:
    (repository / "one.yaml").write_text("input_dim: 8\nlayers:\n  - {type: gru, unit: 32}\n")
    done = command("HEAD", "text", "one.yaml", cwd=repository)
    assert done.returncode == 1
    assert "LS101" in done.stdout


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_has_the_findings_and_what_changed(form: str, repository: Path) -> None:
    (repository / "two.yaml").write_text("input_dim: 8\nlayers:\n  - {type: gru, unit: 32}\n")
    alone = completed("check", "--output-format", form, ".", cwd=repository)
    done = command("HEAD", form, ".", cwd=repository)
    assert (alone.returncode, done.returncode) == (1, 1)
    if form not in ("gitlab", "sarif", "junit"):
        assert done.stderr == ""
        assert all(text in done.stdout for text in ("LS101", "one.yaml", "new.yaml", "gone.yaml"))
        assert "-96" in done.stdout.replace("\\", "")
        return
    assert done.stdout == alone.stdout
    assert done.stderr.splitlines() == [
        "gone.yaml: params 4,032 -> 0 (-4,032), macs 3,840*B*T -> 0 (-3,840*B*T), bytes 16,128 -> 0 (-16,128)",
        "new.yaml: params 0 -> 168 (+168), macs 0 -> 144*B*T (+144*B*T), bytes 0 -> 672 (+672)",
        "one.yaml: params 4,032 -> 3,936 (-96), bytes 16,128 -> 15,744 (-384; 15.8 KiB -> 15.4 KiB)",
        "two.yaml: changed; the figures of 1 changed layer are unknown",
    ]
    ElementTree.fromstring(done.stdout) if form == "junit" else json.loads(done.stdout)


def test_the_findings_are_those_of_a_check_whatever_changed(repository: Path) -> None:
    (repository / "two.yaml").write_text("input_dim: 8\nlayers: [{type: gru, units: 4}, {type: gru, units: 4}]\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "y")
    done = command("HEAD", "github", ".", cwd=repository)
    assert done.returncode == 1
    assert "::error file=two.yaml,line=2" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 error, 1 note in 3 files (1 skipped); no models changed since HEAD"
    assert command("HEAD", "text", ".", "--select", "LS1", cwd=repository).returncode == 0
    quiet = command("HEAD~1", "text", ".", "-q", cwd=repository)
    assert "LS202" in quiet.stdout and "changes since" not in quiet.stdout


def test_a_summary_for_a_step_shows_the_difference(repository: Path) -> None:
    done = command("HEAD", "markdown", ".", cwd=repository)
    assert done.stdout.startswith("### lstm-shapes: 1 note in 3 files (1 skipped); 3 models changed since HEAD\n")
    assert "### one.yaml, changes since HEAD" in done.stdout
    assert "4,032 -&gt; 3,936 (-96)" in done.stdout


def test_when_every_model_is_gone_that_is_what_changed(repository: Path) -> None:
    for name in ("one.yaml", "two.yaml", "new.yaml"):
        (repository / name).unlink()
    for paths in (["."], ["one.yaml"], ["one.yaml", "two.yaml"]):
        done = command("HEAD", "text", *paths, cwd=repository)
        assert (done.returncode, done.stderr) == (0, "")
        assert "one.yaml, changes since HEAD" in done.stdout
    assert command("HEAD", "text", "other.yaml", "one.yaml", cwd=repository).stdout.count("(1 skipped)") == 1


def test_standard_input_can_be_either_file(repository: Path) -> None:
    text = (repository / "two.yaml").read_text()
    for against, path in (("-", "one.yaml"), ("one.yaml", "-")):
        done = completed("check", "--diff", against, path, cwd=repository, stdin=text)
        assert done.returncode == 0
        assert "96" in done.stdout
    broken = completed("check", "--diff", "one.yaml", "-", cwd=repository, stdin="layers: [{type: lstm, unit: 4}]\n")
    assert (broken.returncode, "LS101" in broken.stdout) == (1, True)


def test_a_file_called_as_a_branch_is_not_taken_for_it(repository: Path) -> None:
    (repository / "main~base").write_text("input_dim: 8\nlayers:\n  - {type: gru, units: 32}\n")
    refused = command("main~base", "text", "one.yaml", cwd=repository)
    assert (refused.returncode, "no such revision" in refused.stderr) == (2, True)
    assert "(-96)" in command("./main~base", "text", "one.yaml", cwd=repository).stdout


@pytest.mark.parametrize("form", few(list(FORMATS), 4))
def test_no_name_in_a_difference_breaks_a_format_or_becomes_a_command(form: str, repository: Path) -> None:
    names = [name for name in NAMES.values() if "/" not in name and len(name) < 100]
    for number, name in enumerate(names):
        (repository / f"{name}.json").write_text(spec(name, faulty=True), "utf-8")
        (repository / f"{number}.json").write_text(spec(name, faulty=False), "utf-8")
    git(repository, "branch", "a|b<c>")
    done = command("a|b<c>", form, ".", cwd=repository)
    assert done.returncode == 1
    for line in (*done.stdout.splitlines(), *done.stderr.splitlines()):
        assert not RAW.search(line) and (not COMMAND.search(line) or (form == "github" and OURS.match(line))), line
    if form in ("json", "gitlab", "sarif"):
        json.loads(done.stdout)
    if form == "json":
        assert len(json.loads(done.stdout)["changes"]) == 2 * len(names) + 3


OUTPUTS = {
    "the other side of --diff": ("--diff=two.yaml", "one.yaml", "-o", "two.yaml"),
    "a model under a compared folder": ("--diff=HEAD", ".", "-o", "one.yaml"),
    "an unchanged model under a compared folder": ("--diff=HEAD", ".", "-o", "./two.yaml"),
    "the file that is compared": ("--diff=HEAD", "one.yaml", "-o", "one.yaml"),
    "a model under a checked folder": (".", "-o", "two.yaml"),
    "the baseline": (".", "--baseline=baseline.json", "-o", "baseline.json"),
    "the settings": (".", "-o", "lstm-shapes.toml"),
    "settings that are named": (".", "--config=named.toml", "-o", "named.toml"),
    "settings of another folder": ("one.yaml", "-o", "deep/pyproject.toml"),
    "a baseline over a model": (".", "--write-baseline", "two.yaml"),
    "a baseline over the settings": (".", "--write-baseline", "lstm-shapes.toml"),
    "an input by another name": ("one.yaml", "-o", "hard.yaml"),
    "through a link": (".", "-o", "link.json"),
    "through a link to a folder": (".", "-o", "linked/new.json"),
    "through a link to what is not there yet": (".", "-o", "dangling.json"),
    "a baseline through a link": (".", "--write-baseline", "link.json"),
    "nothing": (".", "-o", ""),
    "no revision": (".", "--diff", ""),
    "no settings": (".", "--config", ""),
    "no baseline": (".", "--baseline", ""),
    "no baseline to write": (".", "--write-baseline", ""),
    "both": (".", "--diff=HEAD", "--write-baseline", "b.json"),
}


@pytest.mark.parametrize("args", OUTPUTS.values(), ids=OUTPUTS)
def test_nothing_that_was_read_is_written_to_and_nothing_outside(args: tuple[str, ...], repository: Path) -> None:
    outside = repository / ".." / "outside"
    outside.mkdir()
    (outside / "target.json").write_text("kept")
    (repository / "link.json").symlink_to("../outside/target.json")
    (repository / "dangling.json").symlink_to("../outside/none.json")
    (repository / "linked").symlink_to("../outside")
    (repository / "hard.yaml").hardlink_to(repository / "one.yaml")
    (repository / "deep").mkdir()
    for name in ("lstm-shapes.toml", "named.toml"):
        (repository / name).write_text("select = []\n")
    (repository / "deep" / "pyproject.toml").write_text("[tool.lstm-shapes]\n")
    (repository / "baseline.json").write_text('{"version": 1, "files": {}}')
    before = contents(repository), contents(outside)
    done = completed("check", *args, cwd=repository)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "rror: " in done.stderr and "Traceback" not in done.stderr
    assert (contents(repository), contents(outside)) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts}


def test_other_places_are_written_to_also_twice(repository: Path) -> None:
    (repository / "real.json").write_text("")
    (repository / "inside.json").symlink_to("real.json")
    for name in ("report.json", "inside.json", str(repository.parent / "report.json")):
        for _ in range(2):
            done = completed("check", ".", "--diff=HEAD", "--output-format=json", "-o", name, cwd=repository)
            assert (done.returncode, done.stderr) == (0, "")
            assert len(json.loads((repository / name).read_text())["changes"]) == 3
    assert (repository / "inside.json").is_symlink()
    for _ in range(2):
        assert completed("check", ".", "--write-baseline=b.json", cwd=repository).returncode == 0


def test_the_file_behind_standard_input_is_not_written_to(repository: Path) -> None:
    text = (repository / "one.yaml").read_text()
    for more in ((), ("--diff=two.yaml",)):
        with (repository / "one.yaml").open("rb") as stream:
            command = [sys.executable, "-m", "lstm_shapes", "check", "-", "-o", "one.yaml", *more]
            done = subprocess.run(command, cwd=repository, stdin=stream, capture_output=True, text=True, check=False)
        assert (done.returncode, "is an input" in done.stderr) == (2, True), done.stderr
        assert (repository / "one.yaml").read_text() == text
