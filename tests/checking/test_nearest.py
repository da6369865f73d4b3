"""Each file has the settings of the nearest folder that has some, as with ruff; nothing of those further up."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from ..command import completed

MODEL = "input_dim: 8\nlayers: [{type: lstm, units: 4}]\n"
TIGHT = "[tool.lstm-shapes.budget]\nparams = 100\n"  # 4*4*(8 + 4 + 1) = 208 are there


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def ids(root: Path, *arguments: str) -> dict[str, list[str]]:
    """The ids of the findings by file."""
    done = completed("check", *arguments, "--output-format", "json", cwd=root)
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, list[str]] = {}
    for finding in json.loads(done.stdout)["findings"]:
        found.setdefault(finding["source"], []).append(finding["id"])
    return found


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    """A project with two inside it, one with a budget that its model exceeds."""
    files = {"a.yaml": MODEL, "inner/b.yaml": MODEL, "inner/deep/c.yaml": MODEL, "other/d.yaml": MODEL}
    files |= {"inner/pyproject.toml": TIGHT, "other/pyproject.toml": "[tool.ruff]\n", "lstm-shapes.toml": ""}
    return tree(tmp_path, files)


def test_a_budget_of_an_inner_project_counts_from_above(projects: Path) -> None:
    expected = {"inner/b.yaml": ["LS502"], "inner/deep/c.yaml": ["LS502"]}
    assert ids(projects) == expected
    assert ids(projects, "inner/b.yaml", "inner/deep", "a.yaml") == expected
    assert completed("check", cwd=projects).returncode == 1


def test_an_inner_project_takes_nothing_from_the_outer_one(projects: Path) -> None:
    (projects / "lstm-shapes.toml").write_text("budget = {params = 10}\nexclude = ['deep']\n")
    (projects / "inner" / "pyproject.toml").write_text("[tool.lstm-shapes]\n")
    (projects / "other" / "deep").mkdir()
    (projects / "other" / "deep" / "e.yaml").write_text(MODEL)
    assert ids(projects) == {"a.yaml": ["LS502"], "other/d.yaml": ["LS502"]}
    done = completed("check", "--show-files", cwd=projects)
    assert done.stdout.split() == ["a.yaml", "inner/b.yaml", "inner/deep/c.yaml", "other/d.yaml"]


def test_config_and_isolated_are_for_all_files(projects: Path) -> None:
    assert ids(projects, "--isolated") == {}
    assert list(ids(projects, "--config", "inner/pyproject.toml")) == [
        "a.yaml",
        "inner/b.yaml",
        "inner/deep/c.yaml",
        "other/d.yaml",
    ]


def test_the_command_line_applies_to_every_project(projects: Path) -> None:
    assert ids(projects, "--ignore", "LS502") == {}
    assert ids(projects, "--exclude", "inner/deep") == {"inner/b.yaml": ["LS502"]}


def test_patterns_are_relative_to_the_folder_of_the_settings(projects: Path) -> None:
    (projects / "inner" / "pyproject.toml").write_text(
        f'{TIGHT}[tool.lstm-shapes.per-file-ignores]\n"deep/*" = ["LS502"]\n'
    )
    assert ids(projects) == {"inner/b.yaml": ["LS502"]}


def test_a_file_outside_every_project_has_the_settings_of_this_folder(projects: Path, tmp_path: Path) -> None:
    outside = tree(tmp_path / "elsewhere", {"m.yaml": MODEL})
    assert completed("check", str(outside), cwd=projects / "inner").returncode == 0  # the settings above it have none
    (projects / "lstm-shapes.toml").unlink()
    assert completed("check", str(outside), cwd=projects / "inner").returncode == 1


def test_standard_input_has_the_settings_of_the_file_that_it_stands_for(projects: Path) -> None:
    named = ("--stdin-filename", "inner/new.yaml")
    assert completed("check", "-", cwd=projects, stdin=MODEL).returncode == 0
    assert completed("check", "-", *named, cwd=projects, stdin=MODEL).returncode == 1


def test_a_comparison_uses_the_settings_of_each_file(projects: Path) -> None:
    wide = "input_dim: 8\ndims: {K: 1}\nlayers: [{type: lstm, units: H}]\n".replace("dims: {K: 1}\n", "")
    (projects / "inner" / "b.yaml").write_text(wide)
    (projects / "inner" / "pyproject.toml").write_text("[tool.lstm-shapes.dims]\nH = 4\n")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        names = ["-c", "user.name=a", "-c", "user.email=a@b.invalid", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *names, *words], cwd=projects, check=True, capture_output=True)
    (projects / "inner" / "b.yaml").write_text(wide.replace("units: H", "units: 2*H"))
    done = completed("check", "--diff", "HEAD", "--output-format", "json", cwd=projects)
    (change,) = json.loads(done.stdout)["changes"]
    params = change["totals"]["params"]
    assert (params["before"], params["after"], params["difference"]) == (208, 544, 336)  # 4*8*(8 + 8 + 1)


BROKEN = {
    "select = [": "not TOML",
    "selct = []": "did you mean select?",
    "#" * (2**20 + 1): "larger than 1 MiB",
    "budget = {params = " + "9" * 5_000 + "}": "not TOML",
}


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_broken_settings_inside_are_reported_once_with_the_findings_of_the_other_files(
    text: str, projects: Path
) -> None:
    (projects / "a.yaml").write_text(MODEL.replace("4", "0"))
    (projects / "inner" / "lstm-shapes.toml").write_text(text)
    done = completed("check", ".", "inner/b.yaml", "inner/deep/c.yaml", cwd=projects)
    assert done.returncode == 2 and "a.yaml:2" in done.stdout
    assert done.stderr.count("\n") == 1 and done.stderr.count("lstm-shapes.toml") == 1
    assert BROKEN[text] in done.stderr and len(done.stderr) < 400


def test_a_broken_pyproject_that_does_not_mention_us_is_not_ours_to_report(projects: Path) -> None:
    (projects / "other" / "pyproject.toml").write_text("[tool.ruff\n")
    assert completed("check", "other", cwd=projects).returncode == 0
    (projects / "other" / "pyproject.toml").write_text("[tool.lstm-shapes\n")
    assert completed("check", "other", cwd=projects).returncode == 2


def test_settings_that_are_a_link_out_of_the_repository_are_not_opened(projects: Path, tmp_path: Path) -> None:
    secret = tree(tmp_path / "elsewhere", {"secret.toml": "password = 1\n", "good.toml": ""})
    for target in ("secret.toml", "good.toml"):
        (projects / "other" / "lstm-shapes.toml").unlink(missing_ok=True)
        (projects / "other" / "lstm-shapes.toml").symlink_to(secret / target)
        done = completed("check", cwd=projects)
        assert done.returncode == 2 and "a link out of" in done.stderr and "password" not in done.stderr
        assert "inner/b.yaml" in done.stdout
    (projects / ".git").mkdir()
    (projects / ".git" / "HEAD").touch()
    (projects / "other" / "lstm-shapes.toml").unlink()
    (projects / "other" / "lstm-shapes.toml").symlink_to("../lstm-shapes.toml")
    assert completed("check", cwd=projects).returncode == 1


def test_what_is_no_file_has_no_settings(projects: Path) -> None:
    os.mkfifo(projects / "other" / "lstm-shapes.toml")
    (projects / "other" / "pyproject.toml").unlink()
    (projects / "other" / "pyproject.toml").mkdir()
    assert completed("check", "other", cwd=projects).returncode == 0


def test_show_settings_says_where_each_comes_from(projects: Path) -> None:
    (projects / "inner" / "pyproject.toml").write_text(f"[tool.lstm-shapes]\nselect = ['LS7']\n{TIGHT}")
    done = completed("check", "--show-settings", "inner/b.yaml", "--ignore", "LS5", "--set", "H=2", cwd=projects)
    assert done.returncode == 0
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in done.stdout.splitlines()[1:] if line.strip()}
    assert rows["select"] == '["LS7"] inner/pyproject.toml'
    assert rows["budget"] == "{params = 100} inner/pyproject.toml"
    assert rows["ignore"] == '["LS5"] command line'
    assert rows["--set"] == "{H = 2} command line"
    assert rows["framework"] == "that of the model, or keras default"
    done = completed("check", "--show-settings", "--output-format", "json", cwd=projects)
    assert json.loads(done.stdout)["settings"]["budget"] == {"value": {}, "from": None}


def test_show_files_lists_models_one_a_line(projects: Path) -> None:
    tree(projects, {"z.yaml": "steps: [a]\n", "inner/lines\n.yaml": MODEL})
    done = completed("check", "--show-files", ".", cwd=projects)
    assert (done.returncode, done.stderr) == (0, "")
    expected = ["a.yaml", "inner/b.yaml", "inner/deep/c.yaml", "inner/lines\\n.yaml", "other/d.yaml"]
    assert done.stdout.splitlines() == expected
    done = completed("check", "--show-files", "a.yaml", "gone", "--output-format", "json", cwd=projects)
    assert (done.returncode, json.loads(done.stdout)["files"]) == (2, ["a.yaml"])
    assert "gone: no such file" in done.stderr
    assert completed("check", "--show-files", "--output-format", "sarif", cwd=projects).returncode == 2
    for other in (["--show-settings"], ["--fix"], ["--diff", "HEAD"], ["--baseline", "b.json"]):
        assert completed("check", "--show-files", *other, cwd=projects).returncode == 2


@pytest.mark.parametrize("name", [".gitignore", "inner/pyproject.toml", "link.txt"])
def test_files_that_decide_what_is_checked_are_not_written_to(name: str, projects: Path) -> None:
    (projects / ".gitignore").write_text("x\n")
    (projects / "link.txt").symlink_to("inner/pyproject.toml")
    before = (projects / name).read_text()
    for option in ("--output-file", "--write-baseline"):
        done = completed("check", ".", option, name, cwd=projects)
        assert done.returncode == 2 and "is an input" in done.stderr
    assert (projects / name).read_text() == before
