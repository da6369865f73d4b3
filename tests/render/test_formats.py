"""The formats that are read by people or by a line: goldens; and what holds for every format."""

from __future__ import annotations

import json
import re
from importlib import import_module

import pytest

from lstm_shapes.checking.outcome import FORMATS, Checked, Outcome
from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.kinds import KINDS
from lstm_shapes.views.check import markdown as check_markdown

from .samples import CLEAN, HOSTILE, LAST_STEP, OUTCOME, RAW, holding, rendered

COMMAND = re.compile(r"^\s*::(?!(error|warning|notice) [^:\n]*title=LS\d{3} [a-z-]+::)|##\[", re.MULTILINE)

TEXT = """\
models/b.yaml:4:5: LS202 decoder reads (batch, time, features) but gets (B, 32)
  4 |   - {type: lstm, name: decoder, units: 16}
    |     ^
  models/b.yaml:3:5: encoder keeps only its last step
  hint: set `return_sequences: true` on encoder
models/b.yaml:6:3: LS603 warning: rnn: dropout between layers, and 1 layer
models/c d.yaml: LS503 note: macs <= 9 holds for T <= 3
1 error, 1 warning, 1 note in 3 files (2 skipped)
"""

CONCISE = """\
models/b.yaml:4:5: LS202 decoder reads (batch, time, features) but gets (B, 32); set `return_sequences: true` on encoder
models/b.yaml:6:3: LS603 warning: rnn: dropout between layers, and 1 layer
models/c d.yaml: LS503 note: macs <= 9 holds for T <= 3
"""

MARKDOWN = r"""### lstm-shapes: 1 error, 1 warning, 1 note in 3 files (2 skipped)

| Severity | Place | Rule | Message | Hint |
| --- | --- | --- | --- | --- |
| error | models/b.yaml:4:5 | LS202 last-step-only | decoder reads (batch, time, features) but gets (B, 32) | set \`return\_sequences: true\` on encoder |
| warning | models/b.yaml:6:3 | LS603 dropout-one-layer | rnn: dropout between layers, and 1 layer |  |
| note | models/c d.yaml | LS503 undecided | macs &lt;= 9 holds for T &lt;= 3 |  |
"""  # noqa: E501 - a row of a table is one line

JSON = {
    "format_version": 1,
    "files": 3,
    "skipped": 2,
    "too_large": 0,
    "baseline": 0,
    "ignored": 0,
    "findings": [
        {
            "id": "LS202",
            "name": "last-step-only",
            "severity": "error",
            "message": "decoder reads (batch, time, features) but gets (B, 32)",
            "hint": "set `return_sequences: true` on encoder",
            "source": "models/b.yaml",
            "line": 4,
            "column": 5,
            "end_line": 4,
            "end_column": 45,
            "layer": "decoder",
            "fix": [],
            "related": [{"message": "encoder keeps only its last step", "line": 3, "column": 5}],
        },
        {
            "id": "LS603",
            "name": "dropout-one-layer",
            "severity": "warning",
            "message": "rnn: dropout between layers, and 1 layer",
            "hint": "",
            "source": "models/b.yaml",
            "line": 6,
            "column": 3,
            "end_line": 8,
            "end_column": 1,
            "layer": "rnn",
            "fix": [],
            "related": [],
        },
        {
            "id": "LS503",
            "name": "undecided",
            "severity": "note",
            "message": "macs <= 9 holds for T <= 3",
            "hint": "",
            "source": "models/c d.yaml",
            "line": None,
            "column": None,
            "end_line": None,
            "end_column": None,
            "layer": None,
            "fix": [],
            "related": [],
        },
    ],
}


def test_text_shows_the_source_line_the_related_place_and_the_summary():
    assert rendered(OUTCOME, "text") == TEXT
    assert rendered(CLEAN, "text") == "no findings in 1 file\n"


def test_concise_is_a_line_for_each_finding():
    assert rendered(OUTCOME, "concise") == CONCISE
    assert rendered(CLEAN, "concise") == ""


def test_markdown_is_a_heading_and_a_table():
    assert rendered(OUTCOME, "markdown") == MARKDOWN
    assert rendered(CLEAN, "markdown") == "### lstm-shapes: no findings in 1 file\n"


def test_json_is_one_object():
    assert json.loads(rendered(OUTCOME, "json")) == JSON
    assert json.loads(rendered(CLEAN, "json"))["findings"] == []


def many(count: int, message: str = "m") -> Outcome:
    notes = tuple(Finding(KINDS["undecided"], message, source="a.yaml") for _ in range(count))
    return Outcome((Checked("a.yaml", (*notes, LAST_STEP)),))


def test_a_summary_for_a_step_has_a_thousand_rows_the_gravest_first():
    rows = rendered(many(check_markdown.ROWS - 1), "markdown").splitlines()
    assert (len(rows), rows[4].startswith("| error |")) == (1_004, True)
    rows = rendered(many(check_markdown.ROWS + 1_233), "markdown").splitlines()
    assert (len(rows), rows[4].startswith("| error |")) == (1_006, True)
    assert rows[-2:] == ["", "+1,234 more"]


def test_a_summary_for_a_step_is_smaller_than_github_takes():
    text = rendered(many(500, "\u00e9" * 2_000), "markdown")
    shown = text.count("| note |") + 1
    assert len(text.encode()) < 2**20
    assert text.endswith(f"\n+{501 - shown} more\n")
    assert shown > 200


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_is_a_module_with_render_and_gives_the_same_text_twice(form: str):
    assert callable(import_module(f"lstm_shapes.views.check.{form}").render)
    assert rendered(OUTCOME, form) == rendered(OUTCOME, form)


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("form", FORMATS)
def test_no_text_from_a_file_leaves_its_place(form: str, case: str):
    text = rendered(holding(HOSTILE[case]), form)
    assert not RAW.search(text), RAW.findall(text)
    assert not COMMAND.search(text), COMMAND.search(text)
    text.encode("utf-8")


def test_the_check_for_commands_finds_what_it_looks_for():
    assert all(COMMAND.search(text) for text in ("a\n::error::b", " ::add-mask::x", "a##[group]b"))
    assert not COMMAND.search("::error file=a.yaml,title=LS202 last-step-only::b")


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_stays_in_its_line_and_its_cell(case: str):
    outcome = holding(HOSTILE[case])
    assert len(rendered(outcome, "concise").splitlines()) == 6
    rows = rendered(outcome, "markdown").splitlines()[2:]
    assert len(rows) == 8
    assert all(len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 6 for row in rows)


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_comes_back_from_json(case: str):
    found = json.loads(rendered(holding(HOSTILE[case]), "json"))["findings"]
    assert len(found) == 6
    sound = HOSTILE[case].encode("utf-8", "backslashreplace").decode("utf-8")
    assert {finding["message"] for finding in found} == {sound}


@pytest.mark.parametrize("stated", [False, True])
def test_a_related_place_is_shown_unless_the_message_states_it(stated: bool):
    related = (LAST_STEP.related[0]._replace(stated=stated),)
    finding = LAST_STEP._replace(related=related)
    text = rendered(Outcome((Checked("models/b.yaml", (finding,)),)), "text")
    assert ("  models/b.yaml:3:5: encoder keeps only its last step\n" in text) is not stated


@pytest.mark.parametrize(
    ("excerpt", "column", "caret"),
    [
        ("name: x", 7, "      ^"),
        ("\u540d\u524d: x", 5, "      ^"),
        ("e\u0301: x", 5, "   ^"),
        ("\uff21: x", 4, "    ^"),
        ("a:\tx", 4, "    ^"),
        ("a\u202e: x", 5, "         ^"),
    ],
)
def test_the_caret_stands_under_its_column(excerpt: str, column: int, caret: str):
    finding = LAST_STEP._replace(excerpt=excerpt, place=LAST_STEP.place and LAST_STEP.place._replace(column=column))
    lines = rendered(Outcome((Checked("models/b.yaml", (finding,)),)), "text").splitlines()
    assert lines[2] == f"    | {caret}"
