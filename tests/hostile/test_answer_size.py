"""How long an answer can get: a million mistakes are a thousand findings, in every format, in bounded time."""
# ruff: noqa: E501 - a case is easier to read in one line

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lstm_shapes.checking.ignores import MAX_COMMENTS
from lstm_shapes.checking.outcome import FORMATS, Checked, Outcome
from lstm_shapes.checking.run import check_document
from lstm_shapes.checking.settings import Settings
from lstm_shapes.findings.finding import Finding
from lstm_shapes.findings.limit import MAX_FINDINGS, is_beyond_limit
from lstm_shapes.findings.spelling import nearest
from lstm_shapes.formats import parse
from lstm_shapes.spec import errors
from lstm_shapes.spec.errors import MAX_SEARCHES
from lstm_shapes.views.check.formats import render

from ..profiles import rounds
from .child import decent, run_process

MANY = rounds(3_000, dev=MAX_FINDINGS + 100)

LAYER = "{type: lstm, units: 4}"
FLOODS: dict[str, Callable[[int], str]] = {
    "duplicate keys": lambda count: "input_dim: 8\n" + "a: 1\n" * (count + 1) + f"layers: [{LAYER}]\n",
    "duplicate keys.json": lambda count: "{" + '"a":1,' * (count + 1) + '"layers":[{"type":"lstm","units":4}]}',
    "tags": lambda count: "layers:\n" + "- !x {type: dense, units: 3}\n" * count,
    "unknown keys": lambda count: f"input_dim: 8\nlayers: [{LAYER}]\n" + "".join(f"k{n}: 1\n" for n in range(count)),
    "unknown types": lambda count: "input_dim: 8\nlayers:\n" + "".join(f"- {{type: l{n}}}\n" for n in range(count)),
    "unknown activations": lambda count: "input_dim: 8\nlayers:\n" + "- {type: dense, units: 3, activation: rely}\n" * count,
    "unknown inputs": lambda count: f"input_dim: 8\nlayers: [{LAYER}]\noutputs: [{', '.join(f'm{n}' for n in range(count))}]\n",
    "unused inputs": lambda count: f"inputs: {{x: [B, T, 8]{''.join(f', u{n}: [B]' for n in range(count))}}}\n"
    f"layers: [{{type: lstm, units: 4, inputs: x}}]\n",
    "expectations": lambda count: "input_dim: 8\nlayers:\n" + "- {type: dropout, rate: 0, expect: {params: 1}}\n" * count,
    "shapes": lambda count: "inputs: {x: [B]}\nlayers:\n" + "- {type: lstm, units: 3, inputs: x}\n" * count,
    "idle comments": lambda count: f"input_dim: 8\nlayers: [{LAYER}]\n" + "# lstm-shapes: ignore[LS202]\n" * count,
}  # fmt: skip


def findings(name: str, text: str) -> list[Finding]:
    return check_document(parse(name if name.endswith(".json") else "model.yaml", text.encode()), Settings())


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_mistakes_is_a_thousand_findings_and_one_that_says_there_are_more(name: str) -> None:
    found = findings(name, FLOODS[name](MANY))
    assert len(found) == MAX_FINDINGS + 1
    assert sum(map(is_beyond_limit, found)) == 1
    assert 0 < len(findings(name, FLOODS[name](20))) <= 40, "the twin has its own findings"


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_prints_more_than_a_megabyte_of_a_flood(form: str) -> None:
    for name in ("duplicate keys", "duplicate keys.json"):
        outcome = Outcome((Checked("model.yaml", tuple(findings(name, FLOODS[name](MANY)))),))
        assert len(render(outcome, form)) < 2**20


@pytest.mark.slow
@pytest.mark.parametrize("name", ["duplicate keys", "duplicate keys.json"])
def test_very_many_duplicate_keys_take_little_memory(name: str, tmp_path: Path) -> None:
    file = "model.json" if name.endswith(".json") else "model.yaml"
    (tmp_path / file).write_text(FLOODS[name](rounds(200_000)))
    outcome = run_process("check", file, cwd=tmp_path)
    decent(outcome, codes=(1,))
    assert len(outcome.out) < 2**20


def test_what_says_that_there_are_more_is_silenced_by_no_setting_and_no_comment() -> None:
    text = "# lstm-shapes: ignore-file\n" + FLOODS["duplicate keys"](2_000)
    assert [is_beyond_limit(finding) for finding in findings("x", text)] == [True]
    settings = Settings(select=("LS5",), ignore=("LS004",), per_file_ignores={"*": ("LS",)})
    found = check_document(parse("model.yaml", FLOODS["unknown keys"](2_000).encode()), settings)
    assert [is_beyond_limit(finding) for finding in found] == [True]


def test_findings_that_are_not_selected_push_none_of_the_selected_out() -> None:
    text = "\n".join(["budget: {params: 1}", "input_dim: 8", "layers:", *["- {type: activation, activation: linear}"] * 1_500,
                      "- {type: lstm, units: 3}", *["# lstm-shapes: ignore[LS202]"] * 2_000, ""])  # fmt: skip
    assert [finding.id for finding in check_document(parse("m.yaml", text.encode()), Settings(select=("LS502",)))] == [
        "LS502"
    ]


def test_the_nearest_name_is_searched_for_at_most_fifty_times(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = []
    monkeypatch.setattr(errors, "nearest", lambda word, names: searched.append(word) or nearest(word, names))
    for name in ("unknown keys", "unknown types", "unknown activations", "unknown inputs"):
        searched.clear()
        hints = [finding.hint for finding in findings(name, FLOODS[name](200))]
        assert len(searched) == MAX_SEARCHES, name
        assert len(hints) == 200


def test_a_thousand_unknown_inputs_with_long_names_are_read_in_seconds() -> None:
    rows = (f"- {{type: lstm, units: 4, name: n{n:05}{'x' * 160}, inputs: m{n:05}{'y' * 160}}}\n" for n in range(1_000))
    assert in_time("input_dim: 8\nlayers:\n" + "".join(rows)) >= 1_000


@pytest.mark.parametrize(
    "text",
    [
        "# lstm-shapes: ignore-file[LS999]\n" * MAX_COMMENTS + "input_dim: 8\nlayers:\n" + "- {type: lstm, unit: 4}\n" * 900,
        "input_dim: 8\nlayers:\n" + "# lstm-shapes: ignore[LS999]\n" * MAX_COMMENTS + "- {type: lstm, unit: 4}\n" * 900,
        "# lstm-shapes: ignore[" + "a," * 500_000 + "]\ninput_dim: 8\nlayers:\n" + "- {type: lstm, unit: 4}\n" * 900,
        "# lstm-shapes: ignore-file[" * 30_000 + "\ninput_dim: 8\nlayers:\n" + "- {type: lstm, unit: 4}\n" * 900,
    ],
    ids=["for the file", "above a line", "many rules", "no end"],
)  # fmt: skip
def test_ten_thousand_comments_are_read_in_seconds(text: str) -> None:
    assert in_time(text) >= 900


def in_time(text: str) -> int:
    """How many findings there are, gathered in a few seconds of work."""
    start = time.process_time()
    found = findings("model.yaml", text)
    assert time.process_time() - start < 8
    return len(found)


def test_comments_beyond_the_limit_silence_nothing_and_are_reported() -> None:
    text = "# lstm-shapes: ignore[LS202]\n" * MAX_COMMENTS + "# lstm-shapes: ignore-file\ninput_dim: 8\nlayers: []\n"
    found = findings("model.yaml", text)
    assert "LS103" in [finding.id for finding in found]
