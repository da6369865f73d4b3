"""Names that want to be more than names: each is escaped for where it is printed."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from lstm_shapes import formats

from ..profiles import few
from .child import decent
from .conftest import Inspect

NAMES = {
    "C0": "a\x01\x08\x0b\x1fb",
    "a line break": "a\r\n::error::b",
    "C1": "a\x80\x9b31mb\x85c",
    "DEL": "a\x7fb",
    "ANSI": "\x1b[31mred\x1b]0;title\x07",
    "bidi": "a\u202egnp.exe\u2066\u2069\u061c",
    "line separators": "a\u2028::error::b\u2029c",
    "zero width": "a\u200b\u200d\ufeffb",
    "rich markup": "[red]a[/red][link=http://x.y]b[/link] :smile:",
    "a command": "::error file=a,line=1::b",
    "a command behind a blank": " ::add-mask::b",
    "an old command": "a##[group]b",
    "a formula =": "=cmd|' /C calc'!A0",
    "a formula +": "+1+1",
    "a formula -": "-2+3",
    "a formula @": "@SUM(A1)",
    "a formula after a tab": "\t=1+1",
    "a formula in quotes": '"=1+1","x',
    "markdown": "a | b `c` **d** [e](javascript:f) ![g](h) | i",
    "HTML": "<script>alert(1)</script><img src=x onerror=y>",
    "links": "https://a.b www.c.d @someone #1 e@f.g",
    "quotes": "a\"b'c\\d",
    "emoji": "\U0001f468\u200d\U0001f469",
    "long": "x" * 200,
}
VERBS = [*(("inspect", case) for case in NAMES), *(("verify", case) for case in few([*NAMES], 6))]
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u2028-\u202e\u2066-\u2069\ufeff]")
COMMAND = re.compile(r"^\s*::|##\[", re.MULTILINE)


def spec(name: str, *, faulty: bool) -> str:
    """A model with the name wherever a name goes; faulty ones say it in their findings."""
    layers: list[dict[str, object]] = [
        {"type": "lstm", "name": name, "units": 2, "return_sequences": True},
        {"type": "model", "name": "block", "layers": [{"type": "dense", "name": name, "units": 2}]},
        {"type": "add", "name": f"{name[:190]} sum", "inputs": [name, "block"]},
    ]
    more: dict[str, object] = {}
    if faulty:
        more = {name: 1, "framework": name, "dims": {name: name}, "outputs": [name + "?"]}
        layers += [
            {"type": name},
            {"type": "lstm", name: name, "units": name, "activation": name, "inputs": name + "?"},
            {"use": name + "?"},
        ]
        layers += [{"type": "dense", "name": "last", "units": 2, "inputs": name, "expect": {"params": 1, name: 1}}]
    return json.dumps({"name": name, "input_dim": 3, "layers": layers, **more})


def safe(text: str) -> None:
    assert not RAW.search(text), RAW.findall(text)
    assert not COMMAND.search(text)


@pytest.mark.parametrize(("verb", "case"), VERBS)
def test_text_holds_no_control_and_no_command(verb: str, case: str, inspect: Inspect):
    for faulty in (False, True):
        outcome = inspect("model.json", spec(NAMES[case], faulty=faulty), verb=verb)
        decent(outcome, codes=(int(faulty),))
        safe(outcome.text)
        safe(outcome.said)
        assert max(map(len, outcome.said.splitlines()), default=0) < 1_500
    assert "LS301" in outcome.ids()


@pytest.mark.parametrize("case", NAMES)
def test_text_in_colour_holds_no_control_of_the_file_and_no_markup_is_read(case: str, inspect: Inspect):
    outcome = inspect("model.json", spec(NAMES[case], faulty=False), "--color", "always")
    decent(outcome, codes=(0,))
    plain = re.sub(r"\x1b\[[0-9;]*m", "", outcome.text)
    safe(plain)
    if case == "rich markup":
        assert "[/link]" in plain


@pytest.mark.parametrize("case", NAMES)
def test_json_is_ascii_and_gives_the_name_back_whole(case: str, inspect: Inspect):
    for faulty in (False, True):
        outcome = inspect("model.json", spec(NAMES[case], faulty=faulty), "--output-format", "json")
        decent(outcome, codes=(int(faulty),))
        assert outcome.out.isascii()
        data = json.loads(outcome.text)
        assert data["name"] == NAMES[case]
        assert data["layers"][0]["name"] == NAMES[case]
        assert bool(data["findings"]) == faulty
        safe(outcome.text)


@pytest.mark.parametrize("case", NAMES)
@pytest.mark.parametrize("more", [(), ("--weights",)])
def test_csv_is_read_back_and_no_cell_is_a_formula(case: str, more: tuple[str, ...], inspect: Inspect):
    outcome = inspect("model.json", spec(NAMES[case], faulty=False), "--output-format", "csv", *more)
    decent(outcome, codes=(0,))
    header, *rows = csv.reader(io.StringIO(outcome.text, newline=""), strict=True)
    assert rows
    for row in rows:
        assert len(row) == len(header)
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert outcome.out.count(b"\r\n") == len(rows) + 1
    safe(outcome.text.replace("\r\n", "\n"))


@pytest.mark.parametrize(("verb", "case"), VERBS)
def test_markdown_rows_have_their_cells_and_nothing_is_a_link_or_html(verb: str, case: str, inspect: Inspect):
    outcome = inspect("model.json", spec(NAMES[case], faulty=False), "--output-format", "markdown", verb=verb)
    decent(outcome, codes=(0,))
    safe(outcome.text)
    tables = [line for line in outcome.text.splitlines() if line.startswith("|")]
    cells = {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in tables}
    assert len(tables) > 3
    assert len(cells) == 1, tables
    for line in outcome.text.splitlines():
        bare = re.sub(r"\\[^\w\s]", "", line)
        assert not re.search(r"[<>`\[\]*]|https?:|www\.|@", bare), line
    assert outcome.text.count("\n### ") == 0


@pytest.mark.parametrize("case", few([*NAMES], 8))
@pytest.mark.parametrize("form", ["yaml", "json", "mermaid", "dot"])
def test_a_converted_model_holds_no_control_and_no_command(form: str, case: str, inspect: Inspect):
    for faulty in (False, True):
        outcome = inspect("model.json", spec(NAMES[case], faulty=faulty), "--to", form, verb="convert")
        decent(outcome, codes=(int(faulty),))
        safe(outcome.text)
    if form in ("yaml", "json"):
        outcome = inspect("model.json", spec(NAMES[case], faulty=False), "--to", form, verb="convert")
        assert formats.parse(f"model.{form}", outcome.out).data["layers"][0]["name"] == NAMES[case]
