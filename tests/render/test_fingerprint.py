"""A fingerprint stays when lines move, differs between findings, and leads from one run to the next."""

from __future__ import annotations

import os
import re
from itertools import pairwise
from pathlib import Path

import pytest

from lstm_shapes.findings.finding import Finding, Place
from lstm_shapes.findings.kinds import KINDS
from lstm_shapes.views.check.fingerprint import fingerprints
from lstm_shapes.views.check.paths import in_repository

from ..hypothesis_profiles import given, st
from ..rules.judging import judged
from .samples import DROPOUT, LAST_STEP, UNDECIDED

CASES = Path(__file__).resolve().parents[1] / "cases"
TEXTS = st.sampled_from(["", "a", "b", "a line 3", "b line 31, column 4", "\udce9"])
FINDINGS = st.lists(
    st.builds(
        Finding,
        rule=st.sampled_from([KINDS["last-step-only"], KINDS["size-mismatch"]]),
        message=TEXTS,
        hint=TEXTS,
        source=st.sampled_from(["a.yaml", "b.yaml"]),
        place=st.none() | st.builds(lambda line: Place(line, 1, line, 2), st.integers(1, 9)),
        layer=st.sampled_from(["", "x", "y"]),
        edit=st.none(),
    ),
    max_size=12,
)


@given(FINDINGS)
def test_no_two_findings_are_alike(found: list[Finding]):
    assert len(set(fingerprints(found))) == len(found)


@given(FINDINGS, st.integers(1, 500))
def test_they_depend_on_no_place_excerpt_or_hint(found: list[Finding], by: int):
    moved = []
    for finding in found:
        at = finding.place and finding.place._replace(
            line=finding.place.line + by, end_line=finding.place.end_line + by
        )
        moved.append(finding._replace(place=at, excerpt="x", hint="y"))
    assert list(fingerprints(moved)) == list(fingerprints(found))


@pytest.mark.parametrize("case", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_rule_gives_the_same_when_its_file_moves_down(case: Path):
    """No message names a line or a column."""
    text, targets = case.read_bytes(), ("onnxruntime", "tflite")
    moved = judged(b"# added\n\n# above\n" + text, *targets)
    assert list(fingerprints(moved)) == list(fingerprints(judged(text, *targets)))
    for finding in moved:
        assert not re.search(r"\b(line|column)s? \d", finding.message), finding


@pytest.mark.parametrize(
    "change",
    [
        {"source": "models/z.yaml"},
        {"rule": KINDS["wrong-rank"]},
        {"layer": "other"},
        {"message": "other"},
    ],
)
def test_another_finding_has_another(change: dict[str, str]):
    assert list(fingerprints([LAST_STEP])) != list(fingerprints([LAST_STEP._replace(**change)]))


def test_a_budget_of_the_settings_keeps_its_own_when_the_line_moves_on_which_it_is_set():
    route = ("(settings)", "budget", "params")
    here, there = (
        LAST_STEP._replace(route=route, message=f"{size}; the budget is set in pyproject.toml:{line}")
        for size, line in (("5,248 params", 3), ("5,300 params", 12))
    )
    other = here._replace(route=(*route[:2], "macs"))
    assert list(fingerprints([here])) == list(fingerprints([there])) != list(fingerprints([other]))


def test_a_finding_that_is_gone_changes_none_of_the_others():
    first, second, third = fingerprints([LAST_STEP, DROPOUT, UNDECIDED])
    assert list(fingerprints([LAST_STEP, UNDECIDED])) == [first, third]
    assert all(fingerprint != other for fingerprint, other in pairwise([first, second, third]))


def test_they_are_the_same_however_the_file_was_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    names = ["models/b.yaml", "./models/b.yaml", f"{tmp_path}/models/b.yaml", "x/../models/b.yaml"]
    assert len({mark for name in names for mark in fingerprints([LAST_STEP._replace(source=name)])}) == 1


def test_a_path_outside_every_root_stays_and_a_lost_folder_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("CI_PROJECT_DIR", str(tmp_path / "elsewhere"))
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    assert in_repository("../x.yaml") == "../x.yaml"
    assert in_repository("/x/./y.yaml") == "/x/y.yaml"
    assert in_repository(f"{tmp_path}/elsewhere/x.yaml") == "x.yaml"
    os.rmdir(tmp_path / "gone")
    assert in_repository("./x.yaml") == "x.yaml"
