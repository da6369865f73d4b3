"""``lstm-shapes check`` as its users run it: exit codes, what is read, what the settings and the options do."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from lstm_shapes.checking.outcome import FORMATS
from lstm_shapes.cli.check import CheckFormat

from ..command import completed

CLEAN = "name: clean\ninput_dim: 8\nlayers:\n  - {type: lstm, units: 32}\n"
BROKEN = CLEAN + "  - {type: lstm, name: decoder, units: 16}\n"
NOTE = CLEAN.replace("units: 32", "units: H") + "budget: {params: 20000}\n"
WARNING = "framework: keras\n" + CLEAN.replace("units: 32", "units: 32, proj_size: 8")


def run(args: str, folder: Path, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return completed("check", *shlex.split(args), cwd=folder, stdin=stdin, env=environment)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("clean", CLEAN), ("broken", BROKEN), ("note", NOTE), ("warning", WARNING)):
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ("clean.yaml", 0),
        ("broken.yaml", 1),
        ("note.yaml", 0),
        ("warning.yaml", 1),
        ("clean.yaml broken.yaml", 1),
        (".", 1),
        ("broken.yaml --exit-zero", 0),
        ("broken.yaml --ignore LS202", 0),
        ("broken.yaml --select LS1", 0),
        ("broken.yaml --select LS1,last-step-only", 1),
        ("warning.yaml --fail-on error", 0),
        ("note.yaml --fail-on note", 1),
        ("note.yaml --set H=100", 1),
        ("note.yaml --set H=50", 0),
        ("warning.yaml --framework torch", 0),
        ("gone.yaml", 2),
        ("clean.yaml gone.yaml", 2),
        ("--select LS2002", 2),
        ("--fail-on never", 2),
        ("--output-format xml", 2),
        ("--config gone.toml", 2),
        ("--target onnx", 2),
        ("--set H", 2),
        ("--baseline gone.json", 2),
    ],
)
def test_the_exit_code_says_whether_all_is_well_something_is_found_or_the_command_is_wrong(
    args: str, code: int, folder: Path
) -> None:
    done = run(args, folder)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("name", "code"), [("clean", 0), ("broken", 1), ("note", 0), ("gone", 2)])
def test_the_exit_code_is_the_same_in_every_format(form: str, name: str, code: int, folder: Path) -> None:
    assert run(f"{name}.yaml --output-format {form}", folder).returncode == code


def test_the_formats_of_the_option_are_those_of_the_outcome() -> None:
    assert tuple(str(form) for form in CheckFormat) == FORMATS


def test_the_first_line_of_a_mistake_is_enough_to_find_it_and_the_hint_to_fix_it(folder: Path) -> None:
    lines = run("broken.yaml", folder).stdout.splitlines()
    assert lines[0].startswith("broken.yaml:5:5: LS202 decoder (lstm) reads (batch, time, features) but gets (B, 32)")
    assert lines[1] == "  5 |   - {type: lstm, name: decoder, units: 16}"
    assert lines[2] == "    |     ^"
    assert "`return_sequences: true` on lstm (line 4)" in lines[3]
    assert lines[4] == "1 error in 1 file"


def test_what_is_not_a_model_is_skipped_and_counted_named_or_found(folder: Path) -> None:
    (folder / "other.yaml").write_text("services: [a, b]\n", "utf-8")
    (folder / "broken.yaml").unlink()
    (folder / "warning.yaml").unlink()
    done = run(".", folder)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 note in 2 files (1 skipped)")
    named = run("other.yaml", folder)
    assert (named.returncode, named.stdout, named.stderr) == (0, "no findings in 0 files (1 skipped)\n", "")


def test_a_path_that_does_not_exist_keeps_no_finding_of_the_others_back(folder: Path) -> None:
    done = run("gone.yaml broken.yaml", folder)
    assert done.returncode == 2
    assert "broken.yaml:5:5: LS202" in done.stdout
    assert done.stderr.endswith("error: gone.yaml: no such file or directory\n")


def test_a_named_file_in_a_folder_that_is_not_searched_is_read_unless_exclusion_is_forced(folder: Path) -> None:
    (folder / "build").mkdir()
    (folder / "broken.yaml").rename(folder / "build" / "broken.yaml")
    assert run("build/broken.yaml", folder).returncode == 1
    done = run("--force-exclude build/broken.yaml", folder)
    assert (done.returncode, done.stdout) == (0, "no findings in 0 files (1 skipped)\n")


def test_a_model_that_cannot_be_parsed_is_a_finding_even_in_a_walk(folder: Path) -> None:
    (folder / "broken.yaml").write_text("layers: [\n", "utf-8")
    done = run(". --fail-on error", folder)
    assert done.returncode == 1
    assert "broken.yaml:2:1: LS002" in done.stdout


def test_a_folder_without_a_model_is_a_mistake_in_the_command(tmp_path: Path) -> None:
    done = run(".", tmp_path)
    assert done.returncode == 2
    assert "no model found" in done.stderr


def test_standard_input_is_named_and_judged(folder: Path) -> None:
    done = run("- --stdin-filename editor.yaml", folder, stdin=BROKEN)
    assert done.returncode == 1
    assert done.stdout.startswith("editor.yaml:5:5: LS202")


def test_settings_are_found_above_and_the_command_line_goes_before_them(folder: Path) -> None:
    (folder / "lstm-shapes.toml").write_text('ignore = ["LS202"]\nexclude = ["warning.yaml"]\n', "utf-8")
    assert run(".", folder).returncode == 0
    assert run(". --isolated", folder).returncode == 1
    assert run("broken.yaml --ignore LS503", folder).returncode == 1
    (folder / "deep").mkdir()
    assert run("../broken.yaml", folder / "deep").returncode == 0


def test_a_mistake_in_the_settings_is_told_with_its_file(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.lstm-shapes]\nselct = []\n", "utf-8")
    done = run(".", folder)
    assert done.returncode == 2
    assert "pyproject.toml: unknown key 'selct'; did you mean select?" in done.stderr


def test_settings_give_dims_framework_and_budget_where_a_file_says_nothing(folder: Path) -> None:
    (folder / "lstm-shapes.toml").write_text("dims = {H = 100}\n[budget]\nparams = 1000\n", "utf-8")
    done = run("note.yaml clean.yaml --output-format json", folder)
    found = json.loads(done.stdout)["findings"]
    assert sorted((finding["source"], finding["id"]) for finding in found) == [
        ("clean.yaml", "LS502"),
        ("note.yaml", "LS502"),
        ("note.yaml", "LS502"),
    ]


def test_per_file_ignores_hold_for_the_files_of_their_pattern(folder: Path) -> None:
    (folder / "legacy").mkdir()
    (folder / "legacy" / "old.yaml").write_text(BROKEN, "utf-8")
    (folder / "lstm-shapes.toml").write_text('[per-file-ignores]\n"legacy/*" = ["LS202"]\n', "utf-8")
    assert run("legacy", folder).returncode == 0
    assert run("broken.yaml", folder).returncode == 1


def test_a_baseline_allows_what_was_there(folder: Path) -> None:
    assert run(". --write-baseline baseline.txt", folder).returncode == 0
    after = run(". --baseline baseline.txt", folder)
    assert after.returncode == 0
    assert after.stdout.splitlines()[-1].endswith("(3 in the baseline)")
    text = (folder / "broken.yaml").read_text("utf-8")
    (folder / "broken.yaml").write_text("# moved\n\n" + text, "utf-8")
    assert run(". --baseline baseline.txt", folder).returncode == 0
    (folder / "broken.yaml").write_text(text + "  - {type: lstm, unit: 3, units: 3}\n", "utf-8")
    assert run(". --baseline baseline.txt", folder).returncode == 1


def test_output_goes_to_a_file_whole_and_the_exit_code_stays(folder: Path) -> None:
    done = run("broken.yaml --output-format sarif -o out.sarif", folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert json.loads((folder / "out.sarif").read_text("utf-8"))["version"] == "2.1.0"


def test_a_model_that_was_checked_is_not_overwritten(folder: Path) -> None:
    for option in ("-o", "--write-baseline"):
        done = run(f"broken.yaml {option} broken.yaml", folder)
        assert done.returncode == 2
        assert "is an input" in done.stderr
    assert (folder / "broken.yaml").read_text("utf-8") == BROKEN


def test_quiet_prints_nothing_when_all_is_well_but_a_report_for_programs_is_written(folder: Path) -> None:
    assert run("clean.yaml -q", folder).stdout == ""
    assert json.loads(run("clean.yaml -q --output-format json", folder).stdout)["findings"] == []
    assert "LS202" in run("broken.yaml -q", folder).stdout


def test_colour_changes_nothing_but_the_colour(folder: Path) -> None:
    plain = run("broken.yaml warning.yaml note.yaml", folder).stdout
    colored = run("broken.yaml warning.yaml note.yaml --color always", folder).stdout
    assert "\x1b[" in colored and "\x1b[" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


def test_the_order_of_files_and_findings_does_not_change(folder: Path) -> None:
    once = run(". --output-format concise", folder).stdout
    assert once == run(". --output-format concise", folder).stdout
    sources = [line.split(":")[0] for line in once.splitlines() if ": LS" in line]
    assert sources == sorted(sources)
