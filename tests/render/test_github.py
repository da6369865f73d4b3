"""Workflow commands, read back as GitHub's runner reads them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from lstm_shapes.checking.outcome import Checked, Outcome
from lstm_shapes.findings.finding import Finding

from .samples import CLEAN, DROPOUT, HOSTILE, LAST_STEP, OUTCOME, UNDECIDED, holding, rendered

GOLDEN = """\
::error file=models/b.yaml,line=4,endLine=4,col=5,endColumn=45,title=LS202 last-step-only::decoder reads (batch, time, \
features) but gets (B, 32)%0Ahint: set `return_sequences: true` on encoder
::warning file=models/b.yaml,line=6,endLine=8,title=LS603 dropout-one-layer::rnn: dropout between layers, and 1 layer
::notice file=models/c d.yaml,title=LS503 undecided::macs <= 9 holds for T <= 3
1 error, 1 warning, 1 note in 3 files (2 skipped)
"""


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    data: str


def parse(line: str) -> Command | None:
    """As ActionCommand.TryParseV2 of actions/runner (src/Runner.Common/ActionCommand.cs)."""
    line = line.lstrip()
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    name, _, properties = line[2:end].partition(" ")
    if name not in ("error", "warning", "notice", "debug", "add-mask", "stop-commands", "group", "set-output"):
        return None
    pairs = (pair.split("=", 1) for pair in properties.strip().split(",") if pair)
    known = {pair[0]: unescape(pair[1], ":", ",") for pair in pairs if len(pair) == 2 and all(pair)}
    return Command(name, known, unescape(line[end + 2 :]))


def unescape(text: str, *more: str) -> str:
    for character in ("\r", "\n", *more, "%"):
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def commands(outcome: Outcome) -> list[Command]:
    lines = rendered(outcome, "github").split("\n")
    return [found for line in lines if (found := parse(line))]


def test_a_finding_is_a_command_and_the_summary_a_plain_line():
    assert rendered(OUTCOME, "github") == GOLDEN
    assert rendered(CLEAN, "github") == "no findings in 1 file\n"


def test_the_runner_reads_what_was_meant():
    first, second, third = commands(OUTCOME)
    assert first.properties == {
        "file": "models/b.yaml",
        "line": "4",
        "endLine": "4",
        "col": "5",
        "endColumn": "45",
        "title": "LS202 last-step-only",
    }
    assert first.data == f"{LAST_STEP.message}\nhint: {LAST_STEP.hint}"
    assert "col" not in second.properties
    assert third.properties["file"] == "models/c d.yaml"


def test_the_reader_here_takes_commands_as_the_runner_does():
    assert parse(" ::error file=a%2Cb%3Ac%25,line=1,col=::x%0Ay%252C") == Command(
        "error", {"file": "a,b:c%", "line": "1"}, "x\ny%2C"
    )
    assert parse("::nothing::x") is parse("a ::error::x") is parse("::error x") is None


@pytest.mark.parametrize("case", HOSTILE)
def test_every_command_is_ours_whatever_a_file_says(case: str):
    found = commands(holding(HOSTILE[case]))
    assert [command.name for command in found] == ["error", "error", "warning", "warning", "notice", "notice"]
    assert all(set(command.properties) <= {"file", "line", "endLine", "col", "endColumn", "title"} for command in found)
    assert {command.properties["title"].split()[0] for command in found} == {"LS202", "LS601", "LS503"}
    assert [command.properties.get("line") for command in found] == ["1", None] * 3
    assert rendered(holding(HOSTILE[case]), "github").count("\n") == 7


@pytest.mark.parametrize("text", ["100%0A::error::%25%0D%3A", "a,line=7::b=c", "%", "a:b,c"])
def test_what_looks_escaped_comes_back_as_it_was(text: str):
    for command in commands(holding(text)):
        assert (command.properties["file"], command.data) == (text, f"{text}\nhint: {text}")


def of(kind: Finding, count: int) -> tuple[Finding, ...]:
    return tuple(kind._replace(layer=str(number)) for number in range(count))


def test_the_gravest_come_first_ten_of_a_kind_then_a_count():
    outcome = Outcome((Checked("a.yaml", (*of(UNDECIDED, 11), *of(DROPOUT, 10), *of(LAST_STEP, 1_234))),))
    lines = rendered(outcome, "github").splitlines()
    kinds = [line.split(" ")[0] for line in lines]
    assert kinds == ["::error"] * 10 + ["+1,224"] + ["::warning"] * 10 + ["::notice"] * 10 + ["+1", "1234"]
    assert (lines[10], lines[31]) == ("+1,224 more errors", "+1 more note")


def test_standard_input_is_no_file_to_annotate():
    finding = LAST_STEP._replace(source="<stdin>")
    assert set(commands(Outcome((Checked("<stdin>", (finding,)),)))[0].properties) == {"title"}


def test_a_file_is_named_from_the_root_of_the_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    assert commands(OUTCOME)[0].properties["file"] == "sub/models/b.yaml"
