"""The command ``rules``: the list, one page, every form; what it does not load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_shapes.rules import catalog
from lstm_shapes.views import rules as said

from ..command import completed

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return completed("rules", *arguments, cwd=folder)


def test_the_list_has_a_line_for_every_rule() -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    rows = [line.split()[:3] for line in lines if line.startswith("LS")]
    assert rows == [[page.id, page.name, page.severity] for page in catalog.pages()]


@pytest.mark.parametrize("word", ["LS202", "ls202", "last-step-only", "Last_Step_Only"])
def test_one_page_by_id_or_name(word: str) -> None:
    assert run(word).stdout == said.text(catalog.page("last-step-only"))


def test_as_json_and_markdown() -> None:
    everything = json.loads(run("--output-format", "json").stdout)
    assert [(rule["id"], rule["name"], rule["severity"]) for rule in everything] == [
        tuple(kind) for kind in catalog.kinds().values()
    ]
    assert (
        json.loads(run("LS202", "--output-format", "json").stdout)
        == everything[[rule["id"] for rule in everything].index("LS202")]
    )
    assert run("LS202", "--output-format", "markdown").stdout == said.section(catalog.page("last-step-only"))
    assert run("--output-format", "markdown").stdout == (ROOT / "docs" / "rules.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("last-step-onyl", "did you mean last-step-only?"),
        ("LS2O2", "did you mean LS2"),
        ("quux", "`lstm-shapes rules` lists them"),
        ("\x1b[31m", r"unknown rule \x1b[31m"),
    ],
)
def test_an_unknown_rule_is_wrong_usage(word: str, hint: str) -> None:
    done = run(word)
    assert (done.returncode, done.stdout) == (2, "")
    assert hint in done.stderr
    assert "\x1b" not in done.stderr


def test_the_page_goes_to_a_file(tmp_path: Path) -> None:
    assert run("cycle", "-o", "page.txt", folder=tmp_path).stdout == ""
    assert (tmp_path / "page.txt").read_text("utf-8") == said.text(catalog.page("cycle"))


@pytest.mark.parametrize("word", ["LS001", "cudnn-path", "unused-output"])
def test_one_page_loads_nothing_heavy(word: str) -> None:
    program = (
        "import atexit, sys\n"
        "names = ('numpy', 'rich', 'yaml', 'lstm_shapes.rules.trace', 'lstm_shapes.layers')\n"
        "atexit.register(lambda: print('loaded', [one for one in names if one in sys.modules]))\n"
        f"sys.argv = ['lstm-shapes', 'rules', {word!r}]\n"
        "from lstm_shapes.__main__ import main\n"
        "main()\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded []"
    assert catalog.kinds()[catalog.find(word) or ""].id in done.stdout
